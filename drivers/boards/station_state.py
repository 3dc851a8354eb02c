"""What a telephone in a port of the box is doing, and what leads from one to the next."""

from enum import StrEnum


class StationState(StrEnum):
    """What a telephone is doing."""

    IDLE = "idle"
    RINGING = "ringing"
    TELLING = "telling"      # off-hook at a ring for displays: it is told who calls
    DIAL_TONE = "dial_tone"  # off-hook, no digit yet
    DIALING = "dialing"
    CALLING = "calling"      # its call is with the exchange, and not answered
    TALKING = "talking"
    CLEARED = "cleared"      # the call is over, or none came about: busy or congestion tone
    HOWLING = "howling"      # the receiver was left off
    LEFT_OFF = "left_off"    # silence, until it is put down
    RECALLING = "recalling"  # put down with somebody on hold: it rings for them
    GONE = "gone"


S = StationState
OFF_HOOK = (S.DIAL_TONE, S.DIALING, S.CALLING, S.TALKING, S.CLEARED, S.HOWLING, S.LEFT_OFF)
TRANSITIONS: dict[tuple[StationState, str], StationState] = {
    (S.IDLE, "lift"): S.DIAL_TONE,
    (S.IDLE, "ring"): S.RINGING,
    (S.RINGING, "lift"): S.TALKING,
    (S.RINGING, "stop"): S.IDLE,
    (S.RINGING, "ask"): S.TELLING,
    (S.TELLING, "told"): S.RINGING,
    (S.TELLING, "lift"): S.TALKING,     # who stays off-hook is somebody who answers
    (S.TELLING, "stop"): S.LEFT_OFF,    # the caller gave up
    (S.DIAL_TONE, "digit"): S.DIALING,
    (S.DIAL_TONE, "time"): S.CLEARED,
    (S.DIALING, "number"): S.CALLING,
    (S.CALLING, "answer"): S.TALKING,
    (S.CALLING, "cleared"): S.CLEARED,
    (S.TALKING, "cleared"): S.CLEARED,
    (S.CLEARED, "time"): S.HOWLING,
    (S.CLEARED, "take"): S.TALKING,     # .. the call that waited meanwhile
    (S.HOWLING, "time"): S.LEFT_OFF,
    (S.TALKING, "hold"): S.DIAL_TONE,
    **{(state, "back"): S.TALKING for state in (S.DIAL_TONE, S.DIALING, S.CALLING, S.TALKING, S.CLEARED, S.HOWLING,
                                                S.LEFT_OFF, S.RECALLING)},
    **{(state, "put_down"): S.IDLE for state in OFF_HOOK},
    **{(state, "recall"): S.RECALLING for state in OFF_HOOK},
    (S.RECALLING, "stop"): S.IDLE,
    **{(state, "gone"): S.GONE for state in S},
}  # fmt: skip

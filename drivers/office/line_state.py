"""What the office is doing on an analog line, and what leads from one to the next."""

from enum import StrEnum


class LineState(StrEnum):
    """What the office is doing on a line."""

    IDLE = "idle"
    ANNOUNCING = "announcing"  # caller id before the first ring
    REQUESTING = "requesting"  # it rings for who takes caller id off-hook
    TELLING = "telling"        # .. and somebody does
    RINGING = "ringing"
    TALKING = "talking"
    DIAL_TONE = "dial_tone"
    DIALING = "dialing"        # digits are coming
    CALLING = "calling"        # the subscriber is being rung
    REFUSED = "refused"        # busy or congestion tone, until the loop opens
    HOWLING = "howling"
    PARKED = "parked"          # nothing any more, until the loop opens


S = LineState
TRANSITIONS = {
    (S.IDLE, "announce"): S.ANNOUNCING,
    (S.IDLE, "request"): S.REQUESTING,
    (S.REQUESTING, "close"): S.TELLING,
    (S.REQUESTING, "ring"): S.RINGING,   # nobody takes caller id there
    (S.REQUESTING, "release"): S.IDLE,
    (S.TELLING, "ring"): S.RINGING,
    (S.TELLING, "answer"): S.TALKING,    # who stays off-hook is somebody who answered the ring
    (S.TELLING, "release"): S.REFUSED,
    (S.IDLE, "ring"): S.RINGING,
    (S.IDLE, "close"): S.DIAL_TONE,
    (S.ANNOUNCING, "ring"): S.RINGING,
    (S.ANNOUNCING, "close"): S.TALKING,  # glare: who seized the line to dial has answered instead
    (S.ANNOUNCING, "release"): S.IDLE,
    (S.RINGING, "close"): S.TALKING,
    (S.RINGING, "release"): S.IDLE,
    (S.DIAL_TONE, "digit"): S.DIALING,
    (S.DIAL_TONE, "refuse"): S.REFUSED,
    (S.DIALING, "number"): S.CALLING,
    (S.CALLING, "answer"): S.TALKING,
    (S.CALLING, "refuse"): S.REFUSED,
    (S.TALKING, "release"): S.REFUSED,
    (S.TALKING, "recall"): S.DIAL_TONE,
    **{(state, "return"): S.TALKING for state in (S.DIAL_TONE, S.DIALING, S.CALLING, S.REFUSED, S.HOWLING, S.TALKING)},
    (S.REFUSED, "howl"): S.HOWLING,
    (S.HOWLING, "park"): S.PARKED,
    **{(state, "open"): S.IDLE for state in (S.TALKING, S.DIAL_TONE, S.DIALING, S.CALLING, S.REFUSED, S.HOWLING,
                                             S.PARKED)},
}  # fmt: skip
OFF_HOOK = frozenset(state for state, event in TRANSITIONS if event == "open")

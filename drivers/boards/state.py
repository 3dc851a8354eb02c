"""What a telephone line is doing, and what leads from one to the next."""

from enum import StrEnum


class LineState(StrEnum):
    """What a line is doing."""

    IDLE = "idle"
    ANNOUNCED = "announced"    # caller id has come, the ring will
    RINGING = "ringing"        # first ring; not offered yet
    TAKING = "taking"          # off-hook for a moment, since the office tells who calls to nobody else (Japan)
    OFFERED = "offered"
    IGNORED = "ignored"        # it rings, but is not to be answered: a line cannot refuse
    SEIZED = "seized"          # off-hook, waiting for dial tone
    DIALING = "dialing"
    PROCEEDING = "proceeding"  # the far end is being reached
    TALKING = "talking"
    RECALLING = "recalling"    # in a talk, off-hook again after a flash: waiting for dial tone, or dialling
    TESTING = "testing"        # off-hook, to hear how the line is
    GLARE = "glare"            # a call came in as we seized the line: it is answered, and nobody has it yet
    GUARD = "guard"            # on-hook again, but not yet for a new call
    PARALLEL = "parallel"      # another telephone on the same pair is off-hook
    FAULT = "fault"            # no battery
    GONE = "gone"              # the board took it away


S = LineState
IN_CALL = (S.TAKING, S.SEIZED, S.DIALING, S.PROCEEDING, S.TALKING, S.RECALLING, S.TESTING, S.GLARE)
ON_HOOK = (S.IDLE, S.ANNOUNCED, S.RINGING, S.OFFERED, S.IGNORED, S.GUARD, S.PARALLEL, S.FAULT)
# The office may tell something of the call by its battery
SIGNALLED = (S.SEIZED, S.DIALING, S.PROCEEDING, S.TALKING, S.RECALLING)
TRANSITIONS: dict[tuple[LineState, str], LineState] = {
    (S.IDLE, "caller_id"): S.ANNOUNCED,
    (S.ANNOUNCED, "caller_id"): S.ANNOUNCED,
    (S.ANNOUNCED, "time"): S.IDLE,
    (S.IDLE, "ring"): S.RINGING,
    (S.ANNOUNCED, "ring"): S.RINGING,
    (S.GUARD, "ring"): S.RINGING,
    (S.GUARD, "caller_id"): S.ANNOUNCED,
    (S.RINGING, "offer"): S.OFFERED,
    (S.RINGING, "take"): S.TAKING,
    (S.TAKING, "caller_id"): S.ANNOUNCED,
    (S.RINGING, "time"): S.IDLE,
    (S.OFFERED, "answer"): S.TALKING,
    (S.OFFERED, "hang_up"): S.IGNORED,
    (S.OFFERED, "time"): S.IDLE,
    (S.OFFERED, "another"): S.RINGING,
    (S.IGNORED, "another"): S.RINGING,
    (S.IGNORED, "time"): S.IDLE,
    (S.IDLE, "dial"): S.SEIZED,
    (S.SEIZED, "dial_tone"): S.DIALING,
    (S.DIALING, "dialed"): S.PROCEEDING,
    (S.PROCEEDING, "answer"): S.TALKING,
    (S.TALKING, "flash"): S.RECALLING,
    (S.RECALLING, "recalled"): S.TALKING,
    (S.IDLE, "test"): S.TESTING,
    (S.TESTING, "ring"): S.GLARE,
    (S.SEIZED, "ring"): S.GLARE,
    (S.GLARE, "answer"): S.TALKING,
    (S.GUARD, "time"): S.IDLE,
    (S.FAULT, "battery"): S.IDLE,
    (S.PARALLEL, "battery"): S.GUARD,  # the office wants to see the pair on-hook for a moment, as after a call of ours
    (S.PARALLEL, "ring"): S.RINGING,
    (S.PARALLEL, "dial"): S.SEIZED,    # for help alone
    **{(state, "parallel"): S.PARALLEL for state in ON_HOOK},
    **{(state, "hang_up"): S.GUARD for state in IN_CALL},
    **{(state, "no_battery"): S.FAULT for state in S if state is not S.GONE},
    **{(state, "gone"): S.GONE for state in S},
}
# As the exchange is told; what is not here is in use.
STATUS = {S.IDLE: "idle", **dict.fromkeys((S.ANNOUNCED, S.RINGING, S.TAKING, S.OFFERED, S.IGNORED, S.GLARE), "ringing"),
          S.TESTING: "testing", S.PARALLEL: "parallel", S.FAULT: "fault",
          S.GONE: "fault"}  # fmt: skip

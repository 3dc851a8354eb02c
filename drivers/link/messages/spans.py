"""Digital spans: their state, and their test."""

from typing import Literal

import msgspec

from drivers.link.messages.base import Command, Event, Message


class RestartSlot(Command, frozen=True, tag="restart_slot"):
    """Make a channel of a span idle on both sides (Q.931 RESTART): its call ends; `slot_restarted` follows.

    `wrong-state`: it cannot be.
    """

    span: int
    slot: int


class TestSpan(Command, frozen=True, tag="test_span"):
    """Send a pattern on idle channels of a span and measure what comes back (ITU-T O.150): a loop is at the far end.

    Their channels take no calls until `span_tested` tells the end; `span_testing` tells how far it is. `slot` 0: all,
    which must be idle, and the signalling down. `local`: the card is to loop the span back by itself meanwhile.
    `wrong-state`: it cannot be.
    """

    span: int
    slot: int = 0
    seconds: int = 10
    local: bool = False


class StopSpanTest(Command, frozen=True, tag="stop_span_test"):
    """End a span's test, if there is one; `span_tested` tells it."""

    span: int


class SlotRestarted(Event, frozen=True, tag="slot_restarted"):
    """What came of an order to restart a channel; `answered`: the far end did it too."""

    command: str
    span: int
    slot: int
    answered: bool


class ChannelBits(msgspec.Struct, frozen=True):
    """What came back on a channel that was tested: `heard` nothing, the pattern, or something other.

    `errors` of `bits` were wrong. `errored_s`: seconds with an error or worse (G.821). `losses`: the pattern was lost;
    `slips`: it went on some octets earlier or later, as after a slip of the clocks. The bits about these are not
    counted.
    """

    slot: int
    heard: Literal["nothing", "other", "pattern"]
    bits: int = 0
    errors: int = 0
    errored_s: int = 0
    losses: int = 0
    slips: int = 0


class SpanTested(Event, frozen=True, tag="span_tested"):
    """A span's test ended, its channels take calls again: it was done, somebody stopped it, or the span is gone.

    `late`: so often the box itself was too busy to attend to it; what went missing then is not counted. `slot`,
    `seconds` and `local` are as ordered: perhaps by an exchange that is no more.
    """

    command: str
    span: int
    outcome: Literal["done", "stopped", "gone"]
    slots: tuple[ChannelBits, ...]
    late: int = 0
    slot: int = 0
    seconds: int = 0
    local: bool = False
    begun_s: float = 0.0


WireAlarm = Literal["red", "blue", "yellow", "loopback", "recovering", "closed"]


class SpanState(msgspec.Struct, frozen=True):
    """A span of a board, or one that the configuration names though it is not there.

    `alarms`: of the wire, as DAHDI has them: red (LOS, no frame), blue (AIS), yellow (RAI). `clock`: the span it takes
    its clock from, 0 its own. `counters`: since its driver was loaded. `slips_day`: in the last 24 h, as far as known.
    `signalling`: up or down since `since_s`, "" where the span is not used. `calls`: the channel on each slot.
    `testing`: the slots that are being tested, and take no calls.
    """

    number: int
    there: bool = True
    digital: bool = True
    device: str = ""
    channels: int = 0
    alarms: tuple[WireAlarm, ...] = ()
    clock: int = 0
    counters: dict[str, int] = {}
    slips_day: int = 0
    signalling: Literal["", "up", "down"] = ""
    since_s: float = 0.0
    calls: dict[int, str] = {}
    wrong: str = ""
    testing: tuple[int, ...] = ()


class SpanStates(Message, frozen=True, tag="span_states"):
    """All spans there are, and all that should be: when one changed, and every few seconds. Not kept either."""

    at_s: float
    spans: tuple[SpanState, ...]


class SpanTesting(Message, frozen=True, tag="span_testing"):
    """How far a span's test is, every second; not kept for a lost exchange."""

    at_s: float
    command: str
    span: int
    slots: tuple[ChannelBits, ...]

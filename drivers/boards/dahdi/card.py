"""What digital cards are, as their drivers tell: which spans are one card's, which is an E1, whose clock it takes."""

from collections.abc import Collection

from drivers.link.errors import WrongState
from drivers.link.messages import SpanSetting
from native.dahdi import Span

OTHER_LINES = ("T1", "J1")


def e1(number: int, spans: dict[int, Span]) -> Span:
    """Return the span of that number, which is an E1; WrongState says why it is none.

    What its channels can be tells nothing: until a span is configured most have no capability with wct4xxp, with bits
    for each channel (CAS) timeslot 16 has none with any driver, and analog ports of some cards could be a B-channel.
    """
    if number not in spans:
        raise WrongState(f"span {number} is not there; spans are {sorted(spans)}")
    span = spans[number]
    if span.kind in OTHER_LINES:
        raise WrongState(
            f"span {number} is set to {span.kind}: its card's switch, or default_linemode=e1 when its driver is "
            "loaded, makes it an E1"
        )
    if not span.digital:
        raise WrongState(f"span {number} has {span.channels} ports ({span.kind}) and is no E1")
    return span


def mates(span: Span, spans: Collection[Span]) -> list[Span]:
    """Return the spans of the same card, itself among them, in their order."""
    if not span.location:
        return [span]
    same = [one for one in spans if (one.location, one.device) == (span.location, span.device)]
    return sorted(same, key=lambda one: one.number)


def clock_source(span: Span, spans: Collection[Span]) -> int:
    """Return from which span a span takes its clock, 0 for its own.

    A driver of several spans names the place on its card (wct4xxp, wcte43x), one of a single span what it likes.
    """
    if not span.sync_source:
        return 0
    own = mates(span, spans)
    return own[span.sync_source - 1].number if span.sync_source <= len(own) else span.number


def priority(setting: SpanSetting, settings: Collection[SpanSetting], spans: Collection[Span]) -> int:
    """Return which of its card's spans a span is asked for the clock, from 1; 0: never.

    The configuration numbers the spans of all cards, and a driver takes no number above that of its own spans.
    """
    if not setting.clock:
        return 0
    span = next(one for one in spans if one.number == setting.number)
    own = {one.number for one in mates(span, spans)}
    return 1 + sum(one.number in own and 0 < one.clock < setting.clock for one in settings)

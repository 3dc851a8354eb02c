"""Digital spans (E1) as an installer sets them up, and the trunk groups that their channels are put into."""

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta

from firmware.config.values import AccessCode, Name, Number, Part, Text

SLOTS = 31          # of an E1, from 1; 0 frames
SIGNALLING = 16     # the timeslot that carries none of the calls
ALL = "1-15,17-31"

Slots = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,2}(-[0-9]{1,2})?(,[0-9]{1,2}(-[0-9]{1,2})?){0,30}\Z",
        description="channels such as 1-15,17-31",
        extra={"code": "slots"},
    ),
]
SpanSlots = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,3}(:[0-9]{1,2}(-[0-9]{1,2})?(,[0-9]{1,2}(-[0-9]{1,2})?){0,30})?\Z",
        description="a span's number, and after a colon some of its channels, such as 1 or 1:1-15",
        extra={"code": "span-slots"},
    ),
]


class Pri(Part, frozen=True):
    """ISDN (ITU-T Q.931). `side` is ours: of a carrier we are the user, of an old PBX behind the box the network.

    `overlap`: numbers may be sent digit by digit.
    """

    side: Literal["user", "network"] = "user"
    variant: Literal["euroisdn", "qsig"] = "euroisdn"
    overlap: bool = False


class R2(Part, frozen=True):
    """MFC/R2 (ITU-T Q.421, Q.441) as a country has it.

    `caller_digits`: so many of a caller's number are asked for at most, 0 for none. `caller_first`: after the first
    digit of ours, else after all. `category`: what our callers are. `double_answer`: an answer is broken once, which
    ends a collect call. `metering_ms`: how long a charging pulse may be, -1 as the country has it.
    """

    variant: Literal[
        "itu", "china", "argentina", "brazil", "colombia", "czechia", "ecuador", "indonesia", "mexico", "philippines",
        "venezuela",
    ] = "itu"
    caller_digits: Annotated[int, Meta(ge=0, le=40)] = 20
    caller_first: bool = True
    category: Literal["national", "national-priority", "international", "international-priority", "test"] = "national"
    double_answer: bool = False
    metering_ms: Annotated[int, Meta(ge=-1, le=2000)] = -1


class Span(Part, frozen=True):
    """An E1 (ITU-T G.703, G.704), by its number among all cards; what `signalling` names has its own part.

    `clock`: from which span the cards take their clock, 1 first, 0 never (we are the clock then). `channels`: those
    that the other side gave us. `did_digits`: so many of a called number's last digits come, 0 for all of them;
    by R2 we must ask for so many, and 0 cannot be.
    """

    number: Annotated[int, Meta(ge=1, le=128)]
    name: Text = ""
    signalling: Literal["pri", "r2"] = "pri"
    pri: Pri = Pri()
    r2: R2 = R2()
    crc4: bool = True
    coding: Literal["hdb3", "ami"] = "hdb3"
    clock: Annotated[int, Meta(ge=0, le=128)] = 1
    channels: Slots = ALL
    did_digits: Annotated[int, Meta(ge=0, le=15)] = 0


class Group(Part, frozen=True):
    """Channels of spans that serve as one trunk: `trunk:NAME`, beside the SIP trunks.

    `channels`: a span's number for all of it, or `1:1-15` for some. `hunting`: which of them our calls take first, the
    last (`down`) where the other side takes the first. `numbers`, `access_code`: as of a SIP trunk. `presentation`:
    whether who is called sees a number of ours. `hand_back`: two outside who came to talk by it are handed back to the
    carrier, which joins them itself (EuroISDN's explicit call transfer, ETSI EN 300 369-1), and its channels are free.
    """

    name: Name
    channels: Annotated[list[SpanSlots], Meta(min_length=1, max_length=64)]
    hunting: Literal["down", "up"] = "down"
    numbers: list[Number] = []
    presentation: Literal["shown", "withheld"] = "shown"
    access_code: AccessCode = ""
    hand_back: bool = False


def slots(text: str) -> Iterator[int]:
    """Yield the channels that are written as `1-15,17-31`, in that order; a range that goes down has none."""
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def channels(group: Group, spans: list[Span]) -> Iterator[tuple[int, int]]:
    """Yield the span and timeslot of each channel of a group, in the order in which they are written."""
    known = {span.number: span for span in spans}
    for part in group.channels:
        number, _, some = part.partition(":")
        span = known.get(int(number))
        if span is not None:
            yield from ((span.number, slot) for slot in slots(some or span.channels))

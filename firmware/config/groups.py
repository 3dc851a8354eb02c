"""Whether digital spans and the trunk groups of their channels are what they are meant to be."""

from collections.abc import Iterable, Iterator
from typing import Any

from firmware import numbers
from firmware.config import spans
from firmware.config.schema import Config
from firmware.config.spans import SIGNALLING, SLOTS, Group, Span, channels, slots
from firmware.errors import Problem


def check(config: Config) -> Iterator[Problem]:
    """Yield what is wrong with spans and groups, whatever machine they are for."""
    yield from _spans(config.spans)
    yield from _names(config)
    taken: dict[tuple[int, int], tuple[str, str]] = {}  # by which group, and where it says so
    for index, group in enumerate(config.groups):
        for place, text in enumerate(group.channels):
            yield from _channels(f"groups[{index}].channels[{place}]", text, group, config.spans, taken)
        yield from _unrouted(f"groups[{index}].numbers", group, config)
        yield from _handed_back(f"groups[{index}].hand_back", group, config.spans)


def received(number: str, group: Group, config: Config) -> set[str]:
    """Return how a call for one of a group's numbers may come in: whole, or as the digits that its spans are sent."""
    digits = {span.number: span.did_digits for span in config.spans}
    tails = {digits[span] for span, _ in channels(group, config.spans)}
    return {number} | {number[-tail:] for tail in tails if tail}


def _spans(entries: list[Span]) -> Iterator[Problem]:
    first: dict[int, int] = {}
    for index, span in enumerate(entries):
        yield from _slots(f"spans[{index}].channels", span.channels, span.channels)
        if span.signalling == "r2" and not span.did_digits:
            rule = "how many digits of a called number are asked for is right; by R2 nothing else tells where it ends"
            yield Problem(f"spans[{index}].did_digits", span.did_digits, rule, "r2-digits")
        if span.clock and span.clock in first:
            rule = f"another number is right; span {first[span.clock]} has {span.clock} already"
            facts = {"other": first[span.clock]}
            yield Problem(f"spans[{index}].clock", span.clock, rule, "clock-twice", facts)
        first.setdefault(span.clock, span.number)


def _slots(path: str, value: str, text: str) -> Iterator[Problem]:
    for part in text.split(","):
        found = list(slots(part))
        if not found or not set(found) <= set(range(1, SLOTS + 1)):
            yield Problem(path, value, f"channels from 1 to {SLOTS}, the lower first, are right", "slots")
            return
        if SIGNALLING in found:
            rule = f"channels without {SIGNALLING} are right, which carries the signalling: {spans.ALL} are all"
            yield Problem(path, value, rule, "signalling-slot", {"slot": SIGNALLING, "all": spans.ALL})
            return


def _names(config: Config) -> Iterator[Problem]:
    """A group is called by the same `trunk:NAME` as a SIP trunk."""
    places = {trunk.name: index for index, trunk in enumerate(config.trunks)}
    for index, group in enumerate(config.groups):
        if group.name in places:
            rule = f"a name that no trunk has is right; trunks[{places[group.name]}] has it already"
            yield Problem(f"groups[{index}].name", group.name, rule, "twice")


def _channels(
    path: str, text: str, group: Group, entries: list[Span], taken: dict[tuple[int, int], tuple[str, str]]
) -> Iterator[Problem]:
    number, _, some = text.partition(":")
    span = next((span for span in entries if span.number == int(number)), None)
    if span is None:
        there = [str(span.number) for span in entries]
        are = f"there {'are' if len(there) != 1 else 'is'} {', '.join(there) or 'none'}"
        facts: dict[str, Any] = {"noun": "span", "name": number, "there": there}
        yield Problem(path, text, f"there is no span {number}; {are}", "no-such", facts)
        return
    wrong = list(_slots(path, text, some)) if some else []
    yield from wrong
    if wrong:
        return
    wanted = list(slots(some or span.channels))
    if beyond := set(wanted) - set(slots(span.channels)):
        rule = f"channels of span {number} are right, {span.channels}; {min(beyond)} is none"
        yield Problem(path, text, rule, "not-given", {"span": number, "there": span.channels, "slot": min(beyond)})
    told = False
    for slot in wanted:
        holder, where = taken.setdefault((span.number, slot), (group.name, path))
        if not told and (where != path or wanted.count(slot) > 1):
            rule = f"each channel once is right; {slot} of span {number} is in group {holder} already"
            facts = {"span": number, "slot": slot, "other": holder}
            yield Problem(path, text, rule, "channel-twice", facts)
            told = True


def _handed_back(path: str, group: Group, entries: list[Span]) -> Iterator[Problem]:
    """Only a carrier's EuroISDN joins calls for us."""
    numbers = {span for span, _ in channels(group, entries)}
    for span in entries:
        carrier = span.signalling == "pri" and span.pri.variant == "euroisdn" and span.pri.side == "user"
        if group.hand_back and span.number in numbers and not carrier:
            rule = f"false is right; span {span.number} is no EuroISDN span on which the far side is the network"
            yield Problem(path, group.hand_back, rule, "hand-back", {"span": span.number})
            return


def _unrouted(path: str, group: Group, config: Config) -> Iterator[Problem]:
    """Yield each number of a group whose callers no route would take."""
    box = config.box
    sources = ("", "trunk", f"trunk:{group.name}")
    patterns = [route.did for route in config.routes if route.source in sources]
    for place, number in enumerate(group.numbers):
        ways: Iterable[str] = received(number, group, config)
        if not any(numbers.fits(pattern, way, box.country, box.area_code) for pattern in patterns for way in ways):
            rule = f"a number that a route takes is right; no route is for {number} from trunk {group.name}"
            facts = {"number": number, "source": f"trunk:{group.name}"}
            yield Problem(f"{path}[{place}]", number, rule, "unrouted", facts)

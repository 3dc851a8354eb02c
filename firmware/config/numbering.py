"""Whether the numbers of a configuration can be told apart: extensions, agents, lines, feature codes, names."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from firmware.config import extensions
from firmware.config.schema import Config
from firmware.emergency import emergency_numbers
from firmware.errors import Problem

# Which field makes an entry of a list the only one of its kind
IDENTITIES = {
    "lines": "number",
    "trunks": "name",
    "spans": "number",
    "groups": "name",
    "extensions": "number",
    "agents": "number",
    "queues": "name",
    "dispositions": "name",
    "flows": "name",
    "hours": "name",
    "routes": "name",
    "outgoing": "name",
    "webhooks": "name",
}


def named(document: dict[str, Any], path: str) -> str:
    """Return a path of a document as people name its entries: `queues[service].acw_s` for `queues[0].acw_s`."""
    noun, bracket, rest = path.partition("[")
    place, _, after = rest.partition("]")
    identity, entries = IDENTITIES.get(noun), document.get(noun, [])
    if not bracket or identity is None or not place.isdecimal() or int(place) >= len(entries):
        return path
    return f"{noun}[{entries[int(place)].get(identity, place)}]{after}"


def check(config: Config) -> Iterator[Problem]:
    """Yield what is there twice, and what a telephone could not tell from something else that is dialled."""
    yield from _twice(config)
    yield from _overlapping(config)
    yield from _emergency(config)
    yield from _ports(config)
    yield from _access_codes(config)
    yield from _feature_codes(config)
    yield from _lengths(config)
    for index, queue in enumerate(config.queues):
        yield from listed_twice(queue.agents, f"queues[{index}].agents")
    for index, disposition in enumerate(config.dispositions):
        yield from listed_twice(disposition.queues, f"dispositions[{index}].queues")
    for index, trunk in enumerate(config.trunks):
        yield from listed_twice(trunk.numbers, f"trunks[{index}].numbers")
    for index, group in enumerate(config.groups):
        yield from listed_twice(group.numbers, f"groups[{index}].numbers")
    for index, extension in enumerate(config.extensions):
        yield from listed_twice(extension.permissions, f"extensions[{index}].permissions")


def _twice(config: Config) -> Iterator[Problem]:
    for noun, identity in IDENTITIES.items():
        first: dict[object, int] = {}
        for index, entry in enumerate(getattr(config, noun)):
            value = getattr(entry, identity)
            if value in first:
                rule = f"each {identity} once is right; {noun}[{first[value]}] has it already"
                yield Problem(f"{noun}[{index}].{identity}", value, rule, "twice")
            first.setdefault(value, index)


def listed_twice(values: Sequence[str], path: str) -> Iterator[Problem]:
    """Yield each value of a list that stood before it in the list."""
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            yield Problem(f"{path}[{index}]", value, "each one once is right", "listed-twice")
        seen.add(value)


def _overlapping(config: Config) -> Iterator[Problem]:
    """Digits arrive one by one from a line telephone: 20 would always be reached before 201 could be dialled."""
    places = {one.number: index for index, one in enumerate(config.extensions) if not one.last}
    for number, index in places.items():
        for end in range(1, len(number)):
            if number[:end] in places:
                other = f"extensions[{places[number[:end]]}] is {number[:end]}"
                rule = f"a number that neither begins another nor begins with one is right; {other}"
                facts = {"other": number[:end]}
                yield Problem(f"extensions[{index}].number", number, rule, "begins", facts)


def _emergency(config: Config) -> Iterator[Problem]:
    for index, extension in enumerate(config.extensions):
        for number in emergency_numbers(config.box.country):
            if extensions.meets(extension, number):
                rule = f"a number that cannot be taken for {number}, which calls for help, is right"
                facts = {"number": number}
                yield Problem(f"extensions[{index}].number", extension.number, rule, "emergency", facts)
                break


def _ports(config: Config) -> Iterator[Problem]:
    """One socket has one telephone or one line in it."""
    lines = {line.number for line in config.lines}
    first: dict[int, str] = {}
    for index, extension in enumerate(config.extensions):
        port, path = extension.port, f"extensions[{index}].port"
        if port in lines:
            yield Problem(path, port, f"a port for telephones is right; line {port} is in this one", "port-line")
        elif port and port in first:
            rule = f"each port once is right; extension {first[port]} is in this one"
            yield Problem(path, port, rule, "port-twice", {"other": first[port]})
        first.setdefault(port, extension.number)


def _access_codes(config: Config) -> Iterator[Problem]:
    """A prefix that is dialled for an outside line and then taken off may begin no extension."""
    for rule in config.outgoing:
        code = rule.prefix if rule.strip else ""
        for index, extension in enumerate(config.extensions):
            if code and extensions.meets(extension, code):
                right = f"a number that does not begin with {code} is right, which is dialled for outgoing {rule.name}"
                facts = {"prefix": code, "rule": rule.name}
                yield Problem(f"extensions[{index}].number", extension.number, right, "outside-prefix", facts)


def _lengths(config: Config) -> Iterator[Problem]:
    for index, rule in enumerate(config.outgoing):
        path = f"outgoing[{index}]"
        if rule.max_digits < rule.min_digits:
            right = f"at least min_digits, {rule.min_digits}, is right"
            yield Problem(f"{path}.max_digits", rule.max_digits, right, "at-least", {"least": rule.min_digits})
        if rule.max_digits < len(rule.prefix):
            right = f"at least {len(rule.prefix)} is right, as many digits as the prefix has"
            yield Problem(f"{path}.max_digits", rule.max_digits, right, "at-least", {"least": len(rule.prefix)})
        if rule.strip >= rule.min_digits and not rule.prepend:
            right = f"less than min_digits, {rule.min_digits}, is right, or nothing would be dialled"
            yield Problem(f"{path}.strip", rule.strip, right, "all-stripped", {"most": rule.min_digits - 1})


def _feature_codes(config: Config) -> Iterator[Problem]:
    codes: dict[str, str] = msgspec.structs.asdict(config.features)
    by_code: defaultdict[str, list[str]] = defaultdict(list)
    for name, code in codes.items():
        by_code[code].append(name)
    for name, code in codes.items():
        for other in _others(by_code, name, code):
            rule = f"a code that neither is nor begins another is right; {other} is {codes[other]}"
            yield Problem(f"features.{name}", code, rule, "begins", {"other": codes[other]})


def _others(by_code: dict[str, list[str]], name: str, code: str) -> Iterable[str]:
    for other_code, names in by_code.items():
        if other_code.startswith(code):
            yield from (other for other in names if other != name and (other_code != code or other < name))

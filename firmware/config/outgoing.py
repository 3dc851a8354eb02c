"""Whether calls outside are as they are meant: who may call what, which number is shown, and that none comes back."""

from collections.abc import Iterator, Sequence

from firmware import numbers
from firmware.config import ways
from firmware.config.destinations import destinations, goes_out_by
from firmware.config.schema import Config
from firmware.errors import Problem
from firmware.reach import PREMIUM, SATELLITE


def check(config: Config) -> Iterator[Problem]:
    """Yield permissions nobody asks for, numbers nobody assigned to us, missing hours, and calls to ourselves."""
    yield from _permissions(config)
    yield from _caller_ids(config)
    yield from _hours(config)
    yield from _calls_to_ourselves(config)


def _permissions(config: Config) -> Iterator[Problem]:
    there = [PREMIUM, SATELLITE, *dict.fromkeys(rule.permission for rule in config.outgoing if rule.permission)]
    for index, extension in enumerate(config.extensions):
        for place, permission in enumerate(extension.permissions):
            if permission not in there:
                rule = f"a permission that opens something is right: {_list(there)}"
                facts = {"there": there}
                yield Problem(f"extensions[{index}].permissions[{place}]", permission, rule, "one-of", facts)


def _caller_ids(config: Config) -> Iterator[Problem]:
    """Only what a carrier gave us may be shown; whoever shows another's number is believed to be the other."""
    ours = ways.numbers(config)
    for index, extension in enumerate(config.extensions):
        if extension.caller_id and extension.caller_id not in ours:
            right = f"one of the trunks' numbers is right: {_list(ours)}"
            none = "none is right: no trunk has numbers"
            facts = {"there": ours}
            path = f"extensions[{index}].caller_id"
            yield Problem(path, extension.caller_id, right if ours else none, "caller-id", facts)


def _hours(config: Config) -> Iterator[Problem]:
    there = [hours.name for hours in config.hours]
    if config.limits.hours and config.limits.hours not in there:
        right = f"an entry of hours is right: {_list(there)}" if there else "none is right: there are no hours"
        facts = {"noun": "entry of hours", "name": config.limits.hours, "there": there}
        yield Problem("limits.hours", config.limits.hours, right, "no-such", facts)


def _calls_to_ourselves(config: Config) -> Iterator[Problem]:
    """A caller who is sent outside to a number of this box comes in again, and is sent outside again."""
    box = config.box
    ours = [line.did for line in config.lines if line.did] + ways.numbers(config)
    known = {numbers.e164(one, box.country, box.area_code) or one: one for one in ours}
    for path, destination in destinations(config):
        kind, _, digits = destination.partition(":")
        rule = next((rule for rule in config.outgoing if goes_out_by(rule, digits)), None)
        if kind != "number" or rule is None:
            continue
        sent = rule.prepend + digits[rule.strip :]
        own = known.get(numbers.e164(sent, box.country, box.area_code) or sent)
        if own is not None:
            right = f"a number that is not this box's own is right; {own} comes in here and would go round for ever"
            yield Problem(path, destination, right, "own-number", {"number": own})


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(names[:8])
    return f"{shown} and others" if len(names) > 8 else shown

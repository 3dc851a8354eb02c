"""Whether a configuration can be lived with: all its problems, found before it comes into force.

Stages that know more about their own part give their own `check`, which the exchange hands to `Configuration`.
"""

import zoneinfo
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec

from firmware.config import (
    destinations,
    extensions,
    groups,
    hours,
    network,
    numbering,
    outgoing,
    outside,
    profiles,
    shape,
    trunks,
)
from firmware.config.schema import Config, Hours
from firmware.config.values import Day
from firmware.errors import BadConfig, Problem
from firmware.numbers import known_country

LEAST_FLASH_MS = 60     # an exchange takes less for a pulse of a dial, or a click
# Given a sound's name, says why it cannot be played, or "" (firmware.prompts.catalogue.wrong_with)
WrongWithSound = Callable[[str], str]
Check = Callable[[Config], Iterable[Problem]]


def load(document: Any, wrong_with_sound: WrongWithSound, more: Iterable[Check] = ()) -> Config:
    """Return the configuration a plain document holds; raises BadConfig with all its problems."""
    config = shaped(document)
    if found := check(config, wrong_with_sound, more):
        raise BadConfig(found)
    return config


def shaped(document: Any, where: str = "") -> Config:
    """Return the configuration a plain document holds, looking at its shape alone; raises BadConfig.

    `where` stands before each path.
    """
    if found := shape.problems(document, Config):
        raise BadConfig([msgspec.structs.replace(problem, path=where + problem.path) for problem in found])
    return msgspec.convert(document, Config)


def check(config: Config, wrong_with_sound: WrongWithSound, more: Iterable[Check] = ()) -> list[Problem]:
    """Return all that is wrong with a configuration whose shape is right."""
    checks: list[Check] = [
        place,
        _hours,
        _flashes,
        numbering.check,
        extensions.check,
        destinations.check,
        network.check,
        trunks.check,
        profiles.check,
        groups.check,
        outgoing.check,
        outside.check,
        *more,
    ]
    found = [problem for one in checks for problem in one(config)]
    found.extend(_sounds(config, wrong_with_sound))
    return found


def place(config: Config) -> Iterator[Problem]:
    """Yield what is wrong with where the box stands: without its clock and numbers nothing else has a meaning."""
    box = config.box
    if not known_country(box.country):
        rule = "the two letters of a country with a numbering plan are right, as CN"
        yield Problem("box.country", box.country, rule, "country")
    try:
        zoneinfo.ZoneInfo(box.timezone)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        rule = "a zone of the tz database is right, such as Asia/Shanghai"
        yield Problem("box.timezone", box.timezone, rule, "timezone")


def _flashes(config: Config) -> Iterator[Problem]:
    for index, line in enumerate(config.lines):
        if 0 < line.flash_ms < LEAST_FLASH_MS:
            rule = f"{LEAST_FLASH_MS} to 1000 is right, or 0 where nobody may flash"
            yield Problem(f"lines[{index}].flash_ms", line.flash_ms, rule, "flash", {"least": LEAST_FLASH_MS})


def _hours(config: Config) -> Iterator[Problem]:
    for index, one in enumerate(config.hours):
        yield from _spans(f"hours[{index}].week", one)
        for place, closed in enumerate(one.closed):
            try:
                right = date.fromisoformat(closed).isoformat() == closed
            except ValueError:
                right = False
            if not right:
                yield Problem(f"hours[{index}].closed[{place}]", closed, "a date YYYY-MM-DD is right", "date")


class _Span(NamedTuple):
    """A span of a week, in minutes since its Monday began."""

    first: int
    last: int
    day: Day
    place: int
    text: str


def _spans(path: str, of: Hours) -> Iterator[Problem]:
    read: list[_Span] = []
    for number, day in enumerate(hours.DAYS):
        for place, text in enumerate(of.week.get(day, [])):
            try:
                first, last = (number * hours.WHOLE_DAY + minute for minute in hours.minutes(text))
                read.append(_Span(first, last, day, place, text))
            except ValueError as error:
                yield Problem(f"{path}.{day}[{place}]", text, str(error), "span")
    read.sort()
    week = len(hours.DAYS) * hours.WHOLE_DAY
    again = [span._replace(first=span.first + week) for span in read[:1]]  # Sunday's night ends on Monday
    for before, span in pairwise(read + again):
        if span.first < before.last:
            rule = f"spans that do not overlap are right; {before.text} of {before.day} is not over then"
            facts = {"other": before.text, "day": before.day}
            yield Problem(f"{path}.{span.day}[{span.place}]", span.text, rule, "overlap", facts)


def _sounds(config: Config, wrong_with_sound: WrongWithSound) -> Iterator[Problem]:
    for path, name in sounds(config):
        if wrong := wrong_with_sound(name):
            yield Problem(path, name, wrong, "no-sound")


def sounds(config: Config) -> Iterator[tuple[str, str]]:
    """Yield every sound a configuration names, with its path."""
    for index, queue in enumerate(config.queues):
        yield f"queues[{index}].music", queue.music
    for index, flow in enumerate(config.flows):
        for part in ("greeting", "notice", "menu", "wrong"):
            for place, name in enumerate(getattr(flow, part)):
                yield f"flows[{index}].{part}[{place}]", name

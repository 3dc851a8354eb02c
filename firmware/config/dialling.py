"""Which digits, dialled one by one at a plain telephone, need no further one: what the box does not wait for more of.

A number that is not told here is whole with `#`, or when no more digits come for a while.
"""

import re
from collections.abc import Iterator

from phonenumbers import PhoneMetadata

from firmware.config import extensions
from firmware.config.schema import Config, Features
from firmware.emergency import emergency_numbers


def outside_prefixes(config: Config) -> list[str]:
    """Return what is dialled only to get outside ("9" or "0"): the part of a rule's prefix that is not sent on."""
    return [rule.prefix[: rule.strip] for rule in config.outgoing if rule.strip]


def whole(config: Config) -> Iterator[str]:
    """Yield regular expressions, each of a whole number: help first, then features, extensions and numbers outside."""
    country = config.box.country
    prefixes = "|".join(dict.fromkeys(re.escape(prefix) for prefix in outside_prefixes(config) if prefix))
    yield f"(?:{prefixes})?(?:{'|'.join(emergency_numbers(country))})"
    yield from _features(config.features, config)
    if config.extensions:
        yield "|".join(extensions.every(config))
    national = [*_national(country)]
    for rule in config.outgoing:
        longest = max(other.max_digits for other in config.outgoing if _meet(other.prefix, rule.prefix))
        if rule.strip == len(rule.prefix) and not rule.prepend:
            yield from (f"{rule.prefix}{pattern}" for pattern in national)
        yield rf"{rule.prefix}\d{{{longest - len(rule.prefix)}}}"


def _features(features: Features, config: Config) -> Iterator[str]:
    """Yield the codes with what may follow them: an agent's number, the digit of a reason."""
    yield "|".join(map(re.escape, (features.logout, features.ready)))
    if config.agents:
        yield f"{re.escape(features.login)}(?:{'|'.join(agent.number for agent in config.agents)})"
    if config.reasons:
        yield f"{re.escape(features.not_ready)}[{''.join(config.reasons)}]"


def _national(country: str) -> Iterator[str]:
    """Yield the kinds of numbers of a country that all have as many digits, perhaps after its 0 for long distance."""
    metadata = PhoneMetadata.metadata_for_region(country)
    if metadata is None:
        return
    for kind in (metadata.mobile, metadata.fixed_line):
        if kind is not None and kind.national_number_pattern and len(kind.possible_length) == 1:
            yield f"(?:{metadata.national_prefix or ''})?(?:{kind.national_number_pattern})"


def _meet(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)

"""Where a call goes first: by its source, by the number dialled, by the hour."""

import logging
from datetime import datetime

from drivers.link.causes import CALL_REJECTED, INVALID_NUMBER_FORMAT, UNALLOCATED_NUMBER
from firmware import emergency, numbers
from firmware.calls.call import Call
from firmware.calls.destination import Destination
from firmware.config.destinations import goes_out_by
from firmware.config.hours import open_at
from firmware.config.schema import Box, Config, Features, Route

log = logging.getLogger(__name__)


def route(call: Call, config: Config, now: datetime) -> Destination:
    """Return where an offered call goes; `now` is local time of the box.

    A call from a telephone of the box goes where its digits lead (`dialled`); any other takes the first route that
    fits. A call that fits none ends with cause 1, as an unallocated number does (Q.850).
    """
    if call.source.startswith("extension:"):
        return dialled(call.did, config)
    did = call.did or _own_number(call.source, config)
    for candidate in config.routes:
        if not _from(candidate.source, call.source) or not same_number(candidate.did, did, config.box):
            continue
        if not candidate.hours or _open(candidate, config, now):
            return Destination.named(candidate.to)
        if candidate.otherwise is not None:
            return Destination.named(candidate.otherwise)
    log.warning("call %s: no route fits %s, number dialled %r", call.id, call.source, did)
    return end(UNALLOCATED_NUMBER)


def dialled(digits: str, config: Config) -> Destination:
    """Return what digits dialled on a telephone of the box mean.

    Emergency numbers come first, then feature codes, extensions, and the rules for calls outside.
    """
    if emergency.called(digits, config.box.country, outside_prefixes(config)):
        return Destination("number", digits)
    if any(digits.startswith(code) for code in codes(config.features)):
        return Destination("feature", digits)
    if any(extension.number == digits for extension in config.extensions):
        return Destination("extension", digits)
    rules = [rule for rule in config.outgoing if digits.startswith(rule.prefix)]
    if any(goes_out_by(rule, digits) for rule in rules):
        return Destination("number", digits)
    log.info("nothing answers to %r, dialled inside", digits)
    return end(INVALID_NUMBER_FORMAT if rules else UNALLOCATED_NUMBER)


def transferred(digits: str, config: Config) -> Destination:
    """Return where a telephone of the box may transfer its counterpart to; a feature is for who dials it alone."""
    destination = dialled(digits, config)
    return end(CALL_REJECTED) if destination.kind == "feature" else destination


def end(cause: int) -> Destination:
    """Return the destination that ends a call with a cause (Q.850)."""
    return Destination("hangup", str(cause))


def outside_prefixes(config: Config) -> list[str]:
    """Return what is dialled only to get outside ("9" or "0"): the part of a rule's prefix that is not sent on."""
    return [rule.prefix[: rule.strip] for rule in config.outgoing if rule.strip]


def codes(features: Features) -> tuple[str, ...]:
    """Return all feature codes."""
    return (features.login, features.logout, features.ready, features.not_ready)


def same_number(pattern: str, did: str, box: Box) -> bool:
    """Tell whether the number dialled fits a route's: as received, or both as E.164.

    A final * stands for any rest. Carriers write one number in many ways (88886666, 01088886666, +861088886666), so a
    prefix is tried on each of them.
    """
    if not pattern:
        return True
    if not pattern.endswith("*"):
        known = numbers.e164(pattern, box.country, box.area_code)
        return pattern == did or (known != "" and known == numbers.e164(did, box.country, box.area_code))
    written = numbers.ways_to_write(did, box.country, box.area_code)
    return any(way.startswith(pattern[:-1]) for way in written)


def _own_number(source: str, config: Config) -> str:
    """A line does not say what was dialled: it is the line's own number."""
    return next((line.did for line in config.lines if source == f"line:{line.number}"), "")


def _from(wanted: str, source: str) -> bool:
    """`line` takes every line, `line:1` that one, "" everything."""
    return wanted in ("", source, source.partition(":")[0])


def _open(candidate: Route, config: Config, now: datetime) -> bool:
    hours = next((known for known in config.hours if known.name == candidate.hours), None)
    if hours is None:
        log.error("route %s: there are no hours %r; taken for closed", candidate.name, candidate.hours)
        return False
    return open_at(hours, now)

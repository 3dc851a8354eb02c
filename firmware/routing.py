"""Where a call goes first: by its source, by the number dialled, by the hour."""

import logging
from datetime import datetime

from drivers.link.causes import CALL_REJECTED, INVALID_NUMBER_FORMAT, UNALLOCATED_NUMBER
from firmware import emergency, numbers
from firmware.calls.call import Call
from firmware.calls.destination import Destination
from firmware.config import extensions
from firmware.config.destinations import goes_out_by
from firmware.config.dialling import outside_prefixes
from firmware.config.groups import received
from firmware.config.hours import open_at
from firmware.config.schema import Config, Features, Route

log = logging.getLogger(__name__)


def route(call: Call, config: Config, now: datetime) -> Destination:
    """Return where an offered call goes; `now` is local time of the box.

    A call from a telephone of the box goes where its digits lead (`dialled`), and where they lead nowhere, from one at
    a PBX as any other of its trunk group; one on a line that is never answered is not ours; any other takes the first
    route that fits. A call that fits none ends with cause 1, as an unallocated number does (Q.850).
    """
    kind, _, extension = call.source.partition(":")
    if kind == "extension":
        inside = dialled(call.did, config)
        pbx = extensions.place(config, extension)
        if inside.kind == "hangup" and pbx != extension:
            return _routed(pbx, call.did, config, now) or inside
        return inside
    if any(line.never_answer and call.source == f"line:{line.number}" for line in config.lines):
        return Destination("elsewhere")
    found = _routed(call.source, call.did, config, now)
    if found is None:
        log.warning("call %s: no route fits %s, number dialled %r", call.id, call.source, call.did)
    return found or end(UNALLOCATED_NUMBER)


def _routed(source: str, dialled: str, config: Config, now: datetime) -> Destination | None:
    """Return where the first route that fits leads, None where none does."""
    box, own = config.box, _own_numbers(source, dialled, config)
    for candidate in config.routes:
        if not _from(candidate.source, source):
            continue
        if not any(numbers.fits(candidate.did, did, box.country, box.area_code) for did in own):
            continue
        if not candidate.hours or _open(candidate, config, now):
            return Destination.named(candidate.to)
        if candidate.otherwise is not None:
            return Destination.named(candidate.otherwise)
    return None


def dialled(digits: str, config: Config) -> Destination:
    """Return what digits dialled on a telephone of the box mean.

    Emergency numbers come first, then feature codes, extensions, and the rules for calls outside.
    """
    if emergency.called(digits, config.box.country, outside_prefixes(config)):
        return Destination("number", digits)
    if any(digits.startswith(code) for code in codes(config.features)):
        return Destination("feature", digits)
    if extensions.find(config, digits) is not None:
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


def fax(source: str, config: Config) -> Destination | None:
    """Return where a call from outside goes on that is a fax: as its line says, else the box; None if neither does."""
    own = next((line.fax for line in config.lines if source == f"line:{line.number}"), "")
    name = own or config.box.fax
    return Destination.named(name) if name and not source.startswith("extension:") else None


def end(cause: int) -> Destination:
    """Return the destination that ends a call with a cause (Q.850)."""
    return Destination("hangup", str(cause))


def codes(features: Features) -> tuple[str, ...]:
    """Return all feature codes."""
    return (features.login, features.logout, features.ready, features.not_ready)


def _own_numbers(source: str, did: str, config: Config) -> set[str]:
    """Return which of our numbers was dialled, as received and whole.

    A line does not say what was dialled: it is the line's own number. A span may say the last digits alone.
    """
    if source.startswith("line:") and not did:
        return {next((line.did for line in config.lines if source == f"line:{line.number}"), "")}
    group = next((group for group in config.groups if source == f"trunk:{group.name}"), None)
    whole = [] if group is None else [one for one in group.numbers if did in received(one, group, config)]
    return {did, *(whole if len(whole) == 1 else ())}


def _from(wanted: str, source: str) -> bool:
    """`line` takes every line, `line:1` that one, "" everything."""
    return wanted in ("", source, source.partition(":")[0])


def _open(candidate: Route, config: Config, now: datetime) -> bool:
    hours = next((known for known in config.hours if known.name == candidate.hours), None)
    if hours is None:
        log.error("route %s: there are no hours %r; taken for closed", candidate.name, candidate.hours)
        return False
    return open_at(hours, now)

"""What a receiver is told of an event.

{"type": "call.ended", "timestamp": "2026-03-02T01:00:07.250Z", "sequence": 4711, "data": {...}}: `data` is the event's
own, with `call` and `leg`; of a call that ended also its `record`, of an alarm that is raised its `words` in Chinese
and English. `sequence` is the order in which things happened.
"""

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from firmware.details import LANGUAGES, sentence
from firmware.events import Kind
from firmware.health.words import alarm_words
from firmware.records.outbox import Numbered


class Message(NamedTuple):
    """One message. `id` is the same whenever it is sent: who got it twice knows it by that."""

    id: str
    kind: str
    at_s: float
    number: int
    body: bytes


def message_of(numbered: Numbered) -> Message:
    """Return what is told of an event."""
    event = numbered.event
    data: dict[str, Any] = {**event.data, "call": event.call, "leg": event.leg}
    if numbered.record is not None:
        data["record"] = numbered.record
    if event.kind is Kind.ALARM and data["raised"]:
        data["words"] = {language: _words(data, language) for language in LANGUAGES}
    body = msgspec.json.encode({
        "type": event.kind.value, "timestamp": told_at(event.at_s), "sequence": numbered.number, "data": data,
    })  # fmt: skip
    same = f"{numbered.number} {event.at_s!r} {event.kind} {event.call} {event.leg}"
    return Message(message_id(same), event.kind.value, event.at_s, numbered.number, body)


def _words(data: dict[str, Any], language: str) -> dict[str, str]:
    wrong, remedy = alarm_words(data["name"], language)
    exactly = sentence(data.get("code", ""), data.get("facts") or {}, language, data["detail"])
    return {"wrong": wrong, "exactly": exactly, "remedy": remedy}


def message_id(same: str) -> str:
    """Return the id of a message, made of what is the same whenever it is sent."""
    return "msg_" + base64.b32encode(hashlib.sha256(same.encode()).digest()[:20]).decode().lower()


def told_at(at_s: float) -> str:
    """Return a Unix time as messages have it (ISO 8601, UTC)."""
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

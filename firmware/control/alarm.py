"""`alarm.*`: what needs a person, what needed one, and that somebody has seen it."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Protocol

import msgspec
from msgspec import Meta

from firmware.alarms import SEVERITIES, UNKNOWN, Alarms, Raised, Severity
from firmware.control.methods import Asker, Role, method
from firmware.details import LANGUAGES, sentence
from firmware.health.words import alarm_words
from firmware.records.alarms import PastAlarm

AlarmName = Annotated[str, Meta(min_length=1, max_length=64, description="an alarm's name, as alarm.list tells it")]
Subject = Annotated[str, Meta(max_length=200, description="what the alarm is about, as alarm.list tells it")]
Note = Annotated[
    str, Meta(pattern="^[^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff]{0,200}\\Z",
              description="up to 200 characters, no control characters")
]  # fmt: skip


class History(Protocol):
    """Who knows the alarms that were (firmware.records.alarms.AlarmHistory)."""

    async def page(self, limit: int = 50, before: int | None = None) -> list[PastAlarm]:
        """Return the newest alarms, or those before a number, newest first."""
        ...


class Words(msgspec.Struct, frozen=True):
    """An alarm in one language: what is wrong, what exactly, and what to do about it."""

    wrong: str
    exactly: str
    remedy: str


class View(Raised, frozen=True, kw_only=True):
    """An alarm with its words in Chinese (`zh`) and English (`en`)."""

    words: dict[str, Words]


class PastView(msgspec.Struct, frozen=True):
    """An alarm there was; `over_s` is None as long as it is raised. `words` are Chinese (`zh`) and English (`en`)."""

    id: int
    name: str
    subject: str
    severity: Severity
    by: str
    detail: str
    raised_s: float
    over_s: float | None
    acknowledged_s: float | None
    acknowledged_by: str
    note: str
    code: str
    facts: dict[str, Any]
    words: dict[str, Words]


class AlarmMethods:
    """What can be asked of the alarms."""

    def __init__(self, alarms: Alarms, history: History, committed: Callable[[], Awaitable[None]]) -> None:
        """`committed` returns when all that happened is on disk; it raises NoStorage when it cannot be."""
        self._alarms, self._history, self._committed = alarms, history, committed

    @method("alarm.list", Role.VIEWER)
    def table(self) -> list[View]:
        """Return what needs a person now, oldest first."""
        return [_view(alarm) for alarm in self._alarms.table()]

    @method("alarm.acknowledge", Role.SUPERVISOR)
    async def acknowledge(
        self, session: Asker, name: AlarmName, subject: Subject = "", note: Note = ""
    ) -> list[View]:
        """Note who has seen an alarm, and what they wrote; return those that are left."""
        self._alarms.acknowledge(name, subject, session.who, note)
        await self._committed()
        return self.table()

    @method("alarm.history", Role.SUPERVISOR)
    async def history(
        self, limit: Annotated[int, Meta(ge=1, le=500)] = 50, before: Annotated[int, Meta(ge=0)] | None = None
    ) -> list[PastView]:
        """Return the alarms that were and are, newest first; `before` a number, if given."""
        return [_past(alarm) for alarm in await self._history.page(limit, before)]


def _past(alarm: PastAlarm) -> PastView:
    told = msgspec.structs.asdict(alarm)
    told |= {name: told[name] or "" for name in ("acknowledged_by", "note", "code")} | {"facts": alarm.facts or {}}
    words = _words(alarm.name, told["code"], told["facts"], alarm.detail)
    return PastView(severity=SEVERITIES.get(alarm.name, UNKNOWN), words=words, **told)


def _view(alarm: Raised) -> View:
    words = _words(alarm.name, alarm.code, alarm.facts, alarm.detail)
    return View(**msgspec.structs.asdict(alarm), words=words)


def _words(name: str, code: str, facts: dict[str, Any], detail: str) -> dict[str, Words]:
    found = {}
    for language in LANGUAGES:
        wrong, remedy = alarm_words(name, language)
        found[language] = Words(wrong, sentence(code, facts, language, detail), remedy)
    return found

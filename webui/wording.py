"""How values are written on a page in one language: words, times of the box's clock, durations, and strangers' text."""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from firmware.details import sentence, subject_words
from webui.wordbook import known, say
from webui.words.text import LANGUAGES

LONGEST = 48  # characters of a caller's name that are shown


class Wording:
    """What the templates write with; `timezone` is the box's (IANA), this machine's own when it is unknown."""

    def __init__(self, language: str, timezone: str = "") -> None:
        self.language = language
        self.html_language = {"zh": "zh-CN", "en": "en"}[language]
        self.languages = LANGUAGES
        self.timezone = timezone
        self._zone = _zone(timezone)

    def __call__(self, key: str, **filled: object) -> str:
        """Return a text of the pages by its key."""
        return say(key, self.language, **{name: str(value) for name, value in filled.items()})

    def named(self, kind: str, value: str) -> str:
        """Return the words for a value the exchange gave (`agent`, `ready`); one without words is shown as it came."""
        key = f"{kind}.{value}"
        return self(key) if known(key) else clean(value).replace("_", " ")

    def place(self, where: str, name: str) -> str:
        """Return the words for where a call is: `queue`, `service` gives "queue service"."""
        key = f"where.{where}"
        return self(key, name=clean(name)) if known(key) else clean(f"{where} {name}")

    def subject(self, subject: str) -> str:
        """Return the words for what an alarm is about: `line:3`, `extension:203`; "" where its name says it: `disk`."""
        return clean(subject_words(subject, self.language))

    def exactly(self, alarm: Any) -> str:
        """Return what exactly an alarm says is wrong; `alarm` has code, facts and detail, as a struct or a dict."""
        told = alarm if isinstance(alarm, dict) else msgspec.structs.asdict(alarm)
        return sentence(told["code"], told["facts"], self.language, told["detail"])

    def target(self, target: str) -> str:
        """Return the words for whom a leg was dialled to: `extension:201`, `line:1:10086`, `trunk:carrier:10086`."""
        kind, _, rest = target.partition(":")
        through, _, number = rest.rpartition(":")
        return self.place(kind, number) if known(f"where.{kind}") else clean(f"{number} ({kind} {through})")

    def via(self, via: str) -> str:
        """Return the words for a line or trunk: `line:1`, `trunk:carrier`."""
        kind, _, name = via.partition(":")
        return self(f"via.{kind}", name=clean(name)) if known(f"via.{kind}") else clean(via)

    def of_segment(self, kind: str, who: str, titles: Mapping[str, str]) -> str:
        """Return the words for whom a part of a call was with; `titles` are those of queues."""
        if kind == "wait":
            return titles.get(who, who)
        if kind == "hold" and known(f"by.{who}"):
            return self(f"by.{who}")
        if kind == "consult":
            return " → ".join(self.of_segment("talk", one, titles) for one in who.split(">"))
        return self.target(who) if ":" in who else who

    def clock(self, at_s: float) -> str:
        """Return the time of day on the box's clock."""
        return datetime.fromtimestamp(at_s, self._zone).strftime("%H:%M:%S") if at_s > 0 else "–"

    def day(self, at_s: float) -> str:
        """Return month and day on the box's clock."""
        return datetime.fromtimestamp(at_s, self._zone).strftime("%m-%d") if at_s > 0 else ""

    def day_of(self, at_s: float) -> str:
        """Return the whole date on the box's clock."""
        return datetime.fromtimestamp(at_s, self._zone).strftime("%Y-%m-%d")

    def moment(self, at_s: float) -> str:
        """Return day and time of day on the box's clock."""
        return datetime.fromtimestamp(at_s, self._zone).strftime("%Y-%m-%d %H:%M")

    def second(self, at_s: float) -> str:
        """Return day and time of day to the second on the box's clock."""
        return datetime.fromtimestamp(at_s, self._zone).strftime("%Y-%m-%d %H:%M:%S")

    def machine_time(self, at_s: float) -> str:
        """Return the moment as a <time> element's datetime wants it."""
        return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="seconds")


def duration(seconds: float) -> str:
    """Return 0:07, 12:30 or 1:02:03."""
    whole = max(0, round(seconds))
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def clean(text: str, longest: int = LONGEST) -> str:
    """Return a stranger's text without what could trick the eye: control characters and marks that turn the direction.

    Markup is left as it is: the templates escape all they write.
    """
    seen = "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in text)
    return seen if len(seen) <= longest else seen[: longest - 1] + "…"


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None

"""What a mail says of alarms."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from firmware.alarms import SEVERITIES, UNKNOWN, Severity
from firmware.details import sentence, subject_words
from firmware.events import Event
from firmware.health.words import alarm_words, severity_word

ORDER = list(Severity)  # the gravest first
LONGEST = 300  # characters of a detail


def severity_of(event: Event) -> Severity:
    """Return the severity of an alarm's event."""
    return SEVERITIES.get(event.data["name"], UNKNOWN)


def subject(events: Sequence[Event], box: str, language: str) -> str:
    """Return the subject of a mail about these events."""
    gravest = min(events, key=lambda event: (not event.data["raised"], ORDER.index(severity_of(event))))
    what = _head(gravest, language)
    if not gravest.data["raised"]:
        what = f"已恢复：{what}" if language == "zh" else f"over: {what}"
    more = len(events) - 1
    rest = "" if not more else (f"（另有 {more} 条）" if language == "zh" else f" (and {more} more)")
    return plain(f"[{box}] {what}{rest}")


def text(events: Sequence[Event], box: str, zone: tzinfo, language: str) -> str:
    """Return the text of a mail about these events, in the order in which they happened."""
    return "\n\n".join(_told(event, zone, language) for event in events) + f"\n\n-- \n{plain(box)}\n"


def _told(event: Event, zone: tzinfo, language: str) -> str:
    data, words = event.data, alarm_words(event.data["name"], language)
    at = f"{datetime.fromtimestamp(event.at_s, zone):%Y-%m-%d %H:%M:%S}"
    head = plain(_head(event, language))
    if not data["raised"]:
        return f"{at}  {'已恢复' if language == 'zh' else 'over'}: {head}"
    lines = [f"{at}  {severity_word(severity_of(event), language)}: {head}"]
    exactly = sentence(data.get("code", ""), data.get("facts") or {}, language, data["detail"])
    if exactly:
        lines.append(plain(exactly)[:LONGEST])
    if words.remedy:
        lines.append(words.remedy)
    return "\n".join(lines)


def _head(event: Event, language: str) -> str:
    what = alarm_words(event.data["name"], language).wrong
    return f"{what} {subject_words(event.data['subject'], language)}".rstrip()


def plain(written: str) -> str:
    """Return a text on one line, without what a mail program could take for something else."""
    return "".join(one if one.isprintable() else " " for one in written)

"""`span trace` and `line trace`: what last passed there, signal by signal."""

from typing import Any
from zoneinfo import ZoneInfo

from firmware.console import show
from firmware.console.output import Output
from firmware.console.table import table
from firmware.health.trace_words import facts_words, signal_word


def span(session: Any, arguments: list[str]) -> Output:
    """Return the last messages of a span's signalling."""
    return _trace(session, "span", arguments[0])


def line(session: Any, arguments: list[str]) -> Output:
    """Return what last passed on a line."""
    return _trace(session, "line", arguments[0])


def _trace(session: Any, noun: str, number: str) -> Output:
    told = session.ask(f"{noun}.trace", number=show.number(number))
    zone = ZoneInfo(session.ask("status")["box"]["timezone"])
    if not told["messages"]:
        return Output(told, [session.say("trace.none")])
    keys = ("when", "way", "call", "message", "facts") if noun == "span" else ("when", "way", "message", "facts")
    rows = [tuple(_cells(session, zone, one)[key] for key in keys) for one in told["messages"]]
    head, body = table([session.say(f"head.{key}") for key in keys], rows, session.columns)
    return Output(told, body, head)


def _cells(session: Any, zone: ZoneInfo, one: dict[str, Any]) -> dict[str, Any]:
    return {
        "when": f"{show.moment(one['at_s'], zone)[5:]}.{int(one['at_s'] * 1000) % 1000:03}",
        "way": "->" if one["sent"] else "<-",
        "call": one["reference"] if one["reference"] >= 0 else "",
        "message": signal_word(one, session.say.language),
        "facts": facts_words(one, session.say.language),
    }

"""`show spans`, `span restart|tested`, `test span`: digital spans for the installer at the serial port."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from firmware.console import show
from firmware.console.output import Output
from firmware.console.table import table, wrapped
from firmware.console.terminal import printable
from firmware.control.bittest import followed
from firmware.health.bit_words import heard_word, state_words, verdict_words
from firmware.health.span_words import slot_word, state_word, wrong_words

TEST_S = 10
SHORT = {"in_use": "#", "ringing": "+", "idle": ".", "testing": "t", "out": "x", "unused": "-", "signalling": "D"}


def numbers(session: Any, before: list[str], begun: str) -> Iterator[tuple[str, str]]:
    """Yield the spans there are, for Tab and `?`."""
    for one in session.glance("span.list"):
        yield str(one["number"]), printable(f"{one['name']} {state_word(one['state'], session.say.language)}".strip())


def spans(session: Any, arguments: list[str]) -> Output:
    """Return all spans, each with its channels as one line of signs."""
    return draw_spans(session, session.ask("live"))


def draw_spans(session: Any, live: dict[str, Any]) -> Output:
    """Return the spans of a picture."""
    language, found = session.say.language, live["spans"]
    if not found:
        return Output(found, head=[session.say("empty.spans")])
    rows = [
        (
            one["number"], one["name"], state_word(one["state"], language), one["slips_day"],
            "".join(SHORT.get(slot["state"], "?") for slot in one["slots"]),
        )
        for one in found
    ]  # fmt: skip
    heads = [session.say(f"head.{key}") for key in ("span", "name", "state", "slips", "channels")]
    head, body = table(heads, rows, session.columns)
    wrong = [
        line
        for one in found
        if (text := wrong_words(one, language))
        for line in wrapped(printable(f"{one['number']}: {text}"), session.columns, "   ")
    ]
    legend = "  ".join(f"{sign} {slot_word(state, language)}" for state, sign in SHORT.items())
    return Output(found, [*body, *wrong, *wrapped(legend, session.columns)], head)


def restart(session: Any, arguments: list[str]) -> Output:
    """Make a channel idle on both sides."""
    number, slot = (show.number(text) for text in arguments[:2])
    done = session.ask("span.restart", number=number, slot=slot)
    key = "span.restarted" if done["answered"] else "span.restarted.here"
    return Output(done, [session.say(key, number=str(number), slot=str(slot))])


def test(session: Any, arguments: list[str]) -> Output:
    """Test a span, or one of its channels, against a loop; Ctrl-C ends it, and what was found until then is told."""
    number = show.number(arguments[0])
    slot = show.number(arguments[1]) if len(arguments) > 1 else 0
    found = followed(session.ask("span.test", number=number, slot=slot, seconds=TEST_S), session.ask)
    return _found(session, found)


def tested(session: Any, arguments: list[str]) -> Output:
    """Return what a span's last test came to."""
    told = session.ask("span.last_test", number=show.number(arguments[0]))["test"]
    if told is None:
        return Output(told, [session.say("span.tested.never")])
    zone = ZoneInfo(session.ask("status")["box"]["timezone"])
    drawn = _found(session, told)
    ordered = printable(f"{show.moment(told['begun_s'], zone)} {told['by']}".rstrip())
    return drawn._replace(head=[ordered, *drawn.head])


def _found(session: Any, found: dict[str, Any]) -> Output:
    language = session.say.language
    rows = [
        (
            one["slot"], heard_word(one["heard"], language), one["bits"], one["errors"], one["errored_s"], one["slips"],
            one["losses"],
        )
        for one in found["channels"]
    ]  # fmt: skip
    heads = [session.say(f"head.{key}") for key in ("channel", "heard", "bits", "errors", "errored", "slips", "losses")]
    head, body = table(heads, rows, session.columns)
    told = f"{state_words(found, language)}: {verdict_words(found, language)}"
    return Output(found, [*body, *wrapped(printable(told), session.columns)], head)

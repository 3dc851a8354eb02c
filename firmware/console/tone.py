"""`learn`: a line's own busy tone, learnt by a test call."""

from collections.abc import Callable
from typing import Any

from firmware.console import show
from firmware.console.output import Output
from firmware.health import tone_words


def learn(session: Any, arguments: list[str]) -> Output:
    """Begin, by waiting for a call."""
    begun = session.ask("line.learn", number=show.number(arguments[0]))
    return Output(begun, tone_words.told(begun, session.say.language), [session.say("learn.look")])


def look(session: Any, arguments: list[str]) -> Output:
    """Say how far it is, and what the line has now."""
    found = session.ask("line.show", number=show.number(arguments[0]), limit=1)
    language, attempt, busy_tone = session.say.language, found["learning"], found["line"]["busy_tone"]
    lines = tone_words.told(attempt, language) if attempt else []
    tone = tone_words.tone_words(busy_tone, language) if busy_tone else session.say("learn.none")
    kept = {"busy_tone": busy_tone, "learning": attempt}
    return Output(kept, [*lines, session.say("learn.kept", tone=tone)])


def _done(method: str, key: str) -> Callable[[Any, list[str]], Output]:
    def run(session: Any, arguments: list[str]) -> Output:
        kept = session.ask(method, number=show.number(arguments[0]))
        return Output(kept, [session.say(key)])

    return run


stop = _done("line.stop_learning", "learn.stopped")
accept = _done("line.accept_tone", "learn.accepted")
forget = _done("line.forget_tone", "learn.forgotten")

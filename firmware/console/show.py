"""What the exchange tells, drawn for eighty columns: status, lines, calls, queues, agents, alarms, revisions."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from firmware.console import programs
from firmware.console.output import Output
from firmware.console.table import table, wrapped
from firmware.console.terminal import printable
from firmware.console.words import Say, known
from firmware.details import sentence, subject_words
from firmware.errors import Unavailable
from firmware.health.ban_words import ban_words, turned_do, turned_words
from firmware.health.line_words import verdict_word
from firmware.health.words import alarm_words, severity_word


class Asking(Protocol):
    """What these need of a session: words, width, and the exchange."""

    say: Say
    columns: int
    home: Any

    def ask(self, method: str, **params: Any) -> Any:
        """Return what the exchange answers."""


def status(session: Any, arguments: list[str]) -> Output:
    """Return how the box is; with the exchange dead, what the supervisor knows."""
    table_ = programs.programs(session.home)
    rows = [_program(session, one) for one in table_]
    heads = [session.say(f"head.{key}") for key in ("program", "state", "process", "restarts", "since")]
    head, body = table(heads, rows, session.columns)
    lines = [*head, *body] if table_ else [session.say("status.no_supervisor")]
    if port := programs.port(session.home):
        told = " ".join(str(port.get(key, "")) for key in ("port", "baud", "state", "detail"))
        lines.append(printable(session.say("status.console", port=told.strip())))
    try:
        told = session.ask("status")
    except Unavailable as error:
        return Output({"exchange": None, "programs": table_}, [*lines, session.say("exchange.dead", why=str(error))])
    return Output(told | {"programs": table_}, [*_facts(session, told), *lines])


def _program(session: Asking, row: dict[str, Any]) -> tuple[Any, ...]:
    since = datetime.fromtimestamp(row.get("since_s") or 0.0).astimezone()
    name, now = row["name"], state(session, row.get("state", ""))
    return name, now, row.get("pid"), row.get("restarts"), f"{since:%m-%d %H:%M:%S}"


def _facts(session: Asking, told: dict[str, Any]) -> Iterator[str]:
    say, zone = session.say, ZoneInfo(told["box"]["timezone"])
    up = duration(told["at_s"] - told["started_s"])
    yield printable(f"{told['box']['name']}  busyhour {told['version']}  {say('status.up', time=up)}")
    gateway = told["gateway"]
    yield say("status.gateway") + say(
        "status.absent"
        if not gateway["connected"]
        else "status.connected"
        if gateway["provisioned"]
        else "status.unprovisioned"
    )
    yield say("status.lines") + _counts(session, told["lines"])
    yield say("status.calls") + say("status.of_calls", calls=str(told["calls"]), waiting=str(told["waiting"]))
    yield say("status.agents") + _counts(session, told["agents"])
    yield say("status.telephones") + f"{told['registered']} / {told['extensions']}"
    yield say("status.revision") + str(told["revision"])
    if trial := told.get("trial"):
        until = moment(trial["deadline_s"], zone)
        yield say("status.trial", revision=str(trial["revision"]), back_to=str(trial["back_to"]), until=until)
    yield say("status.alarms") + str(len(told["alarms"]))
    for problem in told["config_problems"]:
        yield printable(f"{problem['path']}: {problem['value']}: {problem['rule']}")


def lines(session: Any, arguments: list[str]) -> Output:
    """Return the analog lines."""
    return draw_lines(session, session.ask("live"))


def draw_lines(session: Asking, live: dict[str, Any]) -> Output:
    """Return the lines of a picture."""
    found = live["lines"]
    zone = ZoneInfo(live["box"]["timezone"])
    rows = [
        (
            one["number"], one["name"], one["did"], state(session, one["state"]),
            verdict_word(one["verdict"], session.say.language),
            moment(one["tested_s"], zone)[5:-3] if one["tested_s"] else "", one["call"],
        )
        for one in found
    ]  # fmt: skip
    return _drawn(session, found, ("line", "name", "did", "state", "verdict", "tested", "call"), rows)


def calls(session: Any, arguments: list[str]) -> Output:
    """Return the calls in progress."""
    return draw_calls(session, session.ask("live"))


def draw_calls(session: Asking, live: dict[str, Any]) -> Output:
    """Return the calls of a picture: how long, whence, where, with whom."""
    rows = [
        (
            duration(live["at_s"] - one["started_s"]), state(session, one["direction"]), one["number"],
            one["caller_name"], one["source"], f"{one['where']} {one['name']}".strip(),
            ", ".join(f"{leg['agent'] or leg['target']} {state(session, leg['state'])}" for leg in one["legs"]),
        )
        for one in live["calls"]
    ]  # fmt: skip
    heads = ("lasts", "direction", "from", "name", "line", "where", "with")
    return _drawn(session, live["calls"], heads, rows, "empty.calls")


def bans(session: Any, arguments: list[str]) -> Output:
    """Return who is kept out, and why telephones do not register."""
    told, zone = session.ask("ban.list"), ZoneInfo(session.ask("status")["box"]["timezone"])
    language = session.say.language
    rows = [(one["subject"], ban_words(one, language), moment(one["until_s"], zone)) for one in told["bans"]]
    drawn = _drawn(session, told, ("kept_out", "why", "until"), rows, "empty.bans")
    turned = [
        line for one in told["turned"]
        for line in wrapped(
            printable(
                f"{moment(one['last_s'], zone)[5:]}  {turned_words(one, language)}: {turned_do(one['why'], language)}"
            ),
            session.columns,
        )
    ]  # fmt: skip
    if not told["edge"]:
        turned.append(session.say("bans.no_edge"))
    if told["more"]:
        turned.append(session.say("bans.more"))
    return Output(told, [*drawn.body, *turned], drawn.head)


def queues(session: Any, arguments: list[str]) -> Output:
    """Return the waiting lists."""
    return draw_queues(session, session.ask("live"))


def draw_queues(session: Asking, live: dict[str, Any]) -> Output:
    """Return the queues of a picture: callers and agents now, and what became of today's callers."""
    rows = [
        (
            one["name"], one["title"], one["waiting"], duration(one["longest_wait_s"]) if one["waiting"] else "",
            one["ready"], one["talking"], one["acw"], one["not_ready"], one["answered_today"], one["abandoned_today"],
        )
        for one in live["queues"]
    ]  # fmt: skip
    heads = ("queue", "title", "waiting", "longest", "ready", "talking", "acw", "not_ready", "answered", "abandoned")
    return _drawn(session, live["queues"], heads, rows)


def agents(session: Any, arguments: list[str]) -> Output:
    """Return the agents."""
    live = session.ask("live")
    rows = [
        (
            one["number"], one["name"], state(session, one["state"]), one["reason"], one["extension"],
            session.say("state.registered" if one["registered"] else "state.absent") if one["extension"] else "",
            duration(live["at_s"] - one["since_s"]) if one["since_s"] else "",
            state(session, one["wish"]) if one["wish"] else "",
        )
        for one in live["agents"]
    ]  # fmt: skip
    heads = ("agent", "name", "state", "reason", "extension", "telephone", "lasts", "wish")
    return _drawn(session, live["agents"], heads, rows)


def alarms(session: Any, arguments: list[str]) -> Output:
    """Return what needs a person now."""
    live = session.ask("live")
    zone = ZoneInfo(live["box"]["timezone"])
    if not live["alarms"]:
        return Output(live["alarms"], head=[session.say("empty.alarms")])
    lines = [line for one in live["alarms"] for line in _alarm(session, one, zone)]
    return Output(live["alarms"], lines)


def _alarm(session: Asking, alarm: dict[str, Any], zone: ZoneInfo) -> Iterator[str]:
    """Yield when an alarm was raised and what is wrong, then what exactly, and what to do about it."""
    language = session.say.language
    words = alarm_words(alarm["name"], language)
    subject = subject_words(alarm["subject"], language)
    head = f"{severity_word(alarm['severity'], language)}: {words.wrong}"
    yield from wrapped(f"{moment(alarm['since_s'], zone)}  {head}{f' ({subject})' if subject else ''}", session.columns)
    for text in (sentence(alarm["code"], alarm["facts"], language, alarm["detail"]), words.remedy):
        yield from wrapped(text, session.columns, "    ")


def history(session: Any, arguments: list[str]) -> Output:
    """Return all revisions of the configuration, or what one of them changed."""
    if arguments:
        found = session.ask("config.differences", revision=number(arguments[0]))
        return Output(found, list(differences(session, found)))
    found = session.ask("config.history")
    rows = [(one["number"], _when(one), one["who"], one["why"] or one["broken"]) for one in found]
    return _drawn(session, found, ("revision", "when", "who", "why"), rows)


def _when(revision: dict[str, Any]) -> str:
    return str(revision["when"][:19].replace("T", " "))


def number(text: str) -> int | str:
    """Return a number as one; anything else as it is, for the exchange to say what would be right."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def differences(session: Asking, found: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Return what changed, in plain words, as the exchange tells it."""
    if not found:
        yield session.say("compare.same")
    for one in found:
        before, after = _value(one["before"]), _value(one["after"])
        if one["before"] is None:
            key = "compare.new"
        elif one["after"] is None:
            key = "compare.gone"
        elif before == after:
            key = "compare.secret"
        else:
            key = "compare.changed"
        yield printable(session.say(key, path=one["path"], before=before, after=after))


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_value(one)}" for key, one in value.items() if one not in ("", [], {}, None))
    if isinstance(value, list):
        return " ".join(_value(one) for one in value) or "-"
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value) or '""'


def state(session: Asking, name: str) -> str:
    """Return a state's name in the session's language; one of a newer exchange as it is."""
    return session.say(f"state.{name}") if known(f"state.{name}") else name


def moment(unix_s: float, zone: ZoneInfo) -> str:
    """Return a Unix time as the box's wall clock shows it."""
    return f"{datetime.fromtimestamp(unix_s, zone):%Y-%m-%d %H:%M:%S}"


def clock() -> str:
    """Return what the machine's clock shows now."""
    return time.strftime("%H:%M:%S")


def duration(seconds: float) -> str:
    """Return a length of time: 12s, 3:05, 2:00:01, 3d 2:00:01."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d {hours}:{minutes:02}:{rest:02}"
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}" if minutes else f"{rest}s"


def _counts(session: Asking, counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {state(session, name)}" for name, count in counts.items()) or session.say("status.none")


def _drawn(
    session: Asking, document: Any, heads: Sequence[str], rows: Sequence[Sequence[Any]], empty: str = "empty.any"
) -> Output:
    if not rows:
        return Output(document, head=[session.say(empty)])
    head, body = table([session.say(f"head.{key}") for key in heads], rows, session.columns)
    return Output(document, body, head)

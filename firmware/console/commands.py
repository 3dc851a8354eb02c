"""The words outside `configure`, and what each does."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from firmware import support
from firmware.console import configure, line, machine, network, programs, reset, show, span, tone, trace
from firmware.console.grammar import Word
from firmware.console.output import Output
from firmware.console.watch import WATCHED, watch
from firmware.console.words import LANGUAGES


def _agents(session: Any, before: list[str], begun: str) -> Iterator[tuple[str, str]]:
    for one in session.glance("agent.list"):
        yield one["number"], f"{one['name']} {show.state(session, one['state'])}".strip()


def _reasons(session: Any, before: list[str], begun: str) -> Iterator[tuple[str, str]]:
    found = session.glance("config.get")
    for name in found["config"]["reasons"].values() if found else ():
        yield name, ""


def _extensions(session: Any, before: list[str], begun: str) -> Iterator[tuple[str, str]]:
    for one in session.glance("extension.list"):
        yield one["number"], one["name"]


def _programs(session: Any, before: list[str], begun: str) -> Iterator[tuple[str, str]]:
    for one in programs.programs(session.home):
        yield one["name"], show.state(session, one.get("state", ""))


def _logs(session: Any, before: list[str], begun: str) -> Iterator[tuple[str, str]]:
    for name in machine.log_names(session.home):
        yield name, ""


def _config(session: Any, arguments: list[str]) -> Output:
    revision = show.number(arguments[0]) if arguments else None
    found = session.ask("config.get", revision=revision)
    return Output(found, configure.flat(found["config"], session.ask("config.outline")))


def _agent(action: str) -> Any:
    def run(session: Any, arguments: list[str]) -> Output:
        more = {"login": "extension", "not_ready": "reason"}
        params = dict(zip(("number", more.get(action, "")), arguments, strict=False))
        agent = session.ask(f"agent.{action}", **params)
        told = session.say("agent.is", number=agent["number"], state=show.state(session, agent["state"]))
        if agent["wish"]:
            told += session.say("agent.wish", state=show.state(session, agent["wish"]))
        return Output(agent, [told])

    return run


def _restart(session: Any, arguments: list[str]) -> Output:
    name = arguments[0]
    if name == "gateway":
        counts = session.glance("status")
        calls = str(counts["calls"]) if counts else "?"
        if calls != "0" and not session.agrees("restart.calls", calls=calls):
            return Output({"restarted": None}, [session.say("restart.left")])
    return Output({"restarted": name}, [session.say("restart.done", answer=programs.restart(session.home, name))])


def _support(session: Any, arguments: list[str]) -> Output:
    now_s = time.time()
    path = Path(arguments[0]) if arguments else session.home / "support" / support.file_name(now_s)
    if not arguments:
        path.parent.mkdir(exist_ok=True)
    size = support.write(path, session.home, session.ask)
    return Output({"path": str(path), "bytes": size}, [session.say("support.made", path=str(path), bytes=str(size))])


def _speak(language: str) -> Any:
    def run(session: Any, arguments: list[str]) -> None:
        session.say.language = language

    return run


def _help(session: Any, arguments: list[str]) -> Output:
    rows = [(word.name, session.say(word.help)) for word in session.roots]
    return Output(dict(rows), [f"  {name:<11}{text}" for name, text in rows] + session.say("help.keys").splitlines())


def _exit(session: Any, arguments: list[str]) -> None:
    session.leave()


REVISION = Word("REVISION", "help.REVISION", run=show.history, values=configure.revisions)


def _act(name: str, key: str, then: tuple[Word, ...] = ()) -> Word:
    number = Word("NUMBER", "help.AGENT", then, _agent(key), _agents)
    return Word(name, f"help.agent.{key}", (number,))


def _interface(run: Any, then: tuple[Word, ...] = ()) -> Word:
    return Word("INTERFACE", "help.INTERFACE", then, run, network.interfaces)


HELP = Word("help", "help.help", run=_help)
ROOTS = (
    Word("agent", "help.agent", (
        _act("login", "login", (Word("EXTENSION", "help.EXTENSION", (), _agent("login"), _extensions),)),
        _act("logout", "logout"),
        _act("not-ready", "not_ready", (Word("REASON", "help.REASON", (), _agent("not_ready"), _reasons),)),
        _act("ready", "ready"),
    )),
    Word("configure", "help.configure", run=configure.begin),
    Word("exit", "help.exit", run=_exit),
    Word("factory-reset", "help.factory", run=reset.factory),
    HELP,
    Word("language", "help.language", tuple(
        Word(one, f"help.language.{one}", run=_speak(one)) for one in sorted(LANGUAGES)
    )),
    Word("learn", "help.learn", tuple(
        Word(name, f"help.learn.{name}", (Word("LINE", "help.LINE", run=run, values=line.numbers),))
        for name, run in (
            ("accept", tone.accept), ("forget", tone.forget), ("line", tone.learn), ("show", tone.look),
            ("stop", tone.stop),
        )
    )),
    Word("line", "help.line", (
        Word("trace", "help.line.trace", (Word("LINE", "help.LINE", run=trace.line, values=line.numbers),)),
    )),
    Word("network", "help.network", (
        Word("delete", "help.network.delete", (_interface(network.delete),)),
        Word("set", "help.network.set", (_interface(None, (
            Word("dhcp", "help.network.dhcp", run=network.dhcp),
            Word("static", "help.network.static", (
                Word("ADDRESS", "help.ADDRESS", (
                    Word("GATEWAY", "help.GATEWAY", (
                        Word("SERVERS", "help.SERVERS", run=network.static, rest=True),
                    ), network.static),
                )),
            )),
        )),)),
        Word("show", "help.network.show", run=network.show),
    )),
    Word("password", "help.password", (
        Word("console", "help.password.console", run=reset.console),
        Word("user", "help.password.user", (Word("NAME", "help.NAME", run=reset.user, values=reset.users),)),
    )),
    Word("restart", "help.restart", (Word("PROGRAM", "help.PROGRAM", run=_restart, values=_programs),)),
    Word("show", "help.show", (
        Word("agents", "help.show.agents", run=show.agents),
        Word("alarms", "help.show.alarms", run=show.alarms),
        Word("bans", "help.show.bans", run=show.bans),
        Word("calls", "help.show.calls", run=show.calls),
        Word("config", "help.show.config", (
            Word("REVISION", "help.REVISION", (), _config, configure.revisions),
        ), _config),
        Word("history", "help.show.history", (REVISION,), show.history),
        Word("interfaces", "help.show.interfaces", run=machine.interfaces),
        Word("lines", "help.show.lines", run=show.lines),
        Word("log", "help.show.log", (
            Word("PROGRAM", "help.PROGRAM", (Word("LINES", "help.LINES", run=machine.log),), machine.log, _logs),
        ), machine.log),
        Word("queues", "help.show.queues", run=show.queues),
        Word("spans", "help.show.spans", run=span.spans),
        Word("status", "help.show.status", run=show.status),
        Word("version", "help.show.version", run=machine.version),
    )),
    Word("span", "help.span", (
        Word("restart", "help.span.restart", (Word("SPAN", "help.SPAN", (
            Word("CHANNEL", "help.CHANNEL", run=span.restart),
        ), values=span.numbers),)),
        Word("tested", "help.span.tested", (Word("SPAN", "help.SPAN", run=span.tested, values=span.numbers),)),
        Word("trace", "help.span.trace", (Word("SPAN", "help.SPAN", run=trace.span, values=span.numbers),)),
    )),
    Word("support", "help.support", (Word("FILE", "help.FILE", run=_support),), _support),
    Word("test", "help.test", (
        Word("line", "help.test.line", (Word("LINE", "help.LINE", run=line.test, values=line.numbers),)),
        Word("span", "help.test.span", (Word("SPAN", "help.SPAN", (
            Word("CHANNEL", "help.test.CHANNEL", run=span.test),
        ), span.test, span.numbers),)),
    )),
    Word("watch", "help.watch", tuple(
        Word(name, f"help.watch.{name}", run=watch(draw)) for name, draw in WATCHED.items()
    )),
)  # fmt: skip

"""`busyhour agent`: the agents, and what they ask for."""

import argparse
from typing import Any

from firmware.command.terminal import Terminal

HEADS = ("number", "name", "state", "reason", "extension", "telephone", "since", "call")


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `agent` and its commands."""
    agent = subparsers.add_parser("agent", help="the agents: list, login, logout, ready, not-ready")
    commands = agent.add_subparsers(dest="agent_command", required=True, metavar="COMMAND")
    listed = commands.add_parser("list", help="what everybody is doing")
    listed.set_defaults(run=_list)
    login = _act(commands, "login", "log an agent in, ready to take calls")
    login.add_argument("--extension", metavar="NUMBER", help="at this telephone (default: the agent's own)")
    _act(commands, "logout", "log an agent out; one who talks, after the call")
    _act(commands, "ready", "let an agent take calls")
    not_ready = _act(commands, "not-ready", "let an agent take no calls; one who talks, after the call")
    not_ready.add_argument("--reason", metavar="NAME", help="one of the configuration's reasons, such as lunch")


def _act(commands: "argparse._SubParsersAction[Any]", name: str, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text)
    parser.add_argument("number", metavar="AGENT", help="the agent's number")
    parser.set_defaults(run=_do)
    return parser


def _list(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    agents = terminal.exchange().call("agent.list")
    return terminal.show(agents, lambda: terminal.table(HEADS, [_row(terminal, agent) for agent in agents]))


def _do(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    wanted = {key: vars(args)[key] for key in ("extension", "reason") if vars(args).get(key) is not None}
    method = f"agent.{args.agent_command.replace('-', '_')}"
    agent = terminal.exchange().call(method, number=args.number, **wanted)
    return terminal.show(agent, lambda: [_sentence(terminal, agent)])


def _sentence(terminal: Terminal, agent: dict[str, Any]) -> str:
    words = [terminal.word("agent"), agent["number"], terminal.word(agent["state"])]
    if agent["reason"]:
        words.append(f"({agent['reason']})")
    if agent["wish"]:
        words.append(f"- {terminal.word(agent['wish'])}: {terminal.word('granted after the call')}")
    return " ".join(words)


def _row(terminal: Terminal, agent: dict[str, Any]) -> tuple[Any, ...]:
    there = agent["extension"] and terminal.word("registered" if agent["registered"] else "absent")
    since = terminal.moment(agent["since_s"]) if agent["since_s"] else ""
    return (
        agent["number"], agent["name"], terminal.word(agent["state"]), agent["reason"], agent["extension"], there,
        since, agent["call"],
    )  # fmt: skip

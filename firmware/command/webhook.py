"""`busyhour webhook`: who outside is told of what happens; `busyhour mail`: alarms by mail."""

import argparse
from collections.abc import Iterator
from typing import Any

from firmware.command.terminal import DONE, FAILED, Terminal, printable

HEADS = ("name", "url", "events", "state", "dead letters")
DEAD = ("number", "time", "kind", "reason")


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `webhook` and `mail` with their commands."""
    webhook = subparsers.add_parser("webhook", help="who outside is told of what happens, by HTTP")
    commands = webhook.add_subparsers(dest="webhook_command", required=True, metavar="COMMAND")
    commands.add_parser("list", help="the receivers, and how it is with each").set_defaults(run=_list)
    add = _named(commands, "add", "tell a receiver of events; prints the secret it verifies by, once", _add)
    add.add_argument("url", metavar="URL")
    add.add_argument("--event", action="append", required=True, metavar="KIND", help="as call.ended; may come again")
    where = "where it may be: the internet, a private network, this machine (default public)"
    add.add_argument("--reach", choices=("public", "lan", "box"), default="public", help=where)
    for name, on in (("on", True), ("off", False)):
        _named(commands, name, f"switch it {name}", _switch).set_defaults(on=on)
    _named(commands, "secret", "make a new secret; the one there is is void at once", _secret)
    _named(commands, "remove", "tell it nothing more", _remove)
    _named(commands, "test", "send it a message now", _test)
    _named(commands, "dead", "what it would not take", _dead)
    again = _named(commands, "redeliver", "try what it would not take again", _redeliver)
    again.add_argument("letters", metavar="NUMBER", type=int, nargs="*", help="dead letters (default all)")
    mail = subparsers.add_parser("mail", help="alarms by mail")
    mails = mail.add_subparsers(dest="mail_command", required=True, metavar="COMMAND")
    mails.add_parser("test", help="send all recipients of the configuration a mail now").set_defaults(run=_mail)


def _named(commands: "argparse._SubParsersAction[Any]", name: str, text: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text)
    parser.add_argument("name", metavar="NAME")
    parser.set_defaults(run=run)
    return parser


def _list(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    found = terminal.exchange().call("webhook.list")
    rows = [(one["name"], one["url"], " ".join(one["events"]), _state(terminal, one), one["dead"]) for one in found]
    return terminal.show(found, lambda: terminal.table(HEADS, rows))


def _state(terminal: Terminal, hook: dict[str, Any]) -> str:
    if not hook["on"]:
        return terminal.word("off")
    if hook["failing"]:
        return str(hook["failing"])
    return terminal.moment(hook["delivered_s"]) if hook["delivered_s"] else ""


def _add(args: argparse.Namespace) -> int:
    return _give(args.terminal, args.terminal.exchange().call(
        "webhook.add", name=args.name, url=args.url, events=args.event, reach=args.reach
    ))  # fmt: skip


def _secret(args: argparse.Namespace) -> int:
    return _give(args.terminal, args.terminal.exchange().call("webhook.secret", name=args.name))


def _give(terminal: Terminal, given: dict[str, Any]) -> int:
    sentence = terminal.word("webhook {name} verifies by {secret}: it is shown now and never again")
    return terminal.show(given, lambda: [sentence.format(name=given["webhook"]["name"], secret=given["secret"])])


def _switch(args: argparse.Namespace) -> int:
    hook = args.terminal.exchange().call("webhook.change", name=args.name, on=args.on)
    return _said(args.terminal, hook, "webhook {name} is on" if args.on else "webhook {name} is off", args.name)


def _remove(args: argparse.Namespace) -> int:
    args.terminal.exchange().call("webhook.remove", name=args.name)
    return _said(args.terminal, {"removed": args.name}, "webhook {name} is removed", args.name)


def _said(terminal: Terminal, document: Any, sentence: str, name: str) -> int:
    return terminal.show(document, lambda: [terminal.word(sentence).format(name=name)])


def _test(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    tested = terminal.exchange().call("webhook.test", name=args.name)
    terminal.show(tested, lambda: [printable(tested["wrong"]) or terminal.word("the receiver has taken it")])
    return DONE if tested["delivered"] else FAILED


def _dead(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    found = terminal.exchange().call("webhook.dead", name=args.name)
    rows = [(one["id"], terminal.moment(one["at_s"]), one["kind"], one["reason"]) for one in found]
    return terminal.show(found, lambda: terminal.table(DEAD, rows))


def _redeliver(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    done = terminal.exchange().call("webhook.redeliver", name=args.name, ids=args.letters)
    sentence = terminal.word("{letters} are tried again")
    return terminal.show(done, lambda: [sentence.format(letters=done["letters"])])


def _mail(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    sent = terminal.exchange().call("mail.test")

    def lines() -> Iterator[str]:
        yield terminal.word("sent to {recipients}").format(recipients=", ".join(sent["recipients"]))

    return terminal.show(sent, lines)

"""`busyhour span`: the digital spans channel by channel, a channel restarted, and the signalling as it goes by.

A channel, or all of them, can be tested against a loop.
"""

import argparse
from collections.abc import Iterable, Iterator
from typing import Any

from firmware.command import trace
from firmware.command.terminal import DONE, FAILED, Terminal, printable
from firmware.control.bittest import followed
from firmware.health.bit_words import heard_word, ratio_words, state_words, verdict_words
from firmware.health.span_words import counted, slot_word, state_word, wrong_words

HEADS = ("span", "name", "state", "channels", "slips", "board", "why")
SLOTS = ("channel", "state", "group", "call")
TEST = ("channel", "comes back", "bits", "errors", "ratio", "errored s", "slips", "losses")


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `span` and its commands."""
    span = subparsers.add_parser("span", help="the digital spans (E1): list, status, restart, trace, test")
    commands = span.add_subparsers(dest="span_command", required=True, metavar="COMMAND")
    commands.add_parser("list", help="all spans, and how many of their channels are in use").set_defaults(run=_list)
    _one(commands, "status", "one span, channel by channel, and its last loopback test", _status)
    restart = _one(commands, "restart", "make a channel idle on both sides: a call on it ends", _restart)
    trace.add_parser(commands, "span", "the messages of its signalling, as they go by; Ctrl-C ends it")
    test = _one(commands, "test", "send a pattern to a loop and count what comes back wrong; Ctrl-C ends it", _test)
    test.add_argument("--channel", type=int, default=0, metavar="CHANNEL", help="1 to 31; all, unless it is given")
    test.add_argument("--seconds", type=int, default=10, metavar="S", help="for so long (10)")
    test.add_argument("--local", action="store_true", help="the card loops the span back by itself: no plug is needed")
    restart.add_argument("slot", metavar="CHANNEL", type=int, help="1 to 31")


def _one(commands: Any, name: str, text: str, run: Any) -> argparse.ArgumentParser:
    one: argparse.ArgumentParser = commands.add_parser(name, help=text)
    one.add_argument("number", metavar="N", type=int, help="which span")
    one.set_defaults(run=run)
    return one


def _list(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    spans = terminal.exchange().call("span.list")
    return terminal.show(spans, lambda: _table(terminal, spans))


def _table(terminal: Terminal, spans: list[dict[str, Any]]) -> Iterable[str]:
    if not spans:
        return [terminal.word("no span is there, and none is configured")]
    language = terminal.language
    rows = [
        (
            span["number"], span["name"], state_word(span["state"], language), counted(span, language),
            span["slips_day"], span["device"], wrong_words(span, language),
        )
        for span in spans
    ]  # fmt: skip
    return terminal.table(HEADS, rows)


def _status(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    exchange = terminal.exchange()
    spans = [span for span in exchange.call("span.list") if span["number"] == args.number]
    if not spans:
        terminal.complain(terminal.word("there is no span {number}").format(number=args.number))
        return FAILED
    test = exchange.call("span.last_test", number=args.number)["test"]
    return terminal.show(spans[0] | {"last_test": test}, lambda: _shown(terminal, spans[0], test))


def _shown(terminal: Terminal, span: dict[str, Any], test: dict[str, Any] | None) -> Iterator[str]:
    yield from _table(terminal, [span])
    rows = [
        (slot["slot"], slot_word(slot["state"], terminal.language), slot["group"], slot["call"])
        for slot in span["slots"]
    ]
    yield from terminal.table(SLOTS, rows)
    if test is not None:
        ordered = f"{terminal.moment(test['begun_s'])} {printable(test['by'])}"
        yield f"{terminal.word('last loopback test')} {ordered}".rstrip()
        yield from _tested(terminal, test)


def _restart(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    done = terminal.exchange().call("span.restart", number=args.number, slot=args.slot)
    told = (
        "channel {slot} of span {number} is idle on both sides"
        if done["answered"]
        else "channel {slot} of span {number} is idle here; the far end did not answer"
    )
    terminal.show(done, lambda: [terminal.word(told).format(**done)])
    return DONE if done["answered"] else FAILED


def _test(args: argparse.Namespace) -> int:
    """Test it; whatever is not a loop without errors is a failure."""
    terminal: Terminal = args.terminal
    exchange = terminal.exchange()
    test = exchange.call("span.test", number=args.number, slot=args.channel, seconds=args.seconds, local=args.local)
    if not terminal.json:
        terminal.print(terminal.word("testing for {seconds} s; Ctrl-C ends it").format(**test))
    test = followed(test, exchange.call)
    terminal.show(test, lambda: _tested(terminal, test))
    return DONE if test["state"] == "done" and test["verdict"] == "clean" else FAILED


def _tested(terminal: Terminal, test: dict[str, Any]) -> Iterator[str]:
    language = terminal.language
    rows = [
        (
            one["slot"], heard_word(one["heard"], language), one["bits"], one["errors"],
            ratio_words(one["errors"] / one["bits"]) if one["bits"] else "", one["errored_s"], one["slips"],
            one["losses"],
        )
        for one in test["channels"]
    ]  # fmt: skip
    yield from terminal.table(TEST, rows)
    yield f"{state_words(test, language)}: {verdict_words(test, language)}"

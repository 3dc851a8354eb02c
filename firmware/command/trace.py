"""`busyhour span trace` and `line trace`: what passes there, signal by signal, as it goes by."""

import argparse
import json
import time
from typing import Any

from firmware.command.terminal import DONE, Terminal, printable
from firmware.health.trace_words import facts_words, signal_word

EVERY_S = 1.0


def add_parser(commands: Any, noun: str, text: str) -> None:
    """Add `trace` to the commands of a noun, `span` or `line`."""
    trace: argparse.ArgumentParser = commands.add_parser("trace", help=text)
    trace.add_argument("number", metavar="N", type=int, help=f"which {noun}")
    trace.add_argument("--once", action="store_true", help="only those there were")
    trace.set_defaults(run=lambda args: _follow(args, noun))


def _follow(args: argparse.Namespace, noun: str) -> int:
    terminal: Terminal = args.terminal
    last, width = 0, 7 if noun == "span" else 0  # of which call it is
    while True:
        told = terminal.exchange().call(f"{noun}.trace", number=args.number, after=last)
        for signal in told["messages"]:
            terminal.print(json.dumps(signal) if terminal.json else _line(terminal, signal, width))
        last = told["last"]
        if args.once:
            return DONE
        time.sleep(EVERY_S)


def _line(terminal: Terminal, signal: dict[str, Any], width: int) -> str:
    way = "->" if signal["sent"] else "<-"
    call = f"[{signal['reference']}]" if signal["reference"] >= 0 else ""
    second, ms = divmod(int(signal["at_s"] * 1000), 1000)
    told = f"{call:{width}}{signal_word(signal, terminal.language)}  {facts_words(signal, terminal.language)}"
    return printable(f"{terminal.moment(second)}.{ms:03}  {way}  {told}".rstrip())

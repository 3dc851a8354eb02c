"""`busyhour line learn` and `forget`: a line's own busy tone, learnt by one test call."""

import argparse
import time
from typing import Any

from firmware.command.terminal import DONE, FAILED, Terminal
from firmware.health import tone_words

LOOK_S = 0.5


def add_parsers(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add both to the commands of `line`."""
    learn = commands.add_parser("learn", help="learn by a test call what the line sounds like once somebody hung up")
    learn.add_argument("number", metavar="N", type=int, help="which line")
    learn.add_argument("--dial", default="", metavar="NUMBER", help="call this number instead of waiting for a call")
    learn.add_argument("--accept", action="store_true", help="take what was learnt into the configuration, unasked")
    learn.set_defaults(run=_learn)
    forget = commands.add_parser("forget", help="let the line hang up by the country's tones alone again")
    forget.add_argument("number", metavar="N", type=int, help="which line")
    forget.set_defaults(run=_forget)


def _learn(args: argparse.Namespace) -> int:
    """Follow the attempt to its end; Ctrl-C ends it. Asks before the tone comes into force, unless told."""
    terminal: Terminal = args.terminal
    exchange = terminal.exchange()
    attempt = exchange.call("line.learn", number=args.number, dial=args.dial)
    shown = ""
    try:
        while attempt["state"] in ("waiting", "calling", "listening"):
            (now,) = tone_words.told(attempt | {"levels": []}, terminal.language)[:1]
            if now != shown and not terminal.json:
                terminal.print(now)
            shown = now
            time.sleep(LOOK_S)
            attempt = exchange.call("line.show", number=args.number, limit=1)["learning"]
    except KeyboardInterrupt:
        exchange.call("line.stop_learning", number=args.number)
        raise
    terminal.show(attempt, lambda: tone_words.told(attempt, terminal.language))
    if attempt["state"] != "learnt":
        return FAILED
    if args.accept or (not terminal.json and _agreed(terminal)):
        exchange.call("line.accept_tone", number=args.number)
        if not terminal.json:
            terminal.print(terminal.word("accepted: in force from the next call on"))
    return DONE


def _agreed(terminal: Terminal) -> bool:
    try:
        return input(terminal.word("accept it?") + " [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _forget(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    kept = terminal.exchange().call("line.forget_tone", number=args.number)
    return terminal.show(kept, lambda: [terminal.word("forgotten")])

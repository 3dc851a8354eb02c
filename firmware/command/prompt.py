"""`busyhour prompt`: what the box says, and prompts of one's own."""

import argparse
from pathlib import Path
from typing import Any

from firmware.command.job import ended
from firmware.command.terminal import Terminal
from firmware.errors import BusyhourError
from firmware.prompts import spool

HEADS = ("prompt", "lasts", "used in", "words")
UNDER_WAY = ("ringing", "recording", "making")


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `prompt` and its commands."""
    prompt = subparsers.add_parser("prompt", help="what the box says: list, upload, speak, record, play, remove")
    commands = prompt.add_subparsers(dest="prompt_command", required=True, metavar="COMMAND")
    listed = commands.add_parser("list", help="own prompts, and those of the factory; where each is used")
    listed.add_argument("--own", action="store_true", help="own prompts alone")
    listed.set_defaults(run=_list)
    upload = _kept(commands, "upload", "make a prompt of a sound file (WAV, MP3, M4A, OGG, FLAC, AMR)", _upload)
    upload.add_argument("file", metavar="FILE")
    upload.add_argument("--music", action="store_true", help="music to wait by: quieter than speech")
    speak = _kept(commands, "speak", "make a prompt of words, in the box's own voice", _speak)
    speak.add_argument("text", metavar="TEXT")
    speak.add_argument("--language", choices=("zh", "en"), required=True)
    record = _kept(commands, "record", "ring a telephone, and make a prompt of what is spoken there", _record)
    record.add_argument("--at", metavar="EXTENSION", required=True, help="the telephone's extension")
    play = commands.add_parser("play", help="ring a telephone and play a prompt there")
    play.add_argument("name", metavar="PROMPT", help="as in the list: file:NAME.wav, zh/welcome, music")
    play.add_argument("--at", metavar="EXTENSION", required=True, help="the telephone's extension")
    play.set_defaults(run=_play)
    remove = commands.add_parser("remove", help="remove an own prompt that nothing uses")
    remove.add_argument("name", metavar="NAME", help="its name, or file:NAME.wav")
    remove.set_defaults(run=_remove)


def _kept(commands: "argparse._SubParsersAction[Any]", name: str, text: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text)
    parser.add_argument("name", metavar="NAME", help="letters, digits, - and _; file:NAME.wav in the configuration")
    parser.add_argument("--replace", action="store_true", help="in place of the prompt of that name")
    parser.set_defaults(run=run)
    return parser


def _list(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    found = [one for one in terminal.exchange().call("prompt.list") if not args.own or one["kind"] == "own"]
    rows = [
        (one["name"], f"{one['duration_s']:.1f} s", ", ".join(one["used"]), one["wrong"] or one["words"])
        for one in found
    ]
    return terminal.show(found, lambda: terminal.table(HEADS, rows) if rows else [])


def _upload(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    with Path(args.file).open("rb") as file:
        ticket = spool.leave(file.read)
    return _keep(args, terminal.exchange().call("prompt.upload", ticket=ticket, music=args.music))


def _speak(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    return _keep(args, terminal.exchange().call("prompt.speak", text=args.text, language=args.language))


def _record(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    return _keep(args, terminal.exchange().call("prompt.record", extension=args.at))


def _keep(args: argparse.Namespace, draft: dict[str, Any]) -> int:
    """Wait for the draft and keep it under the name given with it; nothing is left of it if that cannot be."""
    terminal: Terminal = args.terminal
    exchange = terminal.exchange()

    def told(state: str) -> None:
        if state != "making" and not terminal.json:
            terminal.print(terminal.word(f"telephone {{number}}: {state}").format(number=args.at))

    ended(draft, lambda: exchange.call("prompt.draft", draft=draft["id"]), under_way=UNDER_WAY, told=told)
    try:
        kept = exchange.call("prompt.keep", draft=draft["id"], name=args.name, replace=args.replace)
    except BusyhourError:
        exchange.call("prompt.discard", draft=draft["id"])
        raise
    sentence = terminal.word("{name} lasts {duration_s:.1f} s")
    return terminal.show(kept, lambda: [sentence.format(name=kept["name"], duration_s=kept["duration_s"])])


def _play(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    found = terminal.exchange().call("prompt.play", extension=args.at, name=args.name)
    return terminal.show(found, lambda: [terminal.word("telephone {number}: ringing").format(number=args.at)])


def _remove(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    name = args.name.removeprefix("file:").removesuffix(".wav")
    terminal.exchange().call("prompt.remove", name=name)
    return terminal.show({"removed": name}, lambda: [terminal.word("prompt {name} is removed").format(name=name)])

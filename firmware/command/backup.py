"""`busyhour backup`, `verify`, `restore`: the box in one encrypted file, and back; also with the exchange dead."""

import argparse
import getpass
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from firmware import errors
from firmware.command.job import ended
from firmware.command.terminal import Terminal
from firmware.control.client import refusal
from firmware.control.version import version
from firmware.errors import BusyhourError, Refused, Unavailable

HEADS = ("made", "box", "revision", "calls", "users", "recordings", "release")


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add the three commands."""
    backup = subparsers.add_parser(
        "backup", help="save the box into one encrypted file; the passphrase is asked for, or read from standard input"
    )
    where = backup.add_mutually_exclusive_group()
    where.add_argument("file", nargs="?", default="", metavar="FILE", help="a new file")
    where.add_argument("--to", default="", metavar="FOLDER", help="a folder: the file gets a name of its own")
    backup.add_argument("--recordings", action="store_true", help="with all recordings")
    backup.set_defaults(run=_backup)
    verify = subparsers.add_parser("verify", help="check all of a backup, changing nothing")
    verify.add_argument("file", metavar="FILE")
    verify.set_defaults(run=_verify)
    restore = subparsers.add_parser("restore", help="put a backup into this box; calls end, the exchange starts anew")
    restore.add_argument("file", metavar="FILE")
    restore.add_argument(
        "--replace", action="store_true", help="also on a box that has been used: what is there is put aside"
    )
    restore.set_defaults(run=_restore)


def _backup(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    to = args.to or args.file
    path = str(Path(to).resolve()) if to else ""
    if args.to and not Path(path).is_dir():
        raise Refused(f"{args.to} is no folder; is the disk mounted?")
    secret = _passphrase("passphrase (nothing: that of the configuration): ", again=True)

    def asked() -> dict[str, Any]:
        return _job(terminal, "backup.make", to=path, passphrase=secret, recordings=args.recordings)

    def alone() -> dict[str, Any]:
        if len(secret) < 8:
            raise Refused("a passphrase of 8 characters or more is right, while the exchange does not run")
        return _work(terminal, "make", path or str(terminal.home / "backups"), secret, recordings=args.recordings)

    done = _either(terminal, asked, alone)
    return terminal.show(done, lambda: [done["file"], *_table(terminal, done["about"])])


def _verify(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    secret = _passphrase("passphrase (nothing: that of the configuration): ")
    path = str(Path(args.file).resolve())
    done = _either(
        terminal,
        lambda: _job(terminal, "backup.verify", file=path, passphrase=secret),
        lambda: _work(terminal, "verify", path, secret),
    )
    said = terminal.word("this backup is whole")
    return terminal.show(done, lambda: [said, *_table(terminal, done["about"])])


def _restore(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    secret = _passphrase("passphrase: ")
    path = str(Path(args.file).resolve())

    def asked() -> dict[str, Any]:
        overview = terminal.exchange().call("backup.list")
        if overview["used"] and not args.replace:
            raise errors.HomeUsed(f"this box has been used: {overview['used']}; --replace puts that aside")
        done = _job(terminal, "backup.stage", file=path, passphrase=secret)
        terminal.exchange().call("backup.restore", replace=args.replace)
        return done

    done = _either(terminal, asked, lambda: _work(terminal, "restore", path, secret, replace=args.replace))
    said = terminal.word("the box is now what it was when this was made")
    aside = done.get("aside", "")
    kept = [f"{terminal.word('what was there before is kept in')} {terminal.home / aside}"] if aside else []
    return terminal.show(done, lambda: [said, *kept, *_table(terminal, done["about"])])


def _either(
    terminal: Terminal, asked: Callable[[], dict[str, Any]], alone: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Ask the exchange, or do it here where none runs."""
    try:
        terminal.exchange()
    except Unavailable:
        return alone()
    return asked()


def _job(terminal: Terminal, method: str, **params: Any) -> dict[str, Any]:
    """Have the exchange do it, and wait for its end. Raises what it was refused for."""
    begun = terminal.exchange().call(method, **params)

    def now() -> dict[str, Any]:
        job: dict[str, Any] = terminal.exchange().call("backup.list")["job"]
        if job["started_s"] != begun["started_s"]:
            raise Refused("another backup was begun meanwhile")
        return job

    done = ended(begun, now)
    return {"file": done["file"], "about": done["about"]}


def _work(terminal: Terminal, act: str, file: str, secret: str, **how: Any) -> dict[str, Any]:
    """Do it here, by the program that the exchange would have."""
    if act == "make":
        (terminal.home / "backups").mkdir(mode=0o700, parents=True, exist_ok=True)
    order = {"act": act, "home": str(terminal.home), "file": file, "passphrase": secret, "release": version(), **how}
    done = subprocess.run(
        [sys.executable, "-m", "firmware.backup"], input=msgspec.json.encode(order) + b"\n", stdout=subprocess.PIPE,
        check=False,
    )
    lines = done.stdout.splitlines()
    last: dict[str, Any] = msgspec.json.decode(lines[-1]) if lines else {}
    if "error" in last:
        raise refusal(**last["error"])
    if "result" not in last:
        raise BusyhourError(f"the program that makes backups ended with {done.returncode}")
    result: dict[str, Any] = last["result"]
    return result


def _passphrase(prompt: str, *, again: bool = False) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    chosen = getpass.getpass(prompt)
    if again and chosen and getpass.getpass("again: ") != chosen:
        raise Refused("these two are not the same")
    return chosen


def _table(terminal: Terminal, about: dict[str, Any]) -> list[str]:
    word = terminal.word("yes" if about["recordings"] else "no")
    row = (about["made"], about["box"], about["revision"], about["calls"], about["users"], word, about["release"])
    return terminal.table(HEADS, [row])



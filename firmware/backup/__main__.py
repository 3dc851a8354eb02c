"""`python -m firmware.backup`: one piece of work on backups, in a process of its own that takes what others leave.

It reads one line of JSON (what to do, with the passphrase, which is on no command line) and writes lines of JSON: how
many bytes are done, and at the end the result or the error. Encryption and checksums would hold up the exchange.
"""

import contextlib
import os
import sys
import time
from pathlib import Path
from typing import Any, Literal

import msgspec

from firmware.backup import restore, work
from firmware.backup.contents import About
from firmware.errors import BusyhourError

TELL_S = 0.5
NICE = 15


class Order(msgspec.Struct, forbid_unknown_fields=True):
    """What to do: a backup `to` a file or folder, or with a `file`: verify it, unpack it, restore it."""

    act: Literal["make", "verify", "stage", "restore"]
    home: str
    passphrase: str
    file: str
    release: str = ""
    recordings: bool = False
    replace: bool = False
    folder: bool = False


class Done(msgspec.Struct):
    """What came of it: the file, what is in it, and where what was there before is kept."""

    file: str
    about: About
    aside: str = ""


class Teller:
    """Tells how far it is, not too often."""

    def __init__(self) -> None:
        self._bytes, self._told_s = 0, 0.0

    def __call__(self, count: int) -> None:
        """Count what is done."""
        self._bytes += count
        if time.monotonic() - self._told_s > TELL_S:
            self._told_s = time.monotonic()
            say({"done_bytes": self._bytes})


def say(what: Any) -> None:
    """Write a line; with nobody left who reads it, go on."""
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.buffer.write(msgspec.json.encode(what) + b"\n")
        sys.stdout.buffer.flush()


def carry_out(order: Order) -> Done:
    """Do what was ordered; raises what the work raises."""
    home, file, tell = Path(order.home), Path(order.file), Teller()
    match order.act:
        case "make":
            made, about = work.make(
                home, file, order.passphrase, release=order.release, recordings=order.recordings,
                folder=order.folder, progress=tell,
            )
            return Done(str(made), about)
        case "verify":
            return Done(str(file), work.verify(home, file, order.passphrase, tell))
        case "stage":
            return Done(str(file), work.stage(home, file, order.passphrase, progress=tell))
        case "restore":
            about, aside = restore.restore(home, file, order.passphrase, replace=order.replace, progress=tell)
            return Done(str(file), about, aside)


def main() -> int:
    """Return 0 when it is done, 1 when it was refused."""
    os.umask(0o077)
    os.nice(NICE)
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    try:
        say({"result": carry_out(order)})
    except BusyhourError as error:
        say({"error": {"code": error.code, "text": str(error), "facts": error.facts}})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""One piece of work on backups, as the exchange sees it: a program of its own, followed until it ends."""

import asyncio
import contextlib
import sys
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from firmware.backup.contents import About
from firmware.errors import (
    BusyhourError,
    Damaged,
    Exists,
    NewerFormat,
    NoStorage,
    NotABackup,
    NotFound,
    TooSlow,
    WrongPassphrase,
)

KINDS = {
    kind.code: kind
    for kind in (WrongPassphrase, TooSlow, NotABackup, Damaged, NewerFormat, NotFound, Exists, NoStorage)
}
LINE_BYTES = 1 << 20
COMMAND = (sys.executable, "-m", "firmware.backup")


class Job(msgspec.Struct):
    """What is being done, or was done last. `state` is running, done or failed.

    `code`, `error` and `facts` say why it failed. `by` is who asked, "schedule" for the box itself; times are Unix
    seconds.
    """

    act: Literal["make", "verify", "stage"]
    by: str
    file: str
    started_s: float
    state: Literal["running", "done", "failed"] = "running"
    ended_s: float = 0.0
    done_bytes: int = 0
    code: str = ""
    error: str = ""
    facts: dict[str, Any] = {}
    about: About | None = None


class Told(msgspec.Struct):
    """A line of the program."""

    done_bytes: int = 0
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


async def run(order: dict[str, Any], progress: Callable[[int], None]) -> tuple[str, About]:
    """Have the program carry out an order; return the file and what is in it. Raises what the work was refused for.

    Whoever cancels this ends the program.
    """
    process = await asyncio.create_subprocess_exec(
        *COMMAND, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LINE_BYTES
    )
    assert process.stdin is not None  # noqa: S101 - they are pipes
    assert process.stdout is not None  # noqa: S101
    try:
        process.stdin.write(msgspec.json.encode(order) + b"\n")
        process.stdin.close()
        last = Told()
        async for line in process.stdout:
            last = msgspec.json.decode(line, type=Told)
            progress(last.done_bytes)
        await process.wait()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
    if last.error is not None:
        kind = KINDS.get(last.error["code"], BusyhourError)
        error = kind(last.error["text"], **last.error["facts"])
        error.code = last.error["code"]
        raise error
    if last.result is None:
        raise BusyhourError(f"the program that makes backups ended with {process.returncode}; its log says why")
    return last.result["file"], msgspec.convert(last.result["about"], About)

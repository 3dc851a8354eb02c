"""Has prompts made by a program of its own, one at a time, and ends it when it takes too long."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Protocol

import msgspec

from firmware.errors import BadSound, NoStorage, Refused, Unavailable
from firmware.prompts.jobs import Job, Made

WORK_S = 60.0  # the longest that one may take
WAITING = 8  # jobs that may wait for their turn
ANSWER_BYTES = 64 * 1024
ROOT = Path(__file__).resolve().parents[2]


class Failed(msgspec.Struct, frozen=True):
    """Why no prompt was made."""

    code: str
    text: str
    facts: dict[str, float | str] = {}


class Workshop(Protocol):
    """What makes a prompt out of a job; the real one, and one of simulation."""

    async def make(self, job: Job) -> Made:
        """Return when the job's target is written. Raises BadSound, Unavailable, Refused; nothing is written then."""


class Makers:
    """The real workshop: a process for every job, niced, so that no call hears of it."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()
        self._waiting = 0

    async def make(self, job: Job) -> Made:
        """Have a job done, when it is its turn."""
        if self._waiting >= WAITING:
            raise Refused(f"{WAITING} other prompts are being made; try again in a moment")
        self._waiting += 1
        try:
            async with self._one_at_a_time:
                return await _made(job)
        finally:
            self._waiting -= 1


async def _made(job: Job) -> Made:
    process = await asyncio.create_subprocess_exec(
        "nice", "-n", "10", sys.executable, "-m", "firmware.prompts.maker",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        start_new_session=True, cwd=ROOT,
        env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1",
             "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    try:
        answer, complaint = await asyncio.wait_for(process.communicate(msgspec.json.encode(job)), WORK_S)
    except TimeoutError:
        raise BadSound(f"it took more than {WORK_S:g} s to read this sound", "sound-slow") from None
    finally:
        if process.returncode != 0:
            _end(process.pid)
            await process.wait()
    if process.returncode or len(answer) > ANSWER_BYTES:
        # Beyond its time, memory or disk; what a person can do about it is the same
        said = complaint.decode(errors="replace").strip().rpartition("\n")[2][:200]
        raise BadSound(f"this sound takes too much to read ({said or process.returncode})", "sound-slow")
    told = msgspec.json.decode(answer)
    if "code" in told:
        failed = msgspec.convert(told, Failed)
        for kind in (Unavailable, NoStorage):
            if failed.code == kind.code:
                raise kind(failed.text)
        raise BadSound(failed.text, failed.code, **failed.facts)
    return msgspec.convert(told, Made)


def _end(process_group: int) -> None:
    """Leave nothing of a maker running, whatever it started."""
    try:
        os.killpg(process_group, signal.SIGKILL)
    except ProcessLookupError:
        return

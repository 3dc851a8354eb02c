"""One program of the box: started, watched, started again, ended."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

from firmware.supervisor.setting import EX_CONFIG, Setting

ROOT = Path(__file__).resolve().parents[2]
BACK_OFF_S = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)  # before each start in a row, then always the last
HEALTHY_S = 60.0  # who ran so long begins with the first of these again
LOG_BYTES = 4 * 1024 * 1024
LOGS_KEPT = 3


class State(StrEnum):
    """Where a program is."""

    STARTING = "starting"
    UP = "up"
    ENDING = "ending"  # told to, to be started again
    DOWN = "down"
    RESTING = "resting"  # there is nothing for it to do
    FAILED = "failed"  # it cannot work as things are, and a person must change them


@dataclass(frozen=True)
class Plan:
    """A program as data. `answers` tells whether it does its work; it is asked while the program starts."""

    name: str
    command: Sequence[str]
    answers: Callable[[Setting], bool]
    stop_s: float = 5.0  # so long it may take to end by itself
    # It is started again when this changes; None: that cannot be told just now
    tied_to: Callable[[Setting], Hashable | None] | None = None
    again_s: float = 60.0  # so long it rests when it cannot work as things are: somebody may mend them
    needed: bool = True  # the box is not ready without it
    wanted: Callable[[Setting], bool] = lambda setting: True  # asked before each start
    clears_up: bool = False  # at its end, by what it was tied to: where that has changed, it must not come to it


class Program:
    """A plan carried out."""

    def __init__(self, plan: Plan, setting: Setting) -> None:
        self.plan, self._setting = plan, setting
        self.state = State.DOWN
        self.restarts = -1
        self.since_s = 0.0
        self.died_s = 0.0  # when it ended last without having been told to
        self.ended = ""  # how it ended last
        self.status: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._in_a_row = 0
        self._next_start = 0.0
        self._end_by = 0.0
        self._log = setting.home / "log" / f"{plan.name}.log"
        self._tied = plan.tied_to(setting) if plan.tied_to else None

    @property
    def pid(self) -> int | None:
        """Return its process id, None when it does not run."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it, as the leader of a session of its own that ends when we are killed; or let it rest."""
        if not self.plan.wanted(self._setting):
            self.state = State.RESTING
            return
        self._tied = self.plan.tied_to(self._setting) if self.plan.tied_to else None
        words = list(self.plan.command)
        if shutil.which("setpriv"):
            words = ["setpriv", "--pdeathsig", "TERM", *words]
        self.state, self.since_s, self._started = State.STARTING, time.time(), time.monotonic()
        self.restarts += 1
        with contextlib.ExitStack() as stack:
            try:
                log: IO[bytes] | int = stack.enter_context(self._log.open("ab"))
            except OSError:  # a disk that went bad; calls must go on without a log
                log = subprocess.DEVNULL
            try:
                self._process = subprocess.Popen(
                    words, cwd=ROOT, env=self._setting.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True,
                )
            except OSError as error:  # no memory, no process left
                self.status, self.ended = None, f"cannot be started: {error}"
                self._set_back()

    def look(self) -> bool:
        """See what became of it: note its end, its answering, its time to start; return whether anything changed."""
        if self._process is None:
            if time.monotonic() < self._next_start:
                return False
            was = self.state
            self.start()
            return (was, self.state) != (State.RESTING, State.RESTING)
        status = self._process.poll()
        if status is not None:
            self._note_end(status)
            return True
        if self.state is State.STARTING and self.plan.answers(self._setting):
            self.state = State.UP
            return True
        if self.state is State.ENDING and time.monotonic() > self._end_by:
            self._kill_group()
        return False

    def restart(self, *, by_force: bool = False) -> None:
        """Let it end, by force at once or if it does not in its time, and start again without delay."""
        self._in_a_row = 0
        if self._process is None:
            self._next_start = 0.0
            return
        if by_force:
            self._kill_group()
        else:
            self._process.terminate()
        if self.state is not State.ENDING:
            self.state, self._end_by = State.ENDING, time.monotonic() + self.plan.stop_s

    def _note_end(self, status: int) -> None:
        """Clear away what it left, and set the time of its next start."""
        self.status = status
        self.ended = f"killed by signal {-status}" if status < 0 else f"ended with {status}"
        if self.state is not State.ENDING:
            self.died_s = time.time()
        self._kill_group()
        self._set_back()

    def _set_back(self) -> None:
        """Be down, for the longer the more often in a row; for long if starting again would not help."""
        self._in_a_row = 1 if time.monotonic() - self._started > HEALTHY_S else self._in_a_row + 1
        rest_s = BACK_OFF_S[min(self._in_a_row, len(BACK_OFF_S)) - 1]
        self._process, self.state, self.since_s = None, State.DOWN, time.time()
        if self.status == EX_CONFIG:
            rest_s, self.state = self.plan.again_s, State.FAILED
        self._next_start = time.monotonic() + rest_s

    def _kill_group(self) -> None:
        """Kill all of its session: Kamailio's other processes survive their first one and hold its port."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def follow(self) -> bool:
        """Ask it to end, to be started again, when what it is tied to has changed; return whether it was."""
        if self.plan.tied_to is None or self._process is None:
            return False
        tied = self.plan.tied_to(self._setting)
        if tied is None or tied == self._tied:
            return False
        self._tied = tied
        self.restart(by_force=self.plan.clears_up)
        return True

    def stop(self) -> None:
        """End it, by force if it does not in its time."""
        if self._process is None:
            return
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(self.plan.stop_s)
        self._kill_group()
        self._process.wait()
        self._process, self.state = None, State.DOWN

    def last_words(self) -> str:
        """Return the last line of its log."""
        with contextlib.suppress(OSError), self._log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 4096))
            lines = log.read().decode("utf-8", "replace").strip().splitlines()
            return lines[-1] if lines else ""
        return ""

    def bound_log(self) -> None:
        """Keep its log below LOG_BYTES: older parts become .1 to .3. The program writes on into the same file."""
        with contextlib.suppress(OSError):
            if self._log.stat().st_size < LOG_BYTES:
                return
            for number in range(LOGS_KEPT, 1, -1):
                with contextlib.suppress(FileNotFoundError):
                    self._log.with_suffix(f".log.{number - 1}").rename(self._log.with_suffix(f".log.{number}"))
            shutil.copyfile(self._log, self._log.with_suffix(".log.1"))
            os.truncate(self._log, 0)


def python(*words: str) -> Sequence[str]:
    """Return the command that runs a module of ours."""
    return (sys.executable, "-m", *words)

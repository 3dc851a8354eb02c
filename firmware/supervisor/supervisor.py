"""Starts all programs of a box, keeps them running, ends them: what `./build.sh run` runs."""

import contextlib
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from firmware.supervisor import factory
from firmware.supervisor.door import Door
from firmware.supervisor.program import Plan, Program, State
from firmware.supervisor.setting import EX_CONFIG, CannotStart, Setting

LOOK_S = 0.05  # while anything starts; else a child's end wakes us
REST_S = 1.0  # when the clock is set, no telephone is rung until the edge is started again
AT_REST = (State.UP, State.FAILED, State.RESTING)
LEFTOVER_S = 4.0
DEATHS_BEFORE_READY = 3  # then the start has failed
LATE_S = 20.0


class Supervisor:
    """The programs of one box. `run` returns the exit code.

    `welcome` is asked once, when all answers, for a line to print: what belongs to whoever started the box alone.
    """

    def __init__(
        self, setting: Setting, plans: Sequence[Plan], welcome: Callable[[Setting], str] = lambda setting: ""
    ) -> None:
        self._setting, self._welcome = setting, welcome
        self._programs = [Program(plan, setting) for plan in plans]
        self._began = time.monotonic()
        self._ready = False
        self._told_late = False
        self._ending = False
        self._failures: dict[str, str] = {}  # said already, by program
        self._table = setting.home / "run/programs.json"

    def run(self) -> int:
        """Start everything; return 0 when ended by SIGTERM or SIGINT, else why the box could not start."""
        wake, waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._end)
        try:
            if factory.wished(self._setting.home):
                self._erase()  # the power was cut before it was done
            self._start()
            with contextlib.closing(Door(self._setting.home, self._restart, self._reset)) as door:
                while not self._ending:
                    self._look()
                    if factory.wished(self._setting.home):
                        self._erase()
                        self._start()
                    changing = any(program.state not in AT_REST for program in self._programs)
                    select.select([wake, door.fileno()], [], [], LOOK_S if changing else REST_S)
                    door.serve()
                    with contextlib.suppress(BlockingIOError):
                        os.read(wake, 4096)
            return 0
        except CannotStart as error:
            say(str(error))
            return EX_CONFIG
        finally:
            self._stop()
            signal.set_wakeup_fd(-1)

    def _end(self, number: int, frame: object) -> None:
        self._ending = True

    def _restart(self, name: str) -> str:
        """Carry out what somebody asked at the door; return the answer."""
        for program in self._programs:
            if program.plan.name == name:
                program.restart()
                self._write()
                say(f"{name} is restarted, as somebody asked")
                return f"ok: {name} is restarted"
        return f"no: {name!r}: one of {', '.join(program.plan.name for program in self._programs)} is right"

    def _reset(self) -> str:
        """Note that everything is to be erased; return the answer."""
        try:
            factory.wish(self._setting.home)
        except OSError as error:
            return f"no: the disk cannot be written: {error.strerror}"
        return "ok: the box goes back to its factory state"

    def _erase(self) -> None:
        """End all and erase all; what starts then is a new box, whose first sign-in is told again."""
        say("the box goes back to its factory state, as somebody asked")
        self._stop()
        try:
            factory.erase(self._setting.home)
        except OSError as error:
            raise CannotStart(f"{error.filename or self._setting.home} cannot be erased: {error.strerror}") from error
        self._ready, self._told_late, self._began = False, False, time.monotonic()

    def _start(self) -> None:
        for program in reversed(self._programs):
            program.start()
        self._write()

    def _look(self) -> None:
        """See to each program once."""
        changed = False
        for program in self._programs:
            if self._ending:
                return
            ran = program.pid is not None
            changed |= program.look()
            if ran and program.pid is None:
                self._tell_end(program)
            program.bound_log()
            if self._ready and program.follow():
                say(f"{program.plan.name} starts again: what it serves has changed")
        if changed:
            self._write()
        if not self._ready:
            self._tell_ready()

    def _tell_end(self, program: Program) -> None:
        """Say that a program ended; before the box is ready, raise CannotStart when it would only end again."""
        name, failed = program.plan.name, program.state is State.FAILED
        why = f"{name} {program.ended}: {program.last_words() or 'it wrote nothing'}"
        hopeless = failed or program.restarts + 1 >= DEATHS_BEFORE_READY
        if hopeless and program.plan.needed and not self._ready:
            raise CannotStart(why)
        if not failed:
            say(f"{name} {program.ended}, it is started again; its log: {self._setting.home / 'log' / name}.log")
        elif self._failures.get(name) != why:
            say(f"{why}; it is tried again every {program.plan.again_s:.0f} s until that is mended")
        self._failures[name] = why if failed else ""

    def _tell_ready(self) -> None:
        waiting = [one.plan.name for one in self._programs if one.plan.needed and one.state is not State.UP]
        took_s = time.monotonic() - self._began
        if not waiting:
            self._ready = True
            setting = self._setting
            print(
                f"busyhour ready: web http://{setting.web.near}/ sip {setting.sip} https https://{setting.https.near}/ "
                f"sips {setting.sips} ({took_s:.1f} s)",
                flush=True,
            )
            if line := self._welcome(setting):
                print(line, flush=True)
        elif took_s > LATE_S and not self._told_late:
            self._told_late = True
            say(f"still waiting for {', '.join(waiting)}; logs in {self._setting.home / 'log'}")

    def _write(self) -> None:
        """Tell the other programs how they are, in run/programs.json, whole at every moment."""
        rows = [
            {
                "name": program.plan.name, "state": program.state, "pid": program.pid,
                "restarts": max(program.restarts, 0), "since_s": program.since_s,
                "died_s": program.died_s,
            }
            for program in self._programs if program.state is not State.RESTING
        ]
        fresh = self._table.with_suffix(".new")
        with contextlib.suppress(OSError):  # a full disk must not end the supervisor of all
            fresh.write_text(json.dumps({"supervisor": os.getpid(), "programs": rows}))
            fresh.replace(self._table)

    def _stop(self) -> None:
        """End all, one after the other, so that each can still tell the next."""
        for program in self._programs:
            program.stop()
            self._write()


def say(text: str) -> None:
    """Write one line for who looks after the box."""
    print(f"busyhour: {text}", file=sys.stderr, flush=True)


def end_leftovers(home: Path, sleep: Callable[[float], None] = time.sleep) -> None:
    """End what a supervisor that was killed has left behind: each was told so by the kernel, and may need its time."""
    try:
        rows = json.loads((home / "run/programs.json").read_text())["programs"]
    except (OSError, ValueError, KeyError):
        return
    left = [row["pid"] for row in rows if row.get("pid")]
    deadline = time.monotonic() + LEFTOVER_S
    while left := [pid for pid in left if _is_ours(pid, home)]:
        if time.monotonic() > deadline:
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
            return
        sleep(0.05)


def _is_ours(pid: int, home: Path) -> bool:
    """Whether a process still runs and is a program of this home, not a stranger that got its number."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        zombie = ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return not zombie and b"BUSYHOUR_HOME=" + os.fsencode(home) in environment

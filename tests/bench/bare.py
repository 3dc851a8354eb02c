"""A bare pjsua2 loop as a subject: started for each measurement, ended after it."""

import os
import select
import subprocess
import sys
import time
from types import TracebackType
from typing import Self

from tests.bench.subject import MUSIC
from tests.peers.box import ROOT
from tests.peers.ports import free_port

START_S = 10.0


class Bare:
    """`tests.bench.bare_loop`, running. As a context manager it answers inside, and is ended after."""

    name = "bare"
    note = (
        "answers and plays the same sound by one memory player a call, each from the beginning; "
        "no edge, no logic, no records, no recording, and nobody listens to the callers"
    )

    def __init__(self) -> None:
        port = free_port()
        self.server = f"127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.bare_loop", str(port), str(MUSIC)],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        deadline, said = time.monotonic() + START_S, b""
        while not said.endswith(b"ready\n"):  # after what pjlib says before it can be told not to
            readable, _, _ = select.select([self._process.stdout], [], [], max(0, deadline - time.monotonic()))
            more = os.read(self._process.stdout.fileno(), 4096) if readable else b""
            said += more
            if not more:
                self._end()
                raise RuntimeError(f"the bare program does not answer: {said.decode()}")

    def __enter__(self) -> Self:
        """Return it, running."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self._end()

    def programs(self) -> dict[str, list[int]]:
        """Return its one process."""
        return {"bare": [self._process.pid]}

    def counters(self) -> dict[str, float]:
        """Return nothing: it does not count."""
        return {}

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()

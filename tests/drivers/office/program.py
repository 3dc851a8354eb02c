"""`python -m drivers.office` as a real program, in a home of its own or somebody else's."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.peers.ports import wait_listening

ROOT = Path(__file__).resolve().parents[3]


class OfficeProgram:
    """A running office; `close` ends it and takes its home away if it made it."""

    def __init__(self, home: Path | None = None) -> None:
        self.home = home or Path(tempfile.mkdtemp(prefix="bh-", dir="/tmp"))
        self._own_home = home is None
        self.process = self.start()
        self.wait_until_ready()

    def start(self) -> "subprocess.Popen[str]":
        """Start another office in the same home, waiting for nothing."""
        return subprocess.Popen(
            [sys.executable, "-m", "drivers.office"],
            cwd=ROOT,
            env={**os.environ, "BUSYHOUR_HOME": str(self.home)},
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_until_ready(self) -> None:
        """Wait until it listens at the control socket; the board's is made before it."""
        wait_listening(self.home / "run/office.sock", self.process)

    def kill(self) -> None:
        """Kill it; what it leaves in the home stays."""
        self.process.kill()
        self.process.wait(10)

    def restart(self) -> None:
        """Start it again after a kill."""
        (self.home / "run" / "office.sock").unlink(missing_ok=True)
        self.process = self.start()
        self.wait_until_ready()

    def close(self) -> int:
        """End it as the supervisor does; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(10)
        if self._own_home:
            shutil.rmtree(self.home)
        return code

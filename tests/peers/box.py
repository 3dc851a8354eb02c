"""A whole box for the tests, started as `./build.sh run` starts it, with its own home and ports."""

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from drivers.link.address import Address, parse
from firmware.config.configuration import Configuration
from firmware.control.client import SOCKET, Client
from tests.peers.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


class Box:
    """All programs of one box under its supervisor. As a context manager it is ready inside, and ended after.

    It is as it leaves the factory, but for its lines: at `line_test_at` a box tests them by itself, in the midst of a
    test that runs at that hour.
    """

    def __init__(
        self, *, sip_host: str = "127.0.0.1", environment: dict[str, str] | None = None, line_test_at: str = ""
    ) -> None:
        self._line_test_at = line_test_at
        self.home = Path(tempfile.mkdtemp(prefix="bh-", dir="/tmp"))
        host = f"[{sip_host}]" if ":" in sip_host else sip_host
        self.sip = f"{host}:{free_port(sip_host)}"
        self.web = f"127.0.0.1:{free_port()}"
        self.https = f"127.0.0.1:{free_port()}"
        self.sips = f"{host}:{free_port(sip_host)}"
        self.environment = os.environ | {
            "BUSYHOUR_HOME": str(self.home), "BUSYHOUR_SIP": self.sip, "BUSYHOUR_WEB": self.web,
            "BUSYHOUR_HTTPS": self.https, "BUSYHOUR_SIPS": self.sips,
        } | (environment or {})
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start everything and wait for its one line."""
        self._set_line_tests()
        self.start()
        return self

    def _set_line_tests(self) -> None:
        """Change the hour in the revision that the box would have begun with, which stays its only one."""
        configuration = Configuration(
            self.home / "config", now=lambda: datetime.now(UTC), wrong_with_sound=lambda sound: ""
        )
        former = os.umask(0o077)  # as the supervisor's
        try:
            with closing(configuration):
                configuration.open()
        finally:
            os.umask(former)
        path = self.home / "config/revisions/000001.json"
        text, count = re.subn(r'"line_test_at": "[^"]*"', f'"line_test_at": "{self._line_test_at}"', path.read_text())
        assert count == 1, text
        path.write_text(text)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End everything; the home goes too, unless the test failed (then its place is printed)."""
        self.stop()
        if error is None and "BUSYHOUR_KEEP" not in os.environ:
            shutil.rmtree(self.home, ignore_errors=True)
        else:
            print(f"the box's home is kept: {self.home}")

    def start(self, timeout_s: float = 60) -> None:
        """Start the supervisor and return when it says that all answers."""
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed at the end; not in the home, whose disk may be full
        self.process = subprocess.Popen(
            [sys.executable, "-m", "firmware.supervisor"], cwd=ROOT, env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._errors,
        )
        self.said = b""
        try:
            self.read_until(b"busyhour ready:", timeout_s)
        except TimeoutError as error:
            self.stop()
            raise RuntimeError(f"the box is not ready: {self.said.decode()}\n{self.logs()}") from error

    def set_up_password(self, timeout_s: float = 10) -> str:
        """Return the one-time password that the supervisor prints once the box is ready for the first time."""
        self.read_until(b"busyhour set-up:", timeout_s)
        found = re.search(rb"sign in as admin with (\S+) at", self.said)
        assert found, self.said
        return found[1].decode()

    def read_until(self, text: bytes, timeout_s: float = 10, since: int = 0) -> None:
        """Read what the supervisor prints until a whole line has this text, after so many bytes."""
        assert self.process is not None
        assert self.process.stdout is not None
        deadline = time.monotonic() + timeout_s
        while b"\n" not in self.said[since:].partition(text)[2]:
            readable, _, _ = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))
            more = os.read(self.process.stdout.fileno(), 4096) if readable else b""
            self.said += more
            if not more:
                raise TimeoutError(f"it did not print {text.decode()}")

    def stop(self) -> None:
        """End the box as a service manager does, and wait until it is gone."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        self._end()

    def pull_the_plug(self, cut: Callable[[], None]) -> None:
        """End everything at once, without a last word. `cut` takes the disk from all first, while they still run."""
        assert self.process is not None
        rows = self.programs()
        self.process.send_signal(signal.SIGSTOP)  # it must not see the others die
        cut()
        for row in rows:
            os.killpg(row["pid"], signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        self._end()

    def _end(self) -> None:
        if not self._errors.closed:
            self._complained = self._read_errors()
            self._errors.close()

    def _read_errors(self) -> str:
        return os.pread(self._errors.fileno(), 1 << 20, 0).decode()

    def logs(self, lines: int = 40) -> str:
        """Return the ends of all programs' logs."""
        parts = [self._complained if self._errors.closed else self._read_errors()]
        for log in sorted((self.home / "log").glob("*.log")):
            parts.append(f"--- {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-lines:]))
        return "\n".join(parts)

    def server(self, address: str = "127.0.0.1") -> str:
        """Return where a telephone at this address of the machine reaches the box."""
        listens = parse("BUSYHOUR_SIP", self.sip)
        return str(Address(address, listens.port) if listens.everywhere else listens)

    def command(self, *words: str, check: bool = True, timeout_s: float = 180) -> subprocess.CompletedProcess[str]:
        """Run `busyhour WORDS` against this box."""
        done = subprocess.run(
            [str(Path(sys.executable).parent / "busyhour"), *words], env=self.environment, cwd=ROOT, text=True,
            capture_output=True, timeout=timeout_s, stdin=subprocess.DEVNULL, check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"busyhour {' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def json(self, *words: str) -> Any:
        """Run a command with --json and return its document."""
        return json.loads(self.command("--json", *words).stdout)

    def ask(self, method: str, **parameters: Any) -> Any:
        """Return what the exchange answers; unlike `json` this costs no program, which those who talk could hear."""
        with Client(self.home / SOCKET) as client:
            return client.call(method, **parameters)

    def configure(self, **changes: Any) -> None:
        """Replace whole top-level parts of the configuration, as `config import` does; wait until that is in force."""
        config = self.ask("config.export", secrets=True)
        self.ask("config.import", config=config | changes)
        self.wait_provisioned()

    def wait_provisioned(self, timeout_s: float = 20) -> None:
        """Wait until gateway and edge work by the configuration committed last: an import returns before that."""
        deadline = time.monotonic() + timeout_s
        with Client(self.home / SOCKET) as client:
            while not client.call("status")["gateway"]["provisioned"]:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"the configuration is not in force within {timeout_s} s\n{self.logs()}")
                time.sleep(0.02)

    def wait_registered(self, number: str, timeout_s: float = 10) -> None:
        """Wait until the exchange knows that an extension is registered: a moment later than Kamailio."""
        deadline = time.monotonic() + timeout_s
        with Client(self.home / SOCKET) as client:
            while not any(one["number"] == number and one["registered"] for one in client.call("extension.list")):
                if time.monotonic() > deadline:
                    raise TimeoutError(f"the exchange does not know that {number} is registered\n{self.logs()}")
                time.sleep(0.05)

    def wait_idle(self, timeout_s: float = 30) -> None:
        """Wait until no call is under way and every line is free: after a call its line rests for a moment."""
        deadline = time.monotonic() + timeout_s
        with Client(self.home / SOCKET) as client:
            while (status := client.call("status"))["calls"] or set(status["lines"]) != {"idle"}:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"the box is not idle within {timeout_s} s: {status}\n{self.logs()}")
                time.sleep(0.05)

    def wait_free(self, number: int, timeout_s: float = 30) -> None:
        """Wait until a line is free, whatever goes on besides."""
        deadline = time.monotonic() + timeout_s
        with Client(self.home / SOCKET) as client:
            while [row["state"] for row in client.call("line.list") if row["number"] == number] != ["idle"]:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"line {number} is not free within {timeout_s} s\n{self.logs()}")
                time.sleep(0.05)

    def program(self, name: str) -> dict[str, Any]:
        """Return what the supervisor tells of a program, such as edge or web: state, pid, restarts..."""
        return next(row for row in self.programs() if row["name"] == name)

    def programs(self) -> list[dict[str, Any]]:
        """Return what the supervisor tells of each program."""
        rows: list[dict[str, Any]] = json.loads((self.home / "run/programs.json").read_text())["programs"]
        return rows

    def pid(self, program: str) -> int:
        """Return the process id of a program as it is now."""
        return int(self.program(program)["pid"])

    def kill(self, program: str) -> int:
        """Kill a program as a fault would, without a last word; return the process id it had."""
        pid = self.pid(program)
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_back(self, program: str, killed: int, timeout_s: float = 20) -> None:
        """Wait until a program killed as this process id runs again, and the supervisor says that it answers."""
        deadline = time.monotonic() + timeout_s
        while (now := self.program(program))["state"] != "up" or now["pid"] == killed:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{program} is not back within {timeout_s} s: {now}\n{self.logs()}")
            time.sleep(0.02)

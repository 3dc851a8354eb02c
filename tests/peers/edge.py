"""Kamailio and the proxy before it, as the box runs them, with users, a trunk and networks of the test's own."""

import hashlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from drivers.link.messages import SipTrunk, SipUser
from drivers.sip import subscribers
from drivers.sip.edge.forwards import forwards
from drivers.sip.edge.rpc import Edge
from tests.peers.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
REALM = "busyhour"
CARRIER = SipTrunk(name="carrier", host="127.0.5.1", addresses=("127.0.5.0/24",))
LAN_NETWORKS = ("127.0.0.0/24", "127.0.1.0/24")  # all other 127.x.y.z are strangers


def secret(number: str) -> str:
    """Return the password of an extension."""
    return f"secret-{number}"


class RunningEdge:
    """An edge with extensions 201 to 420 and `trunks`; ended, and its home removed, at the end."""

    def __init__(
        self, host: str = "127.0.0.1", trunks: Sequence[SipTrunk] = (CARRIER,),
        environment: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.trunks, self._more = trunks, environment or {}
        self.home = Path(tempfile.mkdtemp(prefix="bh-", dir="/tmp"))
        self.host, self.port = host, free_port("127.0.0.1")
        self.sips, self.https, self.inside = (free_port("127.0.0.1") for _ in range(3))
        self.gateway = ("127.0.0.1", free_port())
        self.rpc = Edge(self.home)
        self.log = self.home / "edge.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.proxy: subprocess.Popen[bytes] | None = None
        self._killed: list[int] = []

    @property
    def server(self) -> tuple[str, int]:
        """Return where its peers reach it."""
        return ("127.0.0.1" if self.host == "0.0.0.0" else self.host, self.port)  # noqa: S104

    def by(self, transport: str) -> str:
        """Return where a telephone reaches it by a transport."""
        return f"{self.server[0]}:{self.sips if transport == 'tls' else self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Return what the program is told."""
        return os.environ | {
            "BUSYHOUR_HOME": str(self.home),
            "BUSYHOUR_SIP": f"{self.host}:{self.port}",
            "BUSYHOUR_GATEWAY_SIP": f"{self.gateway[0]}:{self.gateway[1]}",
            "BUSYHOUR_SIPS": f"{self.host}:{self.sips}",
            "BUSYHOUR_HTTPS": f"{self.host}:{self.https}",
            "BUSYHOUR_EDGE": f"127.0.0.1:{self.inside}",
        } | self._more

    def provision(self) -> None:
        """Write the tables as the gateway does."""
        users = [
            SipUser(str(number), hashlib.md5(f"{number}:{REALM}:{secret(str(number))}".encode()).hexdigest())  # noqa: S324
            for number in range(201, 421)
        ]
        path = self.home / "edge/subscribers.sqlite"
        subscribers.write(path, REALM, users, self.trunks, {}, forwards(self.trunks, self.inside))
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("DELETE FROM address WHERE grp = 2")
            for network in LAN_NETWORKS:
                address, _, mask = network.partition("/")
                database.execute(
                    "INSERT INTO address (grp, ip_addr, mask, tag) VALUES (2, ?, ?, 'lan')", (address, int(mask))
                )

    def __enter__(self) -> Self:
        """Provision and start; nothing is left running when that fails."""
        try:
            self.provision()
            self.proxy = self._run("firmware.proxy")
            self.start()
            self._wait_for_proxy()
        except BaseException:
            self.stop()
            raise
        return self

    def _wait_for_proxy(self) -> None:
        deadline = time.monotonic() + 40
        assert self.proxy is not None
        while True:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe, suppress(OSError):
                probe.connect(str(self.home / "run/proxy.sock"))
                return
            if self.proxy.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(self.log.read_text())
            time.sleep(0.02)

    def _run(self, module: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start(self) -> None:
        """Start Kamailio, and return when it answers."""
        self.process = self._run("drivers.sip.edge")
        deadline = time.monotonic() + 15
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(self.log.read_text())

    def _answers(self) -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.settimeout(0.1)
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
            probe.sendto(
                f"OPTIONS sip:edge SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{time.monotonic_ns()}\r\n"
                "From: <sip:probe@localhost>;tag=1\r\nTo: <sip:edge>\r\nCall-ID: probe\r\nCSeq: 1 OPTIONS\r\n"
                "Max-Forwards: 2\r\nContent-Length: 0\r\n\r\n".encode(),
                self.server,
            )
            try:
                return probe.recv(4096).startswith(b"SIP/2.0 200")
            except OSError:
                return False

    def kill(self) -> None:
        """Kill the main process; Kamailio's others stay, as they would in the field."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._killed.append(self.process.pid)

    def stop(self) -> None:
        """End them as their supervisor does."""
        for process in (self.process, self.proxy):
            if process is None:
                continue
            if process.poll() is None:
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(5)
            self._killed.append(process.pid)
        for group in self._killed:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        self._killed.clear()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; a failed test shows the log."""
        self.stop()
        if error is not None:
            print(self.log.read_text()[-4000:])
        shutil.rmtree(self.home, ignore_errors=True)

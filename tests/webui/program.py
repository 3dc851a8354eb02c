"""The web page's program, started for one test."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.peers.ports import free_port
from tests.webui.exchange_stand_in import TOKEN

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 15
SIGNED_IN = {"Cookie": f"busyhour={TOKEN}"}


class Page:
    """`python -m webui` on a free port."""

    def __init__(self, home: Path, address: str | None = None) -> None:
        self.port = free_port()
        self.log = (home / "web.log").open("w+")
        self.origin = f"http://127.0.0.1:{self.port}"
        environment = os.environ | {"BUSYHOUR_HOME": str(home), "BUSYHOUR_WEB": address or f"127.0.0.1:{self.port}"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "webui"], cwd=ROOT, env=environment, stderr=self.log, stdin=subprocess.DEVNULL
        )

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def get(self, path: str = "/?lang=en") -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        connection.request("GET", path, headers=SIGNED_IN)
        text = connection.getresponse().read().decode()
        connection.close()
        return text

    def said(self) -> str:
        self.log.seek(0)
        return self.log.read()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)
        self.log.close()

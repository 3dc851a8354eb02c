"""Kamailio as a carrier's core, met at an address that its domain is not, with names of its own for passwords."""

import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from tests.peers.ports import free_port
from tests.peers.wire import Message

TEMPLATE = Path(__file__).with_suffix(".cfg")


class Registrar:
    """A registrar for one number: takes its calls out to `subscriber`, and the subscriber's to where it registered."""

    def __init__(
        self, host: str, domain: str, number: str, identity: str, secret: str, subscriber: tuple[str, int]
    ) -> None:
        self.host, self.port, self.subscriber = host, free_port(host), subscriber
        words = {
            "HOST": host, "PORT": str(self.port), "DOMAIN": domain, "NUMBER": number, "IDENTITY": identity,
            "SECRET": secret, "SUBSCRIBER": subscriber[0], "SUBSCRIBER_PORT": str(subscriber[1]),
        }  # fmt: skip
        self._folder = tempfile.TemporaryDirectory(prefix="registrar-")
        self._log = Path(self._folder.name) / "log"
        configuration = Path(self._folder.name) / "kamailio.cfg"
        configuration.write_text(re.sub("@([A-Z_]+)@", lambda match: words[match[1]], TEMPLATE.read_text()))
        path = os.environ.get("PATH", "") + ":/usr/sbin"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                ["kamailio", "-f", str(configuration), "-DD", "-E", "-m", "16", "-M", "4", "-Y", self._folder.name],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ | {"PATH": path},
                start_new_session=True,
            )  # fmt: skip

    def requests(self, method: str) -> list[Message]:
        """Return all requests of a method so far, as they came."""
        found = re.findall(r"REQUEST ([0-9a-f]+)", self._log.read_text(errors="replace"))
        texts = (bytes.fromhex(one).decode("utf-8", "replace") for one in found)
        return [Message(text, ("", 0)) for text in texts if text.startswith(f"{method} ")]

    def request(self, method: str, number: int = 0, timeout_s: float = 20) -> Message:
        """Return one of them, once it has come; AssertionError with what the registrar said if it never does."""
        deadline = time.monotonic() + timeout_s
        while len(found := self.requests(method)) <= number:
            assert time.monotonic() < deadline, self._log.read_text(errors="replace")
            time.sleep(0.05)
        return found[number]

    def stop(self) -> None:
        """Be gone: with all processes, which now and then wait for each other for ever."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._folder.cleanup()

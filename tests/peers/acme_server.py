"""A certificate authority that speaks ACME: Let's Encrypt's own test server, pebble; every name leads to 127.0.0.1."""

import json
import os
import ssl
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any, Self

from tests.peers.authority import Authority
from tests.peers.ports import free_port


class AcmeServer:
    """Pebble, which visits names at `http_port`. `environment` has a client trust it."""

    def __init__(self, folder: Path, http_port: int) -> None:
        self._folder, self.http_port = folder, http_port
        self._listen, self._dns, self._management = free_port(), free_port(), free_port()
        authority = Authority()
        own, key = authority.issue("localhost", "127.0.0.1")
        for name, text in (("own.pem", own + authority.chain), ("key.pem", key), ("root.pem", authority.trust)):
            (folder / name).write_bytes(text)
        self.directory = f"https://127.0.0.1:{self._listen}/dir"
        self.environment = {"CURL_CA_BUNDLE": str(folder / "root.pem")}
        (folder / "pebble.json").write_text(json.dumps({"pebble": {
            "listenAddress": f"127.0.0.1:{self._listen}", "managementListenAddress": f"127.0.0.1:{free_port()}",
            "certificate": str(folder / "own.pem"), "privateKey": str(folder / "key.pem"), "httpPort": http_port,
            "tlsPort": 1, "ocspResponderURL": "", "externalAccountBindingRequired": False,
        }}))  # fmt: skip
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        """Start, and return when it answers."""
        log = (self._folder / "pebble.log").open("ab")
        commands = (
            ["pebble-challtestsrv", "-defaultIPv6", "", "-dns01", f"127.0.0.1:{self._dns}", "-http01", "", "-https01",
             "", "-tlsalpn01", "", "-management", f"127.0.0.1:{self._management}"],
            ["pebble", "-config", str(self._folder / "pebble.json"), "-dnsserver", f"127.0.0.1:{self._dns}"],
        )  # fmt: skip
        quick = os.environ | {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
        self._processes = [subprocess.Popen(words, stdout=log, stderr=log, env=quick) for words in commands]
        deadline = time.monotonic() + 20
        while True:
            try:
                trust = ssl.create_default_context(cafile=str(self._folder / "root.pem"))
                with urllib.request.urlopen(self.directory, timeout=2, context=trust):  # noqa: S310 - ours
                    return self
            except OSError as error:
                if time.monotonic() > deadline:
                    raise RuntimeError((self._folder / "pebble.log").read_text()) from error
                time.sleep(0.05)

    def send_elsewhere(self, name: str) -> None:
        """Have a name lead to an address where nobody is."""
        order = json.dumps({"host": name, "addresses": ["127.0.99.99"]}).encode()
        urllib.request.urlopen(f"http://127.0.0.1:{self._management}/add-a", order, timeout=5).close()

    def __exit__(self, *error: Any) -> None:
        """End it."""
        for process in self._processes:
            process.terminate()
            process.wait(10)

"""Orders to the running HAProxy, over its socket $BUSYHOUR_HOME/run/proxy.sock; each blocks up to TIMEOUT_S."""

import csv
import io
import re
import socket
from pathlib import Path

from firmware.errors import Unavailable

TIMEOUT_S = 5.0
ANSWER_BYTES = 1 << 20


class Runtime:
    """A door to one box's proxy; it blocks, so keep it off an event loop."""

    def __init__(self, home: Path) -> None:
        self._path = home / "run/proxy.sock"

    def ask(self, order: str) -> str:
        """Return what an order is answered with. Raises Unavailable where nobody answers."""
        answer = b""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
            door.settimeout(TIMEOUT_S)
            try:
                door.connect(str(self._path))
                door.sendall(order.encode() + b"\n")
                while part := door.recv(65536):
                    answer += part
                    if len(answer) > ANSWER_BYTES:
                        break
            except OSError as error:
                raise Unavailable(f"the proxy does not answer: {error.strerror or error}") from error
        return answer.decode("utf-8", "replace").strip()

    def use(self, certificate: Path, pem: bytes) -> None:
        """Have every new connection served by a certificate; those that are there go on as they are.

        Raises Unavailable, with the proxy's own words where it refuses.
        """
        text = "\n".join(line for line in pem.decode().splitlines() if line.strip())
        for order, right in (
            (f"set ssl cert {certificate} <<\n{text}\n", ("Transaction created", "Transaction updated")),
            (f"commit ssl cert {certificate}", ("Success!",)),
        ):
            answer = self.ask(order)
            if not any(word in answer for word in right):
                raise Unavailable(f"the proxy refuses the certificate: {answer.splitlines()[-1] if answer else '?'}")

    def counters(self) -> dict[str, dict[str, int]]:
        """Return of each entrance how many connections it has (scur), may have (slim), had and refused (stot, dcon)."""
        table = csv.DictReader(io.StringIO(self.ask("show stat").lstrip("# ")))
        return {
            row["pxname"]: {name: int(row[name] or 0) for name in ("scur", "slim", "stot", "dcon")}
            for row in table if row["svname"] == "FRONTEND"
        }  # fmt: skip

    def most_from(self) -> str:
        """Return the address that has the most connections now, "" where there is none."""
        rows = re.findall(r"key=(\S+) .*conn_cur=(\d+)", self.ask("show table sources"))
        address, count = max(((key, int(count)) for key, count in rows), key=lambda row: row[1], default=("", 0))
        return address.removeprefix("::ffff:") if count else ""

"""The box's programs as the supervisor tells them, alive or dead, and the way to ask it for a restart."""

import json
import os
import socket
from pathlib import Path
from typing import Any

from firmware.errors import Refused, Unavailable

TABLE, DOOR, CONSOLE = "run/programs.json", "run/programs.sock", "run/console.json"  # below BUSYHOUR_HOME
ANSWER_S = 5.0


def programs(home: Path) -> list[dict[str, Any]]:
    """Return what the supervisor wrote: name, state, pid, restarts, since_s each; nothing when it never ran here."""
    rows = _read(home / TABLE).get("programs", [])
    return [row for row in rows if isinstance(row, dict) and isinstance(row.get("name"), str)]


def port(home: Path) -> dict[str, Any]:
    """Return what the console's own program tells of its port: port, baud, state, detail; nothing where it has none."""
    return _read(home / CONSOLE)


def restart(home: Path, name: str) -> str:
    """Have a program restarted; return the supervisor's answer. Raises Refused, and Unavailable when it is dead."""
    return _ask(home, f"restart {name}")


def factory_reset(home: Path) -> str:
    """Have everything erased; return the supervisor's answer. Raises Refused, and Unavailable when it is dead."""
    return _ask(home, "reset factory")


def _ask(home: Path, request: str) -> str:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asking:
        asking.settimeout(ANSWER_S)
        try:
            asking.bind("")  # an address for the answer: any free one, unix(7) autobind
            # A socket's name is short (unix(7)); by its folder's descriptor any home will do
            folder = os.open(home / "run", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                asking.connect(f"/proc/self/fd/{folder}/{Path(DOOR).name}")
            finally:
                os.close(folder)
            asking.send(request.encode())
            answer = asking.recv(512).decode("utf-8", "replace")
        except OSError as error:
            raise Unavailable(f"the supervisor does not answer: {error.strerror or error}") from error
    verdict, _, text = answer.partition(": ")
    if verdict != "ok":
        raise Refused(text)
    return text


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}

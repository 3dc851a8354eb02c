"""The supervisor's own door: `restart NAME` or `reset factory` in one datagram, the answer in another.

It works with all else dead.
"""

import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path

from firmware.supervisor.setting import CannotStart

SOCKET = "run/programs.sock"  # below BUSYHOUR_HOME
LONGEST = 256
CREDENTIALS = struct.Struct("3i")  # pid, uid, gid of the sender, as the kernel knows them: unix(7)


class Door:
    """Listens as long as it is open. An answer begins with `ok` or `no`; nobody is ever waited for."""

    def __init__(self, home: Path, restart: Callable[[str], str], reset: Callable[[], str]) -> None:
        """Both carry out what was asked and return the answer. Raises CannotStart where the socket cannot be made."""
        self._path, self._restart, self._reset = home / SOCKET, restart, reset
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            self._path.unlink(missing_ok=True)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            self._socket.bind(str(self._path))
            self._path.chmod(0o600)
        except OSError as error:
            self._socket.close()
            raise CannotStart(f"the socket {self._path} cannot be made: {error.strerror or error}") from error

    def fileno(self) -> int:
        """Return the descriptor to wait for."""
        return self._socket.fileno()

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def serve(self) -> None:
        """Answer everybody who has asked."""
        while True:
            try:
                asked, extra, _, sender = self._socket.recvmsg(LONGEST, socket.CMSG_SPACE(CREDENTIALS.size))
            except BlockingIOError:
                return
            answer = self._answer(asked, extra)
            if sender:
                self._tell(answer, sender)

    def _answer(self, asked: bytes, extra: list[tuple[int, int, bytes]]) -> str:
        uids = [CREDENTIALS.unpack(data)[1] for _, kind, data in extra if kind == socket.SCM_CREDENTIALS]
        if not uids or uids[0] not in (0, os.getuid()):
            return "no: this user may not ask"
        match asked.decode("utf-8", "replace").split():
            case ["restart", name]:
                return self._restart(name)
            case ["reset", "factory"]:
                return self._reset()
            case words:
                return f"no: {' '.join(words)[:80]!r}: restart NAME is right"

    def _tell(self, answer: str, sender: str | bytes) -> None:
        try:
            self._socket.sendto(answer.encode(), sender)
        except OSError:
            return  # who asked is gone, or does not read: the supervisor waits for nobody

"""A hand-written exchange that answers on a Unix socket as the real one does, one JSON object a line."""

import contextlib
import json
import shutil
import socket
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

TOKEN = "stand-in"  # of the one session there is
USER = {"name": "wang", "role": "admin", "language": "", "agent": "", "password": "own"}
ANSWERS: dict[str, Any] = {  # to all else, nothing
    "candidate.state": {
        "changes": 0, "base": 1, "revision": 1, "at_s": 0.0, "trial": None, "timezone": "Asia/Shanghai"
    },
    "config.get": {"config": {"retention": {"floor_mb": 1}}},
    "prompt.upload": {"id": "1"},
}


class Exchange:
    """Gives its picture to whoever asks for `live`, and each new one to those who subscribed. Ends with all of them.

    TOKEN is the one session there is. Nothing is refused to it.
    """

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="bh-", dir="/tmp"))
        (self.home / "run").mkdir()
        self.requests: list[dict[str, Any]] = []
        self.connections = 0
        self.answers = dict(ANSWERS)
        self._picture: Any = {}
        self._lock = threading.Lock()
        self._peers: list[socket.socket] = []
        self._subscribers: list[socket.socket] = []
        self._listener: socket.socket | None = None

    def __enter__(self) -> Self:
        """Begin to listen."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, and take the home away."""
        self.die()
        shutil.rmtree(self.home, ignore_errors=True)

    def start(self) -> None:
        """Listen (again)."""
        path = self.home / "run/exchange.sock"
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen()
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def die(self) -> None:
        """Be gone at once, as after kill -9: the socket file stays."""
        with self._lock:
            if self._listener is not None:
                self._listener.shutdown(socket.SHUT_RDWR)
                self._listener.close()
                self._listener = None
            for peer in self._peers:
                with contextlib.suppress(OSError):
                    peer.shutdown(socket.SHUT_RDWR)
                peer.close()
            self._peers, self._subscribers = [], []

    def tell(self, picture: Any) -> None:
        """Send a new picture to all subscribers; new ones get it first."""
        with self._lock:
            self._picture = msgspec.to_builtins(picture)
            for peer in self._subscribers:
                self._send(peer, {"topic": "live", "data": self._picture})

    def tell_raw(self, line: bytes) -> None:
        """Send subscribers a line as it is."""
        with self._lock:
            for peer in self._subscribers:
                peer.sendall(line + b"\n")

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self._peers.append(peer)
                self.connections += 1
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        try:
            for line in peer.makefile("rb"):
                request = json.loads(line)
                with self._lock:
                    self.requests.append(request)
                    if request["method"] == "live":
                        self._send(peer, {"id": request["id"], "result": self._picture})
                    elif request["method"] == "subscribe":
                        self._send(peer, {"id": request["id"], "result": request["params"]})
                        self._subscribers.append(peer)
                        self._send(peer, {"topic": "live", "data": self._picture})
                    elif request["method"] == "session.resume":
                        self._resume(peer, request)
                    else:
                        self._send(peer, {"id": request["id"], "result": self.answers.get(request["method"], {})})
        except (OSError, ValueError):
            return

    def _resume(self, peer: socket.socket, request: dict[str, Any]) -> None:
        if request["params"]["token"] == TOKEN:
            self._send(peer, {"id": request["id"], "result": {"session": "1", "user": USER}})
        else:
            error = {"code": "signed-out", "message": "this session is over"}
            self._send(peer, {"id": request["id"], "error": error})

    def subscriptions(self) -> int:
        """Return how often somebody subscribed."""
        with self._lock:
            return sum(request["method"] == "subscribe" for request in self.requests)

    def _send(self, peer: socket.socket, message: dict[str, Any]) -> None:
        try:
            peer.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            return

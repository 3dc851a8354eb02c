"""The way to the exchange for programs that wait: the web UI, the console, the command.

One thread at a time may use a client; threads that share work take one each.
"""

import contextlib
import os
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from firmware import errors
from firmware.errors import BadConfig, BadRequest, BusyhourError, InUse, Problem, Unavailable

SOCKET = "run/exchange.sock"  # below BUSYHOUR_HOME
TIMEOUT_S = 10.0


def exchange_socket() -> Path:
    """Return where the exchange of this environment listens (BUSYHOUR_HOME, else ./var)."""
    return Path(os.environ.get("BUSYHOUR_HOME") or "var").resolve() / SOCKET


class Client:
    """A connection to the exchange. Every method raises Unavailable when the exchange is dead or does not answer."""

    def __init__(self, path: Path | None = None, timeout_s: float = TIMEOUT_S) -> None:
        self._path = path or exchange_socket()
        self._timeout_s = timeout_s
        self._count = 0
        self._unread = b""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout_s)
        try:
            # A socket's name is short (unix(7)); by its folder's descriptor any home will do
            folder = os.open(self._path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                self._socket.connect(f"/proc/self/fd/{folder}/{self._path.name}")
            finally:
                os.close(folder)
        except OSError as error:
            self._socket.close()
            reason = (
                "it is not running" if isinstance(error, FileNotFoundError | ConnectionRefusedError) else error.strerror
            )
            raise Unavailable(f"the exchange does not answer at {self._path}: {reason or error}") from error

    def __enter__(self) -> Self:
        """Return the client, which is connected."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        self.close()

    def close(self) -> None:
        """Disconnect; a thread that waits in `subscribe` gets Unavailable."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def call(self, method: str, **params: Any) -> Any:
        """Return what a method returns, as plain values; raises the exchange's own errors."""
        self._count += 1
        request = {"id": self._count, "method": method, "params": params}
        deadline = time.monotonic() + self._timeout_s
        try:
            self._socket.settimeout(self._timeout_s)
            self._socket.sendall(msgspec.json.encode(request) + b"\n")
        except OSError as error:
            # what it said before it hung up tells more than a broken pipe
            self._raise_last_word(deadline)
            raise Unavailable(f"the exchange is gone: {error.strerror}") from error
        while True:
            message = self._receive(deadline)
            if message is None:
                raise Unavailable(f"the exchange did not answer {method} within {self._timeout_s:g} s")
            if message.get("id", "") in (self._count, None):
                return _result(message)

    def check(self) -> None:
        """Raise what the exchange said before it sent us away, Unavailable when it is gone; else return at once."""
        while (message := self._receive(time.monotonic())) is not None:
            if message.get("id", "") is None:
                _result(message)

    def subscribe(self, *topics: str, wake_s: float | None = None) -> Iterator[tuple[str, Any] | None]:
        """Yield (topic, data) for ever, as it comes; with `wake_s`, None when nothing came for so long."""
        self.call("subscribe", topics=list(topics))
        return self.told(wake_s)

    def told(self, wake_s: float | None = None) -> Iterator[tuple[str, Any] | None]:
        """Yield (topic, data) of what was subscribed to, as `subscribe` does."""
        while True:
            message = self._receive(None if wake_s is None else time.monotonic() + wake_s)
            if message is None:
                yield None
            elif "topic" in message:
                yield message["topic"], message["data"]
            elif message.get("id", "") is None:
                _result(message)

    def _receive(self, deadline: float | None) -> dict[str, Any] | None:
        """Return the next message, None when the deadline has passed."""
        while (end := self._unread.find(b"\n")) < 0:
            try:
                self._socket.settimeout(None if deadline is None else max(1e-6, deadline - time.monotonic()))
                more = self._socket.recv(1 << 18)
            except TimeoutError:
                return None
            except OSError as error:
                raise Unavailable(f"the exchange is gone: {error.strerror or error}") from error
            if not more:
                raise Unavailable("the exchange is gone: it closed the connection")
            self._unread += more
        line, self._unread = self._unread[:end], self._unread[end + 1 :]
        try:
            message: dict[str, Any] = msgspec.json.decode(line, type=dict)
        except msgspec.DecodeError as error:
            raise Unavailable(f"this is not the exchange that answers: {error}") from error
        return message

    def _raise_last_word(self, deadline: float) -> None:
        try:
            while (message := self._receive(deadline)) is not None:
                if message.get("id", "") is None:
                    _result(message)
        except Unavailable:
            return


def _result(message: dict[str, Any]) -> Any:
    if "error" not in message:
        return message.get("result")
    error = message["error"]
    code, text = str(error.get("code", "")), str(error.get("message", ""))
    raise refusal(code, text, error.get("facts", {}), str(error.get("kind", code)), error.get("problems", ()))


def refusal(
    code: str, text: str, facts: dict[str, Any], general: str = "", problems: Sequence[Any] = ()
) -> BusyhourError:
    """Return an error as the exchange raised it, or would have; one of a newer exchange keeps its code."""
    if code in (BadConfig.code, InUse.code):
        return (InUse if code == InUse.code else BadConfig)(msgspec.convert(problems, list[Problem]))
    if code == BadRequest.code:
        return BadRequest(text, msgspec.convert(problems, list[Problem]))
    kinds = {
        kind.code: kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, BusyhourError)
        if kind is not errors.PoorPassword  # each of which has a code of its own
    }
    error = (kinds.get(code) or kinds.get(general, BusyhourError))(text, **facts)
    if error.code != code:
        error.code = code
    return error

"""The door of the exchange: one Unix socket for the web UI, the console and the command."""

import asyncio
import contextlib
import logging
import os
import pwd
import socket
from pathlib import Path

from drivers.link.errors import DriverError
from drivers.link.framing import LINE_BYTES, check_peer, encode
from firmware.config.disk import no_storage
from firmware.control.methods import Asker, Methods, Role
from firmware.control.session import Session
from firmware.control.topics import Topics
from firmware.users.users import Users

log = logging.getLogger(__name__)
MOST_SESSIONS = 300  # each thread of the web server has one at most, the console and the command some
UNSENT_BYTES = 64 * 1024  # in the transport; what waits beyond it is the outbox's to bound


class Server:
    """Listens on a Unix socket whose peers must be this user or root; they have all rights until they give some up."""

    def __init__(self, path: Path, methods: Methods, topics: Topics, users: Users) -> None:
        self._path, self._methods, self._topics, self._users = path, methods, topics, users
        self._sessions: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. Raises NoStorage where the socket cannot be made. A dead exchange's socket is replaced."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.unlink(missing_ok=True)
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            with contextlib.ExitStack() as unless_listening:
                unless_listening.callback(listener.close)
                folder = os.open(self._path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
                unless_listening.callback(os.close, folder)
                # A socket's name is short (unix(7)); by its folder's descriptor any home will do
                listener.bind(f"/proc/self/fd/{folder}/{self._path.name}")
                self._path.chmod(0o600)
                self._server = await asyncio.start_unix_server(self._connected, sock=listener, limit=LINE_BYTES)
                unless_listening.pop_all()
                os.close(folder)
        except OSError as error:
            raise no_storage(error, error.filename or self._path) from error

    async def close(self) -> None:
        """End every session and the socket."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        for session in tuple(self._sessions):
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)
        self._topics.close()
        self._path.unlink(missing_ok=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio runs this as a task
        self._sessions.add(task)
        try:
            await self._serve(reader, writer)
        except asyncio.CancelledError:
            pass  # the server closes; asyncio's streams would log it otherwise
        except Exception:
            log.exception("a session failed")
        finally:
            self._sessions.discard(task)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            uid = check_peer(writer.get_extra_info("socket"))
        except DriverError as error:
            log.warning("a client was refused: %s", error)
            await _refuse(writer, "not-allowed", str(error))
            return
        if len(self._sessions) > MOST_SESSIONS:
            await _refuse(writer, "too-many", f"more than {MOST_SESSIONS} clients at once")
            return
        writer.transport.set_write_buffer_limits(high=UNSENT_BYTES)
        asker = Asker(_user_name(uid), Role.ADMIN)
        await Session(reader, writer, asker, self._methods, self._topics, self._users).run()


async def _refuse(writer: asyncio.StreamWriter, code: str, text: str) -> None:
    with contextlib.suppress(ConnectionError):
        writer.write(encode({"id": None, "error": {"code": code, "message": text}}))
        await writer.drain()


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)

"""The worker of the web server: who is connected, who of them gets a thread, and who has to go when there are too many.

A connection gets a thread when it has asked for something, so that those that only stay connected cost little. Beyond
CONNECTIONS the one that has been idle for longest goes; when all are busy, the newcomer is told so.
"""

import contextlib
import logging
import selectors
import socket
import time
from collections import deque
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from webui.feed import Feed

CONNECTIONS = 512
SLOW_S = 5  # a peer that takes or gives nothing for so long is dropped
AT_ONCE = 64  # taken from the kernel's queue before others are seen to again
TELL_S = 60.0
BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Length: 74\r\n\r\n"
    + "连接太多，请稍后再试。 Too many are connected; try again later.".encode()
)
log = logging.getLogger(__name__)


class Worker(ThreadWorker):  # type: ignore[misc]
    """Gunicorn's threads, which end their streams when they are asked to stop."""

    feed: Feed
    _told_s = -TELL_S

    def init_process(self) -> None:
        """Begin to follow the exchange, in the process that serves."""
        self.feed = self.app.feed
        self.feed.start()
        super().init_process()

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Let the streams go first, then stop as gunicorn does."""
        self.feed.close()
        super().handle_exit(sig, frame)

    def accept(self, listener: Any) -> None:
        """Take in who wants to connect."""
        for _ in range(AT_ONCE):
            try:
                client, address = listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:  # such as no file descriptor left: the others are served on
                self._tell(f"a connection could not be taken in: {error.strerror}")
                return
            self._take_in(client, address, listener.getsockname())

    def _take_in(self, client: socket.socket, address: Any, server: Any) -> None:
        if self.nr_conns >= CONNECTIONS:
            self._tell(f"more than {CONNECTIONS} connections at once: idle ones are let go")
            if not (self._let_go(self.pending_conns) or self._let_go(self.keepalived_conns)):
                client.setblocking(False)
                with contextlib.suppress(OSError):
                    client.send(BUSY)
                client.close()
                return
        self.nr_conns += 1
        connection = TConn(self.cfg, client, address, server)
        connection.timeout = time.monotonic() + SLOW_S
        self.pending_conns.append(connection)
        self.poller.register(client, selectors.EVENT_READ, partial(self.on_pending_socket_readable, connection))

    def _let_go(self, waiting: deque[Any]) -> bool:
        """Part from the one of these that has waited for longest, if there is one."""
        if not waiting:
            return False
        connection = waiting.popleft()
        self.poller.unregister(connection.sock)
        self.nr_conns -= 1
        connection.close()
        return True

    def _tell(self, what: str) -> None:
        if time.monotonic() - self._told_s > TELL_S:
            self._told_s = time.monotonic()
            log.warning("%s", what)

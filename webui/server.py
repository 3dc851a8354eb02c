"""The web server: gunicorn with one worker of many threads, since every open page holds one of them."""

import logging
import os
import socket
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from firmware.errors import BadRequest, Unavailable
from webui.app import create_app
from webui.feed import Feed
from webui.stream import MOST
from webui.worker import CONNECTIONS, SLOW_S, Worker

SOCKET = "run/web.sock"  # below BUSYHOUR_HOME
NOBODY = "0.0.0.0"  # noqa: S104 - no peer has this address
THREADS = MOST + 42 + 16 + 16  # each open page, and what they ask; other programs, and the streams of those
SEND_BYTES = 128 * 1024  # waits in the kernel for a slow peer, at most
GRACE_S = 3


def parse_address(text: str) -> tuple[str, int]:
    """Return host and port of HOST:PORT or [IPV6]:PORT. Raises BadRequest, saying what would be right."""
    host, colon, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        host = ""  # an IPv6 address without brackets
    if not colon or not host or not (port.isascii() and port.isdecimal()) or not 0 < int(port) < 65536:
        raise BadRequest(f"BUSYHOUR_WEB is {text!r}; HOST:PORT, as 127.0.0.1:8080 or [::1]:8080, is right")
    return host, int(port)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there. Raises Unavailable, saying why it cannot."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(address[:2], family=family, backlog=1024)
    except OSError as error:
        raise Unavailable(f"BUSYHOUR_WEB: cannot listen on {host}:{port}: {error.strerror or error}") from error
    _bound_waits(listener)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SLOW_S * 2000)
    listener.set_inheritable(True)
    return listener


def listen_behind(path: Path) -> socket.socket:
    """Return the socket that the proxy alone reaches, by which HTTPS comes. Raises Unavailable."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(256)
    except OSError as error:
        raise Unavailable(f"BUSYHOUR_HOME: cannot listen at {path}: {error.strerror or error}") from error
    _bound_waits(listener)
    listener.set_inheritable(True)
    return listener


def _bound_waits(listener: socket.socket) -> None:
    """Let a thread that waits for a stuck peer give up; what is accepted inherits it (socket(7))."""
    limit = struct.pack("ll", SLOW_S, 0)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES)


class Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn told in code what to be; files and GUNICORN_ variables are not asked."""

    def __init__(self, listeners: Sequence[socket.socket], feed: Feed) -> None:
        self.listeners = listeners
        self.feed = feed
        super().__init__(prog="webui")

    def load_config(self) -> None:
        """Set what differs from gunicorn's defaults."""
        settings: dict[str, Any] = {
            "bind": [f"fd://{listener.fileno()}" for listener in self.listeners],
            "workers": 1,
            "worker_class": Worker,
            "threads": THREADS,
            "worker_connections": 2 * CONNECTIONS,  # never reached: the worker itself sees to the surplus
            "keepalive": 2,
            "graceful_timeout": GRACE_S,
            "loglevel": "warning",
            "control_socket_disable": True,
            # Who came, and whether by HTTPS, is believed of the proxy at its Unix socket, and of no address at all
            "proxy_protocol": "v2",
            "proxy_allow_ips": NOBODY,
            "forwarded_allow_ips": NOBODY,
            "limit_request_line": 8190,
            "limit_request_fields": 50,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the Flask application, made in the worker."""
        return create_app(self.feed)


class SlowPeers(logging.Filter):
    """Makes one line of the traceback that gunicorn writes for each peer it had to drop."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record; shorten those of a socket that timed out."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, BlockingIOError | TimeoutError):
            record.exc_info, record.levelno, record.levelname = None, logging.WARNING, "WARNING"
            record.msg, record.args = f"a peer was too slow ({SLOW_S} s) and was dropped", ()
        return True


def serve(feed: Feed) -> None:
    """Serve pages on BUSYHOUR_WEB until a signal ends it. Raises BadRequest or Unavailable when it cannot begin."""
    home = Path(os.environ.get("BUSYHOUR_HOME") or "var").resolve()
    listeners = (
        listen(*parse_address(os.environ.get("BUSYHOUR_WEB") or "127.0.0.1:8080")), listen_behind(home / SOCKET),
    )  # fmt: skip
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("gunicorn.error").addFilter(SlowPeers())
    Server(listeners, feed).run()

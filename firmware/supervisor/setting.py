"""What the box is told by its environment, and whether it can run so: every reason why not is named at the start."""

import errno
import fcntl
import os
import random
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from drivers.link.address import Address, BadAddress, parse
from drivers.link.entrances import INSIDE

EX_CONFIG = 78  # sysexits.h: starting again would not help
FREE_BYTES = 16 * 1024 * 1024  # less, and the first call could not be recorded
SOCKET_PATH_BYTES = 107  # of a Unix socket's address, unix(7)
LONGEST_SOCKET = "run/exchange.sock"
SIPS_ABOVE = 1  # 5061 beside 5060 (RFC 3261 §19.1.2)
HTTPS_ABOVE = 363  # 443 beside 80, 8443 beside 8080
TRIED = 20  # ports, where none was named
GATEWAY_PORTS = (10000, 19999)  # below RTP's and the kernel's own


class CannotStart(Exception):
    """The box cannot run as things are; the text names what to change."""


@dataclass(frozen=True)
class Setting:
    """Where the box lives and listens."""

    home: Path
    web: Address
    sip: Address
    https: Address
    sips: Address
    edge: Address  # where the proxy hands telephones on: its port, on addresses of the loopback
    gateway_sip: Address
    console: str = ""  # the serial port the console serves, as /dev/ttyS0:9600

    @property
    def environment(self) -> dict[str, str]:
        """Return what every program of the box is told."""
        return os.environ | {
            "PYTHONFAULTHANDLER": "1",  # a fault in native code says in the log where Python was
            "BUSYHOUR_HOME": str(self.home),
            "BUSYHOUR_WEB": str(self.web),
            "BUSYHOUR_SIP": str(self.sip),
            "BUSYHOUR_HTTPS": str(self.https),
            "BUSYHOUR_SIPS": str(self.sips),
            "BUSYHOUR_EDGE": str(self.edge),
            "BUSYHOUR_GATEWAY_SIP": str(self.gateway_sip),
            "BUSYHOUR_CONSOLE": self.console,
            "PYTHONUNBUFFERED": "1",
        }


def read() -> Setting:
    """Return the environment's setting; raises CannotStart with variable, value and what would be right."""
    try:
        web = parse("BUSYHOUR_WEB", os.environ.get("BUSYHOUR_WEB") or "127.0.0.1:8080")
        sip = parse("BUSYHOUR_SIP", os.environ.get("BUSYHOUR_SIP") or "127.0.0.1:5060")
        https = _beside("BUSYHOUR_HTTPS", web, HTTPS_ABOVE)
        sips = _beside("BUSYHOUR_SIPS", sip, SIPS_ABOVE, https.port)
    except BadAddress as error:
        raise CannotStart(str(error)) from error
    home = Path(os.environ.get("BUSYHOUR_HOME") or "var").resolve()
    if len(os.fsencode(home / LONGEST_SOCKET)) > SOCKET_PATH_BYTES:
        most = SOCKET_PATH_BYTES - len(LONGEST_SOCKET) - 1
        raise CannotStart(f"BUSYHOUR_HOME is {home}: at most {most} characters, for there are Unix sockets below it")
    return Setting(home, web, sip, https, sips, _free_edge_address(), _free_gateway_address(), _console())


def _beside(name: str, plain: Address, above: int, *others: int) -> Address:
    """Return where TLS is served: as the variable says, else so far above the plain port, or the next free one."""
    if told := os.environ.get(name):
        return parse(name, told)
    ports = [port for port in range(plain.port + above, plain.port + above + TRIED) if port < 65536]
    for port in ports:
        if port not in others and _problem(Address(plain.host, port), tcp=True) is None:
            return Address(plain.host, port)
    return Address(plain.host, ports[0] if ports else 65535)  # the check of ports says what is wrong with it


def _console() -> str:
    text = os.environ.get("BUSYHOUR_CONSOLE", "")
    path, _, baud = text.partition(":")
    if text and (not path.startswith("/dev/") or (baud and not baud.isdecimal())):
        raise CannotStart(f"BUSYHOUR_CONSOLE is {text!r}: a serial port, and its speed, is right: /dev/ttyS0:9600")
    return text


def _free_gateway_address() -> Address:
    """Return a loopback address that nobody has, for the gateway's SIP; it stays the same as long as the box runs."""
    ports = range(GATEWAY_PORTS[0], GATEWAY_PORTS[1] + 1)
    for port in random.SystemRandom().sample(ports, len(ports)):  # boxes that start together choose apart
        if _problem(Address("127.0.0.1", port), tcp=False) is None:
            return Address("127.0.0.1", port)
    raise CannotStart("no free UDP port on 127.0.0.1 for the gateway")


def _free_edge_address() -> Address:
    """Return a port that nobody has on the edge's addresses inside; it stays the same as long as the box runs."""
    ports = range(GATEWAY_PORTS[0], GATEWAY_PORTS[1] + 1)
    hosts = [f"{network}1" for network in INSIDE.values()]
    for port in random.SystemRandom().sample(ports, len(ports)):
        if all(_problem(Address(host, port), tcp=True) is None for host in hosts):
            return Address(hosts[0], port)
    raise CannotStart("no free TCP port on the loopback for the edge")


def take_home(home: Path) -> IO[str]:
    """Make the home ready and return the lock that keeps other boxes out of it, as long as it is open.

    Raises CannotStart when the home cannot be written, is full, or another box runs in it.
    """
    try:
        for name in ("", "run", "log", "edge"):
            (home / name).mkdir(parents=True, exist_ok=True)
        probe = home / "run/.probe"
        with probe.open("wb") as file:
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
        probe.unlink()
        lock = (home / "run/supervisor.lock").open("a+")
    except OSError as error:
        raise CannotStart(f"BUSYHOUR_HOME is {home}: {_storage_problem(error)}") from error
    usage = os.statvfs(home)
    free = usage.f_bavail * usage.f_frsize
    if free < FREE_BYTES:
        raise CannotStart(
            f"BUSYHOUR_HOME is {home}: the disk is full, {free // 1024} KiB are free and "
            f"{FREE_BYTES // 1024} KiB are needed to start"
        )
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        raise CannotStart(f"BUSYHOUR_HOME is {home}: another box runs in it, process {lock.read().strip()}") from error
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def _storage_problem(error: OSError) -> str:
    known = {
        errno.EROFS: "the file system is read-only",
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk quota is used up",
        errno.EACCES: "this user may not write there",
        errno.EPERM: "this user may not write there",
        errno.ENOTDIR: "a part of it is a file, not a folder",
        errno.EEXIST: "it is a file, not a folder",
    }
    where = f" ({error.filename})" if error.filename else ""  # a write has none
    return f"{known.get(error.errno or 0, error.strerror or str(error))}{where}"


def check_ports(setting: Setting) -> None:
    """Raise CannotStart naming the variable whose port somebody else has."""
    listened = (
        ("BUSYHOUR_WEB", setting.web, True), ("BUSYHOUR_SIP", setting.sip, False),
        ("BUSYHOUR_HTTPS", setting.https, True), ("BUSYHOUR_SIPS", setting.sips, True),
    )  # fmt: skip
    for name, address, tcp_only in listened:
        for tcp in (True,) if tcp_only else (True, False):
            if (problem := _problem(address, tcp=tcp)) is not None:
                reason = {
                    errno.EADDRINUSE: f"another program has this {'TCP' if tcp else 'UDP'} port; "
                    "end it or choose another port",
                    errno.EADDRNOTAVAIL: "this machine has no such address",
                    errno.EACCES: "a port below 1024 needs root",
                }.get(problem.errno or 0, str(problem))
                raise CannotStart(f"{name} is {address}: {reason}")


def _problem(address: Address, *, tcp: bool) -> OSError | None:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM) as probe:
        try:
            if tcp:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address.host, address.port))
            if tcp:
                probe.listen(1)
        except OSError as error:
            return error
    return None


def check_packages() -> None:
    """Raise CannotStart naming the Debian packages that the programs need and this machine lacks."""
    if missing := sorted(set(_missing())):
        raise CannotStart(f"missing: {', '.join(missing)}; as root: apt-get install {' '.join(missing)}")


def _missing() -> Iterator[str]:
    if shutil.which("kamailio", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") is None:
        yield "kamailio"
    for module, package in (("db_sqlite", "sqlite"), ("websocket", "websocket")):
        if not any(Path("/").glob(f"usr/lib/*/kamailio/modules/{module}.so")):
            yield f"kamailio-{package}-modules"
    if shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") is None:
        yield "haproxy"

"""Makes ready what Kamailio runs on: its configuration, its tables, its port, and no leftover of its last life."""

import errno
import os
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from drivers.link.address import Address, expand
from drivers.link.entrances import Entrance, Way
from drivers.link.errors import DriverError
from drivers.sip.edge import clock, interfaces

TEMPLATE = Path(__file__).with_name("kamailio.cfg")
PACKAGES = "kamailio kamailio-sqlite-modules kamailio-websocket-modules"
SUBSCRIBERS = Path(__file__).parents[1] / "schema.sql"
LOCATION = Path(__file__).with_name("location.sql")
SHARED_MB, PRIVATE_MB = 64, 4  # touched only as needed: 20 MB PSS idle, all processes together
ALLOCATOR = "fm"  # the default searches long lists for each piece: a fifth of all that a call costs here
KEY = re.compile("[0-9a-f]{32}")
FREED_WITHIN_S = 2.0
SOCKET_PATH_BYTES = 107  # of a Unix socket's address, unix(7)


class CannotStart(DriverError):
    """Kamailio cannot run as things are; the text names what to change."""

    code = "cannot-start"


def prepare(home: Path, outside: Address, gateway: Address, entrances: Sequence[Entrance]) -> list[str]:
    """Write everything Kamailio needs into $home/edge and return its command line.

    Raises CannotStart when the program is missing, the port is taken or the home is of no use.
    """
    program = shutil.which("kamailio", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if program is None:
        raise CannotStart(f"kamailio is not installed: apt-get install {PACKAGES}")
    if re.search(r'["\\?@\x00-\x1f]', str(home)) or not home.is_absolute():
        raise CannotStart(f'BUSYHOUR_HOME is {str(home)!r}: it must be a full path without any of " \\ ? @')
    if len(os.fsencode(home / "run/edge.sock")) > SOCKET_PATH_BYTES:
        raise CannotStart(f"BUSYHOUR_HOME is too long for a Unix socket below it: {home}")
    configuration = home / "edge/kamailio.cfg"
    try:
        for folder in (home / "edge", home / "run"):
            folder.mkdir(parents=True, exist_ok=True)
        _write_table(home / "edge/subscribers.sqlite", SUBSCRIBERS)
        _write_table(home / "edge/location.sqlite", LOCATION)
        key = _key(home / "edge/mask.key")
    except (OSError, sqlite3.Error) as error:
        raise CannotStart(f"BUSYHOUR_HOME cannot be written: {home / 'edge'}: {error}") from error
    end_leftover(configuration)
    _follow_clock(home / "edge/location.sqlite")
    addresses = expand(outside)
    _check_free(outside, addresses, [entrance.inside for entrance in entrances])
    (home / "run/edge.sock").unlink(missing_ok=True)
    configuration.write_text(render(home, addresses, outside.inner, gateway, key, entrances))
    configuration.chmod(0o600)
    memory = ["-m", str(SHARED_MB), "-M", str(PRIVATE_MB), "-x", ALLOCATOR, "-X", ALLOCATOR]
    return [program, "-f", str(configuration), "-DD", "-E", *memory, "-Y", str(home / "run")]


def render(
    home: Path, addresses: Sequence[Address], inner: Address, gateway: Address, key: str, entrances: Sequence[Entrance]
) -> str:
    """Return Kamailio's configuration. `key` masks addresses and must stay the same as long as calls last.

    Streams come by the proxy alone, to the entrances' addresses inside.

    `inner` is where the gateway is met, should that not be one of the addresses: where all of them are IPv6.
    """
    listen = [f"listen=udp:{address}" for address in addresses]
    if inner not in addresses:
        listen.append(f"listen=udp:{inner}")
    listen += [f"listen=tcp:{one.inside} advertise {one.outside}" for one in entrances]
    ways = [
        f'    if ($var(at) == "{at}") {{ $var(way) = "{one.uri}"; $var(way_at) = "{one.outside}"; }}'
        for one in entrances for at in dict.fromkeys((str(one.inside), f"{one.inside.host}:{one.inside.port}"))
    ]  # fmt: skip
    outward = interfaces.outward(list(addresses))
    shown = str(outward)
    tls = next(iter(_by_tls(entrances, outward.host)), None)
    tls_shown = str(tls.outside) if tls else shown
    words = {
        "HOME": str(home),
        "LISTEN": "\n".join(listen),
        "WAYS": "\n".join(ways),
        "MULTIHOMED": str(int(len({*addresses, inner}) > 1)),
        "GATEWAY_HOST": gateway.host,
        "GATEWAY_PORT": str(gateway.port),
        "KEY": key,
        "SHOWN": shown,
        "TLS_INSIDE": str(tls.inside) if tls else "",
        "TLS_SOCKET": f"tcp:{tls.inside}" if tls else "",
        "TLS_SHOWN": tls_shown,
        "TLS_SHOWN_PATTERN": re.sub(r"[][.]", r"[\g<0>]", tls_shown),
        "SHOWN_PATTERN": re.sub(r"[][.]", r"[\g<0>]", shown),  # a POSIX regular expression; the cfg's strings eat \
    }
    return re.sub("@([A-Z_]+)@", lambda match: words[match[1]], TEMPLATE.read_text())


def _by_tls(entrances: Sequence[Entrance], host: str) -> list[Entrance]:
    """Return the ways in by TLS that the forwarder can be reached from, best first: at the address that is shown."""
    found = [one for one in entrances if one.way is Way.TLS and ":" not in one.inside.host]
    return sorted(found, key=lambda one: one.outside.host != host)


def _write_table(path: Path, schema: Path) -> None:
    """Create what is not there yet, so that a reader never meets a missing table."""
    with closing(sqlite3.connect(path, timeout=5)) as database:
        path.chmod(0o600)
        database.execute("PRAGMA journal_mode=WAL")  # the file keeps it: readers and the one writer never wait
        database.executescript(schema.read_text())


def _follow_clock(path: Path) -> None:
    """Put registrations right by the clock as it is now, with no Kamailio there that would write them."""
    try:
        with closing(sqlite3.connect(path, timeout=5)) as database:
            clock.follow(database)
    except (OSError, sqlite3.Error) as error:  # a full disk: telephones register anew, which costs less than no edge
        print(f"busyhour edge: registrations may be over too soon: {path}: {error}", file=sys.stderr)


def _key(path: Path) -> str:
    """Return the box's masking key, made at its first start.

    An empty one, as a power cut may leave, is made anew: Kamailio would divide by its length.
    """
    if path.exists() and KEY.fullmatch(key := path.read_text(errors="replace")):
        return key
    fresh = path.with_suffix(".new")
    key = secrets.token_hex(16)
    with fresh.open("w") as file:
        fresh.chmod(0o600)
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    return key


def end_leftover(configuration: Path) -> None:
    """Kill what is left of this home's Kamailio: when its main process is killed, the others stay and hold the port."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if words[0].endswith(b"kamailio") and os.fsencode(configuration) in words:
                os.kill(int(entry.name), signal.SIGKILL)
        except (OSError, IndexError):
            continue  # it ended meanwhile, or belongs to somebody else


def _check_free(outside: Address, addresses: Sequence[Address], inside: Sequence[Address]) -> None:
    """Raise CannotStart when somebody holds a port; Kamailio itself would share a UDP port unnoticed."""
    if not addresses:
        raise CannotStart(f"BUSYHOUR_SIP is {outside}: this machine has no such address")
    deadline = time.monotonic() + FREED_WITHIN_S
    wanted = [(address, False) for address in dict.fromkeys((*addresses, outside.inner))]
    for address, tcp in [*wanted, *((address, True) for address in inside)]:
        while (problem := _problem(address, tcp=tcp)) is not None:
            if problem.errno == errno.EADDRINUSE and time.monotonic() < deadline:
                time.sleep(0.05)  # the kernel frees a killed process's sockets in its own time
                continue
            reason = {
                errno.EADDRINUSE: "another program has this port; end it or choose another port",
                errno.EADDRNOTAVAIL: "this machine has no such address",
                errno.EACCES: "a port below 1024 needs root",
            }.get(problem.errno or 0, str(problem))
            raise CannotStart(f"BUSYHOUR_SIP is {outside}: cannot listen on {address}: {reason}")


def _problem(address: Address, *, tcp: bool) -> OSError | None:
    """Return why an address cannot be listened to, or None."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM) as probe:
            if tcp:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a closing connection is no listener
            probe.bind((address.host, address.port))
            if tcp:
                probe.listen(1)
    except OSError as error:
        return error
    return None

"""What the machine itself tells, with every program of ours dead: network, logs, release."""

import ipaddress
import os
import platform
import socket
import struct
import sys
from collections import defaultdict
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from firmware.console.output import Output
from firmware.console.table import table
from firmware.console.terminal import printable
from firmware.errors import NotFound, Refused, Unavailable

LOG_LINES, MOST_LOG_LINES = 40, 1000
LOG_BYTES = 256 * 1024  # of a log's end that is looked at
NETWORK = Path("/sys/class/net")
# rtnetlink(7), netlink(7): the request for all addresses, and what comes back
RTM_GETADDR, RTM_NEWADDR, NLMSG_DONE, NLM_F_DUMP_REQUEST = 22, 20, 3, 0x301
IFA_ADDRESS, IFA_LOCAL = 1, 2
HEADER, ADDRESS, ATTRIBUTE = struct.Struct("=IHHII"), struct.Struct("=BBBBi"), struct.Struct("=HH")


def interfaces(session: Any, arguments: list[str]) -> Output:
    """Return the network interfaces with their addresses, the default routes and the name servers."""
    by_index = addresses()
    found: list[dict[str, Any]] = []
    for index, name in sorted(socket.if_nameindex()):
        facts = {key: _read(NETWORK / name / file) for key, file in (("state", "operstate"), ("mac", "address"))}
        bytes_ = {f"{way}_bytes": int(_read(NETWORK / name / f"statistics/{way}_bytes") or 0) for way in ("rx", "tx")}
        found.append({"name": name, **facts, **bytes_, "addresses": by_index[index]})
    rows: list[tuple[str, ...]] = [
        (one["name"] if not place else "", one["state"] if not place else "", address, one["mac"] if not place else "")
        for one in found
        for place, address in enumerate(one["addresses"] or [""])
    ]
    routes, servers = list(_default_routes()), list(_name_servers())
    heads = [session.say(f"head.{key}") for key in ("interface", "state", "address", "mac")]
    head, body = table(heads, [[cell or " " for cell in row] for row in rows], session.columns)
    rest = [
        session.say("interfaces.routes") + (", ".join(routes) or "-"),
        session.say("interfaces.servers") + (", ".join(servers) or "-"),
    ]
    return Output({"interfaces": found, "default_routes": routes, "name_servers": servers}, [*body, *rest], head)


def addresses() -> defaultdict[int, list[str]]:
    """Return the addresses with their prefix lengths, by the index of their interface. Raises OSError."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as kernel:
        kernel.settimeout(2.0)
        length = HEADER.size + ADDRESS.size
        kernel.send(HEADER.pack(length, RTM_GETADDR, NLM_F_DUMP_REQUEST, 1, 0) + bytes(ADDRESS.size))
        while True:
            data = kernel.recv(1 << 17)
            while data:
                length, kind, *_ = HEADER.unpack_from(data)
                if kind == NLMSG_DONE:
                    return found
                if kind == RTM_NEWADDR:
                    index, text = _address(data[HEADER.size : length])
                    found[index].append(text)
                data = data[(length + 3) & ~3 :]


def _address(data: bytes) -> tuple[int, str]:
    _, prefix, _, _, index = ADDRESS.unpack_from(data)
    attributes, place = {}, ADDRESS.size
    while place + ATTRIBUTE.size <= len(data):
        length, kind = ATTRIBUTE.unpack_from(data, place)
        attributes[kind] = data[place + ATTRIBUTE.size : place + length]
        place += (max(length, ATTRIBUTE.size) + 3) & ~3
    own = attributes.get(IFA_LOCAL) or attributes[IFA_ADDRESS]  # on a point-to-point line IFA_ADDRESS is the peer's
    return index, f"{ipaddress.ip_address(own)}/{prefix}"


def _default_routes() -> Iterator[str]:
    for line in _read(Path("/proc/net/route")).splitlines()[1:]:
        name, destination, gateway, *rest = line.split()
        if destination == "00000000" and rest[4] == "00000000":
            yield f"{ipaddress.ip_address(struct.pack('=I', int(gateway, 16)))} ({name})"
    for line in _read(Path("/proc/net/ipv6_route")).splitlines():
        destination, length, _, _, gateway, *_, name = line.split()
        if length == "00" and name != "lo" and int(gateway, 16):
            yield f"{ipaddress.IPv6Address(bytes.fromhex(gateway))} ({name})"


def _name_servers() -> Iterator[str]:
    for line in _read(Path("/etc/resolv.conf")).splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver":
            yield words[1]


def log_names(home: Path) -> list[str]:
    """Return the programs that have a log."""
    return sorted(path.stem for path in (home / "log").glob("*.log"))


def log(session: Any, arguments: list[str]) -> Output:
    """Return the end of a program's log; without a name, which there are and their last lines."""
    home: Path = session.home
    if not arguments:
        logs = [(name, _tail(home / "log" / f"{name}.log")) for name in log_names(home)]
        rows = [(name, lines[-1] if lines else "") for name, lines in logs]
        heads = [session.say("head.program"), session.say("head.last_line")]
        head, body = table(heads, rows, session.columns)
        return Output([{"program": name, "last_line": line} for name, line in rows], body, head)
    name = arguments[0]
    if name not in log_names(home):
        raise NotFound(session.say("log.none", name=name, right=", ".join(log_names(home)) or "-"))
    many = arguments[1] if len(arguments) > 1 else str(LOG_LINES)
    if not many.isascii() or not many.isdigit() or not 1 <= int(many) <= MOST_LOG_LINES:
        raise Refused(session.say("log.lines", value=many, most=str(MOST_LOG_LINES)))
    lines = _tail(home / "log" / f"{name}.log")[-int(many) :]
    return Output({"program": name, "lines": lines}, lines)


def _tail(path: Path) -> list[str]:
    """Return the last lines of a log, harmless to a terminal. Raises OSError."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - LOG_BYTES))
        lines = [printable(line) for line in file.read().decode("utf-8", "replace").splitlines()]
    return lines[1:] if size > LOG_BYTES else lines


def version(session: Any, arguments: list[str]) -> Output:
    """Return the release of the box and of what it stands on."""
    try:
        exchange = session.ask("status")["version"]
    except Unavailable:
        exchange = None
    release = platform.freedesktop_os_release().get("PRETTY_NAME", "") if Path("/etc/os-release").exists() else ""
    told = {
        "busyhour": _installed(), "exchange": exchange, "system": release, "kernel": platform.release(),
        "machine": platform.machine(), "python": sys.version.split()[0],
    }  # fmt: skip
    return Output(told, [f"{key:<10}{value or session.say('version.dead')}" for key, value in told.items()])


def _installed() -> str:
    try:
        return metadata.version("busyhour")
    except metadata.PackageNotFoundError:
        return "unknown"


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""  # not every interface has every fact, nor every machine every file

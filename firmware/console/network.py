"""The machine's addresses, kept as files of systemd-networkd (systemd.network(5)), which puts them in force."""

import ipaddress
import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from firmware.console.file import save
from firmware.console.machine import addresses
from firmware.console.output import Output
from firmware.console.table import table
from firmware.errors import BadRequest, NotFound, Problem, Refused

FOLDER = "BUSYHOUR_NETWORK"  # the variable that names another folder than networkd's own
DEFAULT_FOLDER = "/etc/systemd/network"
OURS = re.compile(r"50-busyhour-(.+)\.network")
RELOAD = ("networkctl", "reload")
RELOAD_S = 10.0
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Interface = ipaddress.IPv4Interface | ipaddress.IPv6Interface


class Wish(NamedTuple):
    """How an interface gets its address: by DHCP where `address` is empty."""

    interface: str
    address: str = ""
    gateway: str = ""
    name_servers: tuple[str, ...] = ()

    def text(self) -> str:
        """Return the file's content."""
        lines = ["# written by the console of busyhour", "[Match]", f"Name={self.interface}", "", "[Network]"]
        if self.address:
            lines.append(f"Address={self.address}")
            lines += [f"Gateway={self.gateway}"] if self.gateway else []
            lines += [f"DNS={server}" for server in self.name_servers]
        else:
            lines.append("DHCP=yes")
        return "\n".join(lines) + "\n"


def interfaces(session: Any, before: list[str], begun: str) -> Iterator[tuple[str, str]]:
    """Yield the interfaces with the addresses they have."""
    found = addresses()
    for index, name in socket.if_nameindex():
        if name != "lo":
            yield name, " ".join(found[index])


def show(session: Any, arguments: list[str]) -> Output:
    """Return what is kept for each interface; what is in force is told by `show interfaces`."""
    wishes = list(_wishes())
    rows = [
        (wish.interface, wish.address or "dhcp", wish.gateway or "-", " ".join(wish.name_servers) or "-")
        for wish in wishes
    ]
    heads = [session.say(f"head.{key}") for key in ("interface", "address", "gateway", "servers")]
    head, body = table(heads, rows, session.columns)
    return Output([wish._asdict() for wish in wishes], body or [session.say("network.none")], head if rows else [])


def dhcp(session: Any, arguments: list[str]) -> Output:
    """Let an interface ask for its address."""
    return _keep(session, Wish(_known(arguments[0])))


def static(session: Any, arguments: list[str]) -> Output:
    """Give an interface an address, a gateway or `none`, and name servers."""
    name, address, gateway, *servers = arguments
    wish = Wish(_known(name), address, "" if gateway == "none" else gateway, tuple(" ".join(servers).split()))
    if problems := list(_problems(wish)):
        raise BadRequest(problems=problems)
    return _keep(session, wish)


def delete(session: Any, arguments: list[str]) -> Output:
    """Keep nothing more for an interface."""
    path = _path(arguments[0])
    if not path.exists():
        raise NotFound(session.say("network.not_kept", name=arguments[0]))
    if not session.agrees("network.sure", name=arguments[0]):
        return Output({"deleted": None}, [session.say("network.left")])
    path.unlink()
    return Output({"deleted": arguments[0]}, _told(session))


def _keep(session: Any, wish: Wish) -> Output:
    path = _path(wish.interface)
    if not os.access(path.parent, os.W_OK):
        raise Refused(session.say("network.not_ours", folder=str(path.parent)))
    if not session.agrees("network.sure", name=wish.interface):
        return Output({"kept": None}, [session.say("network.left")])
    save(path, wish.text())
    path.chmod(0o644)  # networkd is another user
    return Output({"kept": wish._asdict()}, _told(session))


def _told(session: Any) -> list[str]:
    """Have networkd read its files; return what to tell."""
    try:
        done = subprocess.run(RELOAD, capture_output=True, text=True, timeout=RELOAD_S, check=False)
        why = done.stderr.strip().rpartition("\n")[2] if done.returncode else ""
    except (OSError, subprocess.TimeoutExpired) as error:
        why = str(error)
    return [session.say("network.later", why=why) if why else session.say("network.done")]


def _problems(wish: Wish) -> Iterator[Problem]:
    """Yield what is wrong with an address, its gateway and its name servers."""
    own = _interface(wish.address)
    if own is None:
        yield Problem("address", wish.address, "an address with its prefix length is right, such as 192.168.1.10/24")
    else:
        if not _may_be_a_host(own.ip, own):
            yield Problem("address", wish.address, "the address of one machine in its network is right")
        yield from _overlaps(wish, own)
        if wish.gateway:
            gateway = _address(wish.gateway)
            if gateway is None or gateway not in own.network or gateway == own.ip or not _may_be_a_host(gateway, own):
                yield Problem("gateway", wish.gateway, f"another machine in {own.network} is right, or none")
    for server in wish.name_servers:
        if _address(server) is None:
            yield Problem("name_servers", server, "IP addresses are right, with spaces between them")


def _overlaps(wish: Wish, own: Interface) -> Iterator[Problem]:
    """Yield what other interface is in the same network: the machine would not know which way to send."""
    found = addresses()
    for index, name in socket.if_nameindex():
        for text in found[index] if name != wish.interface else ():
            other = ipaddress.ip_interface(text)
            if other.version == own.version and other.network.overlaps(own.network):
                yield Problem("address", wish.address, f"a network apart from {name}, which has {text}, is right")


def _may_be_a_host(address: Address, own: Interface) -> bool:
    if address.is_multicast or address.is_loopback or address.is_unspecified or address.is_link_local:
        return False
    ends = (own.network.network_address, own.network.broadcast_address) if own.version == 4 else ()
    return own.network.num_addresses <= 2 or address not in ends  # RFC 3021: both ends of a /31 are machines


def _interface(text: str) -> Interface | None:
    try:
        return ipaddress.ip_interface(text) if "/" in text else None
    except ValueError:
        return None


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _known(name: str) -> str:
    names = [one for _, one in socket.if_nameindex() if one != "lo"]
    if name not in names:
        raise NotFound(f"there is no interface {name!r}; there is {', '.join(names) or 'none'}")
    return name


def _path(name: str) -> Path:
    return Path(os.environ.get(FOLDER) or DEFAULT_FOLDER) / f"50-busyhour-{name}.network"


def _wishes() -> Iterator[Wish]:
    folder = _path("").parent
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if ours := OURS.fullmatch(path.name):
            pairs = [line.split("=", 1) for line in path.read_text(errors="replace").splitlines() if "=" in line]
            kept = {key: value for key, value in pairs if key != "DNS"}
            servers = tuple(value for key, value in pairs if key == "DNS")
            yield Wish(ours[1], kept.get("Address", ""), kept.get("Gateway", ""), servers)

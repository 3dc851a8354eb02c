"""Addresses as the environment writes them: HOST:PORT, with IPv6 in brackets."""

import ipaddress
from pathlib import Path
from typing import NamedTuple

from drivers.link.errors import DriverError


class BadAddress(DriverError):
    """An address is not written as HOST:PORT."""

    code = "bad-address"


class Address(NamedTuple):
    """A numeric host, perhaps 0.0.0.0 or :: for all of this machine's, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        """Return it as the environment writes it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def everywhere(self) -> bool:
        """Whether the host stands for all addresses of this machine."""
        return ipaddress.ip_address(self.host).is_unspecified

    @property
    def near(self) -> "Address":
        """Where a program on this machine reaches it."""
        if self.everywhere:
            return Address("::1" if ":" in self.host else "127.0.0.1", self.port)
        return self

    @property
    def inner(self) -> "Address":
        """Where the gateway, which signals by IPv4 alone, reaches an edge that listens here."""
        return Address("127.0.0.1", self.port) if ":" in self.host else self.near


def parse(name: str, text: str) -> Address:
    """Return the address in `text`; BadAddress names `name` (the variable), the value and what would be right."""
    host, colon, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        host = ""  # an IPv6 address without brackets could end anywhere
    try:
        number = int(port) if colon and port.isascii() and port.isdigit() else 0
        if not 0 < number < 65536:
            raise ValueError(port)
        return Address(str(ipaddress.ip_address(host)), number)
    except ValueError:
        raise BadAddress(
            f"{name} is {text!r}: it must be an address of this machine and a port, such as 127.0.0.1:5060, "
            "0.0.0.0:5060 for all its addresses, or [::1]:5060"
        ) from None


def expand(address: Address) -> list[Address]:
    """Return the single addresses an address stands for: 0.0.0.0 all of IPv4, :: all of both."""
    if not address.everywhere:
        return [address]
    versions = (4,) if address.host == "0.0.0.0" else (4, 6)  # noqa: S104 - compared, not bound
    return [Address(host, address.port) for version in versions for host in local_addresses(version)]


def local_addresses(version: int) -> list[str]:
    """Return all addresses of this machine of an IP version (4 or 6), without link-local ones, in a stable order."""
    return _ipv4(Path("/proc/net/fib_trie").read_text()) if version == 4 else _ipv6(Path("/proc/net/if_inet6"))


def is_address(host: str) -> bool:
    """Tell whether a host is written as an IP address, not as a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _ipv4(trie: str) -> list[str]:
    """Return the leaves that the kernel's routing trie marks as a host's own (proc(5), fib_trie)."""
    found: set[str] = set()
    leaf = ""
    for line in trie.splitlines():
        words = line.split()
        if len(words) >= 2 and words[0] == "|--":
            leaf = words[1]
        elif words[:3] == ["/32", "host", "LOCAL"]:
            found.add(leaf)
    return sorted((a for a in found if not ipaddress.ip_address(a).is_link_local), key=ipaddress.ip_address)


def _ipv6(table: Path) -> list[str]:
    """Return what if_inet6 lists: 32 hex digits first, the scope fourth (0x20 is link-local)."""
    if not table.exists():
        return []  # a kernel without IPv6
    rows = [line.split() for line in table.read_text().splitlines()]
    found = [ipaddress.IPv6Address(bytes.fromhex(row[0])) for row in rows if row[3] != "20"]
    return [str(address) for address in sorted(set(found))]

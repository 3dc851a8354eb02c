"""The addresses this machine has now, from the kernel's own tables."""

import ipaddress
import socket
from pathlib import Path

from drivers.link.address import Address


def local_addresses(version: int) -> list[str]:
    """Return all addresses of this machine of an IP version (4 or 6), without link-local ones, in a stable order."""
    return _ipv4(Path("/proc/net/fib_trie").read_text()) if version == 4 else _ipv6(Path("/proc/net/if_inet6"))


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


def expand(address: Address) -> list[Address]:
    """Return the single addresses an address stands for: 0.0.0.0 all of IPv4, :: all of both."""
    if not address.everywhere:
        return [address]
    versions = (4,) if address.host == "0.0.0.0" else (4, 6)  # noqa: S104 - compared, not bound
    return [Address(host, address.port) for version in versions for host in local_addresses(version)]


def outward(addresses: list[Address]) -> Address:
    """Return by which of `addresses` strangers reach us: the default route's source, else the first real one."""
    hosts = {address.host: address for address in addresses}
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((far, 9))  # of a datagram socket: asks the routing table, sends nothing
            except OSError:
                continue
            if probe.getsockname()[0] in hosts:
                return hosts[probe.getsockname()[0]]
    real = [address for address in addresses if not ipaddress.ip_address(address.host).is_loopback]
    return (real or addresses)[0]

"""Which of this machine's addresses the edge listens on, and which it shows."""

import ipaddress
import socket

from drivers.link.address import Address, local_addresses


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

"""Which of the addresses that the edge listens on it shows."""

import ipaddress
import socket

from drivers.link.address import Address


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

"""Which addresses the box may be made to reach: whoever names a destination must not get at what only the box reaches.

Judged are the addresses that a name resolved to, never the name. Ranges: RFC 6890 and its registries; the metadata
services of clouds answer to whoever asks from the machine itself, and give away its keys.
"""

import ipaddress
from collections.abc import Collection, Iterator
from typing import Literal

# public: the internet alone. lan: private networks too. box: this machine's own addresses too
Reach = Literal["public", "lan", "box"]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

METADATA = frozenset(
    ipaddress.ip_address(one) for one in ("169.254.169.254", "100.100.100.200", "192.0.0.192", "fd00:ec2::254")
)
NAT64 = ipaddress.ip_network("64:ff9b::/96")


def wrong_with(address: str, reach: Reach, ours: Collection[str]) -> str:
    """Return why an address may not be reached, "" where it may; `ours` are this machine's own."""
    try:
        given = ipaddress.ip_address(address)
    except ValueError:
        return f"{address} is no address"
    own = {ipaddress.ip_address(one) for one in ours}
    for one in (*_within(given), given):
        if why := _wrong_with(one, reach, own):
            return f"{address} {why}"
    return ""


def _wrong_with(address: Address, reach: Reach, own: Collection[Address]) -> str:
    if address in METADATA:
        return "is a machine's metadata service, which is never reached"
    if address.is_unspecified or address.is_multicast or address.is_link_local:
        return "is unspecified, multicast or link-local, which is never reached"
    if isinstance(address, ipaddress.IPv4Address) and address in ipaddress.ip_network("240.0.0.0/4"):
        return "is reserved, which is never reached"
    if address.is_loopback or address in own:
        return "" if reach == "box" else "is this machine's own; reach `box` allows it"
    if not address.is_global and reach == "public":
        return "is in a private network; reach `lan` allows it"
    return ""


def _within(address: Address) -> Iterator[Address]:
    """Yield the IPv4 addresses that an IPv6 one stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in NAT64:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    yield from (one for one in found if one is not None)

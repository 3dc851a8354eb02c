"""By which streams telephones come in: where they reach the box, and where the proxy hands them on to the edge.

Kamailio learns by the address inside how somebody came, and so how they must be told to come again: each way in has one
of its own there, on the loopback. IPv4 has many addresses there and takes one port, which is the box's own; IPv6 has
only ::1, and takes a port above that for each.
"""

from enum import StrEnum
from typing import NamedTuple

from drivers.link.address import Address, expand


class Way(StrEnum):
    """How a telephone comes, as the transport parameter of a SIP URI has it (RFC 3261 §19.1.1, RFC 7118 §5.2)."""

    TCP = "tcp"
    TLS = "tls"
    WSS = "wss"


INSIDE = {way: f"127.77.{number}." for number, way in enumerate(Way, 1)}


class Entrance(NamedTuple):
    """One way in, at one of this machine's addresses."""

    way: Way
    number: int
    outside: Address
    inside: Address

    @property
    def name(self) -> str:
        """What the proxy calls it, such as sip-tls-1."""
        return f"sip-{self.way}-{self.number}"

    @property
    def uri(self) -> str:
        """How a telephone is told to come here again."""
        return f"sip:{self.outside};transport={self.way}"


def entrances(sip: Address, sips: Address, https: Address, port: int) -> list[Entrance]:
    """Return all ways in for SIP at `sip` (TCP) and `sips` (TLS), and for WebSocket beside the page at `https`."""
    found: list[Entrance] = []
    for way, listens in ((Way.TCP, sip), (Way.TLS, sips), (Way.WSS, https)):
        for number, outside in enumerate(expand(listens)[:254], 1):
            inside = Address(f"{INSIDE[way]}{number}", port)
            if ":" in outside.host:
                inside = Address("::1", port + 1 + sum(one.inside.host == "::1" for one in found))
            found.append(Entrance(way, number, outside, inside))
    return found

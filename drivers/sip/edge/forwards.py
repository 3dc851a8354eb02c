"""By which addresses of the loopback the edge reaches carriers that speak TLS: HAProxy is there, and speaks it onwards.

Kamailio itself carries no TLS. To it each such carrier is a host here that takes TCP; what comes back by the same
connection comes from that address. Addresses are made of the carriers' names: they stay when others come and go.
"""

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from drivers.link.address import Address
from drivers.link.messages import SipTrunk

NETWORK = "127.78."


class Forward(NamedTuple):
    """One carrier, by host and port as its trunks have them. `authority`: PEM, "" for those this system trusts."""

    host: str
    port: int
    inside: Address
    authority: str
    trunks: tuple[str, ...]

    @property
    def uri(self) -> str:
        """Where the edge sends what is for this carrier."""
        return f"sip:{self.inside};transport=tcp"

    @property
    def authority_name(self) -> str:
        """The file that has the authority, named by what is in it."""
        return f"authority-{hashlib.sha256(self.authority.encode()).hexdigest()[:16]}.pem"


def forwards(trunks: Iterable[SipTrunk], port: int) -> list[Forward]:
    """Return all carriers that speak TLS, each with an address of its own and this port."""
    found: dict[tuple[str, int], list[SipTrunk]] = {}
    for trunk in trunks:
        if trunk.transport == "tls":
            found.setdefault((trunk.host.lower(), trunk.port), []).append(trunk)
    taken: set[str] = set()
    made = []
    for (host, carrier_port), own in sorted(found.items()):
        inside = _address(f"{host}:{carrier_port}", taken)
        authorities = dict.fromkeys(trunk.authority.strip() for trunk in own if trunk.authority.strip())
        made.append(Forward(
            host, carrier_port, Address(inside, port), "\n".join(authorities), tuple(trunk.name for trunk in own)
        ))  # fmt: skip
    return made


def forward_of(trunk: SipTrunk, all_of_them: Sequence[Forward]) -> Forward | None:
    """Return the way to a trunk's carrier; None where it does not speak TLS."""
    return next((one for one in all_of_them if trunk.name in one.trunks), None)


def _address(name: str, taken: set[str]) -> str:
    """Return an address that follows from the name; of two that would have the same, the later has the next."""
    number = zlib.crc32(name.encode())
    while True:
        address = f"{NETWORK}{number // 254 % 254 + 1}.{number % 254 + 1}"
        if address not in taken:
            taken.add(address)
            return address
        number += 1

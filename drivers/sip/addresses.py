"""Which of our addresses a peer should send its voice to."""

import ipaddress
import logging
import socket
import time
from collections.abc import Iterable

from drivers.link.messages import MediaAddress

log = logging.getLogger(__name__)

LOOPBACK, LOOPBACK_6 = "127.0.0.1", "::1"
KNOWN_S = 5.0  # routes change when an interface comes or goes
MOST_KNOWN = 1000
_ANYWHERE = "192.0.2.1"  # documentation's own network (RFC 5737): nobody is there, so the default route leads there

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class MediaAddresses:
    """Answers by the configured table, longest match first; else with the address this machine would send from."""

    def __init__(self, table: Iterable[MediaAddress] = ()) -> None:
        rows: list[tuple[_Network, str]] = []
        for entry in table:
            try:
                network = ipaddress.ip_network(entry.network, strict=False)
                rows.append((network, str(ipaddress.ip_address(entry.address))))
            except ValueError as error:
                log.error("media address %s for %s is of no use: %s", entry.address, entry.network, error)
        self._known: dict[str, tuple[float, str]] = {}
        self._rows = sorted(rows, key=lambda row: row[0].prefixlen, reverse=True)

    def towards(self, peer: str) -> str:
        """Return our address for a peer's; for one unknown, that of the default route, without which the loopback."""
        now_s = time.monotonic()
        known_s, ours = self._known.get(peer, (0.0, ""))
        if not ours or now_s - known_s > KNOWN_S:
            if len(self._known) > MOST_KNOWN:
                self._known.clear()
            ours = self._find(peer)
            self._known[peer] = now_s, ours
        return ours

    def _find(self, peer: str) -> str:
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            peer, address = _ANYWHERE, ipaddress.ip_address(_ANYWHERE)
        for network, ours in self._rows:
            if address in network:
                return ours
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((peer, 9))  # of a datagram socket: asks the routing table, sends nothing
                return str(probe.getsockname()[0])
            except OSError as error:
                log.warning("no route to %s: %s", peer, error)
                return LOOPBACK if address.version == 4 else LOOPBACK_6

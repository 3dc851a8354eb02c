"""Ports for the voice of SIP calls: found free before pjsua needs them."""

import errno
import random
import socket


class RtpPorts:
    """The configured range, walked through pair by pair from a random place, so that a port rests after its call.

    pjsua itself gives up after a hundred pairs in use one after the other, which is what many long calls look like;
    and each of its accounts walks by itself.
    """

    def __init__(self, first: int, last: int) -> None:
        self.first = first + first % 2
        self.pairs = max(1, (last + 1 - self.first) // 2)
        self._at = random.randrange(self.pairs)  # noqa: S311 - no secret

    def next(self) -> int:
        """Return the next even port that is free together with the odd one above; any, when all are in use."""
        for _ in range(self.pairs):
            port = self.first + 2 * self._at
            self._at = (self._at + 1) % self.pairs
            if _free(port) and _free(port + 1):
                break
        return port


def _free(port: int) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6) if socket.has_ipv6 else (socket.AF_INET,):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.bind(("", port))
        except OSError as error:
            if error.errno != errno.EAFNOSUPPORT:  # a kernel without IPv6
                return False
    return True

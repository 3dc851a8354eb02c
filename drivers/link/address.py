"""Addresses as the environment writes them: HOST:PORT, with IPv6 in brackets."""

import ipaddress
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


def parse(name: str, text: str) -> Address:
    """Return the address in `text`; BadAddress names `name` (the variable), the value and what would be right."""
    host, colon, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
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

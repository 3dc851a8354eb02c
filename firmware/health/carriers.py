"""Whether carriers that speak TLS can be believed: each is met now and then, as the forwarder would meet it."""

import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from drivers.link.address import is_address
from drivers.link.messages import Wrong
from firmware.config.profiles import settings
from firmware.config.trunk import Trunk
from firmware.events import AlarmName
from firmware.health.finding import Finding

NAMES = (AlarmName.TRUNK_CERTIFICATE,)
EVERY_S = 30.0
MEET_S = 4.0


class Meeting(NamedTuple):
    """How a carrier was met: whether at all, and what is wrong with its TLS."""

    met: bool
    wrong: Wrong | None = None


Meet = Callable[[str, int, str], Meeting]


class CarrierWatch:
    """Remembers how each carrier was met last. `meet` blocks: keep `look` off the loop."""

    def __init__(self, meet: Meet) -> None:
        self._meet = meet
        self._last: dict[str, Meeting] = {}

    def look(self, trunks: Sequence[Trunk]) -> None:
        """Meet all carriers that speak TLS."""
        secured = [(trunk, of.port) for trunk in trunks if (of := settings(trunk)).transport == "tls"]
        self._last = {trunk.name: self._meet(trunk.host, port, trunk.authority) for trunk, port in secured}

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong; of one that was not met at all, nothing is known."""
        for name, meeting in self._last.items():
            yield Finding(AlarmName.TRUNK_CERTIFICATE, f"trunk:{name}", meeting.wrong, unsure=not meeting.met)


def meet(host: str, port: int, authority: str) -> Meeting:
    """Shake hands with a carrier as the forwarder does, and say what is wrong with its certificate.

    `authority` is PEM, "" for whom this system trusts.
    """
    context = ssl.create_default_context(cadata=authority or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = not is_address(host)
    try:
        with socket.create_connection((host, port), MEET_S) as wire:
            wire.settimeout(MEET_S)
            with context.wrap_socket(wire, server_hostname=host):
                return Meeting(True)
    except ssl.SSLCertVerificationError as error:
        return Meeting(True, Wrong("not-vouched", {"host": host, "port": port, "why": error.verify_message}))
    except ssl.SSLError as error:
        return Meeting(True, Wrong("no-tls", {"host": host, "port": port, "why": error.reason or str(error)}))
    except OSError:
        return Meeting(False)

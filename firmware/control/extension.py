"""`extension.sheet` and `extension.secret`: what somebody types into a telephone to make it an extension."""

import asyncio
import os
from typing import Annotated

import msgspec
from msgspec import Meta

from drivers.link import address
from firmware import emergency
from firmware.certificate.store import Store
from firmware.clock import Clock
from firmware.config import extensions
from firmware.config.configuration import Configuration
from firmware.config.values import ExtensionNumber
from firmware.control.methods import Asker, Role, method
from firmware.errors import KeyLost, NotFound
from firmware.records.audit import Audit, Entry

CODECS = ("G.711 A-law (PCMA)", "G.711 µ-law (PCMU)", "G.722", "Opus")  # drivers.sip.endpoint.CODECS, best first
TRANSPORTS = ("UDP", "TCP")


class Secret(msgspec.Struct, frozen=True):
    """An extension's secret, for typing into its telephone."""

    number: str
    secret: str
    realm: str


class Secure(msgspec.Struct, frozen=True):
    """How telephones register by TLS: where, and by what they know the box; times are Unix seconds.

    `names` are those the certificate vouches for: one of them belongs into the telephone as its server. Nobody vouches
    for a `self_signed` one: the telephone wants it as trusted, or its SHA-256 `fingerprint` compared.
    """

    registrars: list[str]
    names: list[str]
    self_signed: bool
    fingerprint: str
    until_s: float


class Sheet(msgspec.Struct, frozen=True):
    """All but the secret that makes a telephone an extension.

    `registrars` are the addresses it may register at, HOST:PORT; a box that takes only telephones on its own machine
    has one on the loopback; `secure` tells the same of TLS, None where the box has none.
    One in a `port` (0: none) is a plain telephone: it is plugged in there, and has nothing to type in.
    `features` are the codes by what they do, `emergency` the numbers that need no right.
    """

    number: str
    name: str
    realm: str
    registrars: list[str]
    transports: list[str]
    codecs: list[str]
    srtp: bool
    features: dict[str, str]
    reasons: dict[str, str]
    emergency: list[str]
    secure: Secure | None = None
    port: int = 0


class ExtensionMethods:
    """What can be asked of extensions as an installer sees them."""

    def __init__(self, configuration: Configuration, audit: Audit, clock: Clock, certificates: Store) -> None:
        self._configuration, self._audit, self._clock, self._certificates = configuration, audit, clock, certificates

    @method("extension.secret", Role.ADMIN)
    async def secret(self, session: Asker, number: ExtensionNumber) -> Secret:
        """Return an extension's secret in clear; the audit has who asked for it."""
        secret = self._configuration.secret_of(number)
        self._audit.note(
            Entry(self._clock.wall_s(), "extension.secret", "", session.who, session.address, f"extension {number}")
        )
        await self._audit.kept()
        return Secret(number, secret, self._configuration.config.sip.realm)

    @method("extension.sheet", Role.SUPERVISOR)
    async def sheet(
        self, number: Annotated[str, Meta(pattern=r"^([0-9]{2,8})?\Z", description="2 to 8 digits, or none")] = ""
    ) -> list[Sheet]:
        """Return what to type into an extension's telephone, of all extensions when none is named.

        Telephones of a PBX behind the box have none: they are set up there.
        """
        config = self._configuration.config
        wanted = sorted(
            (one for one in config.extensions if number in ("", one.number) and not one.group),
            key=lambda one: one.number,
        )
        if number and not wanted:
            entry = extensions.find(config, number)
            if entry is not None:
                raise NotFound(f"extension {number} has no sheet: it lives at the PBX of trunk group {entry.group}")
            raise NotFound(f"there is no extension {number}")
        registrars = _registrars("BUSYHOUR_SIP", os.environ.get("BUSYHOUR_SIP") or "127.0.0.1:5060")
        secure = await asyncio.to_thread(self._secure)
        features = {name: str(code) for name, code in msgspec.to_builtins(config.features).items()}
        numbers = emergency.emergency_numbers(config.box.country)
        return [
            Sheet(
                one.number, one.name, config.sip.realm, registrars, list(TRANSPORTS), list(CODECS), one.srtp,
                features, dict(config.reasons), numbers, secure, one.port,
            )
            for one in wanted
        ]

    def _secure(self) -> Secure | None:
        told = os.environ.get("BUSYHOUR_SIPS")
        if not told:
            return None
        try:
            found = self._certificates.show()
        except KeyLost:  # the proxy has none to serve by
            return None
        own, until_s = found.kind == "self-signed", found.not_after_s
        return Secure(_registrars("BUSYHOUR_SIPS", told), found.names, own, found.fingerprint, until_s)


def _registrars(variable: str, told: str) -> list[str]:
    listens = address.parse(variable, told)
    registrars = [str(one) for one in address.expand(listens)]
    if not listens.everywhere:
        return registrars
    # The loopback is for telephones on this very machine
    return [one for one in registrars if not one.startswith(("127.", "[::1]"))] or registrars

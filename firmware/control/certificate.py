"""`certificate.*`: by what the box proves to browsers and telephones that it is itself, and keeps listeners out."""

import asyncio
from typing import Annotated

import msgspec
from msgspec import Meta

from firmware.certificate import self_signed
from firmware.certificate.pair import Certificate, Pair, alternative, check, read
from firmware.certificate.store import Store
from firmware.clock import Clock
from firmware.control.methods import Asker, Role, method
from firmware.control.user import by
from firmware.errors import BadRequest, Problem, Unavailable
from firmware.proxy.runtime import Runtime
from firmware.records.audit import Audit, Entry

Pem = Annotated[str, Meta(max_length=256 * 1024)]
Names = Annotated[list[Annotated[str, Meta(min_length=1, max_length=253)]], Meta(max_length=100)]


class InForce(msgspec.Struct, frozen=True):
    """The certificate, and whether the proxy serves by it already; where not, it will when it is back."""

    certificate: Certificate
    served: bool


class CertificateMethods:
    """What can be asked of the box's certificate."""

    def __init__(self, store: Store, proxy: Runtime, clock: Clock, audit: Audit) -> None:
        self._store, self._proxy, self._clock, self._audit = store, proxy, clock, audit

    @method("certificate.show", Role.VIEWER)
    async def show(self) -> Certificate:
        """Return the certificate in force."""
        return await asyncio.to_thread(self._shown)

    @method("certificate.import", Role.ADMIN)
    async def import_(self, session: Asker, certificate: Pem, key: Pem = "") -> InForce:
        """Take another certificate with its chain; the key may stand in the same text."""
        pair = read(certificate.encode(), key.encode())
        check(pair, self._clock.now())
        return await self._take(pair, "imported", session)

    @method("certificate.self_signed", Role.ADMIN)
    async def self_sign(self, session: Asker, names: Names = []) -> InForce:  # noqa: B006 - msgspec copies it
        """Make a new key and a certificate for this machine's names and addresses, and for those given."""
        for index, name in enumerate(names):
            try:
                alternative(name)
            except ValueError:
                rule = "a host name, such as calls.example.com, or an address is right"
                raise BadRequest(problems=[Problem(f"names[{index}]", name, rule)]) from None
        pair = await asyncio.to_thread(self_signed.make, [*names, *self_signed.own_names()], self._clock.now())
        return await self._take(pair, "self-signed", session)

    def _shown(self) -> Certificate:
        self._store.ensure()
        return self._store.show()

    async def _take(self, pair: Pair, kind: str, session: Asker) -> InForce:
        await asyncio.to_thread(self._store.replace, pair, kind)
        who = by(session)
        detail = f"{kind}, for {', '.join(pair.names[:3])}"
        self._audit.note(Entry(self._clock.wall_s(), "certificate.replaced", "", who.who, who.address, detail))
        await self._audit.kept()
        try:
            await asyncio.to_thread(self._proxy.use, self._store.path, pair.pem)
        except Unavailable:
            return InForce(pair.show(kind), served=False)
        return InForce(pair.show(kind), served=True)

"""`certificate.*`: by what the box proves to browsers and telephones that it is itself, and keeps listeners out."""

import asyncio
import logging
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from firmware.certificate import self_signed
from firmware.certificate.acme import DIRECTORY, RENEW_S, Acme, Wish
from firmware.certificate.pair import Certificate, Pair, alternative, check, read
from firmware.certificate.store import Store
from firmware.clock import Clock
from firmware.config.network import is_host
from firmware.control.methods import Asker, Role, method
from firmware.control.user import by
from firmware.errors import BadRequest, BusyhourError, Problem, Refused, Unavailable
from firmware.proxy.runtime import Runtime
from firmware.records.audit import Audit, Entry

Pem = Annotated[str, Meta(max_length=256 * 1024)]
LOOK_S = 6 * 3600.0
log = logging.getLogger(__name__)
Url = Annotated[str, Meta(pattern=r"^https://[!-~]{1,200}\Z", description="an https:// address")]
MailAddress = Annotated[
    str, Meta(pattern=r"^([A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,63})?\Z",
              description="a mail address, or nothing")
]  # fmt: skip
HostNames = Annotated[list[str], Meta(min_length=1, max_length=50)]
Names = Annotated[list[Annotated[str, Meta(min_length=1, max_length=253)]], Meta(max_length=100)]


class InForce(msgspec.Struct, frozen=True):
    """The certificate, and whether the proxy serves by it already; where not, it will when it is back."""

    certificate: Certificate
    served: bool


class AcmeJob(msgspec.Struct):
    """A certificate that is being asked for, or was last; `state` is running, done or failed.

    `step` says how far it came (firmware.certificate.acme.STEPS); `code`, `error` and `facts` why it failed; `served`
    whether the proxy serves by the new one already. Times are Unix seconds.
    """

    names: list[str]
    directory: str
    by: str
    started_s: float
    state: Literal["running", "done", "failed"] = "running"
    step: str = ""
    ended_s: float = 0.0
    served: bool = False
    code: str = ""
    error: str = ""
    facts: dict[str, Any] = {}


class CertificateMethods:
    """What can be asked of the box's certificate."""

    def __init__(self, store: Store, acme: Acme, proxy: Runtime, clock: Clock, audit: Audit) -> None:
        self._store, self._acme, self._proxy, self._clock, self._audit = store, acme, proxy, clock, audit
        self._job: AcmeJob | None = None
        self._work: asyncio.Task[None] | None = None

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

    @method("certificate.acme", Role.ADMIN)
    async def obtain(
        self, session: Asker, names: HostNames, directory: Url = DIRECTORY, contact: MailAddress = ""
    ) -> AcmeJob:
        """Begin to get a certificate of an authority by ACME, and again before it ends; certificate.job tells more.

        Who asks accepts the authority's terms of service. `contact` is where it may write to.
        """
        if self._job is not None and self._job.state == "running":
            raise Refused("a certificate is being asked for already; certificate.job tells how far it is")
        for index, name in enumerate(names):
            if not _is_host(name):
                raise BadRequest(problems=[Problem(f"names[{index}]", name, "a host name in the internet is right")])
        wish = Wish([name.lower() for name in names], directory, contact)
        self._job = job = AcmeJob(wish.names, directory, session.who, self._clock.wall_s())
        self._work = asyncio.create_task(self._obtain(wish, job, session))
        return job

    @method("certificate.job", Role.ADMIN)
    def job(self) -> AcmeJob | None:
        """Return the certificate that is being asked for by ACME, or was last since the exchange began."""
        return self._job

    async def _obtain(self, wish: Wish, job: AcmeJob, session: Asker) -> None:
        def progress(step: str) -> None:
            job.step = step

        try:
            pair = await asyncio.to_thread(self._acme.obtain, wish, progress)
            job.served = (await self._take(pair, "acme", session)).served
            job.state = "done"
        except BusyhourError as error:
            job.state, job.code, job.error, job.facts = "failed", error.code, str(error), error.facts
            log.warning("no certificate for %s: %s", ", ".join(wish.names), error)
        except Exception:
            job.state, job.code, job.error = "failed", "fault", "something went wrong inside; the log says what"
            log.exception("no certificate for %s", ", ".join(wish.names))
        finally:
            job.ended_s = self._clock.wall_s()

    async def serve(self) -> None:
        """Have the proxy serve by the certificate on the disk, which came with a backup. Raises KeyLost."""
        pair = await asyncio.to_thread(self._store.ensure)
        try:
            await asyncio.to_thread(self._proxy.use, self._store.path, pair.pem)
        except Unavailable as error:
            log.info("the proxy takes the certificate when it starts: %s", error)

    async def renew(self) -> None:
        """Get another certificate by ACME a month before one ends; looks every six hours, until cancelled."""
        while True:
            try:
                shown, wish = await asyncio.to_thread(self._shown), await asyncio.to_thread(self._acme.wish)
                if shown.kind == "acme" and wish and shown.not_after_s - self._clock.wall_s() < RENEW_S:
                    pair = await asyncio.to_thread(self._acme.obtain, wish)
                    await self._take(pair, "acme", Asker("renewal", Role.ADMIN))
            except BusyhourError as error:  # its end has an alarm
                log.warning("the certificate is not renewed: %s", error)
            await asyncio.sleep(LOOK_S)

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


def _is_host(name: str) -> bool:
    """Tell whether an authority could vouch for a name by http-01: a host's, with a dot, and no address."""
    return is_host(name) and "." in name and ":" not in name and not name.replace(".", "").isdigit()

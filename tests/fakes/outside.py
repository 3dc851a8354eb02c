"""A world outside without a network, on the loop's own clock; the suite of tests/firmware/outside judges it too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from firmware.outside import url as urls
from firmware.outside.outside import REPLY_BYTES, Forbidden, Letter, MailServer, Reply, Unreachable
from firmware.outside.reach import Reach, wrong_with

POST_S, MAIL_S = 10.0, 30.0
OURS = ("192.0.2.1",)


class Request(NamedTuple):
    """What a receiver got. Names of headers are small."""

    at_s: float
    target: str
    headers: Mapping[str, str]
    body: bytes


class Receiver:
    """Who listens at a host and port: answers each request with `status` and `text`, after `after_s`."""

    def __init__(self) -> None:
        self.status, self.text, self.after_s = 200, "", 0.0
        self.judge: Callable[[Request], int] = lambda request: self.status
        self.requests: list[Request] = []


class Outside:
    """The world. `receivers` by (host, port), `names` by host; mail is kept in `letters`."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None, ours: Collection[str] = OURS) -> None:
        self._loop = loop or asyncio.get_running_loop()
        self._ours = ours
        self.receivers: dict[tuple[str, int], Receiver] = {}
        self.names: dict[str, tuple[str, ...]] = {}
        self.letters: list[tuple[MailServer, Letter]] = []
        self.mail_after_s = 0.0           # it takes so long
        self.mail_wrong = ""              # why the mail server takes nothing
        self.unknown: set[str] = set()    # recipients it does not know
        self.accounts: dict[str, str] = {}
        self.looked_up: list[str] = []

    def receiver(self, host: str = "hooks.example.com", port: int = 443, address: str = "93.184.216.34") -> Receiver:
        """Put a receiver there."""
        self.names[host] = (address,)
        return self.receivers.setdefault((host, port), Receiver())

    async def resolve(self, host: str) -> tuple[str, ...]:
        """Return the addresses of a name."""
        self.looked_up.append(host)
        if not wrong_with(host, "box", ()) or "no address" not in wrong_with(host, "box", ()):
            return (host,)
        if host not in self.names:
            raise Unreachable("name-unknown", host=host)
        return self.names[host]

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], reach: Reach) -> Reply:
        """Give a receiver a request."""
        try:
            to = urls.read(url, reach)
        except ValueError as error:
            raise Forbidden(f"{url}: {error}") from error
        if any(not value.isprintable() for value in headers.values()):
            raise Unreachable("unreachable", host=to.host, why="a header that is none")
        await self._allowed(to.host, reach)
        receiver = self.receivers.get((to.host, to.port))
        if receiver is None:
            raise Unreachable("unreachable", host=to.host, why="Connection refused")
        await asyncio.sleep(min(receiver.after_s, POST_S))
        told = {name.lower(): value for name, value in headers.items()} | {"host": to.authority}
        request = Request(self._loop.time(), to.target, told, body)
        receiver.requests.append(request)
        if receiver.after_s >= POST_S:
            raise Unreachable("silent", host=to.host, wait_s=f"{POST_S:g}")
        return Reply(receiver.judge(request), receiver.text[:REPLY_BYTES])

    async def mail(self, server: MailServer, letter: Letter) -> None:
        """Take a letter."""
        await self._allowed(server.host, server.reach)
        if any(not one.isprintable() for one in (letter.sender, letter.subject, *letter.recipients)):
            raise Forbidden("this is no mail: a header holds a line break")
        if self.mail_wrong:
            raise Unreachable("unreachable", host=server.host, why=self.mail_wrong)
        if self.accounts and self.accounts.get(server.username) != server.password:
            raise Unreachable("unreachable", host=server.host, why="authentication failed")
        if refused := self.unknown & set(letter.recipients):
            raise Unreachable("mail-refused", host=server.host, addresses=", ".join(sorted(refused)))
        await asyncio.sleep(self.mail_after_s)
        self.letters.append((server, letter))

    async def _allowed(self, host: str, reach: Reach) -> None:
        for address in await self.resolve(host):
            if why := wrong_with(address, reach, self._ours):
                raise Forbidden(f"{host}: {why}")

"""The real world: HTTP by httpx, mail by aiosmtplib, names by the machine's resolver.

A name is resolved once, and what was judged is what is connected to: a name that means something else a moment later
(DNS rebinding) leads nowhere else. Proxies of the environment are not asked.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

import aiosmtplib
import httpx

from drivers.link.address import local_addresses
from firmware.outside import url as urls
from firmware.outside.outside import REPLY_BYTES, Forbidden, Letter, MailServer, Reply, Unreachable
from firmware.outside.reach import Reach, wrong_with

POST_S = 10.0
MAIL_S = 30.0
NAME_S = 5.0
LOOK_UPS = 4  # at once: a resolver that is silent for its half minute occupies one

# Returns the addresses of a name; raises OSError. It may wait
LookUp = Callable[[str], Collection[str]]


def look_up(host: str) -> list[str]:
    """Return the addresses of a name, by the machine's resolver."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def own_addresses() -> list[str]:
    """Return this machine's addresses."""
    return local_addresses(4) + local_addresses(6)


class World:
    """Where requests and mail go."""

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        look_up: LookUp = look_up,
        ours: Callable[[], Collection[str]] = own_addresses,
        post_s: float = POST_S,
        mail_s: float = MAIL_S,
        name_s: float = NAME_S,
    ) -> None:
        """`tls` verifies who answers: the machine's own authorities unless others are given."""
        self._tls = tls or ssl.create_default_context()
        self._look_up, self._ours = look_up, ours
        self._post_s, self._mail_s, self._name_s = post_s, mail_s, name_s
        self._resolvers = ThreadPoolExecutor(LOOK_UPS, "names")

    async def resolve(self, host: str) -> tuple[str, ...]:
        """Return the addresses of a name."""
        try:
            async with asyncio.timeout(self._name_s):
                found = await asyncio.get_running_loop().run_in_executor(self._resolvers, self._look_up, host)
        except (TimeoutError, OSError, UnicodeError) as error:
            raise Unreachable("name-unknown", host=host) from error
        if not found:
            raise Unreachable("no-address", host=host)
        return tuple(found)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], reach: Reach) -> Reply:
        """Send a request and return the answer."""
        try:
            to = urls.read(url, reach)
        except ValueError as error:
            raise Forbidden(f"{url}: {error}") from error
        try:
            async with asyncio.timeout(self._post_s):
                return await self._post(to, await self._allowed(to.host, reach), body, headers)
        except TimeoutError as error:
            raise Unreachable("silent", host=to.host, wait_s=f"{self._post_s:g}") from error
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            raise Unreachable("unreachable", host=to.host, why=_why(error)) from error

    async def _post(self, to: urls.Url, addresses: tuple[str, ...], body: bytes, headers: Mapping[str, str]) -> Reply:
        async with httpx.AsyncClient(
            verify=self._tls, trust_env=False, follow_redirects=False, timeout=self._post_s, http2=False
        ) as client:
            for address in addresses:
                where = httpx.URL(scheme=to.scheme, host=address, port=to.port, raw_path=to.target.encode())
                request = client.build_request(
                    "POST", where, content=body, extensions={"sni_hostname": to.host},
                    headers={**headers, "Host": to.authority, "Accept-Encoding": "identity", "Connection": "close"},
                )  # fmt: skip
                try:
                    answer = await client.send(request, stream=True)
                except httpx.ConnectError:
                    if address == addresses[-1]:
                        raise
                    continue
                try:
                    return Reply(answer.status_code, await _beginning(answer))
                finally:
                    await answer.aclose()
        raise Unreachable("no-address", host=to.host)

    async def mail(self, server: MailServer, letter: Letter) -> None:
        """Hand a letter to the server."""
        message = _message(letter)
        try:
            async with asyncio.timeout(self._mail_s):
                with contextlib.closing(await self._connected(server)) as wire:
                    await self._hand_over(server, wire, letter, message)
        except TimeoutError as error:
            raise Unreachable("silent", host=server.host, wait_s=f"{self._mail_s:g}") from error
        except (aiosmtplib.SMTPException, ssl.SSLError, OSError) as error:
            raise Unreachable("unreachable", host=server.host, why=_why(error)) from error

    async def _hand_over(
        self, server: MailServer, wire: socket.socket, letter: Letter, message: EmailMessage
    ) -> None:
        client = aiosmtplib.SMTP(
            hostname=server.host, sock=wire, use_tls=server.security == "tls", start_tls=server.security == "starttls",
            tls_context=None if server.security == "none" else self._tls, timeout=self._mail_s,
            local_hostname=socket.gethostname() or "localhost",
        )  # fmt: skip
        transport = None
        try:
            await client.connect()
            transport = client.transport
            if server.username:
                await client.login(server.username, server.password)
            refused, _ = await client.send_message(message, sender=letter.sender, recipients=list(letter.recipients))
            if refused:
                raise Unreachable("mail-refused", host=server.host, addresses=", ".join(sorted(refused)))
            transport = client.transport  # another since STARTTLS, and forgotten by quit
            await client.quit()
        finally:
            # At once: the socket below must not be closed under a transport that lingers
            for one in (transport, client.transport):
                if isinstance(one, asyncio.WriteTransport):
                    one.abort()
            client.close()

    async def _connected(self, server: MailServer) -> socket.socket:
        addresses = await self._allowed(server.host, server.reach)
        for address in addresses:
            wire = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
            wire.setblocking(False)
            try:
                await asyncio.get_running_loop().sock_connect(wire, (address, server.port))
            except OSError:
                wire.close()
                if address == addresses[-1]:
                    raise
                continue
            except BaseException:
                wire.close()
                raise
            return wire
        raise Unreachable("no-address", host=server.host)

    async def _allowed(self, host: str, reach: Reach) -> tuple[str, ...]:
        """Return the addresses of a name; one of them that may not be reached condemns them all."""
        addresses = await self.resolve(host)
        ours = self._ours()
        for address in addresses:
            if why := wrong_with(address, reach, ours):
                raise Forbidden(f"{host}: {why}")
        return addresses


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__


async def _beginning(answer: httpx.Response) -> str:
    read = b""
    async for part in answer.aiter_raw():
        read += part
        if len(read) >= REPLY_BYTES:
            break
    return read[:REPLY_BYTES].decode("utf-8", "replace")


def _message(letter: Letter) -> EmailMessage:
    message = EmailMessage()
    try:
        message["From"], message["To"] = letter.sender, ", ".join(letter.recipients)
        message["Subject"] = letter.subject
        message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=letter.sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody answers it by itself
        message.set_content(letter.text)
        if letter.html:
            message.add_alternative(letter.html, subtype="html")
    except ValueError as error:  # a line break in a header
        raise Forbidden(f"this is no mail: {error}") from error
    return message

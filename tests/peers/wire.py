"""SIP as bytes on a socket: a peer that says exactly what a test wants, and shows exactly what came."""

import hashlib
import itertools
import re
import socket
import ssl
import time
from types import TracebackType
from typing import Self

_numbers = itertools.count(1)
# What differs from message to message, so that any digits may stand in it: ids, ports, counters, lengths
_DRAWN = re.compile(
    r"(?<=;)(?:branch|tag|line|did)=[^;>\s]*"
    r"|(?<=[\d\]]):\d+|(?<=^m=audio )\d+|(?<=^a=rtcp:)\d+|(?<=^a=ssrc:)\d+|(?<=cname:)\S+|(?<=^o=- )\d+ \d+"
    r"|^(?:Call-ID|CSeq|Content-Length)[ ]*:.*$",
    re.IGNORECASE | re.MULTILINE,
)


class Message:
    """One SIP message as it arrived."""

    def __init__(self, text: str, source: tuple[str, int]) -> None:
        self.text, self.source = text, source
        self.first = text.partition("\r\n")[0]

    @property
    def status(self) -> int:
        """Return a reply's status, 0 of a request."""
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0 ") else 0

    @property
    def method(self) -> str:
        """Return a request's method, of a reply that of its CSeq."""
        return self.header("CSeq").split()[1] if self.status else self.first.split()[0]

    def tells(self, words: str) -> bool:
        """Return whether these words stand anywhere but in what differs from message to message."""
        return words in _DRAWN.sub("", self.text)

    def headers(self, name: str) -> list[str]:
        """Return the values of a header, in order."""
        return re.findall(rf"^{name}[ ]*:[ ]*(.*?)\r$", self.text, re.IGNORECASE | re.MULTILINE)

    def header(self, name: str) -> str:
        """Return a header's first value, "" when it is missing."""
        return next(iter(self.headers(name)), "")


class Peer:
    """Somebody at `address` who talks to `server` over UDP or TCP, or over TLS without asking who that is."""

    def __init__(
        self, server: tuple[str, int], address: str = "127.0.0.1", *, port: int = 0, tcp: bool = False,
        tls: bool = False,
    ) -> None:  # fmt: skip
        tcp = tcp or tls
        self.server, self.tcp, self.transport = server, tcp, "tls" if tls else "tcp" if tcp else "udp"
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
        self.socket.bind((address, port))
        if tcp:
            self.socket.settimeout(3)
            self.socket.connect(server)
        if tls:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.socket = context.wrap_socket(self.socket)
        self._begin()

    @classmethod
    def called(cls, listener: socket.socket) -> Self:
        """Return the peer at whose TCP port somebody has just called: who that was is its server."""
        listener.settimeout(10)
        peer = cls.__new__(cls)
        peer.socket, peer.server = listener.accept()
        peer.tcp, peer.transport = True, "tcp"
        peer._begin()
        return peer

    def _begin(self) -> None:
        self.host, self.port = self.socket.getsockname()[:2]
        self.via = f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
        self.uri = f"sip:x@{self.via}" + (f";transport={self.transport}" if self.tcp else "")
        self._stream = b""

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the socket."""
        self.socket.close()

    def send(self, text: str, to: tuple[str, int] | None = None) -> None:
        """Send text as it is, its line ends made CR LF."""
        data = text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8", "surrogateescape")
        if self.tcp:
            self.socket.sendall(data)
        else:
            self.socket.sendto(data, to or self.server)

    def receive(self, timeout_s: float = 3.0) -> Message | None:
        """Return the next message, or None when none comes in time."""
        deadline = time.monotonic() + timeout_s
        while (left := deadline - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                if not self.tcp:
                    data, source = self.socket.recvfrom(65536)
                    if data.strip(b"\0\r\n"):
                        return Message(data.decode("utf-8", "surrogateescape"), source[:2])
                    continue
                if (message := self._cut()) is not None:
                    return message
                data = self.socket.recv(65536)
                if not data:
                    return None
                self._stream += data
            except TimeoutError:
                return None
        return self._cut() if self.tcp else None

    def _cut(self) -> Message | None:
        self._stream = self._stream.lstrip(b"\r\n")
        head, end, rest = self._stream.partition(b"\r\n\r\n")
        if not end:
            return None
        found = re.search(rb"^(?:Content-Length|l)\s*:\s*(\d+)", head, re.IGNORECASE | re.MULTILINE)
        size = int(found[1]) if found else 0
        if len(rest) < size:
            return None
        self._stream = rest[size:]
        return Message((head + end + rest[:size]).decode("utf-8", "surrogateescape"), self.server)

    def expect(self, what: int | str, timeout_s: float = 5.0) -> Message:
        """Return the next message with this status or method, passing over others; AssertionError tells what came."""
        deadline = time.monotonic() + timeout_s
        seen = []
        while (left := deadline - time.monotonic()) > 0:
            message = self.receive(left)
            if message is None:
                break
            if what == (message.status or message.method):
                return message
            seen.append(message.first)
        raise AssertionError(f"no {what} within {timeout_s} s, only {seen}")

    def request(
        self,
        method: str,
        uri: str,
        *,
        user: str = "x",
        to: str = "",
        call_id: str = "",
        cseq: int = 1,
        more: str = "",
        tag: str = "f",
        to_tag: str = "",
        body: str = "",
        contact: str | None = None,
        max_forwards: int = 70,
    ) -> str:
        """Return a request from sip:user@us; `more` are whole header lines."""
        number = next(_numbers)
        transport = self.transport.upper()
        contact = self.uri.replace("x@", f"{user}@") if contact is None else contact
        host = f"[{self.host}]" if ":" in self.host else self.host
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/{transport} {self.via};rport;branch=z9hG4bK-{self.port}-{number}",
            f"Max-Forwards: {max_forwards}",
            f"From: <sip:{user}@{host}>;tag={tag}",
            f"To: <{to or uri}>" + (f";tag={to_tag}" if to_tag else ""),
            f"Call-ID: {call_id or f'{self.port}-{number}'}",
            f"CSeq: {cseq} {method}",
            *([f"Contact: <{contact}>"] if contact else []),
            *more.strip("\n").splitlines(),
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body.encode())}",
        ]
        return "\n".join(lines) + "\n\n" + body

    def answer(
        self, request: Message, status: int, reason: str = "OK", *, more: str = "", contact: str = "", body: str = ""
    ) -> None:
        """Reply to a request where it came from."""
        copied = [f"{name}: {value}" for name in ("Via", "Record-Route") for value in request.headers(name)]
        to = request.header("To")
        lines = [
            f"SIP/2.0 {status} {reason}",
            *copied,
            f"From: {request.header('From')}",
            f"To: {to}" + ("" if ";tag=" in to or status == 100 else ";tag=answer"),
            f"Call-ID: {request.header('Call-ID')}",
            f"CSeq: {request.header('CSeq')}",
            f"Contact: <{contact or self.uri}>",
            *more.strip("\n").splitlines(),
            f"Content-Length: {len(body)}",
        ]
        self.send("\n".join(lines) + "\n\n" + body, request.source)

    def ack(self, invite: str, reply: Message, user: str = "x") -> None:
        """Acknowledge a refusal, hop by hop: same branch, same target."""
        branch = re.search(r"branch=(\S+)", invite)
        assert branch is not None
        text = self.request("ACK", invite.split()[1], user=user, call_id=reply.header("Call-ID"), contact="")
        text = re.sub(r"branch=\S+", branch[0], text, count=1)
        self.send(re.sub(r"^To: .*$", f"To: {reply.header('To')}", text, flags=re.MULTILINE))


def digest(
    challenge: Message,
    method: str,
    uri: str,
    user: str,
    secret: str,
    realm: str = "",
    *,
    count: int = 1,
    qop: bool = True,
) -> str:
    """Return the header line that answers a challenge, the nonce's `count`th (RFC 2617, MD5, qop=auth; or RFC 2069)."""
    name, value = "Authorization", challenge.header("WWW-Authenticate")
    if not value:
        name, value = "Proxy-Authorization", challenge.header("Proxy-Authenticate")
    given = dict(re.findall(r'(\w+)="([^"]*)"', value))
    realm = realm or given["realm"]
    ha1 = hashlib.md5(f"{user}:{realm}:{secret}".encode()).hexdigest()  # noqa: S324 - SIP's own digest
    ha2 = hashlib.md5(f"{method}:{uri}".encode()).hexdigest()  # noqa: S324
    counted = f":{count:08x}:c:auth" if qop else ""
    response = hashlib.md5(f"{ha1}:{given['nonce']}{counted}:{ha2}".encode()).hexdigest()  # noqa: S324
    return (
        f'{name}: Digest username="{user}", realm="{realm}", nonce="{given["nonce"]}", uri="{uri}", '
        + (f'qop=auth, nc={count:08x}, cnonce="c", ' if qop else "")
        + f'response="{response}", algorithm=MD5'
    )

"""The other side of the gateway's SIP, scripted: stands where the edge stands, speaks SIP and RTP of its own making.

Knows nothing of pjsip; what a telephone or carrier sends is written out here, so that a test can send what no
well-behaved telephone would.
"""

import asyncio
import base64
import random
import re
import secrets
import socket
from dataclasses import dataclass, field

import numpy as np

from tests import audio
from tests.drivers.gateway.srtp import KEY_BYTES, SUITE, Srtp

CODEC_SDP = {
    "pcma": ("8 101", "a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"),
    "no-events": ("8", "a=rtpmap:8 PCMA/8000\r\n"),
    "unknown": ("99", "a=rtpmap:99 SPEEX/44100\r\n"),
}


@dataclass
class Message:
    """A SIP message received."""

    first: str
    headers: dict[str, list[str]]
    body: str
    source: tuple[str, int]

    @property
    def method(self) -> str:
        """The request's method, "" of an answer."""
        return "" if self.first.startswith("SIP/2.0") else self.first.split()[0]

    @property
    def status(self) -> int:
        """The answer's status, 0 of a request."""
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0") else 0

    @property
    def cseq(self) -> tuple[int, str]:
        """Number and method."""
        number, method = self.headers["cseq"][0].split()
        return int(number), method

    def header(self, name: str) -> str:
        """The first header of that name, "" if there is none."""
        return self.headers.get(name.lower(), [""])[0]

    @property
    def media(self) -> tuple[str, int]:
        """Where the SDP wants its voice."""
        address = next(line.split()[-1] for line in self.body.splitlines() if line.startswith("c="))
        port = next(int(line.split()[1]) for line in self.body.splitlines() if line.startswith("m=audio"))
        return address, port

    @property
    def key(self) -> bytes:
        """The key that the SDP gives for the suite we know (RFC 4568 §9.1), nothing if it gives none."""
        found = re.search(rf"^a=crypto:\d+ {SUITE} inline:([A-Za-z0-9+/=]+)", self.body, re.MULTILINE)
        return base64.b64decode(found[1]) if found else b""

    @property
    def event_payload(self) -> int:
        """The payload type its sender wants telephone events with."""
        found = [line for line in self.body.splitlines() if "telephone-event" in line]
        return int(found[0].partition(":")[2].split()[0]) if found else 101


def parse(data: bytes, source: tuple[str, int]) -> Message:
    """Read a datagram."""
    head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), []).append(value.strip())
    return Message(first, headers, body, source)


class FarEnd(asyncio.DatagramProtocol):
    """Telephones and carriers behind an edge that is not there: everything comes from the edge's port."""

    def __init__(self, gateway: tuple[str, int]) -> None:
        self.gateway = gateway
        self.dialogs: dict[str, Dialog] = {}
        self.invites: asyncio.Queue[Dialog] = asyncio.Queue()
        self.others: asyncio.Queue[Message] = asyncio.Queue()  # answers to what no dialog asked

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, source: tuple[str, int]) -> None:
        if not data.strip():
            return
        message = parse(data, source)
        dialog = self.dialogs.get(message.header("call-id"))
        if dialog is None and message.method == "INVITE":
            dialog = Dialog(self, message.header("call-id"))
            dialog.called(message)
            self.invites.put_nowait(dialog)
        elif dialog is not None:
            dialog.received(message)
        else:
            self.others.put_nowait(message)

    def send(self, text: str | bytes) -> None:
        """Send a datagram to the gateway."""
        self.transport.sendto(text if isinstance(text, bytes) else text.encode(), self.gateway)  # type: ignore[attr-defined]

    async def called(self, timeout_s: float = 5) -> "Dialog":
        """Wait for the gateway's next call."""
        return await asyncio.wait_for(self.invites.get(), timeout_s)

    @property
    def port(self) -> int:
        return int(self.transport.get_extra_info("sockname")[1])

    def close(self) -> None:
        for dialog in self.dialogs.values():
            dialog.voice.close()
        self.transport.close()


async def far_end(port: int, gateway: tuple[str, int]) -> FarEnd:
    """Stand at the edge's port."""
    _, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: FarEnd(gateway), local_addr=("127.0.0.1", port)
    )
    return protocol


class Voice:
    """RTP of one party: says A-law samples over and over, keeps what it hears."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port = self.socket.getsockname()[1]
        self.to: tuple[str, int] | None = None
        self.event_payload = 101
        self.say(np.zeros(160, np.int16))
        self.heard = bytearray()
        self.key = secrets.token_bytes(KEY_BYTES)  # ours, for what we send
        self.seals: Srtp | None = None
        self.opens: Srtp | None = None
        self.wire = bytearray()  # the payloads heard, as they came
        self.events: list[tuple[int, bool]] = []
        self.sequence, self.timestamp, self.ssrc = 1, 0, random.getrandbits(32)
        self.at = 0
        self._task: asyncio.Task[None] | None = None

    def start(self, sdp: Message) -> None:
        """Talk to whom this message's SDP names."""
        self.to, self.event_payload = sdp.media, sdp.event_payload
        self.seals, self.opens = (Srtp(self.key), Srtp(sdp.key)) if sdp.key else (None, None)
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def say(self, samples: np.ndarray) -> None:
        """Say these samples from now on, over and over."""
        once = audio.encode_alaw(samples)
        self.says, self.period, self.at = once * (160 // len(once) + 2), len(once), 0

    def tone(self, hertz: float, level_dbm0: float = -12) -> None:
        """Say a steady tone (of a whole number of cycles in 100 ms)."""
        time = np.arange(800) / 8000
        self.say((audio.amplitude(level_dbm0) * np.sin(2 * np.pi * hertz * time)).astype(np.int16))

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        begun, ticks = loop.time(), 0
        loop.add_reader(self.socket, self._read)
        while True:
            self._send(8, self.says[self.at : self.at + 160], False)
            self.at = (self.at + 160) % self.period
            self.timestamp += 160
            ticks += 1
            await asyncio.sleep(max(0, begun + ticks * 0.02 - loop.time()))

    def _send(self, payload: int, data: bytes, marker: bool, timestamp: int | None = None) -> None:
        head = bytes([0x80, payload | (0x80 if marker else 0)]) + self.sequence.to_bytes(2, "big")
        head += ((self.timestamp if timestamp is None else timestamp) & 0xFFFFFFFF).to_bytes(4, "big")
        self.sequence = (self.sequence + 1) & 0xFFFF
        assert self.to is not None
        packet = head + self.ssrc.to_bytes(4, "big") + data
        self.socket.sendto(self.seals.protect(packet) if self.seals else packet, self.to)

    async def press(self, digit: str, duration_s: float = 0.12) -> None:
        """Press a key by RFC 4733: one start, updates, three ends."""
        event = "0123456789*#ABCD".index(digit)
        begun, marker = self.timestamp, True
        for step in range(1, round(duration_s / 0.02) + 1):
            self._send(self.event_payload, bytes([event, 10]) + (160 * step).to_bytes(2, "big"), marker, begun)
            marker = False
            await asyncio.sleep(0.02)
        end = bytes([event, 0x8A]) + round(duration_s * 8000).to_bytes(2, "big")
        for _ in range(3):
            self._send(self.event_payload, end, False, begun)

    def _read(self) -> None:
        while True:
            try:
                data = self.socket.recv(2048)
            except (BlockingIOError, OSError):
                return
            if data[1] & 0x7F == 8:
                self.wire += data[12:172]
            if self.opens is not None:
                data = self.opens.unprotect(data)
            if data[1] & 0x7F == 8:
                self.heard += data[12:]
            elif data[1] & 0x7F == 101:
                self.events.append((data[12], bool(data[13] & 0x80)))

    def samples(self, last_s: float) -> np.ndarray:
        """What was heard in the last seconds."""
        return audio.decode_alaw(bytes(self.heard[-round(last_s * 8000):]))

    async def hears(self, hertz: float, for_s: float = 0.2, timeout_s: float = 5) -> None:
        """Wait until this tone alone has been heard for so long, from now on; AssertionError if it never is.

        We are no real-time program: while we were kept from speaking, the other side heard nothing of us.
        """
        loop = asyncio.get_running_loop()
        begun, deadline, wanted = len(self.heard), loop.time() + timeout_s, round(for_s * 8000)
        while True:
            samples = audio.decode_alaw(bytes(self.heard[begun:][-wanted:]))
            if len(samples) == wanted and audio.hears_tone(samples, hertz):
                return
            assert loop.time() < deadline, (
                f"{hertz} Hz not heard within {timeout_s} s, but {audio.strongest_hz(samples):.0f} Hz, "
                f"all at {audio.level_dbm0(samples):.0f} dBm0"
            )
            await asyncio.sleep(0.02)

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            asyncio.get_running_loop().remove_reader(self.socket)
            self._task = None
        self.socket.close()


@dataclass
class Dialog:
    """One call, from the far end's side."""

    far: FarEnd
    call_id: str
    codecs: str = "pcma"
    received_messages: list[Message] = field(default_factory=list)
    picks_up_too_late: bool = False  # its answer crosses our CANCEL
    protocol: str = "RTP/AVP"
    crypto: bool = False  # whether its SDP gives a key

    def __post_init__(self) -> None:
        self.far.dialogs[self.call_id] = self
        self.tag = f"t{random.getrandbits(40):x}"
        self.remote_tag = ""
        self.cseq = 0
        self.from_ = self.to = self.target = ""
        self.queue: asyncio.Queue[Message] = asyncio.Queue()
        self.voice = Voice()
        self.invite: Message | None = None
        self.invite_branch = self.ack_branch = ""
        self.branches: dict[int, str] = {}
        self.caller = True
        self.session = 1

    # ---- as the caller

    def call(
        self, number: str = "4001", source: str = "trunk:carrier", peer: str = "127.0.0.1", codecs: str = "pcma",
        from_: str = '"Alice" <sip:13800138000@127.0.0.1>', headers: str = "", sdp: bool = True,
    ) -> "Dialog":
        """Send an INVITE as the edge passes it on."""
        self.codecs, self.from_, self.to = codecs, f"{from_};tag={self.tag}", f"<sip:{number}@127.0.0.1>"
        host, port = self.far.gateway
        self.target = f"sip:{number}@{host}:{port}"
        extra = f"X-Busyhour-Source: {source}\r\nX-Busyhour-Peer: {peer}\r\n" if source else ""
        self.request("INVITE", self.sdp() if sdp else "", extra + headers)
        return self

    def called(self, invite: Message) -> None:
        """Take the gateway's INVITE."""
        self.invite, self.caller = invite, False
        self.from_, self.to = f"{invite.header('to')};tag={self.tag}", invite.header("from")
        self.target = invite.header("contact").partition("<")[2].partition(">")[0]
        self.received(invite)

    # ---- messages

    def sdp(self, direction: str = "sendrecv", address: str = "127.0.0.1") -> str:
        """Return our SDP."""
        formats, attributes = CODEC_SDP[self.codecs]
        self.session += 1
        own = base64.b64encode(self.voice.key).decode()
        key = f"a=crypto:{self._tag} {SUITE} inline:{own}\r\n" if self.crypto else ""
        return (
            f"v=0\r\no=far 1 {self.session} IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
            f"m=audio {self.voice.port} {self.protocol} {formats}\r\n{attributes}{key}a={direction}\r\n"
        )

    @property
    def _tag(self) -> str:
        """The number of our suite: an answer has that of the offer (RFC 4568 §5.1.2)."""
        offered = re.search(rf"^a=crypto:(\d+) {SUITE} ", self.invite.body, re.MULTILINE) if self.invite else None
        return offered[1] if offered else "1"

    def request(self, method: str, body: str = "", headers: str = "", kind: str = "application/sdp") -> None:
        """Send a request within the dialog (the first INVITE too)."""
        if method not in ("ACK", "CANCEL"):
            self.cseq += 1
        branch = {"CANCEL": self.invite_branch, "ACK": self.ack_branch}.get(method) or ""
        branch = branch or f"z9hG4bK{random.getrandbits(60):x}"
        if method == "INVITE":
            self.invite_branch = self.branches[self.cseq] = branch
        data = body.encode()
        content = f"Content-Type: {kind}\r\n" if body else ""
        self.far.send(
            (
                f"{method} {self.target} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP 127.0.0.1:{self.far.port};rport;branch={branch}\r\n"
                f"Max-Forwards: 69\r\nFrom: {self.from_}\r\nTo: {self.to}\r\nCall-ID: {self.call_id}\r\n"
                f"CSeq: {self.cseq} {method}\r\nContact: <sip:far@127.0.0.1:{self.far.port}>\r\n"
                f"{headers}{content}Content-Length: {len(data)}\r\n\r\n"
            ).encode("utf-8", "surrogateescape")
            + data
        )

    def answer(self, request: Message, status: int, phrase: str = "OK", body: str = "", headers: str = "") -> None:
        """Answer a request."""
        vias = "".join(f"Via: {via}\r\n" for via in request.headers["via"])
        to = request.header("to")
        if "tag=" not in to and status > 100:
            to += f";tag={self.tag}"
        content = "Content-Type: application/sdp\r\n" if body else ""
        self.far.send(
            f"SIP/2.0 {status} {phrase}\r\n{vias}From: {request.header('from')}\r\nTo: {to}\r\n"
            f"Call-ID: {self.call_id}\r\nCSeq: {request.header('cseq')}\r\n"
            f"Contact: <sip:far@127.0.0.1:{self.far.port}>\r\n{headers}{content}"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def received(self, message: Message) -> None:
        self.received_messages.append(message)
        if message.method in ("BYE", "NOTIFY"):
            self.answer(message, 200)
        elif message.method == "CANCEL":
            self.answer(message, 200)
            if self.picks_up_too_late:
                self.accept()
            elif self.invite is not None:
                self.answer(self.invite, 487, "Request Terminated")
        elif message.status >= 200 and message.cseq[1] == "INVITE":
            self._finish_invite(message)
        self.queue.put_nowait(message)

    def _finish_invite(self, message: Message) -> None:
        if self.caller and not self.remote_tag:
            self.to = message.header("to")
            self.remote_tag = self.to.partition("tag=")[2]
        if message.status < 300:
            self.target = message.header("contact").partition("<")[2].partition(">")[0]
            if "m=audio" in message.body:
                self.voice.start(message)
        # RFC 3261 §17.1.1.3: the ACK of a refusal belongs to its transaction
        self.ack_branch = self.branches[message.cseq[0]] if message.status >= 300 else ""
        cseq, self.cseq = self.cseq, message.cseq[0]
        self.request("ACK")
        self.cseq = cseq

    async def status(self, *wanted: int, method: str = "INVITE", timeout_s: float = 5) -> Message:
        """Wait for an answer of one of these statuses to a request of this method."""
        return await self._wait(lambda m: m.status in wanted and m.cseq[1] == method, timeout_s, f"{wanted} {method}")

    async def asked(self, method: str, timeout_s: float = 5) -> Message:
        """Wait for a request of this method."""
        return await self._wait(lambda m: m.method == method, timeout_s, method)

    async def _wait(self, fits, timeout_s: float, what: str) -> Message:  # type: ignore[no-untyped-def]
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    message = await self.queue.get()
                    if fits(message):
                        return message
        except TimeoutError:
            raise AssertionError(f"no {what}; had {[m.first for m in self.received_messages]}") from None

    # ---- as the called

    def ring(self) -> None:
        """Say that we ring."""
        assert self.invite is not None
        self.answer(self.invite, 180, "Ringing")

    def accept(self, codecs: str = "pcma") -> None:
        """Pick up."""
        assert self.invite is not None
        self.codecs = codecs
        self.answer(self.invite, 200, "OK", self.sdp())
        self.voice.start(self.invite)

    def refuse(self, status: int, phrase: str, headers: str = "") -> None:
        """Do not pick up."""
        assert self.invite is not None
        self.answer(self.invite, status, phrase, headers=headers)

    # ---- within the call

    async def hold(self, direction: str = "sendonly", address: str = "127.0.0.1") -> Message:
        """Put the gateway on hold, or take it back with `sendrecv`; returns its answer."""
        self.request("INVITE", self.sdp(direction, address))
        return await self.status(200, 488, 491)

    def bye(self, headers: str = "") -> None:
        """Hang up."""
        self.request("BYE", headers=headers)

"""Load for the measurements: sipp as many callers of a SIP trunk, and as many agents' telephones."""

import hashlib
import re
import socket
import subprocess
import threading
import time
import uuid
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.peers.sipp import Call, Caller

CALLERS = "127.0.0.9"  # the trunk's address
AGENTS = "127.0.0.10"
CALLER_PORTS = (24000, 27999)  # below what the kernel gives out by itself, above the box's own
AGENT_PORTS = (28000, 31999)
EXPIRES_S = 3600  # of a registration

AGENT = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="agent">
<recv request="INVITE" crlf="true" rrs="true"/>
<send><![CDATA[
SIP/2.0 180 Ringing
[last_Via:]
[last_From:]
[last_To:];tag=[pid]A[call_number]
[last_Call-ID:]
[last_CSeq:]
[last_Record-Route:]
Contact: <sip:agent@[local_ip]:[local_port]>
Content-Length: 0

]]></send>
<send retrans="500"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[pid]A[call_number]
[last_Call-ID:]
[last_CSeq:]
[last_Record-Route:]
Contact: <sip:agent@[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

v=0
o=u 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
]]></send>
<recv request="ACK" crlf="true"/>
<nop><action><exec rtp_stream="{sound},-1,8"/></action></nop>
<recv request="BYE" timeout="600000"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>
"""


def call(
    folder: Path, server: str, number: str, sound: Path, calls: int, rate: float, hold_s: float,
    first_media_port: int = CALLER_PORTS[0],
) -> Call:  # fmt: skip
    """Start `calls` callers at `rate` a second, each speaking for `hold_s` after the answer and hanging up."""
    scenario = Caller("13900139000").answered().speak(sound).wait(hold_s).hang_up()
    return scenario.start(
        folder, server, number, address=CALLERS, calls=calls, rate=rate, timeout_s=hold_s + calls / rate + 60,
        first_media_port=first_media_port, trace=False,
    )


class Agents:
    """Telephones that answer at once and speak: one sipp for all of them, for at most `timeout_s`."""

    def __init__(self, folder: Path, port: int, sound: Path, calls: int, timeout_s: float) -> None:
        folder.mkdir(parents=True)
        (folder / "agent.xml").write_text(AGENT.replace("{sound}", str(sound)))
        self.port = port
        self._log = (folder / "sipp.log").open("w")
        words = [
            "sipp", "-sf", "agent.xml", "-i", AGENTS, "-mi", AGENTS, "-p", str(port), "-mp", str(AGENT_PORTS[0]),
            "-nostdin", "-m", str(calls), "-timeout", str(int(timeout_s)), "-trace_err",
        ]
        self._process = subprocess.Popen(
            words, cwd=folder, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log
        )
        self._registered: list[tuple[str, str, str]] = []
        self._off = threading.Event()
        self._renewing = threading.Thread(target=self._renew, daemon=True)
        self._renewing.start()

    def __enter__(self) -> Self:
        """Return the telephones, switched on."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Switch them off."""
        self._off.set()
        self._renewing.join()
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def register(self, server: str, number: str, secret: str = "") -> None:
        """Register one extension here, and again in good time; RuntimeError when that is refused."""
        self._register(server, number, secret)
        self._registered.append((server, number, secret))

    def _renew(self) -> None:
        while not self._off.wait(EXPIRES_S / 2):
            for one in list(self._registered):
                self._register(*one)

    def _register(self, server: str, number: str, secret: str) -> None:
        """Register once (RFC 3261 §10, RFC 7616 by MD5)."""
        host, port = server.rsplit(":", 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind((AGENTS, 0))
            udp.settimeout(5)
            own = f"{AGENTS}:{udp.getsockname()[1]}"
            identity = uuid.uuid4().hex
            authorization = status = ""
            for sequence in (1, 2):
                request = (
                    f"REGISTER sip:{server} SIP/2.0",
                    f"Via: SIP/2.0/UDP {own};branch=z9hG4bK{identity}{sequence};rport",
                    f"From: <sip:{number}@{server}>;tag={identity[:8]}", f"To: <sip:{number}@{server}>",
                    f"Call-ID: {identity}", f"CSeq: {sequence} REGISTER",
                    f"Contact: <sip:{number}@{AGENTS}:{self.port}>", "Max-Forwards: 70", f"Expires: {EXPIRES_S}",
                    *([authorization] if authorization else []), "Content-Length: 0", "", "",
                )
                udp.sendto("\r\n".join(request).encode(), (host, int(port)))
                answer = udp.recv(4096).decode()
                status = answer.split("\r\n", 1)[0]
                if " 200 " in status:
                    return
                if " 401 " not in status:
                    break
                authorization = digest(answer, server, number, secret)
            raise RuntimeError(f"extension {number} was not registered: {status}")


def digest(challenge: str, server: str, number: str, secret: str) -> str:
    """Return the header that answers a challenge to a REGISTER."""
    told = challenge.split("WWW-Authenticate:", 1)[1].partition("\r\n")[0]
    fields: dict[str, str] = dict(re.findall(r'(\w+)="?([^",]+)"?', told))
    ha1 = md5(f"{number}:{fields['realm']}:{secret}")
    ha2 = md5(f"REGISTER:sip:{server}")
    count, extra = "", ""
    if "qop" in fields:
        count, extra = "00000001:abcd:auth:", ', qop=auth, nc=00000001, cnonce="abcd"'
    proof = md5(f"{ha1}:{fields['nonce']}:{count}{ha2}")
    return (
        f'Authorization: Digest username="{number}", realm="{fields["realm"]}", nonce="{fields["nonce"]}", '
        f'uri="sip:{server}", response="{proof}", algorithm=MD5{extra}'
    )


def md5(text: str) -> str:
    """Return what SIP's digest calls H."""
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - the protocol's own


def steady(seconds: float) -> None:
    """Let the load run for a measured while."""
    time.sleep(seconds)

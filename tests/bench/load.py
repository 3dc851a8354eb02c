"""Load for the measurements: sipp as many callers of a SIP trunk, and as many agents' telephones."""

import hashlib
import re
import socket
import subprocess
import time
import uuid
from pathlib import Path
from typing import Any

from tests.peers.ports import free_port
from tests.peers.sipp import Caller, Call

CALLERS = "127.0.0.9"   # the trunk's address
AGENTS = "127.0.0.10"
CALLER_PORTS = (24000, 27999)  # below what the kernel gives out by itself, above the box's own
AGENT_PORTS = (28000, 31999)

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


def call(folder: Path, server: str, number: str, sound: Path, calls: int, rate: float, hold_s: float) -> Call:
    """Start `calls` callers at `rate` a second, each speaking for `hold_s` after the answer and hanging up."""
    scenario = Caller("13900139000").answered().speak(sound).wait(hold_s).hang_up()
    return scenario.start(
        folder, server, number, address=CALLERS, calls=calls, rate=rate, timeout_s=hold_s + calls / rate + 60,
        first_media_port=CALLER_PORTS[0], trace=False,
    )


class Agents:
    """Telephones that answer at once and speak: one sipp for all, registered as extensions `numbers`."""

    def __init__(self, folder: Path, sound: Path, calls: int) -> None:
        folder.mkdir(parents=True)
        (folder / "agent.xml").write_text(AGENT.replace("{sound}", str(sound)))
        self.port = free_port(AGENTS)
        self._log = (folder / "sipp.log").open("w")
        self._process = subprocess.Popen(
            ["sipp", "-sf", "agent.xml", "-i", AGENTS, "-mi", AGENTS, "-p", str(self.port), "-nostdin", "-m", str(calls),
             "-mp", str(AGENT_PORTS[0]), "-trace_err"],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
        )

    def register(self, server: str, number: str, secret: str) -> None:
        """Register one extension at this sipp (RFC 3261 §10 with digest, RFC 2617); RuntimeError when refused."""
        host, port = server.rsplit(":", 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind((AGENTS, 0))
            udp.settimeout(5)
            identity = uuid.uuid4().hex
            authorization = ""
            for sequence in (1, 2):
                own = f"{AGENTS}:{udp.getsockname()[1]}"
                udp.sendto(
                    (f"REGISTER sip:{server} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{identity}{sequence};rport\r\n"
                     f"From: <sip:{number}@{server}>;tag={identity[:8]}\r\nTo: <sip:{number}@{server}>\r\n"
                     f"Call-ID: {identity}\r\nCSeq: {sequence} REGISTER\r\nContact: <sip:{number}@{AGENTS}:{self.port}>\r\n"
                     f"Max-Forwards: 70\r\nExpires: 3600\r\n{authorization}Content-Length: 0\r\n\r\n").encode(),
                    (host, int(port)),
                )
                answer = udp.recv(4096).decode()
                if " 200 " in answer.split("\r\n", 1)[0]:
                    return
                fields: dict[str, Any] = dict(re.findall(r'(\w+)="?([^",]+)"?', answer.split("WWW-Authenticate:", 1)[1].split("\r\n")[0]))
                ha1 = hashlib.md5(f"{number}:{fields['realm']}:{secret}".encode()).hexdigest()  # noqa: S324 - SIP's own
                ha2 = hashlib.md5(f"REGISTER:sip:{server}".encode()).hexdigest()  # noqa: S324
                if "qop" in fields:
                    response = hashlib.md5(f"{ha1}:{fields['nonce']}:00000001:abcd:auth:{ha2}".encode()).hexdigest()  # noqa: S324
                    extra = ', qop=auth, nc=00000001, cnonce="abcd"'
                else:
                    response = hashlib.md5(f"{ha1}:{fields['nonce']}:{ha2}".encode()).hexdigest()  # noqa: S324
                    extra = ""
                authorization = (
                    f'Authorization: Digest username="{number}", realm="{fields["realm"]}", nonce="{fields["nonce"]}", '
                    f'uri="sip:{server}", response="{response}", algorithm=MD5{extra}\r\n'
                )
            raise RuntimeError(f"extension {number} was not registered: {answer.splitlines()[0]}")

    def close(self) -> None:
        """End the telephones."""
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


def steady(seconds: float) -> None:
    """Let the load run for a measured while."""
    time.sleep(seconds)

"""A telephone that the gateway called asks for something within the call, and understands the answer."""

import re
import time
from pathlib import Path

import numpy as np
import pytest

from tests import audio
from tests.peers.baresip import Phone
from tests.peers.edge import RunningEdge, secret
from tests.peers.wire import Peer

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"
ANONYMOUS = "<sip:anonymous@anonymous.invalid>;tag=f"


def within(answer: str, gateway: Peer, call_id: str, method: str, to: str) -> str:
    """Return a request of the gateway's within its call, as whole text."""
    target = re.findall(r"^Contact: <(.*)>", answer, re.MULTILINE)[0]
    routes = reversed(re.findall(r"^Record-Route: (.*?)\r?$", answer, re.MULTILINE))
    request = gateway.request(
        method, target, user="10086", call_id=call_id, more="\n".join(f"Route: {route}" for route in routes)
    )
    return re.sub(r"^To: .*$", f"To: {to}", request, flags=re.MULTILINE)


@pytest.mark.parametrize("caller", ["known", "anonymous"])
def test_a_telephone_holds_and_hangs_up(tmp_path: Path, caller: str) -> None:
    says = tmp_path / "silence.wav"
    audio.write_wav(says, np.zeros(8000, np.int16))
    with (
        RunningEdge() as edge,
        Peer(edge.server, edge.gateway[0], port=edge.gateway[1]) as gateway,
        Phone(tmp_path / "phone", f"127.0.0.1:{edge.port}", "201", secret("201"), says, answer=True) as phone,
    ):
        call_id = f"g-{time.monotonic_ns()}"
        host, port = edge.server
        invite = gateway.request(
            "INVITE", f"sip:201@{host}:{port}", user="10086", to=f"sip:201@{host}", body=SDP, call_id=call_id,
            more=f"Route: <sip:{host}:{port};lr>",
        )
        if caller == "anonymous":
            invite = re.sub(r"^From: .*$", f"From: {ANONYMOUS}", invite, flags=re.MULTILINE)
        gateway.send(invite)
        answered = gateway.expect(200, 10)
        gateway.send(within(answered.text, gateway, call_id, "ACK", answered.header("To")))
        phone.wait_event("CALL_ESTABLISHED")
        phone.hold()
        asked = gateway.expect("INVITE")
        assert "a=sendonly" in asked.text
        gateway.answer(asked, 200, more="Content-Type: application/sdp", body=SDP)
        assert gateway.expect("ACK").header("CSeq").split()[0] == asked.header("CSeq").split()[0]
        phone.hang_up()
        gateway.answer(gateway.expect("BYE"), 200)
        phone.wait_event("CALL_CLOSED")
        assert "ERROR" not in edge.log.read_text()

"""The edge between programs that others wrote: baresip as a telephone, sipp in the gateway's and a carrier's place."""

import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from tests import audio
from tests.peers.baresip import Phone
from tests.peers.edge import RunningEdge, secret
from tests.peers.sipp import Call, Caller


@pytest.fixture
def silence(tmp_path: Path) -> Path:
    audio.write_wav(tmp_path / "silence.wav", np.zeros(8000, np.int16))
    return tmp_path / "silence.wav"


def gateway_answers(edge: RunningEdge, folder: Path, calls: int = 1) -> Call:
    """Start sipp where the gateway would be; it answers calls and waits for their end."""
    folder.mkdir()
    host, port = edge.gateway
    process = subprocess.Popen(
        [
            "sipp", "-sn", "uas", "-i", host, "-p", str(port), "-m", str(calls), "-nostdin", "-timeout", "60",
            "-trace_msg", "-message_file", "messages.log", "-trace_err", "-error_file", "errors.log",
        ],
        cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return Call(process, folder, 60)


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_a_telephone_calls_talks_and_hangs_up(transport: str, tmp_path: Path, silence: Path) -> None:
    with RunningEdge() as edge:
        server = edge.by(transport)
        gateway = gateway_answers(edge, tmp_path / "gateway")
        with Phone(tmp_path / "phone", server, "201", secret("201"), silence, transport=transport) as phone:
            phone.dial("9")
            phone.wait_event("CALL_ESTABLISHED")
            phone.hang_up()
            gateway.finish()
        assert "X-Busyhour-Source: extension:201" in gateway.messages
        assert "X-Busyhour-Peer: 127.0.0.1" in gateway.messages


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_a_telephone_is_called_and_the_caller_hangs_up(transport: str, tmp_path: Path, silence: Path) -> None:
    with RunningEdge() as edge:
        server, (host, port) = edge.by(transport), edge.gateway
        telephone = Phone(tmp_path / "phone", server, "202", secret("202"), silence, transport=transport, answer=True)
        with telephone as phone:
            caller = Caller("10086").answered().wait(0.5).hang_up()
            caller.start(tmp_path / "gateway", edge.by("udp"), "202", address=host, port=port).finish()
            phone.wait_event("CALL_CLOSED")


def test_a_wrong_password_keeps_a_telephone_out(tmp_path: Path, silence: Path) -> None:
    with RunningEdge() as edge:
        phone = Phone(tmp_path / "phone", f"127.0.0.1:{edge.port}", "203", "wrong", silence)
        phone.switch_on()
        try:
            deadline = time.monotonic() + 15
            while "REGISTER as 203 from" not in edge.log.read_text():
                assert time.monotonic() < deadline, edge.log.read_text()
                time.sleep(0.05)
        finally:
            phone.switch_off()
        assert "refused, wrong name or password" in edge.log.read_text()
        assert edge.rpc.registered() == {}


def test_fifty_calls_a_second_from_a_carrier_all_reach_the_gateway(tmp_path: Path) -> None:
    calls = 150
    with RunningEdge() as edge:
        gateway = gateway_answers(edge, tmp_path / "gateway", calls)
        caller = Caller().answered().hang_up()
        began = time.monotonic()
        caller.start(
            tmp_path / "carrier", f"127.0.0.1:{edge.port}", "5551000", address="127.0.5.1", calls=calls, rate=50
        ).finish()
        gateway.finish()
        assert time.monotonic() - began < 15
        assert gateway.messages.count("X-Busyhour-Source: trunk:carrier") >= calls
        assert edge.rpc.call("dlg.stats_active")["ongoing"] == 0

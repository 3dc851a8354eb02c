"""A carrier met by TLS: baresip with a certificate that an authority of the test's vouches for."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import audio
from tests.peers.authority import Authority
from tests.peers.baresip import Phone
from tests.peers.box import Box
from tests.scenarios.conftest import AGENT_HZ

Phones = Callable[..., Phone]
ADDRESS, NUMBER, OURS = "127.0.0.12", "01099990001", "01088880001"
CARRIER_HZ = 1400.0
MUST = ";mediaenc=srtp-mand"


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Who vouches for carriers."""
    return Authority()


@pytest.fixture
def carrier(
    box: Box, voices: dict[str, Path], tmp_path: Path, authority: Authority
) -> Iterator[Callable[..., Phone]]:
    """Make a carrier that answers one number, and the box's trunk to it by TLS and SRTP."""
    made: list[Phone] = []

    def make(made_out_to: str = "localhost") -> Phone:
        certificate = authority.certify(tmp_path / "carrier.pem", made_out_to)
        one = Phone(
            tmp_path / "carrier", box.sips, NUMBER, "none", voices["agent2"], transport="tls", answer=True,
            options=MUST, registers=False, traced=True, certificate=certificate,
        )  # fmt: skip
        made.append(one)
        one.switch_on()
        port = int(one.address.rpartition(":")[2]) + 1
        box.configure(
            trunks=[{
                "name": "carrier", "host": "localhost", "port": port, "transport": "tls", "srtp": "require",
                "authority": authority.trust.decode(), "addresses": [ADDRESS], "numbers": [OURS],
            }],
            outgoing=[{"name": "carrier", "prefix": "8", "strip": 1, "via": ["trunk:carrier"]}],
            routes=[{"name": "all", "to": "extension:204"}],
        )  # fmt: skip
        return one

    yield make
    for one in made:
        one.switch_off()


def wait_there(box: Box, there: bool) -> None:
    """Wait until the box's alarms say that the carrier is there and believed, or that it is not."""
    deadline = time.monotonic() + 60
    while there == bool(seen := {one["name"] for one in box.ask("alarm.list")}) or not running(box):
        assert time.monotonic() < deadline, seen
        time.sleep(0.2)


def running(box: Box) -> bool:
    return any(row["name"] == "forwarder" and row["state"] == "up" for row in box.programs())


def test_a_carrier_is_called_by_tls_and_srtp_and_may_end_the_call(
    box: Box, phone: Phones, carrier: Callable[..., Phone]
) -> None:
    beyond = carrier()
    caller = phone("203")
    wait_there(box, True)
    caller.dial(f"8{NUMBER}")
    caller.wait_event("CALL_ESTABLISHED")
    beyond.wait_event("CALL_ESTABLISHED")
    time.sleep(3)
    beyond.hang_up()
    caller.wait_event("CALL_CLOSED")
    assert audio.hears_tone(audio.read_wav(beyond.heard).channel(0)[-16000:-4000], AGENT_HZ)
    assert audio.hears_tone(audio.read_wav(caller.heard).channel(0)[-16000:-4000], CARRIER_HZ)
    log = (beyond.folder / "baresip.log").read_text(errors="replace")
    assert "RTP/SAVP" in beyond.offered
    assert f"Record-Route: <sip:{box.sips};transport=tls;" in log
    assert "TCP" not in {line.split()[0] for line in log.splitlines() if " -> " in line}


def test_one_whose_certificate_is_for_another_is_not_called_and_an_alarm_says_why(
    box: Box, phone: Phones, carrier: Callable[..., Phone]
) -> None:
    beyond = carrier("other.example")
    caller = phone("203")
    wait_there(box, False)
    caller.dial(f"8{NUMBER}")
    caller.wait_event("CALL_CLOSED", 30)
    assert not beyond.events
    deadline = time.monotonic() + 60
    while not (found := [one for one in box.ask("alarm.list") if one["name"] == "trunk-certificate"]):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert found[0]["subject"] == "trunk:carrier"
    assert "Hostname mismatch" in found[0]["detail"]

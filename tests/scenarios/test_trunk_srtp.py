"""Carriers whose voice is encrypted by SRTP, as each trunk's setting says, in talks with a telephone that is plain."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import audio
from tests.peers.baresip import Phone
from tests.peers.box import Box
from tests.scenarios.conftest import AGENT_HZ

Phones = Callable[..., Phone]
Carrier = Callable[..., Phone]

ADDRESS, NUMBER, OURS = "127.0.0.12", "01099990001", "01088880001"
CANNOT, MAY, MUST = "", ";mediaenc=srtp", ";mediaenc=srtp-mand"
CARRIER_HZ = 1400.0


@pytest.fixture
def carrier(box: Box, voices: dict[str, Path], tmp_path: Path) -> Iterator[Carrier]:
    """Make a carrier that answers one number, and the box's trunk to it: `carrier("require", MUST)`."""
    made: list[Phone] = []

    def make(srtp: str, options: str) -> Phone:
        one = Phone(
            tmp_path / "carrier", box.sip, NUMBER, "none", voices["agent2"], address=ADDRESS, answer=True,
            options=options, registers=False, traced=True,
        )  # fmt: skip
        made.append(one)
        one.switch_on()
        host, _, port = one.address.partition(":")
        box.configure(
            trunks=[{"name": "carrier", "host": host, "port": int(port), "srtp": srtp, "numbers": [OURS]}],
            outgoing=[{"name": "carrier", "prefix": "8", "strip": 1, "via": ["trunk:carrier"]}],
            routes=[{"name": "all", "to": "extension:204"}],
        )
        return one

    yield make
    for one in made:
        one.switch_off()


def encrypted(phone: Phone) -> bool:
    """Tell whether a talk was encrypted: its offer and its answer have keys."""
    return "a=crypto:" in phone.offered and "a=crypto:" in phone.agreed


def talk(caller: Phone, callee: Phone, number: str) -> None:
    """Let one call the other, talk and hang up; assert that both heard the other."""
    caller.dial(number)
    caller.wait_event("CALL_ESTABLISHED")
    callee.wait_event("CALL_ESTABLISHED")
    time.sleep(3)
    caller.hang_up()
    callee.wait_event("CALL_CLOSED")
    for one in (caller, callee):
        theirs_hz = AGENT_HZ if one.number == NUMBER else CARRIER_HZ
        heard = audio.read_wav(one.heard).channel(0)[-16000:-4000]
        assert audio.hears_tone(heard, theirs_hz), (one.number, audio.strongest_hz(heard))


@pytest.mark.parametrize(
    ("srtp", "options", "protocol", "keys"),
    [
        ("off", MAY, "RTP/AVP", False), ("offer", CANNOT, "RTP/AVP", False), ("offer", MAY, "RTP/AVP", True),
        ("require", MUST, "RTP/SAVP", True),
    ],
    ids=["off", "offered in vain", "offered", "required"],
)  # fmt: skip
def test_a_carrier_is_called_as_its_trunk_says(
    phone: Phones, carrier: Carrier, srtp: str, options: str, protocol: str, keys: bool
) -> None:
    beyond = carrier(srtp, options)
    talk(phone("203"), beyond, f"8{NUMBER}")
    assert f" {protocol} " in beyond.offered
    assert ("a=crypto:" in beyond.offered) == (srtp != "off")
    assert encrypted(beyond) == keys


def test_a_carrier_that_cannot_encrypt_is_not_called_plainly_where_it_must(phone: Phones, carrier: Carrier) -> None:
    beyond = carrier("require", CANNOT)
    caller = phone("203")
    caller.dial(f"8{NUMBER}")
    caller.wait_event("CALL_CLOSED")
    assert not [event for event in beyond.events if event.get("type") == "CALL_ESTABLISHED"]
    assert " RTP/SAVP " in beyond.offered


def test_a_carriers_call_is_encrypted_or_refused_where_it_must_be(phone: Phones, carrier: Carrier) -> None:
    phone("204", answer=True)
    beyond = carrier("require", CANNOT)
    beyond.dial(OURS)
    closed = beyond.wait_event("CALL_CLOSED")
    assert "488" in closed["param"] or "Not Acceptable" in closed["param"], closed
    assert not [event for event in beyond.events if event.get("type") == "CALL_ESTABLISHED"]


def test_a_carriers_encrypted_call_is_taken_where_it_must_be_encrypted(phone: Phones, carrier: Carrier) -> None:
    callee = phone("204", answer=True)
    beyond = carrier("require", MUST)
    talk(beyond, callee, OURS)
    assert encrypted(beyond)
    assert " RTP/SAVP " in beyond.agreed

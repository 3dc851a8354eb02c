"""Telephones that encrypt their voice (SRTP, keys by SDES), in talks with one that does not."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import audio
from tests.peers.baresip import Phone
from tests.peers.box import Box
from tests.scenarios.conftest import AGENT_HZ

Phones = Callable[..., Phone]
ONLY = ";mediaenc=srtp-mand"
PERHAPS = ";mediaenc=srtp"


@pytest.fixture(scope="module", autouse=True)
def settings(box: Box) -> None:
    """202 is called with SRTP."""
    config = box.ask("config.export", secrets=True)
    extensions = [one | {"srtp": one["number"] == "202"} for one in config["extensions"]]
    box.configure(extensions=extensions)


def encrypted(phone: Phone) -> bool:
    """Tell whether a telephone's talk was encrypted: its offer and its answer have keys."""
    return "a=crypto:" in phone.offered and "a=crypto:" in phone.agreed


def hears(path: Path, theirs_hz: float, own_hz: float) -> None:
    """Assert that the other's voice is heard, and not one's own."""
    samples = audio.read_wav(path).channel(0)[-16000:-4000]
    assert audio.hears_tone(samples, theirs_hz), (path, audio.strongest_hz(samples))
    assert audio.tone_dbm0(samples, own_hz) < -50, path


def talk(one: Phone, other: Phone) -> None:
    """Let one call the other, talk, and hang up; assert that both heard the other."""
    one.dial(other.number)
    one.wait_event("CALL_ESTABLISHED")
    other.wait_event("CALL_ESTABLISHED")
    time.sleep(3)
    one.hang_up()
    other.wait_event("CALL_CLOSED")
    one.switch_off()
    other.switch_off()
    hears(one.heard, 1400.0, AGENT_HZ)
    hears(other.heard, AGENT_HZ, 1400.0)


@pytest.mark.parametrize(
    ("options", "protocol"), [(ONLY, "RTP/SAVP"), (PERHAPS, "RTP/AVP")], ids=["must", "may"]
)
def test_a_telephone_that_encrypts_calls_one_that_does_not(phone: Phones, options: str, protocol: str) -> None:
    one = phone("203", options=options, traced=True)
    other = phone("204", answer=True, says="agent2", traced=True)
    talk(one, other)
    assert encrypted(one)
    assert f" {protocol} " in one.agreed
    assert not encrypted(other)


@pytest.mark.parametrize("options", [ONLY, PERHAPS], ids=["must", "may"])
def test_a_telephone_configured_for_it_is_called_encrypted(phone: Phones, options: str) -> None:
    one = phone("203", traced=True)
    other = phone("202", answer=True, says="agent2", options=options, traced=True)
    talk(one, other)
    assert encrypted(other)
    assert " RTP/SAVP " in other.agreed
    assert not encrypted(one)


def test_telephones_over_tls_pass_neither_their_voice_nor_its_keys_in_the_clear(phone: Phones) -> None:
    one = phone("203", transport="tls", options=ONLY, traced=True)
    other = phone("202", transport="tls", answer=True, says="agent2", options=ONLY, traced=True)
    talk(one, other)
    assert encrypted(one)
    assert encrypted(other)
    for telephone in (one, other):
        log = (telephone.folder / "baresip.log").read_text(errors="replace")
        assert "SIP/2.0/TLS" in log
        assert f"UDP {telephone.address} ->" not in log


def test_a_telephone_that_may_encrypt_is_called_plainly_unless_configured(phone: Phones) -> None:
    one = phone("203")
    other = phone("204", answer=True, says="agent2", options=PERHAPS, traced=True)
    talk(one, other)
    assert not encrypted(other)


def test_one_that_cannot_encrypt_is_not_called_plainly_where_it_must(phone: Phones) -> None:
    one, other = phone("203"), phone("202", answer=True, says="agent2")
    one.dial("202")
    closed = one.wait_event("CALL_CLOSED")
    assert "488" in closed["param"] or "Not Acceptable" in closed["param"], closed
    assert not [event for event in other.events if event.get("type") == "CALL_ESTABLISHED"]


def test_an_encrypted_talk_is_held_and_resumed(phone: Phones) -> None:
    one = phone("203", options=ONLY, traced=True)
    other = phone("204", answer=True, says="agent2")
    one.dial("204")
    one.wait_event("CALL_ESTABLISHED")
    other.wait_event("CALL_ESTABLISHED")
    time.sleep(1)
    one.hold()
    time.sleep(2)
    one.resume()
    time.sleep(2)
    one.hang_up()
    other.wait_event("CALL_CLOSED")
    one.switch_off()
    other.switch_off()
    assert encrypted(one)
    sound = audio.read_wav(other.heard).channel(0)
    assert not audio.hears_tone(sound[-28000:-20000], AGENT_HZ)  # music, or nothing
    assert audio.hears_tone(sound[-12000:-4000], AGENT_HZ)

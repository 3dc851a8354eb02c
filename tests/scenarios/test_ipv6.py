"""A box on IPv6: telephones there talk with each other, with lines, and with telephones on IPv4."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests import audio
from tests.peers.baresip import Phone
from tests.peers.box import Box
from tests.peers.office import Office
from tests.scenarios.conftest import AGENT_HZ, CALLER_HZ

Phones = Callable[..., Phone]
BOTH = "::"


@pytest.fixture(scope="module", params=["::1", BOTH], ids=["IPv6 alone", "IPv6 and IPv4"])
def box(request: pytest.FixtureRequest) -> Iterator[Box]:
    """A box that listens on IPv6, perhaps on IPv4 too; line 4 leads straight to the queue."""
    with Box(sip_host=request.param) as box:
        config = box.ask("config.export", secrets=True)
        box.configure(routes=[{"name": "straight", "source": "line:4", "to": "queue:service"}, *config["routes"]])
        yield box


def address(sdp: str) -> str:
    """Return where an SDP wants the voice."""
    return next(line.partition("c=IN ")[2] for line in sdp.splitlines() if line.startswith("c="))


def hears(phone: Phone, theirs_hz: float, own_hz: float) -> None:
    """Assert that the other's voice was heard at the talk's end, and not one's own."""
    samples = audio.read_wav(phone.heard).channel(0)[-16000:-4000]
    assert audio.hears_tone(samples, theirs_hz), (phone.number, audio.strongest_hz(samples))
    assert audio.tone_dbm0(samples, own_hz) < -50, phone.number


def test_two_telephones_talk(box: Box, phone: Phones, records: Callable[..., dict[str, Any]]) -> None:
    other_at = "127.0.0.1" if box.sip.startswith(f"[{BOTH}]") else "::1"
    one = phone("203", address="::1", traced=True)
    other = phone("204", says="agent2", address=other_at, answer=True, traced=True)
    one.dial("204")
    one.wait_event("CALL_ESTABLISHED")
    other.wait_event("CALL_ESTABLISHED")
    time.sleep(3)
    other.hang_up()
    one.wait_event("CALL_CLOSED")
    one.switch_off()
    other.switch_off()
    assert address(one.agreed) == "IP6 ::1"
    assert address(other.offered) == ("IP6 ::1" if other_at == "::1" else "IP4 127.0.0.1")
    assert address(other.agreed).startswith("IP6" if other_at == "::1" else "IP4")
    hears(one, 1400.0, AGENT_HZ)
    hears(other, AGENT_HZ, 1400.0)
    record = records(direction="internal")
    assert (record["source"], record["outcome"]) == ("extension:203", "answered")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_caller_on_a_line_and_an_agent_talk(
    box: Box, office: Office, phone: Phones, records: Callable[..., dict[str, Any]], transport: str
) -> None:
    number = {"udp": "13700000061", "tcp": "13700000062"}[transport]
    agent = phone("201", address="::1", answer=True, transport=transport)
    box.ask("agent.login", number="201")
    caller = office.call(4, number, tone_hz=CALLER_HZ)
    agent.wait_event("CALL_ESTABLISHED", 20)
    time.sleep(3)
    agent.hold()
    time.sleep(1)
    agent.resume()
    time.sleep(2)
    caller.hang_up()
    agent.wait_event("CALL_CLOSED", 10)
    record = records(number=number)
    box.ask("agent.logout", number="201")
    agent.switch_off()
    assert record["outcome"] == "answered"
    recording = audio.read_wav(box.home / record["recordings"][0]).samples
    for part in (slice(4000, 20000), slice(-24000, -20000)):
        assert audio.hears_tone(recording[part, 1], AGENT_HZ)
        assert audio.hears_tone(recording[part, 0], CALLER_HZ)

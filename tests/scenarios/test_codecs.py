"""Telephones that speak G.722 or Opus and nothing else, in talks with those that speak G.711: heard and recorded."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import audio
from tests.peers.baresip import Phone
from tests.peers.box import Box
from tests.peers.office import Office
from tests.scenarios.conftest import AGENT_HZ, CALLER_HZ

Phones = Callable[..., Phone]
NAMES = {"G722/8000": "G722/16000", "opus/48000/2": "opus/48000/2"}  # as SDP and as baresip call them
CODECS = pytest.mark.parametrize(
    ("codec", "rate_hz"), [("G722/8000", 16000), ("opus/48000/2", 48000)], ids=["g722", "opus"]
)


@pytest.fixture(scope="module", autouse=True)
def settings(box: Box) -> None:
    """Line 4 leads straight to the queue."""
    config = box.ask("config.export", secrets=True)
    box.configure(routes=[{"name": "straight", "source": "line:4", "to": "queue:service"}, *config["routes"]])


@pytest.fixture
def agent(box: Box, phone: Phones, codec: str) -> Iterator[Phone]:
    """Agent 201 at a telephone that offers this codec alone."""
    telephone = phone("201", answer=True, codecs=NAMES[codec], traced=True)
    box.ask("agent.login", number="201")
    yield telephone
    box.ask("agent.logout", number="201")


def spoken(sdp: str) -> str:
    """Return the codec that an SDP answer settles: the name of its audio's first payload type."""
    first = re.findall(r"^m=audio \d+ \S+ (\d+)", sdp, re.MULTILINE)[0]
    names: dict[str, str] = dict(re.findall(r"^a=rtpmap:(\d+) (\S+)", sdp, re.MULTILINE))
    return names.get(first, {"8": "PCMA/8000", "9": "G722/8000"}[first] if first in "89" else f"type {first}")


def talk(path: Path, seconds: float = 2.0) -> tuple[audio.Samples, int]:
    """Return the last seconds of what was heard but for a half, and their rate."""
    wav = audio.read_wav(path)
    return wav.channel(0)[-int((seconds + 0.5) * wav.rate_hz) : -wav.rate_hz // 2], wav.rate_hz


def hears(path: Path, theirs_hz: float, own_hz: float) -> None:
    """Assert that the other's voice is heard, and not one's own."""
    samples, rate_hz = talk(path)
    assert audio.hears_tone(samples, theirs_hz, rate_hz), (path, audio.strongest_hz(samples, rate_hz))
    assert audio.tone_dbm0(samples, own_hz, rate_hz) < -50, path


@CODECS
def test_an_agent_and_a_caller_on_a_line_hear_each_other_and_are_recorded(
    box: Box, office: Office, agent: Phone, records: Callable[..., dict[str, Any]], tmp_path: Path,
    codec: str, rate_hz: int,
) -> None:
    number = {16000: "13700000722", 48000: "13700000048"}[rate_hz]
    path = tmp_path / "caller.wav"
    caller = office.call(4, number, tone_hz=CALLER_HZ, record=str(path))
    established = agent.wait_event("CALL_ESTABLISHED", 20)
    time.sleep(4)
    agent.hang_up()
    began_s = established["at_s"] - caller.report().started_s
    record = records(number=number)
    agent.switch_off()
    assert spoken(agent.agreed) == codec
    assert audio.read_wav(agent.heard).rate_hz == rate_hz
    hears(agent.heard, CALLER_HZ, AGENT_HZ)
    sound = audio.cut(audio.read_wav(path).channel(0), audio.Span(began_s + 1, began_s + 3.5))
    assert audio.hears_tone(sound, AGENT_HZ)
    assert audio.tone_dbm0(sound, CALLER_HZ) < -50
    recording = audio.read_wav(box.home / record["recordings"][0]).samples[8000:-4000]
    for channel, theirs_hz, others_hz in ((0, CALLER_HZ, AGENT_HZ), (1, AGENT_HZ, CALLER_HZ)):
        assert audio.hears_tone(recording[:, channel], theirs_hz)
        assert audio.tone_dbm0(recording[:, channel], others_hz) < -50


@CODECS
def test_it_calls_a_telephone_that_speaks_g711(phone: Phones, codec: str, rate_hz: int) -> None:
    one = phone("203", codecs=NAMES[codec], traced=True)
    other = phone("204", answer=True, codecs="pcma", says="agent2", traced=True)
    one.dial("204")
    one.wait_event("CALL_ESTABLISHED")
    other.wait_event("CALL_ESTABLISHED")
    time.sleep(4)
    one.hang_up()
    other.wait_event("CALL_CLOSED")
    one.switch_off()
    other.switch_off()
    assert (spoken(one.agreed), spoken(other.agreed)) == (codec, "PCMA/8000")
    hears(one.heard, 1400.0, AGENT_HZ)
    hears(other.heard, AGENT_HZ, 1400.0)

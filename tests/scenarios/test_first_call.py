"""A caller on a telephone line, the IVR, the queue, an agent's telephone, the record: every part the real one."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivers.link.office import Silence
from tests import audio
from tests.peers.baresip import Phone
from tests.peers.box import ROOT, Box
from tests.peers.office import Office
from tests.peers.sipp import SDP_UNKNOWN_CODEC, SDP_WITHOUT_EVENTS, Caller
from tests.peers.watch import Watch
from tests.scenarios.conftest import AGENT_HZ, CALLER_HZ

SOUNDS = ROOT / "firmware/prompts/sounds"
BUSY_S = 0.7  # one cadence of the busy tone
TRUNK = "127.0.0.9"  # a carrier's address
Samples = audio.Samples


def heard(path: Path) -> Samples:
    return audio.read_wav(path).channel(0)


def prompt(name: str) -> Samples:
    return heard(SOUNDS / f"{name}.wav")


def part(samples: Samples, from_s: float, to_s: float) -> Samples:
    return samples[int(from_s * audio.RATE_HZ) : int(to_s * audio.RATE_HZ)]


@pytest.fixture(scope="module")
def trunk(box: Box) -> None:
    """A SIP trunk beside the lines, with two numbers."""
    config = box.ask("config.export", secrets=True)
    route = {"name": "trunk", "source": "trunk:carrier", "to": "flow:main"}
    trunk = {"name": "carrier", "host": TRUNK, "addresses": [TRUNK], "numbers": ["01088886666"]}
    box.configure(trunks=[trunk], routes=[route, *config["routes"]])


@pytest.fixture
def agent(box: Box, phone: Callable[..., Phone]) -> Iterator[Phone]:
    """Agent 201, ready, with a telephone that rings until it is answered."""
    telephone = phone("201")
    if box.ask("agent.login", number="201")["state"] != "ready":
        box.ask("agent.ready", number="201")
    yield telephone
    box.ask("agent.logout", number="201")


@pytest.mark.parametrize(("line", "caller_id"), [(1, "fsk"), (2, "dtmf")])
def test_a_caller_is_greeted_chooses_waits_talks_and_is_on_record(
    box: Box,
    office: Office,
    agent: Phone,
    watch: Watch,
    records: Callable[..., dict[str, Any]],
    tmp_path: Path,
    line: int,
    caller_id: str,
) -> None:
    number = f"1380013800{line}"
    what_caller_heard = tmp_path / "caller.wav"
    caller = office.call(line, number, caller_id=caller_id, record=str(what_caller_heard))
    answered = caller.wait_for("answered")
    watch.wait("ivr.node", node="menu")
    time.sleep(1)  # the caller listens to the menu's beginning
    caller.press("1")
    agent.wait_event("CALL_INCOMING")
    time.sleep(9)  # the caller hears the place in the queue, then music
    agent.answer()
    established = agent.wait_event("CALL_ESTABLISHED")
    caller.say(tone_hz=CALLER_HZ)
    time.sleep(4)
    caller.hang_up()
    closed = agent.wait_event("CALL_CLOSED", 10)
    report = caller.report()
    record = records(number=number)
    agent.switch_off()

    # What the caller heard: the greeting, which is the greeting and nothing else, then music, then the agent.
    sound = heard(what_caller_heard)
    greeting = audio.best_match(sound, prompt("zh/welcome"))
    assert greeting.likeness > 0.75  # a lost block costs some; another prompt stays below a half
    assert audio.best_match(sound, prompt("zh/goodbye")).likeness < 0.5
    assert report.answered_s is not None
    assert greeting.offset / audio.RATE_HZ == pytest.approx(report.answered_s, abs=0.3)
    began_s = established["at_s"] - report.started_s
    music = part(sound, began_s - 2.5, began_s - 0.5)
    assert audio.best_match(prompt("any/music"), music).likeness > 0.75
    talk = part(sound, began_s + 0.5, began_s + 3.5)
    assert audio.hears_tone(talk, AGENT_HZ)
    assert audio.tone_dbm0(talk, CALLER_HZ) < -50
    # What the agent heard: the caller, and not the agent's own voice.
    said = part(heard(agent.heard), 1, 3.5)
    assert audio.hears_tone(said, CALLER_HZ)
    assert audio.tone_dbm0(said, AGENT_HZ) < -50
    # The far end's busy tone, the only sign an analog line gives, ended the call within three cadences.
    assert report.ended_s is not None
    assert 0 < closed["at_s"] - (report.started_s + report.ended_s) < 3 * BUSY_S + 0.3

    # The record: both voices, each on its own channel, and times as they were.
    assert (record["outcome"], record["queue"], record["agent"], record["source"]) == (
        "answered",
        "service",
        "201",
        f"line:{line}",
    )
    assert record["e164"] == f"+86{number}"
    assert record["answered_s"] == pytest.approx(answered.at, abs=0.1)
    segments = {segment["kind"]: segment for segment in record["segments"]}
    assert list(segments)[:4] == ["ivr", "wait", "ring", "talk"]
    assert segments["talk"]["since_s"] == pytest.approx(established["at_s"], abs=0.1)
    # The talk ends when the box knows, and then it lets the agent's telephone know.
    talk_end_s = segments["talk"]["since_s"] + segments["talk"]["duration_s"]
    assert report.started_s + report.ended_s < talk_end_s <= closed["at_s"] + 0.05
    recording = audio.read_wav(box.home / record["recordings"][0])
    left, right = part(recording.channel(0), 1, 3.5), part(recording.channel(1), 1, 3.5)
    assert audio.hears_tone(left, CALLER_HZ)
    assert audio.tone_dbm0(left, AGENT_HZ) < -50
    assert audio.hears_tone(right, AGENT_HZ)
    assert audio.tone_dbm0(right, CALLER_HZ) < -50
    assert record["files"][0]["duration_s"] == pytest.approx(recording.duration_s, abs=0.05)


def test_nothing_comes_but_by_the_samples(
    box: Box, office: Office, watch: Watch, records: Callable[..., dict[str, Any]]
) -> None:
    office.order("silence", Silence(line=3))
    try:
        caller = office.call(3, "13800138033", wait_s=2, digits="1", hold_s=3)
        offered = watch.wait("call.offered", source="line:3")
        assert offered["data"]["number"] == ""  # no caller id: it was in the samples
        caller.wait_for("digit")
        caller.report()
        call = offered["call"]
        watch.wait("ivr.choice", 40, call=call)
        assert not [event for event in watch.events if event["call"] == call and event["kind"] == "digit"]
    finally:
        office.order("silence", Silence(line=3, on=False))


@pytest.mark.parametrize("way", ["rfc4733", "info", "inband"])
def test_a_caller_on_a_trunk_is_served_alike(
    box: Box,
    trunk: None,
    agent: Phone,
    watch: Watch,
    voices: dict[str, Path],
    records: Callable[..., dict[str, Any]],
    tmp_path: Path,
    way: str,
) -> None:
    number = {"rfc4733": "13900139001", "info": "13900139002", "inband": "13900139003"}[way]
    key = tmp_path / "one.al"
    time_s = np.arange(audio.RATE_HZ) / audio.RATE_HZ
    pressed = np.where(time_s < 0.15, 6000 * (np.sin(2 * np.pi * 697 * time_s) + np.sin(2 * np.pi * 1209 * time_s)), 0)
    key.write_bytes(audio.encode_alaw(pressed.astype(np.int16)))
    script = Caller(number, sdp=SDP_WITHOUT_EVENTS if way == "inband" else Caller(number).sdp)
    script.answered().wait(13)  # the greeting and the notice
    {"rfc4733": lambda: script.press("1"), "info": lambda: script.info("1"), "inband": lambda: script.speak(key)}[way]()
    call = (
        script.wait(1)
        .speak(voices["caller.al"])
        .wait(7)
        .hang_up()
        .start(tmp_path / "sipp", box.sip, "01088886666", address=TRUNK)
    )
    assert watch.wait("digit")["data"] == {"digit": "1", "via": way}
    agent.wait_event("CALL_INCOMING")
    agent.answer()
    agent.wait_event("CALL_ESTABLISHED")
    call.finish()
    agent.wait_event("CALL_CLOSED")
    record = records(number=number)
    agent.switch_off()
    assert (record["outcome"], record["source"], record["did"]) == ("answered", "trunk:carrier", "01088886666")
    said = heard(agent.heard)
    assert audio.hears_tone(said[len(said) // 2 : -4000], CALLER_HZ)
    recording = audio.read_wav(box.home / record["recordings"][0])
    middle = slice(len(recording.samples) // 2, -4000)
    assert audio.hears_tone(recording.channel(0)[middle], CALLER_HZ)
    assert audio.hears_tone(recording.channel(1)[middle], AGENT_HZ)


def test_a_caller_without_a_codec_in_common_is_refused(box: Box, trunk: None, tmp_path: Path) -> None:
    Caller(sdp=SDP_UNKNOWN_CODEC).refused(488).start(tmp_path, box.sip, "01088886666", address=TRUNK).finish()


def test_a_stranger_reaches_nobody(box: Box, trunk: None, watch: Watch, tmp_path: Path) -> None:
    Caller().refused(407).start(tmp_path, box.sip, "01088886666", address="127.0.0.66").finish()
    assert not [event for event in watch.events if event["kind"] == "call.offered"]

"""An agent asks a colleague before the caller is handed over: who hears whom, on a whole box with real telephones."""

import time
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

import pytest

from tests import audio
from tests.peers.baresip import Phone
from tests.peers.box import Box
from tests.peers.office import Caller, Office
from tests.peers.watch import Watch
from tests.scenarios.conftest import AGENT_HZ, CALLER_HZ

Records = Callable[..., dict[str, Any]]
Phones = Callable[..., Phone]
VOICES_HZ = {"caller": CALLER_HZ, "agent": AGENT_HZ, "colleague": 1400.0}
BLOCK = audio.RATE_HZ // 5
TALK_S = 1.5


@pytest.fixture(scope="module", autouse=True)
def settings(box: Box) -> None:
    """Line 4 leads straight to the queue, whose agent is 201."""
    config = box.ask("config.export", secrets=True)
    queue = config["queues"][0] | {"agents": ["201"], "acw_s": 1}
    box.configure(queues=[queue], routes=[{"name": "straight", "source": "line:4", "to": "queue:service"}])


@pytest.fixture
def agent(box: Box, phone: Phones) -> Iterator[Phone]:
    """The telephone of agent 201, who is logged in."""
    agent = phone("201", answer=True)
    box.ask("agent.login", number="201")
    yield agent
    box.ask("agent.logout", number="201")


@pytest.fixture
def colleague(phone: Phones) -> Phone:
    """The telephone of extension 202."""
    return phone("202", says="agent2")


def talks_with(agent: Phone, office: Office, watch: Watch, number: str) -> Caller:
    """Return a caller with whom the agent talks."""
    caller = office.call(4, number, tone_hz=CALLER_HZ, hold_s=60)
    agent.wait_event("CALL_ESTABLISHED", 20)
    watch.wait("bridge.joined")
    time.sleep(TALK_S)
    return caller


def ask(box: Box, watch: Watch, what: str, kind: str = "bridge.joined", **parameters: str) -> None:
    """Do something at the agent's desk, and wait for what follows."""
    known = len(watch.events)
    box.ask(f"desk.{what}", number="201", **parameters)
    follows(watch, known, kind)


def follows(watch: Watch, known: int, kind: str) -> None:
    """Wait for an event of a kind after so many; then let those who hear each other now talk."""
    deadline = time.monotonic() + 15
    while all(event["kind"] != kind for event in watch.events[known:]):
        assert time.monotonic() < deadline, watch.events[known:]
        time.sleep(0.02)
    time.sleep(TALK_S)


def heard(sound: audio.Samples) -> list[str]:
    """Return whose voice was heard, in order, and `music` for what else there was; what was shorter is left out."""
    said = []
    for begin in range(0, len(sound) - BLOCK + 1, BLOCK):
        block = sound[begin : begin + BLOCK]
        voice = [name for name, hertz in VOICES_HZ.items() if audio.hears_tone(block, hertz)]
        said.append(voice[0] if voice else "music" if audio.level_dbm0(block) > -50 else "")
    long = [name for name, run in groupby(said) if len([*run]) >= 4 and name]
    return [name for name, _ in groupby(long)]


def of_caller(box: Box, record: dict[str, Any]) -> list[str]:
    """Return what the caller heard from the agent's first word on, by the recording."""
    (path,) = record["recordings"]
    said = heard(audio.read_wav(box.home / path).channel(1))
    return said[said.index("agent") :]


def parts(record: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["kind"], one["who"]) for one in record["segments"] if one["kind"] in ("talk", "consult", "transfer")]


def test_an_agent_asks_swaps_and_hands_over(
    box: Box, office: Office, agent: Phone, colleague: Phone, watch: Watch, records: Records
) -> None:
    caller = talks_with(agent, office, watch, "13700000031")
    ask(box, watch, "consult", "leg.ringing", digits="202")
    known = len(watch.events)
    colleague.answer()
    follows(watch, known, "bridge.joined")
    ask(box, watch, "swap")
    ask(box, watch, "complete")
    agent.wait_event("CALL_CLOSED")
    caller.hang_up()
    colleague.wait_event("CALL_CLOSED", 10)
    agent.switch_off()
    colleague.switch_off()
    record = records(number="13700000031")
    assert of_caller(box, record)[:4] == ["agent", "music", "agent", "colleague"]
    assert heard(audio.read_wav(colleague.heard).channel(0))[:3] == ["agent", "music", "caller"]
    assert heard(audio.read_wav(agent.heard).channel(0)) == ["caller", "music", "colleague", "caller"]
    assert parts(record) == [("talk", "201"), ("consult", "201>202"), ("talk", "201"), ("talk", "202")]
    (consulted,) = [one for one in record["segments"] if one["kind"] == "consult"]
    assert TALK_S <= consulted["duration_s"] < TALK_S + 3  # from the answer on: that it rang is told apart
    assert (record["agent"], record["by"]) == ("201", "caller")


def test_whom_an_agent_asks_refuses_is_given_up_and_hangs_up_and_the_caller_is_back_each_time(
    box: Box, office: Office, agent: Phone, colleague: Phone, watch: Watch, records: Records
) -> None:
    caller = talks_with(agent, office, watch, "13700000032")
    ask(box, watch, "consult", "leg.ringing", digits="202")
    known = len(watch.events)
    colleague.hang_up()
    follows(watch, known, "bridge.joined")
    assert box.ask("desk.show", number="201")["call"]["asked"] == {"to": "202", "state": "busy"}
    ask(box, watch, "consult", "leg.ringing", digits="202")
    ask(box, watch, "reconnect")
    assert box.ask("desk.show", number="201")["call"]["asked"] is None
    ask(box, watch, "consult", "leg.ringing", digits="202")
    known = len(watch.events)
    colleague.answer()
    follows(watch, known, "bridge.joined")
    known = len(watch.events)
    colleague.hang_up()
    follows(watch, known, "bridge.joined")
    assert box.ask("desk.show", number="201")["call"]["asked"] == {"to": "202", "state": "hung_up"}
    caller.hang_up()
    agent.wait_event("CALL_CLOSED", 10)
    record = records(number="13700000032")
    assert of_caller(box, record)[:7] == ["agent", "music"] * 3 + ["agent"]
    assert (record["agent"], record["by"]) == ("201", "caller")


@pytest.mark.parametrize("who", ["caller", "agent"])
def test_who_leaves_in_the_midst_leaves_the_two_others_to_each_other(
    box: Box, office: Office, agent: Phone, colleague: Phone, watch: Watch, records: Records, who: str
) -> None:
    number = {"caller": "13700000033", "agent": "13700000034"}[who]
    caller = talks_with(agent, office, watch, number)
    ask(box, watch, "consult", "leg.ringing", digits="202")
    known = len(watch.events)
    colleague.answer()
    follows(watch, known, "bridge.joined")
    known = len(watch.events)
    {"caller": caller, "agent": agent}[who].hang_up()
    follows(watch, known, "leg.ended" if who == "caller" else "bridge.joined")
    stays = agent if who == "caller" else colleague
    assert len(box.ask("call.live")) == 1
    assert not [event for event in stays.events if event.get("type") == "CALL_CLOSED"]
    stays.hang_up()
    (colleague if who == "caller" else agent).wait_event("CALL_CLOSED", 10)
    record = records(number=number)
    agent.switch_off()
    colleague.switch_off()
    hears = heard(audio.read_wav(colleague.heard).channel(0))
    if who == "caller":
        assert hears == ["agent"]
        assert heard(audio.read_wav(agent.heard).channel(0)) == ["caller", "music", "colleague"]
    else:
        assert hears == ["agent", "caller"]
        assert of_caller(box, record)[:3] == ["agent", "music", "colleague"]
    assert ("consult", "201>202") in parts(record)

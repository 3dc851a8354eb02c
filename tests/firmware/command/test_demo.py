"""What the demo refuses before it disturbs anybody, and how it tells what happens."""

import json
import string

import pytest

from firmware.agents.agent import AgentState
from firmware.command.happenings import SENTENCES, told
from firmware.command.softphone import Softphone
from firmware.command.terminal import Terminal
from firmware.command.words import CHINESE
from firmware.errors import Refused
from firmware.events import Kind


def refusal(command, *words):
    run = command("--json", "demo", *words)
    assert run.code == 1
    return json.loads(run.out)["error"]["message"]


def test_a_busy_agent_is_not_disturbed(command, door):
    command("agent", "login", "201")
    door.door.roster.agents["201"].state = AgentState.ON_CALL
    assert refusal(command) == "agent 201 is on_call; the demo would disturb"


def test_other_agents_telephones_do_not_ring(command):
    command("agent", "login", "203")
    assert "agents 203 are ready and would be rung" in refusal(command)


def test_an_agent_that_is_not_there(command):
    assert "there is no agent 299" in refusal(command, "--agent", "299")


def test_no_free_line(command, door):
    door.do(lambda: door.door.gateway.lines.update({2: "in_use", 3: "fault"}))
    assert refusal(command) == "no line is idle; the demo needs one"


def test_no_gateway(command, door):
    door.door.gateway.connected = False
    assert command("demo").code == 69


def test_no_central_office(command):
    for words in (("demo",), ("office", "lines"), ("office", "call", "--line", "1")):
        run = command("--json", *words)
        assert "no central office answers" in json.loads(run.out)["error"]["message"]
        assert run.err.startswith("busyhour: no central office answers")
        assert run.code == 69
    assert json.loads(command("agent", "list", "--json").out)[0]["state"] == "logged_out"


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return Terminal(as_json=False)


def test_every_sentence_is_of_a_kind_of_event_and_is_told_in_both_languages(terminal):
    assert SENTENCES.keys() <= {str(kind) for kind in Kind}
    for kind, sentence in SENTENCES.items():
        assert sentence in CHINESE
        fields = [
            {part[1] for part in string.Formatter().parse(text)} - {None} for text in (sentence, CHINESE[sentence])
        ]
        assert fields[0] == fields[1]
        assert told({"kind": kind, "leg": "1", "data": {}}, terminal).replace("?", "")


def test_a_sentence_says_the_events_data(terminal):
    event = {"kind": "queue.left", "leg": "", "data": {"queue": "service", "outcome": "timed_out", "wait_s": 12.34}}
    assert told(event, terminal) == "the waiting is over: timed_out after 12.3 s"
    terminal.language = "zh"
    assert told(event, terminal) == "等待结束：超时，12.3 秒"


def test_what_nobody_watches_for_is_not_told(terminal):
    assert told({"kind": "stage.entered", "leg": "", "data": {}}, terminal) == ""
    assert told({"kind": "of a newer exchange", "leg": "", "data": {}}, terminal) == ""


async def test_a_telephone_that_nobody_registers_says_where_it_tried(tmp_path, monkeypatch):
    monkeypatch.setattr("firmware.command.softphone.REGISTER_S", 1.5)
    phone = Softphone(tmp_path, "127.0.0.1:9", "201", "a-secret-of-201", tmp_path / "none.wav")
    with pytest.raises(Refused, match=r"extension 201 .* at 127\.0\.0\.1:9$"):
        await phone.__aenter__()


async def test_without_baresip_the_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    phone = Softphone(tmp_path, "127.0.0.1:5060", "201", "a-secret-of-201", tmp_path / "none.wav")
    with pytest.raises(Refused, match="apt-get install baresip-core"):
        await phone.__aenter__()

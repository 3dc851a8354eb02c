"""Calls outside on a whole box: who is refused and hears why, help when all lines are busy, what a carrier is shown."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivers.link.office import Subscriber
from tests import audio
from tests.peers.baresip import Phone
from tests.peers.box import ROOT, Box
from tests.peers.office import Office
from tests.peers.ports import free_port
from tests.peers.sipp import Callee
from tests.peers.watch import Watch
from tests.peers.wire import Message, Peer, digest

Records = Callable[..., dict[str, Any]]
Phones = Callable[..., Phone]

CARRIER = "127.0.0.9"
FIRST, ASSIGNED = "01088880001", "01088880002"
ABROAD = "0012125551234"
HELP_HZ, FRIEND_HZ = 800.0, 1200.0
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"
EXTENSIONS = ("201", "202", "203", "204", "205")


@pytest.fixture(scope="module")
def carrier_port() -> int:
    """Where the carrier listens."""
    return free_port(CARRIER)


@pytest.fixture(scope="module", autouse=True)
def one_more(box: Box) -> None:
    """One extension more than there are lines, which may call nothing outside."""
    extensions = box.ask("config.export", secrets=True)["extensions"]
    box.configure(extensions=[*extensions, {"number": "205", "rights": "internal"}])


@pytest.fixture(scope="module")
def trunk(box: Box, carrier_port: int) -> None:
    """A trunk beside the lines, reached with 8 before the number, and a number of its own for 202."""
    config = box.ask("config.export", secrets=True)
    trunk = {
        "name": "carrier", "host": CARRIER, "port": carrier_port, "addresses": [CARRIER], "numbers": [FIRST, ASSIGNED],
    }    # fmt: skip
    rule = {"name": "carrier", "prefix": "8", "strip": 1, "min_digits": 9, "via": ["trunk:carrier"]}
    own = {"202": {"caller_id": ASSIGNED}}
    box.configure(
        trunks=[trunk], outgoing=[rule, *config["outgoing"]],
        extensions=[one | own.get(one["number"], {}) for one in config["extensions"]],
    )


def prompt(name: str) -> audio.Samples:
    return audio.read_wav(ROOT / f"firmware/prompts/sounds/zh/{name}.wav").channel(0)


def likeness(phone: Phone, name: str) -> float:
    """Return how much a part of what a telephone heard is like a prompt; another prompt stays below a half.

    What a telephone has still in its jitter buffer when the call ends is not heard.
    """
    middle = prompt(name)[audio.RATE_HZ // 2 : -audio.RATE_HZ]
    return audio.best_match(audio.read_wav(phone.heard).channel(0), middle).likeness


def test_a_call_abroad_is_refused_and_the_caller_hears_why(box: Box, phone: Phones, records: Records) -> None:
    caller = phone("203")
    caller.dial(ABROAD)
    closed = caller.wait_event("CALL_CLOSED", 20)
    caller.switch_off()
    assert likeness(caller, "not-permitted") > 0.75
    assert likeness(caller, "limit-reached") < 0.5
    record = records(source="extension:203", did=ABROAD)
    assert (record["outcome"], record["cause"]) == ("refused", 21)
    assert [(one["kind"], one["who"]) for one in record["segments"]] == [("refused", "rights:international")]
    assert closed["at_s"] > record["answered_s"] + 2    # it was let finish


def test_help_gets_a_line_within_two_seconds_while_all_four_talk(
    box: Box, office: Office, phone: Phones, watch: Watch, records: Records
) -> None:
    office.order("subscriber", Subscriber(number="110", answer_after_s=1, voice="tone", tone_hz=HELP_HZ))
    *others, youngest = callers = [phone(number) for number in EXTENSIONS[:4]]
    for group in (others, [youngest]):
        for caller in group:
            friend = f"6234567{caller.number[-1]}"
            office.order("subscriber", Subscriber(number=friend, answer_after_s=4, voice="tone", tone_hz=FRIEND_HZ))
            caller.dial(friend)
        for caller in group:
            caller.wait_event("CALL_ESTABLISHED", 40)
    help_ = phone("205")    # which may call nothing else outside
    asked_s = time.time()
    help_.dial("110")
    given = watch.wait("preempted", 5)
    dialled = watch.wait("leg.dialed", 5, target="line:1:110")
    assert dialled["at_s"] - asked_s < 2
    help_.wait_event("CALL_ESTABLISHED", 20)
    time.sleep(3)
    youngest.wait_event("CALL_CLOSED", 15)
    help_.hang_up()
    help_.wait_event("CALL_CLOSED", 5)
    known = [len([one for one in other.events if one.get("type") == "CALL_CLOSED"]) for other in others]
    for caller in (*callers, help_):
        caller.switch_off()
    assert known == [0, 0, 0]    # nobody else was disturbed
    assert audio.hears_tone(audio.read_wav(help_.heard).channel(0)[-16000:-4000], HELP_HZ)
    assert likeness(youngest, "gave-way") > 0.75
    helped = records(source="extension:205", did="110")
    assert ("emergency", "110") in [(one["kind"], one["who"]) for one in helped["segments"]]
    cut = records(source="extension:204", did="62345674")
    assert cut["call_id"] == given["call"]
    assert ("preempted", helped["call_id"]) in [(one["kind"], one["who"]) for one in cut["segments"]]
    assert (cut["outcome"], cut["cause"], cut["by"]) == ("answered", 8, "exchange")
    alarms = {one["name"]: one["subject"] for one in box.ask("status")["alarms"]}
    assert alarms["emergency-call"] == "extension:205"


# ---- what the carrier is shown ---------------------------------------------------------------------------------------


@pytest.fixture
def carrier(trunk: None, carrier_port: int, tmp_path: Path) -> Iterator[Callable[[], Callee]]:
    """Start a carrier that answers calls."""
    made: list[Callee] = []

    def start() -> Callee:
        made.append(Callee(tmp_path / f"carrier-{len(made)}", CARRIER, carrier_port))
        return made[-1]

    yield start
    for one in made:
        one.stop()


@pytest.mark.parametrize(("number", "shown"), [("201", FIRST), ("202", ASSIGNED)])
def test_a_telephone_shows_the_number_the_carrier_gave(
    box: Box, carrier: Callable[[], Callee], phone: Phones, number: str, shown: str
) -> None:
    seen = carrier()
    caller = phone(number)
    caller.dial("813800138000")
    caller.wait_event("CALL_ESTABLISHED")
    caller.hang_up()
    invite = seen.invite()
    assert f"<sip:{shown}@" in invite.header("From")
    assert invite.first.startswith("INVITE sip:13800138000@")


def test_what_a_carrier_says_before_it_answers_is_heard_at_the_telephone_and_ours_is_not(
    box: Box, trunk: None, carrier_port: int, phone: Phones, tmp_path: Path
) -> None:
    said = tmp_path / "said.alaw"
    time_s = np.arange(audio.RATE_HZ) / audio.RATE_HZ
    sound = audio.amplitude(-12) * np.sin(2 * np.pi * FRIEND_HZ * time_s)
    said.write_bytes(audio.encode_alaw(sound.astype(np.int16)))
    callee = Callee(tmp_path / "carrier", CARRIER, carrier_port, sound=said, sound_s=3)
    try:
        caller = phone("203")
        caller.dial("813800138000")
        caller.wait_event("CALL_CLOSED", 30)
        caller.switch_off()
    finally:
        callee.stop()
    heard = audio.read_wav(caller.heard).channel(0)
    assert audio.has_tone(heard, FRIEND_HZ, 1.5)
    assert not audio.has_tone(heard, 450)
    assert not [one for one in caller.events if one.get("type") == "CALL_ESTABLISHED"]


CLAIMS = """\
P-Asserted-Identity: "Police" <sip:110@example.com>
P-Preferred-Identity: <sip:13900000000@example.com>
Remote-Party-ID: <sip:13900000000@example.com>;party=calling;screen=yes
Diversion: <sip:13900000000@example.com>;reason=unconditional
History-Info: <sip:13900000000@example.com>;index=1
Subject: 13900000000
"""


@pytest.mark.parametrize("claims", [CLAIMS, f"{CLAIMS}Privacy: id\n"])
def test_whatever_a_telephone_claims_to_be_the_carrier_is_shown_its_own_number(
    box: Box, carrier: Callable[[], Callee], claims: str
) -> None:
    seen = carrier()
    host, _, port = box.sip.partition(":")
    with Peer((host, int(port))) as liar:
        sent = _invite(box, liar, "202", "813800138000", claims)
        assert "Police" in sent
        liar.expect(200, 15)
        invite = seen.invite()
    assert f"<sip:{ASSIGNED}@" in invite.header("From")
    for claimed in ("13900000000", "Police", "example.com", "Diversion", "Remote-Party-ID", "202"):
        assert not invite.tells(claimed), f"{claimed} got out:\n{invite.text}"
    for name in ("P-Asserted-Identity", "P-Preferred-Identity", "History-Info", "Privacy"):
        assert invite.headers(name) == []


def test_a_telephone_that_calls_itself_by_another_number_gets_nowhere(box: Box, trunk: None) -> None:
    host, _, port = box.sip.partition(":")
    with Peer((host, int(port))) as liar:
        _invite(box, liar, "202", "813800138000", CLAIMS, shown="13900000000")
        assert liar.expect(403).status == 403


def _invite(box: Box, peer: Peer, number: str, dialled: str, claims: str, shown: str = "") -> str:
    """Call with the right password and these claims; return the request."""
    secret = box.ask("extension.secret", number=number)["secret"]
    uri = f"sip:{dialled}@{box.sip}"
    call_id = f"liar-{time.monotonic_ns()}"
    first = peer.request("INVITE", uri, user=shown or number, call_id=call_id, body=SDP, more=claims)
    first = first.replace("From: <", 'From: "Police 110" <')
    peer.send(first)
    challenge: Message = peer.expect(407)
    peer.ack(first, challenge, shown or number)
    proof = digest(challenge, "INVITE", uri, number, secret)
    sent = peer.request(
        "INVITE", uri, user=shown or number, call_id=call_id, cseq=2, body=SDP, more=f"{claims}{proof}\n"
    ).replace("From: <", 'From: "Police 110" <')
    peer.send(sent)
    return sent

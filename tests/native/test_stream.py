"""SIP streams of every rate and packet time are parties alike: the room calls itself, with real RTP in between."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pjsua2 as pj
import pytest

from native.media import Leg, MediaError, Prompt
from tests import audio
from tests.native.program import program
from tests.native.room import Room
from tests.native.signals import as_bytes, tone
from tests.native.sip import SipCall, Switch

NORMAL_PRIORITY = 128


@pytest.fixture
def switch(room: Room) -> Iterator[Switch]:
    switch = Switch(room)
    yield switch
    switch.hang_up()
    switch.shutdown()


@pytest.fixture
def codec(room: Room) -> Iterator[Callable[[str, int], None]]:
    """Make one codec the best, with packets of so many of its frames; all is as it was afterwards."""
    changed: list[tuple[str, pj.CodecParam]] = []

    def choose(name: str, frames: int) -> None:
        room.endpoint.codecSetPriority(name, 255)
        changed.append((name, room.endpoint.codecGetParam(name)))
        wanted = room.endpoint.codecGetParam(name)
        wanted.setting.frmPerPkt = frames
        room.endpoint.codecSetParam(name, wanted)

    yield choose
    for name, parameters in changed:
        room.endpoint.codecSetPriority(name, NORMAL_PRIORITY)
        room.endpoint.codecSetParam(name, parameters)


def call_itself(room: Room, switch: Switch) -> tuple[SipCall, Leg, Leg]:
    """Have the room call itself; return the outgoing call and the legs of both ends."""
    outgoing = SipCall(switch, pj.PJSUA_INVALID_ID)
    outgoing.makeCall(f"sip:switch@127.0.0.1:{room.sip_port}", pj.CallOpParam(True))
    switch.calls.append(outgoing)
    room.wait(lambda: len(switch.calls) == 2 and all(call.slots for call in switch.calls))
    return outgoing, *(room.core.leg(call.slots[-1], room.token()) for call in switch.calls)


@pytest.mark.parametrize(
    ("name", "frames", "rate_hz", "packet_ms"),
    [
        ("PCMA/8000/1", 2, 8000, 20),
        ("PCMU/8000/1", 3, 8000, 30),
        ("PCMA/8000/1", 1, 8000, 10),
        ("PCMA/8000/1", 6, 8000, 60),
        ("G722/16000/1", 2, 16000, 20),
        ("G722/16000/1", 4, 16000, 40),
        ("opus/48000/2", 1, 48000, 20),
    ],
)
def test_each_end_hears_and_records_the_other(
    room: Room, switch: Switch, codec: Callable[[str, int], None], tmp_path: Path,
    name: str, frames: int, rate_hz: int, packet_ms: int,
) -> None:
    codec(name, frames)
    call, one, other = call_itself(room, switch)
    info = call.getStreamInfo(0)
    assert f"{info.codecName}/{info.codecClockRate}".lower() == f"{name.split('/', maxsplit=1)[0]}/{rate_hz}".lower()
    one.play([Prompt(as_bytes(tone([1000], -15, 2.5)))], 1)
    other.play([Prompt(as_bytes(tone([700], -15, 2.5)))], 1)
    one.record(str(tmp_path / "one.wav"))
    other.record(str(tmp_path / "other.wav"))
    sent = call.getStreamStat(0).rtcp.txStat.pkt
    began = room.core.counters()["ticks"]
    room.wait_for(one, "finished")
    packets = call.getStreamStat(0).rtcp.txStat.pkt - sent
    ticks = room.core.counters()["ticks"] - began
    for leg in (one, other):
        leg.close()
        room.wait_for(leg, "recorded")
    assert packets == pytest.approx(ticks * 20 / packet_ms, rel=0.1, abs=3)
    for path, says, hears in (("one.wav", 700, 1000), ("other.wav", 1000, 700)):
        wav = audio.read_wav(tmp_path / path)
        voice, sound = wav.channel(0)[10000:18000], wav.channel(1)[4000:18000]
        assert audio.hears_tone(voice, says)
        assert audio.level_dbm0(voice) == pytest.approx(-15, abs=1.5)
        assert audio.hears_tone(sound, hears)
        assert audio.level_dbm0(sound) == pytest.approx(-15, abs=0.2)


def test_a_slot_has_one_leg(room: Room, switch: Switch) -> None:
    _, one, other = call_itself(room, switch)
    with pytest.raises(MediaError, match="has a leg already"):
        room.core.leg(one.slot, room.token())
    slot = one.slot
    one.close()
    again = room.core.leg(slot, room.token())  # a closed leg leaves its place at once
    again.play([100], 1)
    room.wait_for(again, "finished")
    again.close()
    other.close()


def test_calls_that_come_and_go_leave_nothing(room: Room, switch: Switch) -> None:
    for _ in range(5):
        _, one, other = call_itself(room, switch)
        room.core.connect(one, other)
        one.play([Prompt(as_bytes(tone([1000], -15, 1)))], 1, loop=True)
        room.wait_ticks(3)
        switch.hang_up()
        one.close()
        other.close()
        room.wait(lambda: room.core.counters()["parties"] == 0)


LIVE = """
import pjsua2 as pj
from tests.native.sip import SipCall, Switch
room = Room()
room.start()
switch = Switch(room)
call = SipCall(switch, pj.PJSUA_INVALID_ID)
call.makeCall(f"sip:switch@127.0.0.1:{room.sip_port}", pj.CallOpParam(True))
switch.calls.append(call)
room.wait(lambda: len(switch.calls) == 2 and all(call.slots for call in switch.calls))
legs = [room.core.leg(call.slots[-1], room.token()) for call in switch.calls]
room.core.connect(*legs)
legs[0].record(sys.argv[1])
room.wait_ticks(10)
room.core.stop()
print("stopped", flush=True)
room.endpoint.libDestroy()
print("destroyed", flush=True)
"""


def test_pjsua_may_end_with_calls_still_up(tmp_path: Path) -> None:
    with program(LIVE, str(tmp_path / "call.wav")) as process:
        assert process.stdout
        assert [process.stdout.readline() for _ in range(2)] == ["stopped\n", "destroyed\n"]
        process.wait(30)
    assert audio.read_wav(tmp_path / "call.wav").duration_s > 0.1

"""Legs on calls of a real SIP telephone: what baresip hears, says and does, through pjsua2 and RTP."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from native.media import Leg, Prompt
from tests import audio
from tests.native.room import Room
from tests.native.signals import as_bytes, dtmf, silence, speech_like, tone
from tests.native.sip import SipCall, Switch
from tests.peers.baresip import Phone


@pytest.fixture
def switch(room: Room) -> Iterator[Switch]:
    switch = Switch(room)
    yield switch
    switch.hang_up()
    switch.shutdown()


@pytest.fixture
def phone(room: Room, switch: Switch, tmp_path: Path) -> Iterator[Callable[[str, np.ndarray], Phone]]:
    """Make telephones that are switched on; what each says is given."""
    made: list[Phone] = []

    def make(name: str, says: np.ndarray) -> Phone:
        audio.write_wav(tmp_path / f"{name}.wav", np.round(says))
        phone = Phone(tmp_path / name, f"127.0.0.1:{room.sip_port}", name, "none", tmp_path / f"{name}.wav")
        made.append(phone)
        phone.switch_on()
        return phone

    yield make
    switch.hang_up()
    for phone in made:
        if phone.process.poll() is None:
            phone.kill()


def call(room: Room, switch: Switch, phone: Phone) -> tuple[SipCall, Leg]:
    """Have a telephone call the switch; return the call and a leg on it."""
    count = len(switch.calls)
    phone.dial("switch")
    room.wait(lambda: len(switch.calls) > count and switch.calls[count].slots)
    taken = switch.calls[count]
    leg = room.core.leg(taken.slots[-1], room.token())
    return taken, leg


def heard(phone: Phone) -> np.ndarray:
    """What the telephone's user heard. It is killed: switched off, it would wait for an answer to deregister."""
    phone.kill()
    return audio.read_wav(phone.heard).channel(0)


def test_a_telephone_hears_the_prompt_and_says_digits(
    room: Room, switch: Switch, phone: Callable[[str, np.ndarray], Phone], tmp_path: Path
) -> None:
    says = np.concatenate([silence(1.5), dtmf("159*0#"), silence(30)])
    caller = phone("caller", says)
    _, leg = call(room, switch, caller)
    leg.detect(digits=True, tones={}, caller_id=False)
    leg.record(str(tmp_path / "call.wav"))
    greeting = speech_like(2, seed=4)
    leg.play([Prompt(as_bytes(greeting)), 200], 1)
    room.wait_for(leg, "finished")
    room.wait_for(leg, "digit", 6)
    leg.close()
    room.wait_for(leg, "recorded")
    switch.hang_up()
    ears = heard(caller)
    assert "".join(digit.value for digit in room.of(leg, "digit")) == "159*0#"
    # Word by word: a telephone's jitter buffer may stretch the pauses.
    words = [greeting[at : at + 2400] for at in range(0, len(greeting) - 2400, 2400)]
    assert sorted(audio.best_match(ears, word).likeness for word in words)[len(words) // 2] > 0.95
    wav = audio.read_wav(tmp_path / "call.wav")
    assert audio.best_match(wav.channel(1), greeting).likeness > 0.99
    assert audio.best_match(wav.channel(0), greeting[:8000]).likeness < 0.4


def test_two_telephones_talk_through_hold_and_resume(
    room: Room, switch: Switch, phone: Callable[[str, np.ndarray], Phone], tmp_path: Path
) -> None:
    one, other = phone("one", tone([1000], -15, 60)), phone("other", tone([700], -15, 60))
    one_call, one_leg = call(room, switch, one)
    _, other_leg = call(room, switch, other)
    room.core.connect(one_leg, other_leg)
    room.wait_for(one_leg, "connected")
    other_leg.record(str(tmp_path / "call.wav"))
    room.wait_ticks(60)
    for act in (one.hold, one.resume):
        streams = len(one_call.slots)
        act()
        room.wait(lambda streams=streams: len(one_call.slots) > streams)
        one_leg.move(one_call.slots[-1])
        sent = one_call.getStreamStat(0).rtcp.txStat.pkt
        room.wait_ticks(60)
    assert one_call.getStreamStat(0).rtcp.txStat.pkt - sent > 50  # it is spoken to again
    other_leg.stop_record()
    room.wait_for(other_leg, "recorded")
    one_leg.close()
    other_leg.close()
    switch.hang_up()
    wav = audio.read_wav(tmp_path / "call.wav")
    assert audio.hears_tone(wav.channel(0), 700)
    said = wav.channel(1)
    assert audio.hears_tone(said[4000:8000], 1000)  # before the hold
    assert audio.silences(said[8000:], at_least_ms=500)  # nothing is said on hold
    assert audio.hears_tone(said[-4000:], 1000)  # after it
    assert audio.hears_tone(heard(one)[4000:8000], 700)
    ears = heard(other)
    talks = audio.sounds(ears, at_least_ms=500)
    assert len(talks) >= 2
    assert all(audio.hears_tone(audio.cut(ears, talk), 1000) for talk in talks)


def test_a_caller_who_hangs_up_leaves_a_leg_that_closes_cleanly(
    room: Room, switch: Switch, phone: Callable[[str, np.ndarray], Phone], tmp_path: Path
) -> None:
    one, other = phone("one", tone([1000], -15, 60)), phone("other", tone([700], -15, 60))
    one_call, one_leg = call(room, switch, one)
    _, other_leg = call(room, switch, other)
    room.core.connect(one_leg, other_leg)
    one_leg.record(str(tmp_path / "call.wav"))
    one_leg.play([Prompt(as_bytes(tone([450], -15, 1)))], 5, loop=True)
    room.wait_ticks(50)
    one.hang_up()
    room.wait(lambda: one_call.ended)
    room.wait_ticks(10)  # its stream has left the bridge before its leg
    one_leg.close()
    told = room.wait_for(one_leg, "finished")
    assert (told.value, told.number) == ("stopped", 5)
    room.wait_for(one_leg, "recorded")
    assert audio.tone_dbm0(audio.read_wav(tmp_path / "call.wav").channel(1), 700) > -30
    other_leg.close()


def test_a_silent_leg_still_sends(
    room: Room, switch: Switch, phone: Callable[[str, np.ndarray], Phone]
) -> None:
    caller = phone("caller", tone([1000], -15, 60))
    taken, leg = call(room, switch, caller)
    room.wait_ticks(5)
    sent = taken.getStreamStat(0).rtcp.txStat.pkt
    room.wait_ticks(50)
    assert taken.getStreamStat(0).rtcp.txStat.pkt - sent == pytest.approx(50, abs=3)
    leg.close()

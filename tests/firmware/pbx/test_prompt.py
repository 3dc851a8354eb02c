"""A prompt is spoken into a telephone: the box rings it, listens, plays it back, and does nothing by halves."""

from pathlib import Path

import pytest

from drivers.link.messages import Prompt
from firmware.errors import NotFound, Refused, Unavailable
from firmware.prompts.drafts import State
from firmware.prompts.jobs import FromRecording
from tests.fakes.box import Box, config
from tests.fakes.sound import write_silence


def record(box, extension="201"):
    return box.do(box.exchange.prompts.record, extension)


def said(party):
    return [name for _, name in party.heard]


def at_the_tone(box, extension="201"):
    """Return a draft and who speaks it, the tone having sounded."""
    draft = record(box, extension)
    phone = box.phone(extension)
    box.clock.advance(2)
    assert phone.state == "ringing"
    phone.answer()
    party = phone.party
    box.clock.advance(30)
    assert draft.state is State.RECORDING
    return draft, party


def test_who_presses_hash_hears_what_was_recorded(box):
    draft, party = at_the_tone(box)
    box.clock.advance(5)
    party.press("#")
    box.clock.advance(0.5)
    assert draft.state is State.MAKING
    box.clock.advance(20)
    assert draft.state is State.READY
    assert draft.duration_s > 5
    assert said(party) == ["record-after-tone", "tone:beep", "recorded-as-follows", draft.id]
    assert party.state == "ended"
    assert box.live == []


def test_who_hangs_up_has_recorded_it_too(box):
    draft, party = at_the_tone(box)
    box.clock.advance(5)
    party.hang_up()
    box.clock.advance(5)
    assert draft.state is State.READY
    assert Path(draft.path).is_file()
    assert box.live == []


def test_it_is_made_of_what_this_call_recorded(box):
    draft, party = at_the_tone(box)
    box.clock.advance(5)
    party.hang_up()
    box.clock.advance(5)
    (job,) = box.workshop.jobs
    (recording,) = box.record(box.calls[-1].call_id).recordings
    assert job == FromRecording(str(box.home / recording.path), draft.path, key_heard=False)


def test_who_says_nothing_is_told_so_and_no_file_is_left(box):
    draft, party = at_the_tone(box)
    recording = Path(party.channel.recording)
    party.press("#")
    box.clock.advance(0.02)
    write_silence(recording, 0.0)
    box.clock.advance(20)
    assert (draft.state, draft.code) == (State.FAILED, "sound-silent")
    assert said(party)[-1] == "nothing-recorded"
    assert list((box.home / "spool").glob("*")) == []


def test_nobody_answers(box):
    draft = record(box)
    box.clock.advance(60)
    assert (draft.state, draft.code) == (State.FAILED, "not-spoken")
    assert box.live == []


def test_who_hangs_up_before_the_tone_has_recorded_nothing(box):
    draft = record(box)
    phone = box.phone("201")
    phone.answer()
    box.clock.advance(1)
    phone.hang_up()
    box.clock.advance(5)
    assert (draft.state, draft.code) == (State.FAILED, "not-spoken")


def test_no_recording_goes_on_for_ever(box):
    draft, party = at_the_tone(box)
    box.clock.advance(700)
    assert draft.state is State.READY
    assert party.state == "ended"


def test_a_busy_or_missing_telephone_is_not_rung(box):
    box.phone("202").unregistered()
    box.phone("203").calls("204")
    for extension, kind in (("202", Unavailable), ("203", Refused), ("299", NotFound)):
        with pytest.raises(kind):
            record(box, extension)


def test_the_telephone_is_in_use_meanwhile_and_its_agent_on_a_call(box):
    box.login("201")
    draft, party = at_the_tone(box)
    assert box.agent("201").state == "on_call"
    with pytest.raises(Refused):
        record(box)
    party.hang_up()
    box.clock.advance(5)
    assert draft.state is State.READY
    assert box.agent("201").state in ("ready", "acw")


def test_after_a_restart_the_speaker_is_told_to_begin_again(box):
    _, party = at_the_tone(box)
    box.restart(after_s=1)
    box.clock.advance(20)
    assert said(party)[-1] == "nothing-recorded"
    assert party.state == "ended"
    assert box.live == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_box_speaks_its_own_language(tmp_path, language):
    box = Box(tmp_path, config(box={"language": language}))
    record(box)
    box.clock.advance(2)
    box.phone("201").answer()
    box.clock.advance(1)
    told = [sound.path for sound in box.phone("201").party.channel.playing.sounds if isinstance(sound, Prompt)]
    assert [path.split("/")[-2:] for path in told] == [[language, "record-after-tone.wav"]]
    box.close()


def test_a_prompt_is_played_at_a_telephone(box):
    box.do(lambda: box.exchange.prompts.play("201", name="zh/welcome"))
    phone = box.phone("201")
    phone.answer()
    party = phone.party
    box.clock.advance(20)
    assert said(party)[-1] == "welcome"
    assert party.state == "ended"

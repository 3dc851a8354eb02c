"""What the box can say, by name."""

import wave
from pathlib import Path

import msgspec
import pytest

from firmware.config.values import SoundName
from firmware.errors import NotFound
from firmware.prompts import catalogue


def said(prompts: list) -> list[str]:
    """Return the sounds as language/name."""
    return [f"{Path(prompt.path).parent.name}/{Path(prompt.path).stem}" for prompt in prompts]


def write_wav(path: Path, channels: int = 1, rate_hz: int = 8000, width: int = 2, frames: int = 800) -> None:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setframerate(rate_hz)
        out.setsampwidth(width)
        out.writeframes(bytes(frames * channels * width))


@pytest.fixture
def prompts_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BUSYHOUR_HOME", str(tmp_path))
    (tmp_path / "prompts").mkdir()
    return tmp_path / "prompts"


@pytest.mark.parametrize("name", catalogue.names())
def test_every_name_can_stand_in_a_configuration_and_be_played_in_both_languages(name):
    assert msgspec.convert(name, SoundName) == name
    assert catalogue.exists(name)
    for language in catalogue.LANGUAGES:
        assert catalogue.exists(f"{language}/{name}")
        assert len(catalogue.sounds(name, language)) == 1


def test_a_plain_name_is_said_in_the_callers_language_and_a_full_one_in_its_own():
    assert said(catalogue.sounds("welcome", "en")) == ["en/welcome"]
    assert said(catalogue.sounds("welcome", "zh")) == ["zh/welcome"]
    assert said(catalogue.sounds("zh/welcome", "en")) == ["zh/welcome"]


def test_music_is_the_same_in_every_language():
    assert said(catalogue.sounds("music", "zh")) == said(catalogue.sounds("en/music", "en")) == ["any/music"]


@pytest.mark.parametrize(("name", "language"), [("no-such", "zh"), ("fr/welcome", "zh"), ("welcome", "fr"), ("", "en")])
def test_what_is_not_there_is_named(name, language):
    with pytest.raises(NotFound, match=repr(name)):
        catalogue.sounds(name, language)


def test_a_sound_of_the_users_own_is_taken_from_the_home(prompts_folder):
    write_wav(prompts_folder / "ours.wav")
    assert catalogue.exists("file:ours.wav")
    assert [prompt.path for prompt in catalogue.sounds("file:ours.wav", "zh")] == [str(prompts_folder / "ours.wav")]


@pytest.mark.parametrize(
    ("shape", "said_about_it"),
    [
        ({"channels": 2}, "2 channels"),
        ({"rate_hz": 44100}, "44100 Hz"),
        ({"width": 1}, "8 bit"),
        ({"frames": 0}, "holds no sound"),
    ],
)
def test_a_sound_the_box_cannot_play_is_refused_with_what_would_be_right(prompts_folder, shape, said_about_it):
    write_wav(prompts_folder / "bad.wav", **shape)
    wrong = catalogue.wrong_with("file:bad.wav")
    assert said_about_it in wrong
    assert "mono, 8000 Hz, 16 bit" in wrong


def test_a_file_that_is_no_sound_is_refused(prompts_folder):
    (prompts_folder / "text.wav").write_text("this is no sound")
    (prompts_folder / "folder.wav").mkdir()
    assert "no sound this box plays" in catalogue.wrong_with("file:text.wav")
    assert "cannot be read" in catalogue.wrong_with("file:folder.wav")
    assert "there is no file" in catalogue.wrong_with("file:missing.wav")


def test_no_file_outside_the_prompts_folder_is_played(prompts_folder):
    write_wav(prompts_folder.parent / "secret.wav")
    assert "no folder" in catalogue.wrong_with("file:../secret.wav")
    assert "no folder" in catalogue.wrong_with(f"file:{prompts_folder.parent}/secret.wav")


@pytest.mark.parametrize(
    ("number", "zh", "en"),
    [
        (0, ["0"], ["0"]),
        (2, ["2"], ["2"]),
        (15, ["15"], ["15"]),
        (99, ["99"], ["99"]),
        (300, ["300"], ["300"]),
        (105, ["100", "and", "5"], ["100", "and", "5"]),
        (112, ["100", "1", "12"], ["100", "and", "12"]),
        (240, ["200", "40"], ["200", "and", "40"]),
        (1305, ["1", "3", "0", "5"], ["1", "3", "0", "5"]),
    ],
)
def test_numbers_are_said_as_people_say_them(number, zh, en):
    assert said(catalogue.say_number(number, "zh")) == [f"zh/number-{piece}" for piece in zh]
    assert said(catalogue.say_number(number, "en")) == [f"en/number-{piece}" for piece in en]


def test_numbers_are_written_out_as_people_count():
    words = {n: (catalogue.PROMPTS[f"number-{n}"].zh, catalogue.PROMPTS[f"number-{n}"].en) for n in (0, 10, 12, 20, 21)}
    assert words == {
        0: ("零", "zero"),
        10: ("十", "ten"),
        12: ("十二", "twelve"),
        20: ("二十", "twenty"),
        21: ("二十一", "twenty-one"),
    }


def test_a_negative_number_is_refused():
    with pytest.raises(NotFound, match="-1"):
        catalogue.say_number(-1, "zh")


def test_a_telephone_number_is_said_digit_by_digit():
    assert said(catalogue.say_digits("+86 10", "zh")) == [f"zh/number-{digit}" for digit in "8610"]


def test_the_first_in_the_queue_hears_that_and_the_others_their_place():
    assert said(catalogue.queue_position(1, "zh")) == ["zh/next-in-line"]
    assert said(catalogue.queue_position(7, "en")) == ["en/position-before", "en/number-7", "en/position-after"]

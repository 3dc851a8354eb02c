"""Strangers' files become prompts, or a reason why not; the real program makes them, with the real ffmpeg."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from firmware.errors import BadSound, Refused
from firmware.prompts import workshop
from firmware.prompts.jobs import FromFile, FromRecording, FromText
from firmware.prompts.workshop import Makers
from tests import audio
from tests.firmware.prompts.sounds import (
    RATE_HZ,
    as_file,
    endless,
    raw_wav,
    voice,
    wav,
    with_cover,
    without_length,
)

SPEECH_DBM0, MUSIC_DBM0 = -16.0, -22.0


async def made(folder: Path, source: Path, **how) -> np.ndarray:
    target = folder / "made.wav"
    told = await Makers().make(FromFile(str(source), str(target), **how))
    found = audio.read_wav(target)
    assert (found.rate_hz, found.samples.shape[1]) == (RATE_HZ, 1)
    assert told.duration_s == pytest.approx(found.duration_s)
    return found.channel(0)


@pytest.mark.parametrize(
    ("name", "options"),
    [("a.wav", ["-ar", "48000", "-ac", "2"]), ("a.mp3", []), ("a.m4a", []), ("a.ogg", []), ("a.flac", [])],
)
async def test_a_file_of_any_common_kind_becomes_what_the_telephone_plays(tmp_path, name, options):
    heard = await made(tmp_path, as_file(tmp_path / name, voice(2.0), *options))
    assert len(heard) / RATE_HZ == pytest.approx(2.08, abs=0.15)  # trimmed, with 40 ms of quiet at both ends
    assert audio.best_match(heard, voice(2.0, quiet_s=0)).likeness > 0.97
    assert audio.level_dbm0(heard[800:-800]) == pytest.approx(SPEECH_DBM0, abs=1.5)


@pytest.mark.parametrize("level", [0.01, 1.0])
async def test_all_become_equally_loud_and_music_quieter(tmp_path, level):
    (tmp_path / "a.wav").write_bytes(wav(voice(level=level)))
    assert audio.level_dbm0((await made(tmp_path, tmp_path / "a.wav"))[800:-800]) == pytest.approx(SPEECH_DBM0, abs=1.5)
    music = await made(tmp_path, tmp_path / "a.wav", music=True)
    assert audio.level_dbm0(music[800:-800]) == pytest.approx(MUSIC_DBM0, abs=1.5)


async def test_the_picture_on_the_cover_does_no_harm(tmp_path):
    assert len(await made(tmp_path, with_cover(as_file(tmp_path / "a.mp3", voice())))) > 2 * RATE_HZ


BAD = {
    "no sound at all": ("sound-unknown", lambda: os.urandom(200_000)),
    "a playlist that names a file": ("sound-unknown", lambda: b"#EXTM3U\n#EXT-X-TARGETDURATION:1\nfile:///etc/passwd\n"),
    "a list of files": ("sound-unknown", lambda: b"ffconcat version 1.0\nfile /etc/hostname\n"),
    "a page": ("sound-unknown", lambda: b"<html>" + b"a" * 5000),
    "a tag that claims 256 MB": ("sound-unknown", lambda: b"ID3\x03\0\0\x7f\x7f\x7f\x7f" + bytes(5000)),
    "a header of 2 GB": ("sound-unknown", lambda: b"RIFF\xff\xff\xff\x7fWAVEfmt \xf0\xff\xff\x7f" + b"a" * 5000),
    "65535 channels": ("sound-unknown", lambda: raw_wav(65535, 8000, b"\1\2" * 70_000, 140_000)),
    "4 GHz": ("sound-unknown", lambda: raw_wav(1, 2**32 - 1, b"\1\2" * 70_000, 140_000)),
    "1 Hz": ("sound-long", lambda: raw_wav(1, 1, b"\1\7" * 1000, 2000)),
    "nothing but a header": ("sound-unknown", lambda: wav(np.zeros(0))),
    "half of what it says": ("sound-broken", lambda: (whole := wav(voice(4.0)))[: len(whole) // 2]),
    "a click": ("sound-short", lambda: wav(voice(0.02, quiet_s=0))),
    "silence": ("sound-silent", lambda: wav(np.zeros(3 * RATE_HZ))),
    "what no telephone carries": ("sound-silent", lambda: wav(0.5 * np.hanning(24000) * np.sin(np.arange(24000) / 64))),
    "eleven minutes": ("sound-long", lambda: wav(np.tile(voice(9.5, quiet_s=0.25), 66))),
}


@pytest.mark.parametrize("kind", BAD)
async def test_a_bad_file_is_refused_with_a_reason_and_leaves_nothing(tmp_path, kind):
    code, content = BAD[kind]
    (tmp_path / "bad").write_bytes(content())
    with pytest.raises(BadSound) as refused:
        await made(tmp_path, tmp_path / "bad")
    assert refused.value.code == code
    assert [path.name for path in tmp_path.iterdir()] == ["bad"]


@pytest.mark.parametrize("name", ["bomb.flac", "bomb.mka"])
async def test_hours_of_sound_in_a_small_file_are_not_unpacked(tmp_path, name):
    bomb = endless(tmp_path / name, 1, *(["-c:a", "flac"] if name == "bomb.mka" else []))
    if name == "bomb.flac":
        bomb.write_bytes(without_length(bomb.read_bytes()))
    assert bomb.stat().st_size < 2_000_000
    with pytest.raises(BadSound) as refused:
        await made(tmp_path, bomb)
    assert (refused.value.code, refused.value.facts) == ("sound-long", {"most": 10})


async def test_half_an_mp3_breaks_off(tmp_path):
    whole = as_file(tmp_path / "a.mp3", voice(10.0)).read_bytes()
    (tmp_path / "a.mp3").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadSound, match="breaks off"):
        await made(tmp_path, tmp_path / "a.mp3")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_words_are_spoken(tmp_path, language):
    text = {"zh": "您好，欢迎致电明德商店。", "en": "Hello, this is the Mingde shop."}[language]
    said = await Makers().make(FromText(text, language, str(tmp_path / "a.wav")))
    assert 1.0 < said.duration_s < 5.0
    heard = audio.read_wav(tmp_path / "a.wav").channel(0)
    assert audio.level_dbm0(heard) == pytest.approx(SPEECH_DBM0, abs=4)


def recording(folder: Path, left: np.ndarray) -> str:
    right = 0.3 * np.sin(2 * np.pi * 1000 * np.arange(len(left)) / RATE_HZ)
    data = np.round(np.stack([left, right], axis=1) * 32767).astype("<i2").tobytes()
    (folder / "call.wav").write_bytes(raw_wav(2, RATE_HZ, data, len(data)))
    return str(folder / "call.wav")


async def test_of_a_recording_only_the_speaker_is_kept_without_the_noise_around(tmp_path):
    noise = np.random.default_rng(1).standard_normal(6 * RATE_HZ) * 0.006
    spoken = np.concatenate([np.zeros(2 * RATE_HZ), voice(2.0, quiet_s=0), np.zeros(2 * RATE_HZ)]) + noise
    await Makers().make(FromRecording(recording(tmp_path, spoken), str(tmp_path / "made.wav")))
    heard = audio.read_wav(tmp_path / "made.wav").channel(0)
    assert len(heard) / RATE_HZ == pytest.approx(2.2, abs=0.15)
    assert audio.best_match(heard, voice(2.0, quiet_s=0)).likeness > 0.95


async def test_the_tone_of_the_key_that_ended_a_recording_is_cut_off(tmp_path):
    t = np.arange(int(0.2 * RATE_HZ)) / RATE_HZ
    key = 0.2 * (np.sin(2 * np.pi * 941 * t) + np.sin(2 * np.pi * 1477 * t))
    spoken = np.concatenate([voice(2.0), key])
    await Makers().make(FromRecording(recording(tmp_path, spoken), str(tmp_path / "made.wav"), key_heard=True))
    assert audio.read_wav(tmp_path / "made.wav").duration_s == pytest.approx(2.2, abs=0.15)


async def test_a_maker_that_takes_too_long_is_ended_with_all_it_started(tmp_path, monkeypatch):
    monkeypatch.setattr(workshop, "WORK_S", 0.05)
    (tmp_path / "a.wav").write_bytes(wav(voice()))
    with pytest.raises(BadSound) as refused:
        await Makers().make(FromFile(str(tmp_path / "a.wav"), str(tmp_path / "made.wav")))
    assert refused.value.code == "sound-slow"
    assert [line for line in children() if "firmware.prompts.maker" in line] == []


def children() -> list[str]:
    """Return the command lines of all processes that this one has started and that still run."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid():
                found.append((path / "cmdline").read_text(errors="replace"))
    return found


@pytest.mark.parametrize(
    ("hog", "ended_by"),
    [("bytearray(2 << 30)", "MemoryError"), ("open(sys.argv[1], 'wb').truncate(1 << 30)", "OSError")],
)
def test_a_maker_has_little_memory_and_disk(tmp_path, hog, ended_by):
    program = f"import sys; from firmware.prompts.maker import confine; confine(); {hog}"
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "big")], capture_output=True, text=True, check=False
    )
    assert ended_by in done.stderr


async def test_no_more_wait_than_there_is_room_for(tmp_path, monkeypatch):
    monkeypatch.setattr(workshop, "WAITING", 0)
    with pytest.raises(Refused):
        await Makers().make(FromText("a", "en", str(tmp_path / "a.wav")))

"""Recordings that nobody lived to close tell how long they are, and play."""

import struct
import wave

import pytest

from firmware.records.recordings import complete


def recording(path, seconds, channels=2):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\1\2" * (channels * int(8000 * seconds)))
    return path


def played_s(path):
    with wave.open(str(path)) as file:
        assert file.getframerate() == 8000
        samples = file.readframes(1 << 30)
        assert len(samples) == file.getnframes() * file.getnchannels() * 2
        return file.getnframes() / 8000


@pytest.mark.parametrize("channels", [1, 2])
def test_a_finished_recording_stays_as_it_is(tmp_path, channels):
    path = recording(tmp_path / "a.wav", 3.5, channels)
    before = path.read_bytes()
    assert complete(path) == 3.5
    assert path.read_bytes() == before


@pytest.mark.parametrize("told_s", [0, 1, 60])
def test_a_header_of_another_moment_is_put_right(tmp_path, told_s):
    path = recording(tmp_path / "a.wav", 10)
    content = bytearray(path.read_bytes())
    content[4:8], content[40:44] = struct.pack("<I", 36 + told_s * 32000), struct.pack("<I", told_s * 32000)
    path.write_bytes(content)
    assert complete(path) == 10.0
    assert played_s(path) == 10.0


def test_chunks_before_the_samples_are_passed_over(tmp_path):
    content = bytearray(recording(tmp_path / "a.wav", 2).read_bytes())
    content[36:36] = b"LIST" + struct.pack("<I", 5) + b"hello\0"
    path = tmp_path / "b.wav"
    path.write_bytes(content)
    assert complete(path) == 2.0
    assert played_s(path) == 2.0
    assert b"hello" in path.read_bytes()


@pytest.mark.parametrize("content", [b"", b"RIFF", b"\0" * 44, b"RIFF\0\0\0\0WAVEdata\0\0\0\0abcd"])
def test_a_recording_of_which_nothing_came_to_the_disk_is_an_empty_one(tmp_path, content, caplog):
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    assert complete(path) == 0.0
    assert played_s(path) == 0.0
    assert str(path) in caplog.text


def test_sound_whose_header_was_lost_plays(tmp_path):
    path = recording(tmp_path / "a.wav", 4)
    content = path.read_bytes()
    path.write_bytes(b"\0" * 44 + content[44:])
    assert complete(path) == 4.0
    assert path.read_bytes() == content  # as the gateway would have written it


def test_a_missing_file_has_no_length_and_is_named(tmp_path, caplog):
    assert complete(tmp_path / "gone.wav") == 0.0
    assert "gone.wav cannot be completed: No such file or directory" in caplog.text

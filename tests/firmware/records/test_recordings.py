"""How long a recording is, when its header was never finished."""

import struct
import wave

import pytest

from firmware.records.recordings import length_s


def recording(path, seconds, channels=2):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * channels * int(8000 * seconds)))
    return path


@pytest.mark.parametrize("channels", [1, 2])
def test_a_finished_recording_is_as_long_as_its_samples(tmp_path, channels):
    assert length_s(recording(tmp_path / "a.wav", 3.5, channels)) == 3.5


def test_a_header_that_is_behind_the_samples_is_not_believed(tmp_path):
    path = recording(tmp_path / "a.wav", 10)
    content = bytearray(path.read_bytes())
    content[40:44] = struct.pack("<I", 32000)  # "one second"
    path.write_bytes(content)
    assert length_s(path) == 10.0


def test_chunks_before_the_samples_are_passed_over(tmp_path):
    content = bytearray(recording(tmp_path / "a.wav", 2).read_bytes())
    content[36:36] = b"LIST" + struct.pack("<I", 5) + b"hello\0"
    (tmp_path / "b.wav").write_bytes(content)
    assert length_s(tmp_path / "b.wav") == 2.0


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no sound at all" * 10, b"RIFF\0\0\0\0WAVEdata\0\0\0\0abcd"])
def test_what_is_no_recording_has_no_length_and_is_named(tmp_path, content, caplog):
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    assert length_s(path) == 0.0
    assert str(path) in caplog.text


def test_a_missing_file_has_no_length_and_is_named(tmp_path, caplog):
    assert length_s(tmp_path / "gone.wav") == 0.0
    assert "gone.wav cannot be read: No such file or directory" in caplog.text

"""The office's signals: what it makes is judged by numpy, what it recognises was made by numpy."""

from collections.abc import Iterator

import numpy as np
import pytest

from native import callerid, dsp, tones
from tests.audio import (
    RATE_HZ,
    Samples,
    decode_alaw,
    hears_tone,
    level_dbm0,
    sounds,
    strongest_hz,
    tone_dbm0,
)
from tests.native import signals

BLOCK = 160


def blocks(samples: Samples) -> Iterator[bytes]:
    data = signals.as_bytes(samples)
    for start in range(0, len(data) // (2 * BLOCK) * 2 * BLOCK, 2 * BLOCK):
        yield data[start : start + 2 * BLOCK]


def all_of(source: tones.DtmfSender | callerid.CallerIdSender) -> Samples:
    data = part = source.read(BLOCK)
    while len(part) == 2 * BLOCK:
        part = source.read(BLOCK)
        data += part
    return np.frombuffer(data, np.int16).astype(float)


def fsk_bytes(samples: Samples, mark_hz: float = 1200, space_hz: float = 2200) -> bytes:
    """Demodulate 1200 bit/s start-stop characters: energy at mark against space over one bit (GR-30)."""
    bit = RATE_HZ / 1200
    width = int(bit)
    t = np.arange(len(samples)) / RATE_HZ

    def energy(hz: float) -> Samples:
        return np.abs(np.convolve(samples * np.exp(-2j * np.pi * hz * t), np.ones(width), "same")) ** 2

    marks = energy(mark_hz) > energy(space_hz)
    start = int(np.argmax(np.convolve(marks, np.ones(400), "valid") == 400)) + 400  # the mark signal: 180 ones
    found = bytearray()
    at = float(start)
    while True:
        falls = np.flatnonzero(~marks[int(at) :])
        if not len(falls) or at + falls[0] + 10 * bit > len(marks):
            return bytes(found)
        at += falls[0]
        byte = [bool(marks[int(at + (number + 1.5) * bit)]) for number in range(8)]
        found.append(sum(value << number for number, value in enumerate(byte)))
        at += 9.5 * bit


def test_alaw_is_that_of_the_standard_for_every_code() -> None:
    codes = bytes(range(256))
    assert np.array_equal(np.frombuffer(dsp.alaw_decode(codes), np.int16), decode_alaw(codes))
    samples = np.arange(-32768, 32768, 7)
    ours = decode_alaw(dsp.alaw_encode(signals.as_bytes(samples))).astype(int)
    assert np.all(np.abs(ours - samples) <= np.abs(samples) / 32 + 16)  # half a step of the segment


@pytest.mark.parametrize("level", [-3.0, -10.0, -30.0])
def test_a_tone_has_its_frequency_and_level(level: float) -> None:
    heard = np.frombuffer(tones.ToneSender((450,), level).read(RATE_HZ), np.int16)
    assert strongest_hz(heard) == pytest.approx(450, abs=0.2)
    assert level_dbm0(heard) == pytest.approx(level, abs=0.1)
    assert dsp.level_dbm0(heard.tobytes()) == pytest.approx(level, abs=0.1)


def test_a_tone_keeps_its_cadence_whatever_the_size_of_the_blocks() -> None:
    sender = tones.ToneSender((450,), -10, (350, 350))
    heard = np.frombuffer(b"".join(sender.read(count) for count in (1, 159, 7000, 333) * 3), np.int16)
    assert [round(span.start_s, 2) for span in sounds(heard)] == pytest.approx([0.0, 0.7, 1.4, 2.1], abs=0.03)
    assert all(span.duration_s == pytest.approx(0.35, abs=0.03) for span in sounds(heard)[:3])


def test_two_frequencies_sound_together() -> None:
    heard = np.frombuffer(tones.ToneSender((350, 440), -13).read(RATE_HZ), np.int16)
    assert tone_dbm0(heard, 350) == pytest.approx(-13, abs=0.2)
    assert tone_dbm0(heard, 440) == pytest.approx(-13, abs=0.2)


def test_every_key_has_its_two_frequencies_and_its_time() -> None:
    sender = tones.DtmfSender(level_dbm0=-9, on_ms=70, off_ms=80)
    sender.put(signals.DTMF_KEYS)
    heard = all_of(sender)
    assert len(heard) == 16 * 150 * RATE_HZ // 1000
    for number, key in enumerate(signals.DTMF_KEYS):
        part = heard[number * 1200 : number * 1200 + 560]
        row, column = divmod(signals.DTMF_KEYS.index(key), 4)
        assert tone_dbm0(part, signals.DTMF_ROWS_HZ[row]) == pytest.approx(-9, abs=0.5)
        assert tone_dbm0(part, signals.DTMF_COLUMNS_HZ[column]) == pytest.approx(-9, abs=0.5)
        assert level_dbm0(heard[number * 1200 + 570 : number * 1200 + 1190]) < -90


def test_keys_pressed_briefly_are_recognised_each_once_and_in_order() -> None:
    receiver = tones.DtmfReceiver()
    pressed = signals.dtmf("1234567890*#ABCD11", on_ms=45, off_ms=50) + signals.noise(-40, 18 * 0.095)
    assert "".join(receiver.receive(block) for block in blocks(pressed)) == "1234567890*#ABCD11"


@pytest.mark.parametrize("sound", [signals.dtmf("5" * 9, detune=0.035), signals.speech_like(9), signals.noise(-10, 9)])
def test_what_is_no_key_is_not_recognised(sound: Samples) -> None:
    receiver = tones.DtmfReceiver()
    assert "".join(receiver.receive(block) for block in blocks(sound)) == ""


def test_caller_id_by_fsk_is_the_message_of_the_standard() -> None:
    heard = all_of(callerid.CallerIdSender("fsk", "13800138000", "WANG", time_mmddhhmm="07041530"))
    message = fsk_bytes(heard)
    fields = signals.mdmf((1, b"07041530"), (2, b"13800138000"), (7, b"WANG"))
    assert message[: len(fields)] == fields
    assert sum(message[: len(fields) + 1]) % 256 == 0  # the checksum makes the sum nothing
    assert level_dbm0(heard) == pytest.approx(-14, abs=0.5)
    assert 0.5 < len(heard) / RATE_HZ < 1.2  # it must fit between two rings


def test_a_withheld_number_is_not_in_the_message() -> None:
    message = fsk_bytes(all_of(callerid.CallerIdSender("fsk", "13800138000", "WANG", withheld=True)))
    assert signals.mdmf((4, b"P")) == message[:5]
    assert b"138" not in message
    assert b"WANG" not in message


def test_caller_id_by_dtmf_begins_with_d_and_ends_with_c() -> None:
    receiver = tones.DtmfReceiver()
    sound = np.concatenate([all_of(callerid.CallerIdSender("dtmf", "13800138000")), signals.silence(0.1)])
    assert "".join(receiver.receive(block) for block in blocks(sound)) == "D13800138000C"


def test_caller_id_made_by_the_standard_is_read() -> None:
    sound = signals.caller_id(signals.mdmf((1, b"01021530"), (2, b"02087654321"), (7, b"LI")))
    receiver = callerid.CallerIdReceiver("fsk")
    read = [caller for block in blocks(sound) for caller in receiver.receive(block)]
    assert read == [callerid.CallerId("02087654321", "LI", False)]


def test_a_broken_message_is_not_read() -> None:
    receiver = callerid.CallerIdReceiver("fsk")
    sound = signals.caller_id(signals.mdmf((2, b"02087654321")), broken=True)
    assert not [caller for block in blocks(sound) for caller in receiver.receive(block)]


@pytest.mark.parametrize(
    ("keys", "caller"),
    [("D13800138000C", ("13800138000", "", False)), ("B10C", ("", "", True)), ("A8610#", ("8610", "", False))],
)
def test_caller_id_by_dtmf_is_read(keys: str, caller: tuple[str, str, bool]) -> None:
    receiver = callerid.CallerIdReceiver("dtmf")
    sound = np.concatenate([signals.dtmf(keys), signals.silence(0.1)])
    assert [caller for block in blocks(sound) for caller in receiver.receive(block)] == [callerid.CallerId(*caller)]


def test_tones_are_told_apart_with_their_times() -> None:
    receiver = tones.ToneReceiver([(450,), (350, 440)])
    sound = np.concatenate(
        [signals.silence(0.5), signals.tone([450], -20, 1.0), signals.silence(0.3), signals.tone([350, 440], -13, 0.7)]
    )
    segments = [segment for block in blocks(sound) for segment in receiver.receive(block)] + [receiver.current]
    assert [segment.tone for segment in segments] == [-1, 0, -1, 1]
    starts_s = [segment.start / RATE_HZ for segment in segments]
    assert starts_s == pytest.approx([0, 0.5, 1.5, 1.8], abs=0.011)


NO_TONES = [signals.speech_like(20), signals.noise(-20, 5), signals.tone([450], -45, 3), signals.tone([438], -10, 3)]


@pytest.mark.parametrize("sound", NO_TONES)
def test_speech_noise_whispers_and_a_wrong_note_are_no_tone_of_any_length(sound: Samples) -> None:
    receiver = tones.ToneReceiver([(450,)])
    segments = [segment for block in blocks(sound) for segment in receiver.receive(block)] + [receiver.current]
    assert max([segment.end - segment.start for segment in segments if segment.tone == 0], default=0) < 0.3 * RATE_HZ


def test_the_spectrum_shows_the_strong_frequencies_and_no_others() -> None:
    sound = signals.tone([440], -10, 1) + signals.tone([1702.5], -20, 1) + signals.tone([3000], -40, 1)
    peaks = dsp.spectral_peaks(signals.as_bytes(sound))
    assert [hertz for hertz, _ in peaks] == pytest.approx([440, 1702.5], abs=0.3)
    assert [level for _, level in peaks] == pytest.approx([-10, -20], abs=0.2)
    assert dsp.spectral_peaks(bytes(16000)) == []
    assert hears_tone(signals.tone([440], -10, 1), 440)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: tones.ToneSender((), -10), "frequencies: 0 given"),
        (lambda: tones.ToneSender((4000,), -10), "between 0 and 4000 Hz"),
        (lambda: tones.ToneSender((450,), -10, (350,)), "pairs of on and off"),
        (lambda: tones.ToneReceiver([]), "tones: 0 given"),
        (lambda: tones.DtmfSender(level_dbm0=5), "level_dbm0: 5"),
        (lambda: tones.DtmfSender().put("12x"), "'12x', keys are"),
        (lambda: callerid.CallerIdSender("fsk", "12a"), "number: '12a'"),
        (lambda: callerid.CallerIdSender("fsk", "1" * 41), "up to 40 digits"),
        (lambda: callerid.CallerIdSender("fsk", "1", "\u738b"), "printable ASCII"),
        (lambda: callerid.CallerIdSender("x", "1"), "kind: 'x'"),  # type: ignore[arg-type]
        (lambda: dsp.level_dbm0(b"abc"), "no whole number of 16 bit samples"),
    ],
)
def test_what_cannot_be_done_is_named(make, named: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=named):
        make()

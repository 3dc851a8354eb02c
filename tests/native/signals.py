"""Signals that a telephone network sends, made by numpy from their standards; nothing of native/ or spandsp in them."""

from collections.abc import Sequence

import numpy as np

from tests.audio import RATE_HZ, Samples, amplitude

DTMF_ROWS_HZ = (697, 770, 852, 941)  # ITU-T Q.23
DTMF_COLUMNS_HZ = (1209, 1336, 1477, 1633)
DTMF_KEYS = "123A456B789C*0#D"


def as_bytes(samples: Samples) -> bytes:
    """Return what a Prompt takes."""
    return np.clip(np.round(samples), -32768, 32767).astype(np.int16).tobytes()


def silence(duration_s: float) -> Samples:
    """Return digital silence."""
    return np.zeros(round(duration_s * RATE_HZ))


def tone(frequencies_hz: Sequence[float], level_dbm0: float, duration_s: float) -> Samples:
    """Return sines of one level each, together."""
    t = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    return amplitude(level_dbm0) * sum((np.sin(2 * np.pi * hz * t) for hz in frequencies_hz), np.zeros(len(t)))


def cadence(frequencies_hz: Sequence[float], level_dbm0: float, on_off_ms: Sequence[int], times: int) -> Samples:
    """Return a tone switched on and off in a rhythm."""
    parts = []
    for number, length_ms in enumerate(list(on_off_ms) * times):
        sounding = number % 2 == 0
        parts.append(tone(frequencies_hz if sounding else (), level_dbm0, length_ms / 1000))
    return np.concatenate(parts)


def noise(level_dbm0: float, duration_s: float, seed: int = 1) -> Samples:
    """Return white noise of a level (RMS)."""
    rms = amplitude(level_dbm0) / np.sqrt(2)
    return np.random.default_rng(seed).normal(0, rms, round(duration_s * RATE_HZ))


def speech_like(duration_s: float, seed: int = 1) -> Samples:
    """Return what is like speech to a detector: a gliding pitch with harmonics, formants, syllables, pauses, breath.

    The pitch passes through 225 and 150 Hz, so that harmonics lie on 450 Hz again and again.
    """
    chance = np.random.default_rng(seed)
    count = round(duration_s * RATE_HZ)
    knots = np.arange(0, duration_s + 0.3, 0.3)
    t = np.arange(count) / RATE_HZ
    pitch_hz = np.interp(t, knots, chance.uniform(95, 260, len(knots)))
    formant_hz = np.interp(t, knots, chance.uniform(350, 800, len(knots)))
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
    voice: Samples = np.zeros(count)
    for harmonic in range(1, 16):
        distance = (harmonic * pitch_hz - formant_hz) / 180
        voice += np.sin(harmonic * phase) / (1 + distance**2) / np.sqrt(harmonic)
    syllables = np.arange(0, duration_s + 0.12, 0.12)
    voice *= np.interp(t, syllables, chance.choice([0, 0.3, 1, 1], len(syllables)))
    voice *= amplitude(-6) / np.max(np.abs(voice))
    return voice + noise(-50, duration_s, seed)


def dtmf(
    keys: str, on_ms: float = 60, off_ms: float = 60, level_dbm0: float = -12, twist_db: float = 0, detune: float = 0
) -> Samples:
    """Return keys as ITU-T Q.23 has them: rows at `level_dbm0`, columns `twist_db` above; `detune` 0.01 is 1 %."""
    parts = []
    for key in keys:
        row, column = divmod(DTMF_KEYS.index(key), 4)
        parts.append(
            tone([DTMF_ROWS_HZ[row] * (1 + detune)], level_dbm0, on_ms / 1000)
            + tone([DTMF_COLUMNS_HZ[column] * (1 + detune)], level_dbm0 + twist_db, on_ms / 1000)
        )
        parts.append(silence(off_ms / 1000))
    return np.concatenate(parts)


BELL_202 = (1200.0, 2200.0)  # mark (1), space (0): Bellcore GR-30, China YD/T 1277
V_23 = (1300.0, 2100.0)  # ITU-T V.23, ETSI EN 300 659


def fsk(bits: Sequence[int], mark_space_hz: tuple[float, float], level_dbm0: float = -14) -> Samples:
    """Return bits as continuous-phase FSK at 1200 a second."""
    count = round(len(bits) * RATE_HZ / 1200)
    at = np.minimum((np.arange(count) * 1200 / RATE_HZ).astype(int), len(bits) - 1)
    frequency = np.where(np.asarray(bits)[at] == 1, *mark_space_hz)
    return amplitude(level_dbm0) * np.sin(2 * np.pi * np.cumsum(frequency) / RATE_HZ)


def caller_id(message: bytes, mark_space_hz: tuple[float, float] = BELL_202, broken: bool = False) -> Samples:
    """Return a caller id message (type, length, fields) with seizure, mark and checksum; or a `broken` one."""
    checksum = (-sum(message) + (1 if broken else 0)) & 0xFF
    bits = [0, 1] * 150 + [1] * 180
    for byte in message + bytes([checksum]):
        bits += [0, *(byte >> bit & 1 for bit in range(8)), 1]
    return np.concatenate([silence(0.3), fsk(bits + [1] * 10, mark_space_hz), silence(0.3)])


def japanese(*fields: tuple[int, bytes]) -> bytes:
    """Return a message of Japan's caller id, with even parity and its CRC (ITU-T V.41), the header left out of that."""
    body = b"".join(bytes([kind, len(value)]) + value for kind, value in fields)
    octets = bytes([0x10, 0x01, 0x07, 0x10, 0x02, 0x40, len(body)]) + body + bytes([0x10, 0x03])
    even = bytes(octet | (octet.bit_count() % 2) << 7 for octet in octets)
    crc = 0
    for octet in even[2:]:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return even + bytes([crc & 0xFF, crc >> 8])


def mdmf(*fields: tuple[int, bytes]) -> bytes:
    """Return a multiple data message, call setup: fields of type and value."""
    body = b"".join(bytes([kind, len(value)]) + value for kind, value in fields)
    return bytes([0x80, len(body)]) + body


def sdmf(time: bytes, number: bytes) -> bytes:
    """Return a single data message: the time as MMDDHHMM and the number."""
    return bytes([0x04, len(time + number)]) + time + number

"""Music on hold, composed and played by this file, so that nobody else has a right in it.

Sixteen quiet bars for plucked strings, a melody and a soft pad. Everything is added up on a circle as long as the
piece: what still rings at its end is heard at its beginning, so the loop has no seam.
"""

import numpy as np

from firmware.prompts.catalogue import RATE_HZ
from firmware.prompts.sound import band_gain
from firmware.prompts.speech import Samples

VERSION = 1
BEAT = 5600  # samples: 0.7 s, about 86 beats a minute
BAR = 4 * BEAT

# One chord a bar, as MIDI notes (60 is middle C), voiced where a telephone still carries them
CHORDS = (
    *((60, 64, 67, 71), (57, 64, 67, 72), (57, 60, 65, 72), (59, 62, 67, 71)),  # C  Am7 F   G
    *((59, 64, 67, 74), (57, 64, 67, 72), (57, 62, 65, 72), (55, 62, 65, 72)),  # Em Am7 Dm7 G7sus
    *((57, 60, 65, 69), (59, 64, 67, 71), (57, 62, 65, 69), (60, 64, 67, 76)),  # F  Em  Dm  C
    *((57, 60, 65, 72), (59, 62, 67, 74), (57, 64, 69, 72), (55, 62, 65, 71)),  # F  G   Am  G7
)
PATTERN = (0, 2, 1, 3, 2, 3, 1, 2)  # which note of the chord on each quaver
# The melody: for each bar, notes as (beat, MIDI note, length in beats)
MELODY = (
    ((0, 79, 2.0), (2, 76, 2.0)), ((0, 72, 3.0),), ((0, 77, 1.5), (1.5, 76, 0.5), (2, 74, 2.0)), ((0, 74, 3.0),),
    ((0, 76, 2.0), (2, 79, 2.0)), ((0, 81, 3.0),), ((0, 77, 1.0), (1, 76, 1.0), (2, 74, 2.0)), ((0, 74, 3.5),),
    ((0, 81, 2.0), (2, 79, 1.0), (3, 77, 1.0)), ((0, 79, 3.0),), ((0, 77, 2.0), (2, 74, 2.0)), ((0, 76, 3.5),),
    ((0, 72, 1.0), (1, 74, 1.0), (2, 77, 2.0)), ((0, 79, 3.0),), ((0, 81, 1.5), (1.5, 79, 0.5), (2, 76, 2.0)),
    ((0, 74, 3.5),),
)  # fmt: skip


def frequency_hz(note: float) -> float:
    """Return the pitch of a MIDI note, A4 at 440 Hz."""
    return float(440 * 2 ** ((note - 69) / 12))


def plucked(note: int, seconds: float) -> Samples:
    """Return a plucked string: harmonics that die away, the higher the sooner."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    tone = np.zeros_like(t)
    for harmonic, weight in ((1, 1.0), (2, 0.45), (3, 0.25), (4, 0.12), (5, 0.06)):
        pitch = frequency_hz(note) * harmonic
        if pitch < 3400:
            tone += weight * np.exp(-t * (1.6 + 0.9 * harmonic)) * np.sin(2 * np.pi * pitch * t)
    return _soft_ends(tone, 0.004, 0.05)


def sung(note: int, seconds: float) -> Samples:
    """Return a soft melody note: a slow start, a little vibrato, a long end."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    vibrato = 0.12 * np.clip(t - 0.3, 0, 1) * np.sin(2 * np.pi * 4.6 * t)  # semitones
    phase = 2 * np.pi * np.cumsum(frequency_hz(note) * 2 ** (vibrato / 12)) / RATE_HZ
    tone = np.sin(phase) + 0.22 * np.sin(2 * phase) + 0.08 * np.sin(3 * phase)
    return _soft_ends(tone * np.exp(-0.5 * t), 0.07, 0.35)


def pad(note: int, seconds: float) -> Samples:
    """Return a still background note, two voices slightly apart."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    tone = sum(np.sin(2 * np.pi * frequency_hz(note + cents / 100) * t) for cents in (-4, 4))
    return _soft_ends(np.asarray(tone), 1.1, 1.1)


def _soft_ends(tone: Samples, attack_s: float, release_s: float) -> Samples:
    rise, fall = int(attack_s * RATE_HZ), int(release_s * RATE_HZ)
    tone[:rise] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(rise) / rise)
    tone[-fall:] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(fall) / fall)
    return tone


def compose() -> Samples:
    """Return the whole loop at 8 kHz, 44.8 s, in the telephone's band, not yet levelled."""
    loop = np.zeros(len(CHORDS) * BAR)
    for bar, (chord, melody) in enumerate(zip(CHORDS, MELODY, strict=True)):
        start = bar * BAR
        for quaver, index in enumerate(PATTERN):
            accent = 0.34 if quaver == 0 else 0.26
            _add(loop, start + quaver * BEAT // 2, accent * plucked(chord[index], 1.8))
        for note in chord:
            _add(loop, start, 0.05 * pad(note + 12, BAR / RATE_HZ + 1.1))
        for beat, note, beats in melody:
            _add(loop, start + int(beat * BEAT), 0.30 * sung(note, beats * BEAT / RATE_HZ + 0.3))
    spectrum = np.fft.rfft(loop) * band_gain(len(loop), RATE_HZ)
    return np.asarray(np.fft.irfft(spectrum * (1 + 0.25 * np.fft.rfft(_room(len(loop)))), len(loop)))


def _add(loop: Samples, start: int, tone: Samples) -> None:
    """Mix a tone in from `start`; past the end it goes on at the beginning."""
    places = np.arange(start, start + len(tone)) % len(loop)
    loop[places] += tone


def _room(length: int) -> Samples:
    """Return the echo of a small room, 0.9 s long: noise that dies away, the same at every build."""
    t = np.arange(int(0.9 * RATE_HZ)) / RATE_HZ
    noise = np.random.default_rng(1876).standard_normal(len(t)) * np.exp(-6.5 * t)
    noise[: int(0.015 * RATE_HZ)] = 0
    echo = np.zeros(length)
    echo[: len(t)] = noise / np.sqrt(np.sum(noise**2))
    return echo

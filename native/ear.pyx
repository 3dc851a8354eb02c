"""Listens for digits, tones, caller id and register signals: on a party in the pump, or on samples at hand, faster than life."""

from typing import NamedTuple

from libc.stdint cimport int16_t, int64_t, uint32_t
from libc.string cimport memcpy, memset

from native.cadence cimport (
    MOST_FREQUENCIES,
    MOST_SOUNDS,
    MOST_STEPS,
    MOST_TONES,
    MOST_VOICES,
    NAME_BYTES,
    series_add,
    tones_add,
    tones_ready,
)
from native.goertzel cimport to_floats
from native.pump cimport SAMPLES, Pump
from native.ring cimport CALLER_ID, DIGIT, MF, Event, ring_close, ring_open, ring_pop
from native.sound cimport Cadence
from native.tap cimport BACKWARD, FORWARD, NO_REGISTER, Detectors, detect, detectors_free, detectors_new

from native.sound import MediaError

cdef enum:
    EVENTS = 256  # of one call to hear(), which looks after each tick
    AWAKE = 1     # nobody sleeps who had to be woken


REGISTERS = {"": NO_REGISTER, "forward": FORWARD, "backward": BACKWARD}


class Sound(NamedTuple):
    """One of a series: frequencies in Hz together for `on_ms`, after a silence of `gap_ms`."""

    frequencies: tuple
    on_ms: int
    gap_ms: int


class Series(NamedTuple):
    """Sounds of different frequencies one after the other; heard once, it is told."""

    sounds: tuple


class Heard(NamedTuple):
    """What was heard; `kind`, `value` and `number` as a Happening has them."""

    kind: str
    value: str
    number: int
    at_s: float


cdef Detectors* detectors_for(
    Pump* pump, int64_t token, bint digits, dict tones, bint caller_id, str mf
) except NULL:
    """Return what listens for these. Raises MediaError, saying what does not fit."""
    cdef Detectors* ears
    if mf not in REGISTERS:
        raise MediaError(f"mf {mf!r} is none of {', '.join(REGISTERS)}")
    if len(tones) > MOST_TONES:
        raise MediaError(f"{len(tones)} tones: at most {MOST_TONES} can be listened for at once")
    ears = detectors_new(pump, token, digits, bool(tones), caller_id, REGISTERS[mf])
    if ears == NULL:
        raise MemoryError
    try:
        for name, tone in tones.items():
            add(ears, name, tone)
    except BaseException:
        detectors_free(ears)
        raise
    if tones:
        tones_ready(ears.tones)
    return ears


cdef void add(Detectors* ears, str name, tone) except *:
    """Listen for one more tone, a Cadence or a Series."""
    cdef double hertz[MOST_SOUNDS][MOST_FREQUENCIES]
    cdef int lengths[MOST_STEPS]
    cdef int frequencies[MOST_SOUNDS]
    cdef int gaps[MOST_SOUNDS]
    cdef bytes encoded = name.encode()
    cdef int i, j, steps
    cdef Cadence cadence
    cdef bint too_much = len(encoded) >= NAME_BYTES
    if isinstance(tone, Series):
        steps = len(tone.sounds)
        if not 1 < steps <= MOST_SOUNDS:
            raise MediaError(f"tone {name!r}: {steps} sounds, 2 to {MOST_SOUNDS} are a series")
        for i, sound in enumerate(tone.sounds):
            if not 1 <= len(sound.frequencies) <= MOST_FREQUENCIES:
                raise MediaError(f"tone {name!r}: {len(sound.frequencies)} frequencies at once, 1 to {MOST_FREQUENCIES} can be")
            for j, frequency in enumerate(sound.frequencies):
                hertz[i][j] = frequency
            frequencies[i], lengths[i], gaps[i] = len(sound.frequencies), sound.on_ms, sound.gap_ms
        too_much = too_much or series_add(ears.tones, encoded, hertz[0], frequencies, lengths, gaps, steps)
    else:
        cadence = <Cadence?>tone
        for i, frequency in enumerate(cadence.frequencies):
            hertz[0][i] = frequency
        steps = len(cadence.on_off_ms) if any(cadence.on_off_ms[1::2]) else 1
        for i in range(steps):
            lengths[i] = cadence.on_off_ms[i]
        too_much = too_much or tones_add(ears.tones, encoded, hertz[0], len(cadence.frequencies), lengths, steps,
                                          cadence.modulated_hz > 0)
    if too_much:
        raise MediaError(f"tone {name!r}: a name of at most {NAME_BYTES - 1} bytes and at most "
                         f"{MOST_VOICES} sets of frequencies are wanted")


cdef class Ear:
    """The detectors that a leg has, for samples at hand instead of a party: a recording, or a measurement of them."""

    cdef Pump _pump  # nothing of it but its ring and its time: the detectors tell there
    cdef Detectors* _detectors
    cdef uint32_t _awake
    cdef int64_t _ticks
    cdef bytes _rest

    def __cinit__(self, bint digits, tones not None, bint caller_id, str mf=""):
        memset(&self._pump, 0, sizeof(Pump))
        self._awake = AWAKE
        self._rest = b""
        if ring_open(&self._pump.ring, EVENTS, -1, &self._awake):
            raise MemoryError
        self._detectors = detectors_for(&self._pump, 0, digits, dict(tones), caller_id, mf)

    def __dealloc__(self):
        if self._detectors != NULL:
            detectors_free(self._detectors)
        ring_close(&self._pump.ring)

    def hear(self, bytes samples not None):
        """Listen to more samples, 16 bit, 8000 a second; return what was heard in them, whole ticks of 20 ms at a time."""
        cdef bytes all_of_it = self._rest + samples
        cdef Py_ssize_t count = len(all_of_it) // (2 * SAMPLES), i
        cdef int16_t tick[SAMPLES]
        cdef float floats[SAMPLES]
        cdef const char* data = all_of_it
        cdef Event event
        heard = []
        for i in range(count):
            memcpy(tick, data + 2 * SAMPLES * i, sizeof(tick))
            self._pump.now_ns = self._ticks * 20000000
            detect(self._detectors, tick, floats, to_floats(tick, floats))
            self._ticks += 1
            while ring_pop(&self._pump.ring, &event):
                kind = {DIGIT: "digit", CALLER_ID: "caller_id", MF: "mf"}.get(event.kind, "tone")
                value = event.value[:event.length].decode("latin-1")
                heard.append(Heard(kind, value, event.number, event.at_ns / 1e9))
        self._rest = all_of_it[2 * SAMPLES * count:]
        return heard

# cython: language_level=3
"""Tones and keys, made and recognised a block at a time, for programs without a media pump.

Samples are as in native.dsp. Objects belong to one thread.
"""

from typing import NamedTuple

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.math cimport M_PI, cos
from libc.stdint cimport int16_t, int32_t, uint8_t, uint32_t
from libc.string cimport memset

from native.dsp cimport power_to_dbm0, samples_of

from native.dsp import SAMPLE_RATE

cdef int MAX_FREQUENCIES = 4
KEYS = frozenset("0123456789*#ABCD")


class Segment(NamedTuple):
    """One of the tones listened for, or none of them (`tone` is -1), without a break, from a sample to a sample."""

    tone: int
    start: int
    end: int


# ---- tones -----------------------------------------------------------------------------------------------------------


cdef class ToneSender:
    """A tone of up to four frequencies, each at `level_dbm0`; `on_off_ms` repeats, and empty means steady."""

    cdef int32_t rates[4]
    cdef uint32_t phases[4]
    cdef float gain
    cdef int frequencies
    cdef list steps
    cdef int step
    cdef int left

    def __init__(self, frequencies, double level_dbm0, on_off_ms=()):
        if not 1 <= len(frequencies) <= MAX_FREQUENCIES:
            raise ValueError(f"frequencies: {len(frequencies)} given, a tone has 1 to {MAX_FREQUENCIES}")
        if any(not 0 < hertz < SAMPLE_RATE / 2 for hertz in frequencies):
            raise ValueError(f"frequencies: {list(frequencies)}, each must lie between 0 and {SAMPLE_RATE // 2} Hz")
        if len(on_off_ms) % 2 or any(ms <= 0 for ms in on_off_ms):
            raise ValueError(f"on_off_ms: {list(on_off_ms)} must be pairs of on and off, each above 0 ms")
        self.frequencies = len(frequencies)
        for i, hertz in enumerate(frequencies):
            self.rates[i] = dds_phase_ratef(hertz)
            self.phases[i] = 0
        self.gain = dds_scaling_dbm0f(level_dbm0)
        self.steps = [ms * SAMPLE_RATE // 1000 for ms in on_off_ms]
        self.step = 0
        self.left = self.steps[0] if self.steps else 0

    def read(self, int count) -> bytes:
        """Return the next `count` samples."""
        cdef bytes block = PyBytes_FromStringAndSize(NULL, count * 2)
        cdef int16_t* target = <int16_t*>PyBytes_AS_STRING(block)
        cdef int i, j
        cdef float value
        for i in range(count):
            if self.steps and self.left == 0:
                self.step = (self.step + 1) % len(self.steps)
                self.left = self.steps[self.step]
            self.left -= 1
            value = 0.0
            if self.step % 2 == 0:
                for j in range(self.frequencies):
                    value += dds_modf(&self.phases[j], self.rates[j], self.gain, 0)
            target[i] = <int16_t>max(-32768.0, min(32767.0, value))
        return block


cdef enum:
    WINDOW = 320    # 40 ms: a tone 10 Hz beside is not the tone
    STEP = 80
    # A tone that a window is the first to hold, or to hold no more, began or ended so long before the window's end:
    # four fifths of the window must be tone (256 samples), and that comes about half a step ago in the mean.
    ONSET = 296
    OFFSET = 104


cdef class ToneReceiver:
    """Tells which of some tones is there, and from when to when, to 10 ms; what they mean is their cadence's matter.

    A tone is a set of frequencies. It is there when it holds four fifths of all power, above -40 dBm0, and its
    frequencies differ by 10 dB at most. spandsp's super_tone_rx is not used: it takes a tone for present
    when it holds a thirtieth of the power, so speech and music ring, and it needs two frequencies or more.
    """

    cdef double coefficients[4][4]
    cdef int sizes[4]
    cdef int tones
    cdef int16_t window[WINDOW]
    cdef int filled
    cdef long long position
    cdef int tone
    cdef int candidate
    cdef long long start
    cdef long long candidate_start

    def __init__(self, tones):
        if not 1 <= len(tones) <= 4:
            raise ValueError(f"tones: {len(tones)} given, 1 to 4 can be listened for")
        for i, frequencies in enumerate(tones):
            if not 1 <= len(frequencies) <= MAX_FREQUENCIES:
                raise ValueError(f"tones: {frequencies} must hold 1 to {MAX_FREQUENCIES} frequencies")
            self.sizes[i] = len(frequencies)
            for j, hertz in enumerate(frequencies):
                self.coefficients[i][j] = 2.0 * cos(2.0 * M_PI * hertz / SAMPLE_RATE)
        self.tones = len(tones)
        self.filled = WINDOW - STEP  # silence came before the first sample
        memset(self.window, 0, sizeof(self.window))
        self.position = 0
        self.tone = self.candidate = -1
        self.start = self.candidate_start = 0

    @property
    def current(self) -> Segment:
        """What is there now, as far as it has come."""
        return Segment(self.tone, self.start, max(self.start, self.position))

    def receive(self, const uint8_t[::1] samples not None) -> list[Segment]:
        """Take samples; return the segments that ended in them."""
        cdef int count, taken = 0, i, now
        cdef const int16_t* source = samples_of(samples, &count)
        ended = []
        while taken < count:
            while taken < count and self.filled < WINDOW:
                self.window[self.filled] = source[taken]
                self.filled += 1
                taken += 1
            if self.filled < WINDOW:
                break
            now = self.present()
            self.position += STEP
            for i in range(WINDOW - STEP):
                self.window[i] = self.window[i + STEP]
            self.filled = WINDOW - STEP
            if now == self.tone:
                self.candidate = now
            elif now != self.candidate:  # one odd window is an edge or a click, not yet a change
                self.candidate = now
                self.candidate_start = max(self.start, self.position - (ONSET if now >= 0 else OFFSET))
            else:
                ended.append(Segment(self.tone, self.start, self.candidate_start))
                self.tone = now
                self.start = self.candidate_start
        return ended

    cdef int present(self) noexcept:
        cdef double total = 0.0, powers, weakest, strongest, power, s0, s1, s2
        cdef int i, j, k
        for k in range(WINDOW):
            total += <double>self.window[k] * self.window[k]
        total /= WINDOW
        if power_to_dbm0(total) < -40.0:
            return -1
        for i in range(self.tones):
            powers = strongest = 0.0
            weakest = total
            for j in range(self.sizes[i]):
                s1 = s2 = 0.0
                for k in range(WINDOW):  # Goertzel
                    s0 = self.window[k] + self.coefficients[i][j] * s1 - s2
                    s2 = s1
                    s1 = s0
                power = 2.0 * (s1 * s1 + s2 * s2 - self.coefficients[i][j] * s1 * s2) / (WINDOW * WINDOW)
                powers += power
                weakest = min(weakest, power)
                strongest = max(strongest, power)
            if powers >= 0.8 * total and weakest * 10.0 >= strongest:
                return i
        return -1


# ---- keys (DTMF) -----------------------------------------------------------------------------------------------------


cdef class DtmfSender:
    """Presses keys: each tone for `on_ms`, then silence for `off_ms`; each of the two frequencies at `level_dbm0`."""

    cdef dtmf_tx_state_t* state

    def __cinit__(self, int level_dbm0=-10, int on_ms=100, int off_ms=100):
        if not -40 <= level_dbm0 <= 0:
            raise ValueError(f"level_dbm0: {level_dbm0}, must be -40 to 0")
        if on_ms < 1 or off_ms < 1:
            raise ValueError(f"on_ms, off_ms: {on_ms}, {off_ms}, both must be at least 1")
        self.state = dtmf_tx_init(NULL)
        if self.state == NULL:
            raise MemoryError
        dtmf_tx_set_level(self.state, level_dbm0, 0)
        dtmf_tx_set_timing(self.state, on_ms, off_ms)

    def __dealloc__(self):
        if self.state != NULL:
            dtmf_tx_free(self.state)

    def put(self, str digits not None) -> None:
        """Add keys to be pressed; ValueError for what is no key, or more than 127 waiting."""
        if not digits or not KEYS.issuperset(digits):
            raise ValueError(f"digits: {digits!r}, keys are 0-9 * # A-D")
        cdef bytes keys = digits.encode("ascii")
        if dtmf_tx_put(self.state, keys, <int>len(keys)) != 0:
            raise ValueError(f"digits: {len(digits)} more than can wait to be pressed")

    def read(self, int count) -> bytes:
        """Return the next samples: `count`, or fewer when the last key's silence is over."""
        cdef bytes block = PyBytes_FromStringAndSize(NULL, count * 2)
        cdef int made = dtmf_tx(self.state, <int16_t*>PyBytes_AS_STRING(block), count)
        return block if made == count else block[: made * 2]


cdef class DtmfReceiver:
    """Recognises keys (ITU-T Q.24; spandsp's limits: 40 ms on and off, twist +8/-4 dB, +-1.3 %)."""

    cdef dtmf_rx_state_t* state

    def __cinit__(self):
        self.state = dtmf_rx_init(NULL, NULL, NULL)
        if self.state == NULL:
            raise MemoryError

    def __dealloc__(self):
        if self.state != NULL:
            dtmf_rx_free(self.state)

    def receive(self, const uint8_t[::1] samples not None) -> str:
        """Take samples; return the keys whose tone began in them, "" for none."""
        cdef int count
        cdef const int16_t* source = samples_of(samples, &count)
        cdef char digits[129]
        dtmf_rx(self.state, source, count)
        cdef size_t found = dtmf_rx_get(self.state, digits, 128)
        return digits[:found].decode("ascii")

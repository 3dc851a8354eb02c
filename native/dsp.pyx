# cython: language_level=3
"""Signals of the telephone world, made and recognised a block at a time, for programs without a media pump.

Samples are bytes of signed 16 bit in native order, 8000 a second; 0 dBm0 is a sine with a peak of 22826 (ITU-T
G.711 table 5). Objects belong to one thread.
"""

from typing import NamedTuple

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.math cimport M_PI, cos, log10, sin, sqrt
from libc.stdint cimport int16_t, int32_t, uint8_t, uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

SAMPLE_RATE = 8000
SILENT_DBM0 = -96.0

cdef double PEAK_0_DBM0 = 32767.0 * 10.0 ** (-3.14 / 20.0)
cdef double POWER_0_DBM0 = PEAK_0_DBM0 * PEAK_0_DBM0 / 2.0
cdef int MAX_FREQUENCIES = 4
KEYS = frozenset("0123456789*#ABCD")


class Segment(NamedTuple):
    """One of the tones listened for, or none of them (`tone` is -1), without a break, from a sample to a sample."""

    tone: int
    start: int
    end: int


class CallerId(NamedTuple):
    """What the office says of the caller; texts are empty where it says nothing."""

    number: str
    name: str
    withheld: bool


cdef const int16_t* samples_of(const uint8_t[::1] block, int* count) except? NULL:
    if block.shape[0] == 0 or block.shape[0] % 2:
        raise ValueError(f"samples: {block.shape[0]} bytes are no whole number of 16 bit samples, at least one")
    count[0] = <int>(block.shape[0] // 2)
    return <const int16_t*>&block[0]


cdef double power_to_dbm0(double power) noexcept nogil:
    if power <= POWER_0_DBM0 * 2.5e-10:  # -96 dBm0
        return -96.0
    return 10.0 * log10(power / POWER_0_DBM0)


# ---- G.711 and levels ------------------------------------------------------------------------------------------------


def alaw_encode(const uint8_t[::1] samples not None) -> bytes:
    """Return samples as A-law, one byte each (ITU-T G.711)."""
    cdef int count, i
    cdef const int16_t* source = samples_of(samples, &count)
    cdef bytes block = PyBytes_FromStringAndSize(NULL, count)
    cdef uint8_t* target = <uint8_t*>PyBytes_AS_STRING(block)
    for i in range(count):
        target[i] = linear_to_alaw(source[i])
    return block


def alaw_decode(const uint8_t[::1] block not None) -> bytes:
    """Return A-law bytes as samples (ITU-T G.711)."""
    cdef Py_ssize_t count = block.shape[0], i
    cdef bytes samples = PyBytes_FromStringAndSize(NULL, count * 2)
    cdef int16_t* target = <int16_t*>PyBytes_AS_STRING(samples)
    for i in range(count):
        target[i] = alaw_to_linear(block[i])
    return samples


def level_dbm0(const uint8_t[::1] samples not None) -> float:
    """Return the level of samples in dBm0, -96 where there is nothing."""
    cdef int count, i
    cdef const int16_t* source = samples_of(samples, &count)
    cdef double energy = 0.0
    for i in range(count):
        energy += <double>source[i] * source[i]
    return power_to_dbm0(energy / count)


# ---- spectrum --------------------------------------------------------------------------------------------------------


cdef void transform(double* re, double* im, int size) noexcept nogil:
    """The discrete Fourier transform in place, radix 2 (Cooley and Tukey); size is a power of two."""
    cdef int i, j = 0, k, length, half
    cdef double swap, turn_re, turn_im, w_re, w_im, x_re, x_im
    for i in range(1, size):
        k = size >> 1
        while j & k:
            j ^= k
            k >>= 1
        j ^= k
        if i < j:
            swap = re[i]; re[i] = re[j]; re[j] = swap
            swap = im[i]; im[i] = im[j]; im[j] = swap
    length = 2
    while length <= size:
        half = length >> 1
        turn_re = cos(2.0 * M_PI / length)
        turn_im = -sin(2.0 * M_PI / length)
        i = 0
        while i < size:
            w_re = 1.0
            w_im = 0.0
            for k in range(i, i + half):
                x_re = re[k + half] * w_re - im[k + half] * w_im
                x_im = re[k + half] * w_im + im[k + half] * w_re
                re[k + half] = re[k] - x_re
                im[k + half] = im[k] - x_im
                re[k] += x_re
                im[k] += x_im
                swap = w_re * turn_re - w_im * turn_im
                w_im = w_re * turn_im + w_im * turn_re
                w_re = swap
            i += length
        length <<= 1


cdef double* spectrum_of(const int16_t* source, int count, int size) except NULL:
    """Return the magnitudes of `size` // 2 lines of samples under a Hann window, the caller's to free."""
    cdef double* re = <double*>malloc(2 * size * sizeof(double))
    cdef double* im = re + size
    cdef int i
    if re == NULL:
        raise MemoryError
    memset(re, 0, 2 * size * sizeof(double))
    for i in range(count):  # Hann window: a steady tone does not smear into its neighbours
        re[i] = source[i] * (0.5 - 0.5 * cos(2.0 * M_PI * (i + 0.5) / count))
    transform(re, im, size)
    for i in range(size // 2):
        re[i] = sqrt(re[i] * re[i] + im[i] * im[i])
    return re


def band_levels(const uint8_t[::1] samples not None, double band_hz, int bands) -> list[float]:
    """Return the power of samples around 0 Hz, `band_hz`, twice that .., in dBm0, at least -96."""
    cdef int count, size = 1, i, band
    cdef const int16_t* source = samples_of(samples, &count)
    while size < count:
        size <<= 1
    powers = [0.0] * bands
    cdef double* lines = spectrum_of(source, count, size)
    for i in range(1, size // 2):
        band = <int>(i * 8000.0 / size / band_hz + 0.5)
        if band < bands:  # Parseval: both halves of the spectrum; the Hann window leaves 3/8 of the power
            powers[band] += lines[i] * lines[i] * 2.0 / (0.375 * count * size)
    free(lines)
    return [max(-96.0, power_to_dbm0(power)) for power in powers]


def spectral_peaks(const uint8_t[::1] samples not None, int at_most=3, double within_db=20.0,
                   double least_dbm0=-50.0) -> list[tuple[float, float]]:
    """Return the strongest frequencies of samples as (Hz, dBm0), strongest first, to about 1 Hz in one second.

    Left out are those more than `within_db` below the strongest, or weaker than `least_dbm0`.
    """
    cdef int count, size = 1, i, j, width
    cdef const int16_t* source = samples_of(samples, &count)
    while size < 2 * count:  # zeros behind the samples bring the lines closer together
        size <<= 1
    cdef double left, right, middle, shift, scale
    cdef double* re = spectrum_of(source, count, size)
    try:
        scale = 4.0 / count  # a sine's peak is twice its line over the count; the Hann window halves that
        width = 2 * size // count + 1  # half of the window's main lobe
        found = []
        for i in range(width, size // 2 - width):
            middle = re[i]
            if middle < re[i - 1] or middle <= re[i + 1]:
                continue
            for j in range(i - width, i + width + 1):
                if re[j] > middle:
                    break
            else:
                left, right = re[i - 1], re[i + 1]
                shift = 0.0
                if left + right < 2.0 * middle:
                    shift = 0.5 * (right - left) / (2.0 * middle - left - right)
                found.append(((middle - 0.25 * (left - right) * shift) * scale, (i + shift) * 8000.0 / size))
    finally:
        free(re)
    found.sort(reverse=True)
    peaks = [(hertz, power_to_dbm0(peak * peak / 2.0)) for peak, hertz in found[:at_most]]
    return [(hertz, level) for hertz, level in peaks if level >= least_dbm0 and level >= peaks[0][1] - within_db]


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


# ---- DTMF ------------------------------------------------------------------------------------------------------------


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


# ---- caller id -------------------------------------------------------------------------------------------------------


STANDARDS = {
    "fsk": ADSI_STANDARD_CLASS, "v23": ADSI_STANDARD_CLIP, "jclip": ADSI_STANDARD_JCLIP,
    "dtmf": ADSI_STANDARD_CLIP_DTMF, "dtmf-a": ADSI_STANDARD_CLIP_DTMF, "dtmf-hash": ADSI_STANDARD_CLIP_DTMF,
}


cdef class CallerIdSender:
    """A caller's number as the office sends it to an idle line.

    `fsk`: CLASS MDMF in Bell 202 FSK (GR-30; YD/T 1277), with `time_mmddhhmm` and the name if given; `v23`: the same
    message in V.23 FSK (EN 300 659-1, -3). `dtmf`: D, number, C; `dtmf-a`: A, number, C; either way B10C for withheld,
    B00C for unknown; `dtmf-hash`: A, number, #; D1# and D3# (of the forms in spandsp's adsi.h; exchanges in China differ
    in their codes, and `dtmf` is one of theirs). `jclip`: Japan's, number or why there is none, for who is off-hook. With `alert`, the dual tone that wakes a display before the first ring (DT-AS, EN 300 659-1 §6.1.2) goes
    ahead. ValueError names what does not fit.
    """

    cdef adsi_tx_state_t* state
    cdef readonly str kind

    def __cinit__(self, str kind not None, str number not None, str name not None="", bint withheld=False,
                  str time_mmddhhmm not None="", bint alert=False):
        cdef uint8_t message[256]
        cdef int length
        if kind not in STANDARDS:
            raise ValueError(f"kind: {kind!r}, must be one of {', '.join(STANDARDS)}")
        if len(number) > 40 or not (number.isascii() and (number.isdigit() or not number)):
            raise ValueError(f"number: {number!r}, up to 40 digits")
        if len(name) > 50 or not (name.isascii() and (name.isprintable() or not name)):
            raise ValueError(f"name: {name!r}, up to 50 printable ASCII characters")
        self.kind = kind
        self.state = adsi_tx_init(NULL, STANDARDS[kind])
        if self.state == NULL:
            raise MemoryError
        if kind == "jclip":
            length = adsi_add_field(self.state, message, -1, JCLIP_MDMF_CALLERID, NULL, 0)
            if number and not withheld:
                length = self.add(message, length, JCLIP_CALLER_NUMBER, number)
            else:
                length = self.add(message, length, JCLIP_ABSENCE, "P" if withheld else "O")
        elif not kind.startswith("dtmf"):  # CLIP's numbers of the message and its fields are CLASS's
            length = adsi_add_field(self.state, message, -1, CLASS_MDMF_CALLERID, NULL, 0)
            if time_mmddhhmm:
                length = self.add(message, length, MCLASS_DATETIME, time_mmddhhmm)
            if number and not withheld:
                length = self.add(message, length, MCLASS_CALLER_NUMBER, number)
            else:
                length = self.add(message, length, MCLASS_ABSENCE1, "P" if withheld else "O")
            if name and not withheld:
                length = self.add(message, length, MCLASS_CALLER_NAME, name)
        else:
            hashed = kind == "dtmf-hash"
            length = adsi_add_field(self.state, message, -1,
                                    CLIP_DTMF_HASH_TERMINATED if hashed else CLIP_DTMF_C_TERMINATED, NULL, 0)
            if number and not withheld:
                length = self.add(message, length, ord("D" if kind == "dtmf" else "A"), number)
            elif hashed:
                length = self.add(message, length, ord("D"), "1" if withheld else "3")
            else:
                length = self.add(message, length, ord("B"), "10" if withheld else "00")
        if adsi_tx_put_message(self.state, message, length) < 0:
            raise ValueError(f"number, name: {len(number)} and {len(name)} characters do not fit one message")
        if alert:
            adsi_tx_send_alert_tone(self.state)

    cdef int add(self, uint8_t* message, int length, int kind, str text) except -1:
        cdef bytes body = text.encode("ascii")
        cdef const uint8_t* start = <const uint8_t*>PyBytes_AS_STRING(body)
        return adsi_add_field(self.state, message, length, <uint8_t>kind, start, <int>len(body))

    def __dealloc__(self):
        if self.state != NULL:
            adsi_tx_free(self.state)

    def read(self, int count) -> bytes:
        """Return the next samples: `count`, or fewer when the message is over."""
        cdef bytes block = PyBytes_FromStringAndSize(NULL, count * 2)
        cdef int made = adsi_tx(self.state, <int16_t*>PyBytes_AS_STRING(block), count)
        return block if made == count else block[: made * 2]


cdef void take_message(void* receiver, const uint8_t* message, int length) noexcept:
    (<CallerIdReceiver>receiver).messages.append((<const char*>message)[:length])


cdef class CallerIdReceiver:
    """Reads what CallerIdSender sends; `kind` is `fsk`, `v23`, `jclip` or `dtmf`, which is any of those by keys."""

    cdef adsi_rx_state_t* state
    cdef list messages
    cdef bint dtmf

    def __cinit__(self, str kind not None):
        if kind not in STANDARDS:
            raise ValueError(f"kind: {kind!r}, must be one of {', '.join(STANDARDS)}")
        self.dtmf = kind.startswith("dtmf")
        self.messages = []
        self.state = adsi_rx_init(NULL, STANDARDS[kind], take_message, <void*>self)
        if self.state == NULL:
            raise MemoryError

    def __dealloc__(self):
        if self.state != NULL:
            adsi_rx_free(self.state)

    def receive(self, const uint8_t[::1] samples not None) -> list[CallerId]:
        """Take samples; return the callers whose message ended, whole, in them."""
        cdef int count
        cdef const int16_t* source = samples_of(samples, &count)
        adsi_rx(self.state, source, count)
        callers = [self.parse(message) for message in self.messages]
        self.messages.clear()
        return [caller for caller in callers if caller is not None]

    cdef object parse(self, bytes message):
        cdef const uint8_t* start = <const uint8_t*>PyBytes_AS_STRING(message)
        cdef const uint8_t* body
        cdef uint8_t kind
        cdef int length, position = -1
        number = name = ""
        withheld = False
        position = adsi_next_field(self.state, start, <int>len(message), position, &kind, &body, &length)
        if not self.dtmf and kind not in (CLASS_MDMF_CALLERID, CLASS_SDMF_CALLERID, JCLIP_MDMF_CALLERID):
            return None  # a message waiting, or a fault
        while position > 0:
            position = adsi_next_field(self.state, start, <int>len(message), position, &kind, &body, &length)
            if position <= 0 or length < 0:
                break
            text = (<const char*>body)[:length].decode("ascii", "replace")
            if kind == (ord("D") if self.dtmf else MCLASS_CALLER_NUMBER) or (kind == 0 and self.dtmf):
                number = text
            elif self.dtmf and kind == ord("A"):
                number = text
            elif self.dtmf and kind == ord("B"):
                withheld = text == "10"
            elif not self.dtmf and kind == MCLASS_ABSENCE1:
                withheld = text == "P"
            elif not self.dtmf and kind == MCLASS_CALLER_NAME:
                name = text
        return CallerId(number, name, withheld)

# cython: language_level=3
"""Sound in blocks, for programs without a media pump: G.711, levels and spectra.

Samples are bytes of signed 16 bit in native order, 8000 a second; 0 dBm0 is a sine with a peak of 22826 (ITU-T
G.711 table 5).
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.math cimport M_PI, cos, log10, sin, sqrt
from libc.stdint cimport int16_t, uint8_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from native.spandsp cimport alaw_to_linear, linear_to_alaw

SAMPLE_RATE = 8000
SILENT_DBM0 = -96.0

cdef double PEAK_0_DBM0 = 32767.0 * 10.0 ** (-3.14 / 20.0)
cdef double POWER_0_DBM0 = PEAK_0_DBM0 * PEAK_0_DBM0 / 2.0


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

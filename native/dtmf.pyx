"""Recognises keys (DTMF, ITU-T Q.23) as Q.24 wants it, AT&T's column.

Blocks, limits and how blocks make a key are those of spandsp's dtmf_rx, which took more of a channel's time than all
other listening: its filters go one after the other, these side by side.
"""

from libc.math cimport cos, pi, sin

from native.goertzel cimport Bank, Turns, drain, filter_more
from native.pump cimport SAMPLES

cdef enum:
    BLOCK = 102         # samples: the frequencies lie well apart, and 40 ms hold two whole blocks
    ROWS = 4            # of the frequencies the first four; the others are columns

cdef float LEAST = 171032462.0  # of each of both, a sine of -42 dBm0
cdef float ROW_ABOVE = 10.0     # 10 dB: 8 must be taken, and some for the measuring
cdef float COLUMN_ABOVE = 3.162 # 5 dB: 4 must be taken
cdef float APART = 6.309        # 8 dB above the other rows, and columns
cdef float PURE = 83.868        # 0.85 dB below all that is heard, times the samples of a block

cdef Turns turns
for _i, _hertz in enumerate((697, 770, 852, 941, 1209, 1336, 1477, 1633)):
    turns.cos1[_i] = cos(2 * pi * _hertz / 8000)
    turns.sin1[_i] = sin(2 * pi * _hertz / 8000)
    turns.cos2[_i] = cos(4 * pi * _hertz / 8000)
    turns.sin2[_i] = sin(4 * pi * _hertz / 8000)


cdef int loudest(const float* energies) noexcept nogil:
    """Return which of four stands out, -1 when none does."""
    cdef int best = 0, i
    for i in range(1, ROWS):
        if energies[i] > energies[best]:
            best = i
    for i in range(ROWS):
        if i != best and energies[i] * APART > energies[best]:
            return -1
    return best if energies[best] >= LEAST else -1


cdef char judge(Dtmf* dtmf) noexcept nogil:
    """Return what the block that is over was: a key, or 0."""
    cdef float energies[2 * ROWS]
    cdef float row, column
    cdef int which_row, which_column
    drain(&dtmf.bank, &turns, energies)
    which_row, which_column = loudest(energies), loudest(energies + ROWS)
    if which_row < 0 or which_column < 0:
        return 0
    row, column = energies[which_row], energies[ROWS + which_column]
    if column >= row * COLUMN_ABOVE or row >= column * ROW_ABOVE or row + column <= PURE * dtmf.energy:
        return 0
    return b"123A456B789C*0#D"[ROWS * which_row + which_column]


cdef char dtmf_hear(Dtmf* dtmf, const float* samples) noexcept nogil:
    """Listen to one tick; return the key that went down in it, 0 for none."""
    cdef int at = 0, count
    cdef char heard, told = 0
    while at < SAMPLES:
        count = min(SAMPLES - at, BLOCK - dtmf.samples)
        dtmf.energy += filter_more(&dtmf.bank, &turns, samples + at, count)
        dtmf.samples += count
        at += count
        if dtmf.samples < BLOCK:
            break
        heard = judge(dtmf)
        # Two blocks alike are a key, two that are not the key are its end; one alone changes nothing.
        if heard != dtmf.pressed and dtmf.last != dtmf.pressed:
            heard = heard if heard == dtmf.last else 0
            dtmf.pressed = heard
            told = heard if heard else told
        dtmf.last = heard
        dtmf.samples = 0
        dtmf.energy = 0
    return told

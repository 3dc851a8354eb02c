# Call-progress tones of a line, recognised by frequency and rhythm.

from libc.stdint cimport int16_t

cdef enum:
    MOST_FREQUENCIES = 4
    MOST_VOICES = 6
    MOST_TONES = 8
    MOST_STEPS = 8
    NAME_BYTES = 24

# A set of frequencies sounding together, and what it has been doing.
cdef struct Voice:
    int count
    float turns[MOST_FREQUENCIES][3]  # Goertzel coefficients a little below, at and above each frequency
    float hertz[MOST_FREQUENCIES]
    float on_energy                   # of a block of the tone as last heard
    int state
    int blocks                        # in this state
    int odd                           # blocks just now that fit no state

# A rhythm of a voice: the lengths of its sounds and silences in turn.
cdef struct Tone:
    char name[NAME_BYTES]
    int voice
    int steps                         # 1: steady
    int shortest[MOST_STEPS]          # in blocks
    int longest[MOST_STEPS]
    int wanted                        # steps in a row that make it certain
    int matched
    bint told

cdef struct Tones:
    int voices
    int count
    Voice voice[MOST_VOICES]
    Tone tone[MOST_TONES]

cdef int tones_add(Tones* tones, const char* name, const double* hertz, int frequencies, const int* on_off_ms,
                   int steps) noexcept nogil
cdef void tones_ready(Tones* tones) noexcept nogil
cdef int tones_hear(Tones* tones, const int16_t* samples) noexcept nogil

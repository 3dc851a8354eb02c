# Call-progress tones of a line, recognised by frequency and rhythm.

from libc.stdint cimport int64_t

from native.goertzel cimport Turn

cdef enum:
    MOST_FREQUENCIES = 4
    MOST_VOICES = 12
    MOST_TONES = 8
    MOST_STEPS = 16
    MOST_SOUNDS = 4
    NAME_BYTES = 24

# A set of frequencies sounding together, and what it has been doing; as in a tone, first what each tick needs.
cdef struct Voice:
    int count
    float on_energy                   # of a block of the tone as last heard
    bint modulated                    # its amplitude goes up and down (E.180: 15 to 50 Hz, by up to 90 %)
    int state
    int blocks                        # in this state
    int odd                           # blocks just now that fit no state
    int sounded                       # blocks in a row just now
    float before                      # energy of the last of them
    float loudest                     # of this sound's blocks between its edges
    float weakest
    Turn turns[MOST_FREQUENCIES][3]   # a little below, at and above each frequency
    float hertz[MOST_FREQUENCIES]

# A rhythm of a voice: the lengths of its sounds and silences in turn.
cdef struct Tone:
    int voice
    int steps                         # 1: steady
    int wanted                        # steps in a row that make it certain
    int matched
    int misfit                        # by how much the steps that matched were too short or too long, in blocks
    bint told
    int shortest[MOST_STEPS]          # in blocks
    int longest[MOST_STEPS]
    int exact[MOST_STEPS]
    char name[NAME_BYTES]

# Sounds of several voices one after the other, as the special information tone has them (E.180).
cdef struct Series:
    int tone                          # its number among the tones: it is told by that
    int sounds
    int voice[MOST_SOUNDS]
    int shortest[MOST_SOUNDS]         # in blocks
    int longest[MOST_SOUNDS]
    int least_gap[MOST_SOUNDS]        # of silence before the sound; of the first, none counts
    int most_gap[MOST_SOUNDS]
    int matched
    int64_t ended                     # block at which the last one that matched was over

cdef struct Tones:
    int voices
    int count
    int series
    int64_t blocks                    # heard so far
    Voice voice[MOST_VOICES]
    Tone tone[MOST_TONES]
    Series one_after_another[MOST_TONES]

cdef int tones_add(Tones* tones, const char* name, const double* hertz, int frequencies, const int* on_off_ms,
                   int steps, bint modulated) noexcept nogil
cdef int series_add(Tones* tones, const char* name, const double* hertz, const int* frequencies, const int* on_ms,
                    const int* gap_ms, int sounds) noexcept nogil
cdef void tones_ready(Tones* tones) noexcept nogil
cdef void tones_fetch(const Tones* tones) noexcept nogil
cdef int tones_hear(Tones* tones, const float* samples, float energy) noexcept nogil

"""Recognises busy, congestion, ringback and dial tone as a country's table writes them, and nothing else.

spandsp's super_tone_rx takes 1/64 of the power for a tone, so line noise breaks its rhythm and speech may make one.
Here a tone must be most of what is heard, a silence is judged against the tone before it, and one odd block (an edge,
a click) is forgiven. Blocks are the pump's ticks: 20 ms.
"""

from libc.math cimport cos, pi
from libc.stdint cimport int16_t
from libc.string cimport memset, strncpy

from native.pump cimport SAMPLES


cdef enum:
    QUIET = 0
    SOUNDING
    OTHER
    BLOCK_MS = 20
    STEADY_MS = 500     # of sound at least, for a tone without a rhythm
    LONG_MS = 2000      # rhythms shorter than this must be heard twice
    FORGET_BLOCKS = 350 # of quiet, longer than any rhythm's: the next tone may be a much weaker one

cdef float APART_HZ = 20.0        # of the outer filters: together they take 30 Hz to each side (China: 450 +-25 Hz)
cdef float PURE = 0.7             # of the power, for a block to be a tone
cdef float FLOOR_ENERGY = 160 * 73.0 * 73.0   # of a block at -47 dBm0: quieter is silence
cdef float DROP = 0.125           # 9 dB below the tone is silence, whatever noise is on the line


cdef int voice_of(Tones* tones, const double* hertz, int count) noexcept nogil:
    cdef int i, j
    cdef Voice* voice
    for i in range(tones.voices):
        voice = &tones.voice[i]
        if voice.count == count:
            for j in range(count):
                if voice.hertz[j] != <float>hertz[j]:
                    break
            else:
                return i
    if tones.voices == MOST_VOICES:
        return -1
    voice = &tones.voice[tones.voices]
    memset(voice, 0, sizeof(Voice))
    voice.count = count
    for j in range(count):
        voice.hertz[j] = hertz[j]
        for i in range(3):
            voice.turns[j][i] = 2 * cos(2 * pi * (hertz[j] + (i - 1) * APART_HZ) / 8000)
    tones.voices += 1
    return tones.voices - 1


cdef int tones_add(
    Tones* tones, const char* name, const double* hertz, int frequencies, const int* on_off_ms, int steps
) noexcept nogil:
    """Add a tone; `on_off_ms` of one step is a steady one. -1 when there are too many tones or voices."""
    cdef Tone* tone
    cdef int i, slack_ms, total_ms = 0
    if tones.count == MOST_TONES:
        return -1
    tone = &tones.tone[tones.count]
    memset(tone, 0, sizeof(Tone))
    tone.voice = voice_of(tones, hertz, frequencies)
    if tone.voice < 0:
        return -1
    strncpy(tone.name, name, NAME_BYTES - 1)
    tone.steps = steps
    for i in range(steps):
        total_ms += on_off_ms[i]
        slack_ms = on_off_ms[i] // 5 + BLOCK_MS  # exchanges keep their tables to 10 %; a block is lost at each edge
        tone.shortest[i] = max(1, (on_off_ms[i] - slack_ms) // BLOCK_MS)
        tone.longest[i] = (on_off_ms[i] + slack_ms + BLOCK_MS - 1) // BLOCK_MS
    tone.wanted = 2 * steps if total_ms < LONG_MS else steps
    tones.count += 1
    return 0


cdef void tones_ready(Tones* tones) noexcept nogil:
    """After the last tones_add: a steady tone must outlast every sound of its voice's rhythms."""
    cdef int i, j, k
    cdef Tone* steady
    for i in range(tones.count):
        steady = &tones.tone[i]
        if steady.steps > 1:
            continue
        steady.shortest[0] = STEADY_MS // BLOCK_MS
        steady.wanted = 1
        for j in range(tones.count):
            if tones.tone[j].voice == steady.voice and tones.tone[j].steps > 1:
                for k in range(0, tones.tone[j].steps, 2):
                    steady.shortest[0] = max(steady.shortest[0], tones.tone[j].longest[k] + 2)


cdef float power_at(const int16_t* samples, float turn) noexcept nogil:
    """Return the energy of a tone of the filter's frequency in a block (Goertzel), as a sum of squares."""
    cdef float before = 0, now = 0, following
    cdef int i
    for i in range(SAMPLES):
        following = samples[i] + turn * now - before
        before = now
        now = following
    return (now * now + before * before - turn * now * before) * 2 / SAMPLES


cdef int judge(Voice* voice, const int16_t* samples, float energy) noexcept nogil:
    """Say what a block is: the voice sounding, quiet, or something else."""
    cdef float tone = 0, best
    cdef int i, j
    if energy < FLOOR_ENERGY or energy < voice.on_energy * DROP:
        return QUIET
    for i in range(voice.count):
        best = 0
        for j in range(3):
            best = max(best, power_at(samples, voice.turns[i][j]))
        if voice.count > 1 and best < energy / 20:  # one of two alone is not this voice
            return OTHER
        tone += best
    if tone < PURE * energy:
        return OTHER
    voice.on_energy = energy
    return SOUNDING


cdef void segment_ended(Tones* tones, int number, int state, int blocks) noexcept nogil:
    """Follow each rhythm of a voice by one step that is now over."""
    cdef Tone* tone
    cdef int i, step
    for i in range(tones.count):
        tone = &tones.tone[i]
        if tone.voice != number or tone.steps == 1:
            continue
        step = tone.matched % tone.steps
        if state == (SOUNDING if step % 2 == 0 else QUIET) and tone.shortest[step] <= blocks <= tone.longest[step]:
            tone.matched += 1
        else:
            tone.told = False
            tone.matched = 1 if state == SOUNDING and tone.shortest[0] <= blocks <= tone.longest[0] else 0


cdef int tones_hear(Tones* tones, const int16_t* samples) noexcept nogil:
    """Listen to one tick; returns the index of a tone recognised just now, else -1. A tone is told once while it lasts."""
    cdef Voice* voice
    cdef Tone* tone
    cdef float energy = 0
    cdef int i, state, step, found = -1
    for i in range(SAMPLES):
        energy += <float>samples[i] * samples[i]
    for i in range(tones.voices):
        voice = &tones.voice[i]
        state = judge(voice, samples, energy)
        if state == voice.state:
            voice.blocks += 1 + voice.odd
            voice.odd = 0
        elif voice.odd == 0:
            voice.odd = 1  # an edge within the block, or a click
        else:
            segment_ended(tones, i, voice.state, voice.blocks)
            if voice.state == OTHER or state == OTHER:
                voice.on_energy = 0
            voice.state = state
            voice.blocks = 2
            voice.odd = 0
        if voice.state == QUIET and voice.blocks == FORGET_BLOCKS:
            voice.on_energy = 0
    for i in range(tones.count):
        tone = &tones.tone[i]
        voice = &tones.voice[tone.voice]
        if tone.steps == 1:
            if voice.state != SOUNDING:
                tone.told = False
                continue
            step = 0
        else:
            step = tone.matched % tone.steps
            if tone.matched < tone.wanted - 1 or voice.state != (SOUNDING if step % 2 == 0 else QUIET):
                continue
        if not tone.told and voice.blocks >= tone.shortest[step]:
            tone.told = True
            found = i
    return found

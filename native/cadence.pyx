"""Recognises busy, congestion, ringback and dial tone as a country's table writes them, and nothing else.

spandsp's super_tone_rx takes 1/64 of the power for a tone, so line noise breaks its rhythm and speech may make one.
Here a tone must be most of what is heard, a silence is judged against the tone before it, and one odd block (an edge,
a click) is forgiven. Blocks are the pump's ticks: 20 ms.
"""

from libc.float cimport FLT_MAX
from libc.math cimport cos, pi, sin
from libc.stdint cimport int64_t
from libc.stdlib cimport abs
from libc.string cimport memset, strncpy

from native.atomic cimport fetch
from native.goertzel cimport Turn, strongest


cdef enum:
    QUIET = 0
    SOUNDING
    OTHER
    BLOCK_MS = 20
    STEADY_MS = 500     # of sound at least, for a tone without a rhythm
    LONG_MS = 2000      # rhythms shorter than this must be heard twice
    PATIENCE = 1        # odd blocks in a row that change nothing: an edge within the block, or a click
    PATIENCE_MODULATED = 3 # the trough of a modulation of 15 Hz, and an edge
    GAP_SLACK_BLOCKS = 3 # between two sounds: an edge lost on each side, and a click
    FETCHED_BYTES = 512
    FORGET_BLOCKS = 350 # of quiet, longer than any rhythm's: the next tone may be a much weaker one

cdef float APART_HZ = 20.0        # of the outer filters: together they take 30 Hz to each side (China: 450 +-25 Hz)
cdef float PURE = 0.7             # of the power, for a block to be a tone
cdef float PURE_MODULATED = 0.5   # modulated by 90 %, 0.29 of it lies beside the carrier
cdef float FLOOR_ENERGY = 160 * 73.0 * 73.0   # of a block at -47 dBm0: quieter is silence
cdef float UNSTEADY = 4           # 6 dB between the blocks of a sound: a voice's vowel, not an exchange's tone
cdef float DROP = 0.125           # 9 dB below the tone is silence, whatever noise is on the line


cdef bint same_hertz(const Voice* one, const Voice* other) noexcept nogil:
    cdef int i
    for i in range(one.count):
        if one.hertz[i] != other.hertz[i]:
            return False
    return one.count == other.count


cdef int voice_of(Tones* tones, const double* hertz, int count, bint modulated) noexcept nogil:
    cdef int i, j
    cdef double angle
    cdef Voice* voice
    for i in range(tones.voices):
        voice = &tones.voice[i]
        if voice.count == count and voice.modulated == modulated:
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
    voice.modulated = modulated
    for j in range(count):
        voice.hertz[j] = hertz[j]
        for i in range(3):
            angle = 2 * pi * (hertz[j] + (i - 1) * APART_HZ) / 8000
            voice.turns[j][i] = Turn(cos(angle), sin(angle), cos(8 * angle), sin(8 * angle))
    tones.voices += 1
    return tones.voices - 1


cdef int tones_add(
    Tones* tones, const char* name, const double* hertz, int frequencies, const int* on_off_ms, int steps,
    bint modulated,
) noexcept nogil:
    """Add a tone; `on_off_ms` of one step is a steady one. -1 when there are too many tones or voices."""
    cdef Tone* tone
    cdef int i, total_ms = 0
    if tones.count == MOST_TONES:
        return -1
    tone = &tones.tone[tones.count]
    memset(tone, 0, sizeof(Tone))
    tone.voice = voice_of(tones, hertz, frequencies, modulated)
    if tone.voice < 0:
        return -1
    strncpy(tone.name, name, NAME_BYTES - 1)
    tone.steps = steps
    for i in range(steps):
        total_ms += on_off_ms[i]
        tone.shortest[i] = shortest_blocks(on_off_ms[i])
        tone.longest[i] = longest_blocks(on_off_ms[i])
        tone.exact[i] = on_off_ms[i] // BLOCK_MS
    tone.wanted = 2 * steps if total_ms < LONG_MS else steps
    tones.count += 1
    return 0


cdef int series_add(
    Tones* tones, const char* name, const double* hertz, const int* frequencies, const int* on_ms, const int* gap_ms,
    int sounds,
) noexcept nogil:
    """Add sounds that follow each other; `hertz` has MOST_FREQUENCIES for each. -1 when there are too many."""
    cdef Series* series
    cdef Tone* tone
    cdef int i
    if tones.count == MOST_TONES or not 1 < sounds <= MOST_SOUNDS:
        return -1
    tone = &tones.tone[tones.count]
    memset(tone, 0, sizeof(Tone))
    strncpy(tone.name, name, NAME_BYTES - 1)
    tone.voice = -1
    series = &tones.one_after_another[tones.series]
    memset(series, 0, sizeof(Series))
    series.tone = tones.count
    series.sounds = sounds
    for i in range(sounds):
        series.voice[i] = voice_of(tones, hertz + i * MOST_FREQUENCIES, frequencies[i], False)
        if series.voice[i] < 0:
            return -1
        series.shortest[i] = shortest_blocks(on_ms[i])
        series.longest[i] = longest_blocks(on_ms[i])
        series.least_gap[i] = max(0, gap_ms[i] // BLOCK_MS - GAP_SLACK_BLOCKS - gap_ms[i] // 5 // BLOCK_MS)
        series.most_gap[i] = gap_ms[i] // BLOCK_MS + GAP_SLACK_BLOCKS + gap_ms[i] // 5 // BLOCK_MS
    tones.count += 1
    tones.series += 1
    return 0


cdef int shortest_blocks(int length_ms) noexcept nogil:
    """Exchanges keep their tables to 10 %; a block is lost at each edge."""
    return max(1, (length_ms - length_ms // 5 - BLOCK_MS) // BLOCK_MS)


cdef int longest_blocks(int length_ms) noexcept nogil:
    return (length_ms + length_ms // 5 + 2 * BLOCK_MS + BLOCK_MS - 1) // BLOCK_MS


cdef void tones_ready(Tones* tones) noexcept nogil:
    """After the last tones_add: a steady tone must outlast every sound of the rhythms with its frequencies."""
    cdef int i, j, k
    cdef Tone* steady
    for i in range(tones.count):
        steady = &tones.tone[i]
        if steady.steps != 1:
            continue
        steady.shortest[0] = STEADY_MS // BLOCK_MS
        steady.wanted = 1
        for j in range(tones.count):
            if tones.tone[j].steps > 1 and same_hertz(&tones.voice[tones.tone[j].voice], &tones.voice[steady.voice]):
                for k in range(0, tones.tone[j].steps, 2):
                    steady.shortest[0] = max(steady.shortest[0], tones.tone[j].longest[k] + 2)


cdef void tones_fetch(const Tones* tones) noexcept nogil:
    """Have brought near what the next tick needs of the first voices and tones; most countries have no more."""
    fetch(tones, FETCHED_BYTES)
    fetch(tones.tone, FETCHED_BYTES)


cdef int judge(Voice* voice, const float* samples, float energy) noexcept nogil:
    """Say what a block is: the voice sounding, quiet, or something else."""
    cdef float tone = 0, best
    cdef int i
    if energy < FLOOR_ENERGY or energy < voice.on_energy * DROP:
        return QUIET
    for i in range(voice.count):
        best = strongest(samples, voice.turns[i])
        if voice.count > 1 and best < energy / 20:  # one of two alone is not this voice
            return OTHER
        tone += best
    if tone < (PURE_MODULATED if voice.modulated else PURE) * energy:
        return OTHER
    voice.on_energy = energy
    return SOUNDING


cdef void follow_level(Voice* voice, int state, float energy) noexcept nogil:
    """Keep how loud a sound is at most and at least between its edges, which may lie anywhere within a block."""
    if state != SOUNDING:
        voice.sounded = 0
        return
    if voice.sounded >= 2:
        voice.loudest = max(voice.loudest, voice.before)
        voice.weakest = min(voice.weakest, voice.before)
    voice.sounded += 1
    voice.before = energy


cdef bint even(const Voice* voice) noexcept nogil:
    """Say whether the sound that is over was as loud all the time; two frequencies, and a modulated one, beat."""
    return voice.count > 1 or voice.modulated or voice.loudest <= UNSTEADY * voice.weakest


cdef void segment_ended(Tones* tones, int number, int state, int blocks) noexcept nogil:
    """Follow each rhythm of a voice by one step that is now over."""
    cdef Tone* tone
    cdef int i, step
    for i in range(tones.count):
        tone = &tones.tone[i]
        if tone.voice != number or tone.steps <= 1:
            continue
        step = tone.matched % tone.steps
        if state == SOUNDING and not even(&tones.voice[number]):
            tone.told = False
            tone.matched = tone.misfit = 0
        elif state == (SOUNDING if step % 2 == 0 else QUIET) and tone.shortest[step] <= blocks <= tone.longest[step]:
            tone.matched += 1
            tone.misfit += abs(blocks - tone.exact[step])
        else:
            tone.told = False
            tone.matched = 1 if state == SOUNDING and tone.shortest[0] <= blocks <= tone.longest[0] else 0
            tone.misfit = abs(blocks - tone.exact[0])


cdef int sound_ended(Tones* tones, int number, int blocks) noexcept nogil:
    """Follow each series by one sound that is now over; returns the tone that is whole by it, else -1."""
    cdef Series* series
    cdef int i, now, found = -1
    cdef int64_t ended = tones.blocks - 1, gap  # this block and the one before were no part of it
    for i in range(tones.series):
        series = &tones.one_after_another[i]
        now = series.matched
        gap = ended - blocks - series.ended
        if not (
            series.voice[now] == number and series.shortest[now] <= blocks <= series.longest[now]
            and (now == 0 or series.least_gap[now] <= gap <= series.most_gap[now])
        ):
            now = 0
            if series.voice[0] != number or not series.shortest[0] <= blocks <= series.longest[0]:
                series.matched = 0
                continue
        series.matched = now + 1
        series.ended = ended
        if series.matched == series.sounds:
            series.matched = 0
            found = series.tone
    return found


cdef int patience(const Voice* voice, int state) noexcept nogil:
    """Return how many odd blocks in a row change nothing."""
    if not voice.modulated:
        return PATIENCE
    return 0 if state == SOUNDING else PATIENCE_MODULATED  # every other block of it may be no sound


cdef bint also_told(const Tones* tones, int number) noexcept nogil:
    """Tell whether another rhythm of the same voice lasts already: one sound is one tone, the first that it was."""
    cdef int i
    for i in range(tones.count):
        if i != number and tones.tone[i].told and tones.tone[i].voice == tones.tone[number].voice:
            return True
    return False


cdef int tones_hear(Tones* tones, const float* samples, float energy) noexcept nogil:
    """Listen to one tick, whose squares add up to `energy`; returns the index of a tone recognised just now, else -1. A tone is told once while it lasts."""
    cdef Voice* voice
    cdef Tone* tone
    cdef int i, state, step, whole, found = -1
    tones.blocks += 1
    for i in range(tones.voices):
        voice = &tones.voice[i]
        state = judge(voice, samples, energy)
        if state == voice.state:
            voice.blocks += 1 + voice.odd
            voice.odd = 0
        elif voice.odd < patience(voice, state):
            voice.odd += 1
        else:
            segment_ended(tones, i, voice.state, voice.blocks)
            if voice.state == SOUNDING and even(voice):
                whole = sound_ended(tones, i, voice.blocks)
                found = whole if whole >= 0 else found
            if voice.state == OTHER or state == OTHER:
                voice.on_energy = 0
            voice.state = state
            voice.blocks = 1 + voice.odd
            voice.odd = 0
            voice.loudest = 0
            voice.weakest = FLT_MAX
        follow_level(voice, state, energy)
        if voice.state == QUIET and voice.blocks == FORGET_BLOCKS:
            voice.on_energy = 0
    for i in range(tones.count):
        tone = &tones.tone[i]
        if tone.voice < 0:
            continue
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
            if not also_told(tones, i):
                found = i
            elif found >= 0 and tones.tone[found].voice == tone.voice and tone.misfit < tones.tone[found].misfit:
                found = i  # both are new, and this is the nearer one
    return found

"""What can be played: prompts and tones, both kept in memory as samples, and programs of them."""

import wave

from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.math cimport pi, sin
from libc.stdint cimport int16_t, int64_t
from libc.stdlib cimport free

from native.cadence cimport MOST_FREQUENCIES, MOST_STEPS
from native.player cimport Program, program_new

cdef enum:
    RATE_HZ = 8000
    SAMPLES_A_MS = 8
    FULL_SCALE = 32767

cdef double DEPTH = 0.9  # of a modulated tone, as libtonezone has it
SINE_AT_FULL_SCALE_DBM0 = 3.14  # ITU-T G.711, A-law


class MediaError(Exception):
    """The media core refused; the text says what and, from pjproject, why."""


cdef class Prompt:
    """Samples kept in memory; immutable and shared by any number of legs."""

    def __init__(self, bytes samples not None):
        if len(samples) % 2:
            raise MediaError(f"a prompt of {len(samples)} bytes: samples of 16 bit are wanted")
        self._bytes = samples
        self.samples = <const int16_t*><const char*>samples
        self.length = len(samples) // 2

    @property
    def duration_s(self):
        """How long it lasts."""
        return self.length / <double>RATE_HZ

    @staticmethod
    def load(str path not None):
        """Read a WAV file: mono, 8000 Hz, 16 bit PCM. Raises MediaError that names the file and what is wrong."""
        try:
            with wave.open(path, "rb") as sound:
                found = (sound.getnchannels(), sound.getframerate(), 8 * sound.getsampwidth())
                samples = sound.readframes(sound.getnframes())
        except (OSError, EOFError, wave.Error) as error:
            raise MediaError(f"{path}: {getattr(error, 'strerror', None) or str(error) or 'cut short'}; "
                             "a WAV file, mono, 8000 Hz, 16 bit PCM, is wanted") from error
        if found != (1, 8000, 16):
            raise MediaError(f"{path}: {found[0]} channels, {found[1]} Hz, {found[2]} bit; mono, 8000 Hz, 16 bit is wanted")
        if not samples:
            raise MediaError(f"{path}: no sound in it")
        return Prompt(samples)


cdef class Cadence:
    """A tone as a country's table writes it; each sound of it begins at phase zero."""

    def __init__(self, frequencies, double level_dbm0, on_off_ms, double modulated_hz=0.0):
        self.frequencies = tuple(float(frequency) for frequency in frequencies)
        self.level_dbm0 = level_dbm0
        self.on_off_ms = tuple(int(length_ms) for length_ms in on_off_ms)
        if not 1 <= len(self.frequencies) <= MOST_FREQUENCIES or not all(20 < f < 4000 for f in self.frequencies):
            raise MediaError(f"frequencies {list(self.frequencies)}: one to {MOST_FREQUENCIES} between 20 and 4000 Hz are wanted")
        sounds, silences = self.on_off_ms[::2], self.on_off_ms[1::2]
        if (
            len(sounds) != len(silences) or not 1 <= len(sounds) <= MOST_STEPS // 2 or min(sounds) <= 0
            or (any(silences) and min(silences) <= 0)
        ):
            raise MediaError(f"on_off_ms {list(self.on_off_ms)}: pairs of on and off above 0 are wanted, "
                             f"at most {MOST_STEPS // 2}, or off always 0 for a steady tone")
        if not 0 <= modulated_hz <= 100:
            raise MediaError(f"modulated_hz {modulated_hz}: 0 for none, up to 100 is wanted")
        self.modulated_hz = modulated_hz
        peak = FULL_SCALE * 10 ** ((level_dbm0 - SINE_AT_FULL_SCALE_DBM0) / 20)
        if peak * len(self.frequencies) * (1 + DEPTH if modulated_hz else 1) > FULL_SCALE:
            raise MediaError(f"level {level_dbm0} dBm0 of {len(self.frequencies)} frequencies together is beyond full scale")
        self.one_pass = Prompt(self._render(peak))

    cdef bytes _render(self, double peak):
        cdef long length = sum(self.on_off_ms) * SAMPLES_A_MS
        cdef bytearray samples = bytearray(2 * length)
        cdef int16_t* target = <int16_t*><char*>samples
        cdef double turn, swing = 2 * pi * self.modulated_hz / RATE_HZ
        cdef double depth = DEPTH if self.modulated_hz else 0.0
        cdef long i, at = 0
        for sound_ms, silence_ms in zip(self.on_off_ms[::2], self.on_off_ms[1::2], strict=True):
            for frequency in self.frequencies:
                turn = 2 * pi * frequency / RATE_HZ
                for i in range(sound_ms * SAMPLES_A_MS):
                    target[at + i] += <int16_t>(peak * (1 + depth * sin(swing * i)) * sin(turn * i))
            at += (sound_ms + silence_ms) * SAMPLES_A_MS
        return bytes(samples)


cdef Program* program_of(list sounds, int64_t play_id, bint loop) except NULL:
    """Return what plays these in order: prompts, one pass of a cadence each, milliseconds of silence; none is silence.

    Raises MediaError for anything else, and for sounds that last no time.
    """
    cdef list kept = list(sounds)
    cdef Program* program
    cdef long total = 0
    cdef int i
    for i, sound in enumerate(kept):
        if isinstance(sound, Cadence):
            kept[i] = (<Cadence>sound).one_pass
        elif isinstance(sound, int) and not isinstance(sound, bool) and 0 <= sound <= 86_400_000:
            pass
        elif not isinstance(sound, Prompt):
            raise MediaError(f"sounds[{i}] is {sound!r}: a Prompt, a Cadence or milliseconds of silence is wanted")
        total += kept[i] * SAMPLES_A_MS if isinstance(kept[i], int) else (<Prompt>kept[i]).length
    if kept and total == 0:
        raise MediaError("nothing to play: no sound lasts any time")
    program = program_new(len(kept))
    if program == NULL:
        raise MemoryError
    program.play_id = play_id
    program.loop = loop
    for i, sound in enumerate(kept):
        if isinstance(sound, int):
            program.pieces[i].length = sound * SAMPLES_A_MS
        else:
            program.pieces[i].samples = (<Prompt>sound).samples
            program.pieces[i].length = (<Prompt>sound).length
    Py_INCREF(kept)
    program.owner = <void*>kept
    return program


cdef int program_free(Program* program) except -1:
    """Free a program that the player has let go of, and with it the hold on its sounds."""
    Py_DECREF(<object>program.owner)
    free(program)
    return 0

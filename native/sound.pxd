# Sounds as the player takes them: immutable samples, kept alive by their Python object.

from libc.stdint cimport int16_t, int64_t

from native.player cimport Program


cdef class Prompt:
    cdef bytes _bytes
    cdef const int16_t* samples
    cdef readonly long length


cdef class Cadence:
    cdef readonly tuple frequencies
    cdef readonly double level_dbm0
    cdef readonly tuple on_off_ms
    cdef readonly double modulated_hz
    cdef Prompt one_pass
    cdef bytes _render(self, double peak)


cdef Program* program_of(list sounds, int64_t play_id, bint loop) except NULL
cdef int program_free(Program* program) except -1

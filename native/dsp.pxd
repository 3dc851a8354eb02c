# What other modules here need to take blocks of samples in.

from libc.stdint cimport int16_t, uint8_t

cdef const int16_t* samples_of(const uint8_t[::1] block, int* count) except? NULL
cdef double power_to_dbm0(double power) noexcept nogil

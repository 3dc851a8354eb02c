# Keys pressed at a telephone.

from native.goertzel cimport Bank

cdef struct Dtmf:
    Bank bank
    float energy      # of the block so far
    int samples       # in it
    char last         # what the block before was: a key, 0 for none
    char pressed      # the key that is down, 0 for none

cdef char dtmf_hear(Dtmf* dtmf, const float* samples) noexcept nogil

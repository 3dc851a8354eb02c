# A TDM channel on the bridge.

from libc.stdint cimport int16_t, int64_t, uint8_t, uint64_t

from native.pj cimport pj_pool_t, pjmedia_port
from native.pump cimport SAMPLES, Pump

cdef enum:
    RING_BLOCKS = 8

cdef struct TimeslotPort:
    pjmedia_port base
    pj_pool_t* pool
    Pump* pump
    int64_t token
    int fd
    bint dead
    uint64_t tick                           # that the block at hand is for
    int first                               # in the ring
    int waiting                             # blocks in the ring
    bint filling                            # until there are enough to ride out jitter
    int least                               # blocks left over at any tick lately: delay without use
    int ticks                               # of that watch
    bint heard                              # there is a block at hand
    int16_t block[SAMPLES]
    uint8_t ring[RING_BLOCKS][SAMPLES]

cdef TimeslotPort* timeslot_new(Pump* pump, int64_t token, int fd) noexcept nogil

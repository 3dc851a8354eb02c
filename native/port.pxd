# A TDM channel as a party.

from libc.stdint cimport int16_t, int64_t, uint8_t

from native.party cimport Party
from native.pump cimport SAMPLES, Pump

cdef enum:
    RING_BLOCKS = 64

cdef struct Tables:
    int16_t linear[256]                     # of what comes, by its code
    uint8_t codes[16384]                    # of what goes, by the upper 14 of the sample's bits: no step is finer

cdef struct TimeslotPort:
    Party party
    int64_t token
    int fd
    bint dead
    bint mulaw
    const int16_t* linear                   # those of its law, or its own
    const uint8_t* codes
    Tables* own                             # where it is louder or softer than what comes and goes; NULL: never was
    bint device                             # written blocks wait in the kernel and go at the pace of those that come
    int queued                              # blocks there
    int low_ticks                           # for so many there was nothing but what was being sent
    bint begun
    bint new                                # it began in the tick before
    bint keeps                              # a block that could not be written yet
    int kept_bytes
    uint8_t kept[SAMPLES]
    bint in_step                            # its blocks come shortly before the pump's ticks
    int missed                              # ticks lately to which its block had not come
    int steps_lost                          # so often it was not in step after all
    TimeslotPort* waiting_too               # in the pump's list of those that are to be
    int first                               # in the ring
    int waiting                             # blocks in the ring
    bint filling                            # until there are enough to ride out jitter
    int least                               # blocks left over at any tick lately: delay without use
    int ticks                               # of that watch
    uint8_t ring[RING_BLOCKS][SAMPLES]

cdef int timeslot_gain(TimeslotPort* slot, double heard, double said) noexcept nogil
cdef void put_in_step(Pump* pump) noexcept nogil
cdef TimeslotPort* timeslot_on(Pump* pump, int64_t token, int fd, str law) except NULL

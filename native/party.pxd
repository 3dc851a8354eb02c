# Somebody who talks on the bridge: a SIP stream or a timeslot, with room for a leg that listens and plays.

from libc.stdint cimport int16_t, uint64_t

from native.leg cimport Leg
from native.pj cimport pj_pool_t, pjmedia_port
from native.pump cimport SAMPLES, Pump
from native.ring cimport Retired

cdef enum:
    MOST_PARTIES = 16384

cdef struct Party:
    pjmedia_port base          # first: the bridge gives it back
    Retired retired
    pj_pool_t* pool
    Pump* pump
    unsigned number            # in the table of all
    bint taken                 # Python has made a leg of it
    # The far end: a tick from it (False when nothing came), a tick to it (NULL: nobody says anything), its end.
    bint (*hear)(Party* party, int16_t* target) noexcept nogil
    # Of a timeslot, for a line that nobody talks on: the next tick that has come, False when there is no more.
    bint (*overhear)(Party* party, int16_t* target) noexcept nogil
    void (*say)(Party* party, const int16_t* samples) noexcept nogil
    void (*end)(Party* party) noexcept nogil
    bint always                # a timeslot: it is heard also while nobody listens
    # the pump's
    Leg* leg
    unsigned turn              # how many the bridge came to before it in the last tick
    uint64_t tick              # that `block` is of
    bint heard
    int16_t block[SAMPLES]

cdef Party* party_new(Pump* pump, const char* name, size_t size) noexcept nogil
cdef void party_discard(Party* party) noexcept nogil
cdef Party* party_at(int slot) noexcept nogil
cdef void party_removed(Pump* pump, unsigned slot) noexcept nogil
cdef void parties_discard() noexcept nogil
cdef unsigned parties_count() noexcept nogil

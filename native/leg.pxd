# A leg: what is heard from a party, played to it and recorded of it; the pump's, but for `tap`'s level.

from libc.stdint cimport int16_t, int64_t

from native.player cimport Player
from native.pump cimport Pump
from native.recorder cimport Recorder
from native.ring cimport Retired
from native.tap cimport Tap

cdef struct Leg:
    Retired retired
    Pump* pump
    int64_t token
    void* party        # the Party it is in, or was in when it closed; a reference is held
    Player player
    Recorder* recorder
    Tap tap           # last: most of it is seldom looked at

cdef Leg* leg_new(Pump* pump, int64_t token) noexcept nogil
cdef void leg_fetch(const Leg* leg) noexcept nogil
cdef void leg_hear(Leg* leg, const int16_t* samples) noexcept nogil
cdef const int16_t* leg_say(
    Leg* leg, const int16_t* others, const int16_t* heard, int16_t* mixed) noexcept nogil

# A leg's port on the bridge: it hears the party and plays to it.

from libc.stdint cimport int64_t

from native.pj cimport pj_pool_t, pjmedia_port
from native.player cimport Player
from native.pump cimport Pump
from native.recorder cimport Recorder
from native.tap cimport Tap

cdef struct LegPort:
    pjmedia_port base
    pj_pool_t* pool
    Pump* pump
    int64_t token
    Player player
    Tap tap
    Recorder* recorder   # while this party is recorded; set and cleared by its ear, in the pump

cdef LegPort* leg_new(Pump* pump, int64_t token) noexcept nogil

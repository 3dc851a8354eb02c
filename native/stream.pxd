# SIP streams as parties.

from native.pump cimport Pump

cdef void streams_start(Pump* pump) noexcept nogil
cdef void streams_stop() noexcept nogil

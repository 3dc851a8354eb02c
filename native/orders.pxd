# What Python wants done to a leg, on its way to the pump.

from native.leg cimport Leg
from native.pump cimport Pump
from native.ring cimport Retired

cdef enum OrderKind:
    ATTACH = 0       # to the party `what`, with a reference to it; carried out, the order has that to the one before
    PLAY             # the program `what`
    DETECT           # with the detectors `what`
    RECORD           # with the recorder `what`
    STOP_RECORD
    CLOSE

cdef struct Order:
    Retired retired
    int kind
    Leg* leg
    void* what

cdef int order(Leg* leg, int kind, void* what) noexcept nogil
cdef void take_orders(Pump* pump) noexcept nogil

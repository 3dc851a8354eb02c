"""Frees, in Python's thread, what the real-time threads have let go of: free() may wait for a lock."""

from libc.stdlib cimport free

from native.atomic cimport swap_pointer
from native.leg cimport Leg
from native.orders cimport ATTACH, Order
from native.party cimport Party, party_discard
from native.pj cimport pjmedia_port_dec_ref
from native.player cimport Program
from native.pump cimport Pump
from native.recorder cimport Recorder, recorder_free
from native.ring cimport DETECTORS, LEG, ORDER, PARTY, PROGRAM, RECORDER, Retired
from native.sound cimport program_free
from native.tap cimport Detectors, detectors_free


cdef int let_go(Retired* item) except -1:
    if item.kind == PROGRAM:
        program_free(<Program*>item.what)
    elif item.kind == DETECTORS:
        detectors_free(<Detectors*>item.what)
    elif item.kind == RECORDER:
        recorder_free(<Recorder*>item.what)
    elif item.kind == PARTY:
        party_discard(<Party*>item.what)
    elif item.kind == LEG:
        pjmedia_port_dec_ref(&(<Party*>(<Leg*>item.what).party).base)
        free(item.what)
    elif item.kind == ORDER:
        if (<Order*>item.what).kind == ATTACH and (<Order*>item.what).what != NULL:
            pjmedia_port_dec_ref(&(<Party*>(<Order*>item.what).what).base)
        free(item.what)
    return 0


cdef int sweep(Pump* pump) except -1:
    """Free all of it."""
    cdef Retired* item = <Retired*>swap_pointer(&pump.retired, NULL)
    cdef Retired* following
    while item != NULL:
        following = item.next
        let_go(item)
        item = following
    return 0

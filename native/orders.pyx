"""Python's orders for legs: the pump takes them at the start of each tick, in the order in which they were given."""

from libc.stdlib cimport calloc


from native.atomic cimport stack_push, swap_pointer
from native.leg cimport Leg
from native.party cimport Party
from native.player cimport Program, player_close, player_take
from native.pump cimport Pump
from native.recorder cimport Recorder, recorder_end
from native.ring cimport ORDER, Retired
from native.tap cimport Detectors, tap_close, tap_take


cdef int order(Leg* leg, int kind, void* what) noexcept nogil:
    """Have the pump do something at the start of its next tick; -1 without memory."""
    cdef Order* new = <Order*>calloc(1, sizeof(Order))
    if new == NULL:
        return -1
    new.retired.kind = ORDER
    new.retired.what = new
    new.kind = kind
    new.leg = leg
    new.what = what
    stack_push(&leg.pump.orders, new)
    return 0


cdef void stop_record(Leg* leg) noexcept nogil:
    if leg.recorder != NULL:
        recorder_end(leg.recorder)
        leg.recorder = NULL


cdef void carry_out(Order* wanted) noexcept nogil:
    cdef Leg* leg = wanted.leg
    cdef Party* party = <Party*>leg.party  # it may be gone from the bridge for long
    if wanted.kind == ATTACH:
        if party != NULL:
            party.leg = NULL
        leg.party = wanted.what
        (<Party*>wanted.what).leg = leg
        wanted.what = party
    elif wanted.kind == PLAY:
        player_take(&leg.player, <Program*>wanted.what, leg.pump, leg.token)
    elif wanted.kind == DETECT:
        tap_take(&leg.tap, <Detectors*>wanted.what, leg.pump)
    elif wanted.kind == RECORD:
        leg.recorder = <Recorder*>wanted.what
    elif wanted.kind == STOP_RECORD:
        stop_record(leg)
    elif wanted.kind == CLOSE:
        party.leg = NULL
        player_close(&leg.player, leg.pump, leg.token)
        tap_close(&leg.tap, leg.pump)
        stop_record(leg)
        stack_push(&leg.pump.retired, &leg.retired)


cdef void take_orders(Pump* pump) noexcept nogil:
    """Carry out all orders given since the last tick."""
    cdef Order* newest
    cdef Order* oldest = NULL
    cdef Order* following
    if pump.orders == NULL:
        return
    newest = <Order*>swap_pointer(&pump.orders, NULL)
    while newest != NULL:  # the stack has the newest on top
        following = <Order*>newest.retired.next
        newest.retired.next = <Retired*>oldest
        oldest = newest
        newest = following
    while oldest != NULL:
        following = <Order*>oldest.retired.next
        carry_out(oldest)
        stack_push(&pump.retired, &oldest.retired)
        oldest = following

"""What a leg does in each tick."""

from libc.stdint cimport int16_t, int64_t
from libc.stdlib cimport calloc
from libc.string cimport memset

from native.atomic cimport fetch
from native.player cimport player_fill
from native.pump cimport SAMPLES, Pump
from native.recorder cimport recorder_take
from native.ring cimport LEG
from native.tap cimport tap_hear


cdef Leg* leg_new(Pump* pump, int64_t token) noexcept nogil:
    """Return a leg at no party yet, NULL without memory."""
    cdef Leg* leg = <Leg*>calloc(1, sizeof(Leg))
    if leg != NULL:
        leg.retired.kind = LEG
        leg.retired.what = leg
        leg.pump = pump
        leg.token = token
    return leg


cdef void leg_fetch(const Leg* leg) noexcept nogil:
    """Have brought near what each tick needs of it."""
    fetch(leg, sizeof(Leg) - sizeof(leg.tap.kept))


cdef void leg_hear(Leg* leg, const int16_t* samples) noexcept nogil:
    """Listen to a tick of the party."""
    tap_hear(&leg.tap, samples)


cdef const int16_t* leg_say(
    Leg* leg, const int16_t* others, const int16_t* heard, int16_t* mixed
) noexcept nogil:
    """Return what the party is sent in this tick: what others say and what the leg plays; record it and what it said."""
    cdef const int16_t* said = others
    cdef int i
    if player_fill(&leg.player, mixed, leg.pump, leg.token):
        said = mixed
        if others != NULL:
            for i in range(SAMPLES):
                mixed[i] = max(-32768, min(32767, <int>mixed[i] + others[i]))
    elif others == NULL:
        memset(mixed, 0, SAMPLES * sizeof(int16_t))
        said = mixed
    if leg.recorder != NULL:
        recorder_take(leg.recorder, heard, said)
    return said

"""The one port a leg has on the bridge: what the bridge puts in is the party's voice, what it gets out is played to it."""

from libc.stdint cimport int16_t, int64_t
from libc.string cimport memset

from native.bridge cimport port_gone, port_new
from native.pj cimport (
    PJ_SUCCESS,
    PJMEDIA_FRAME_TYPE_AUDIO,
    PJMEDIA_FRAME_TYPE_NONE,
    pj_pool_t,
    pj_status_t,
    pjmedia_frame,
    pjmedia_port,
)
from native.player cimport player_close, player_fill
from native.pump cimport SAMPLES
from native.recorder cimport recorder_left
from native.tap cimport tap_close, tap_hear


cdef pj_status_t leg_put(pjmedia_port* port, pjmedia_frame* frame) noexcept nogil:
    cdef LegPort* leg = <LegPort*>port
    cdef int16_t silence[SAMPLES]
    cdef const int16_t* samples = <const int16_t*>frame.buf
    if frame.type != PJMEDIA_FRAME_TYPE_AUDIO or frame.size < sizeof(silence):
        memset(silence, 0, sizeof(silence))  # the party is gone, or on its way to another slot
        samples = silence
    tap_hear(&leg.tap, samples, leg.pump)
    if leg.recorder != NULL:
        recorder_left(leg.recorder, samples)
    return PJ_SUCCESS


cdef pj_status_t leg_get(pjmedia_port* port, pjmedia_frame* frame) noexcept nogil:
    cdef LegPort* leg = <LegPort*>port
    if player_fill(&leg.player, <int16_t*>frame.buf, leg.pump, leg.token):
        frame.type = PJMEDIA_FRAME_TYPE_AUDIO
        frame.size = SAMPLES * sizeof(int16_t)
    else:
        frame.type = PJMEDIA_FRAME_TYPE_NONE
        frame.size = 0
    return PJ_SUCCESS


cdef pj_status_t leg_destroyed(pjmedia_port* port) noexcept nogil:
    cdef LegPort* leg = <LegPort*>port
    player_close(&leg.player, leg.pump, leg.token)
    tap_close(&leg.tap, leg.pump)
    if leg.recorder != NULL:
        leg.recorder.place = NULL
    port_gone(leg.pump, leg.pool)
    return PJ_SUCCESS


cdef LegPort* leg_new(Pump* pump, int64_t token) noexcept nogil:
    """Return a port not yet on the bridge, NULL without memory."""
    cdef pj_pool_t* pool
    cdef LegPort* leg = <LegPort*>port_new("leg", sizeof(LegPort), &pool, leg_put, leg_get, leg_destroyed)
    if leg != NULL:
        leg.pool = pool
        leg.pump = pump
        leg.token = token
    return leg

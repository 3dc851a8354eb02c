# Our own ports on pjsua's conference bridge.

from native.pj cimport pj_pool_t, pj_status_t, pjmedia_frame, pjmedia_port
from native.pump cimport Pump

ctypedef pj_status_t (*frame_function)(pjmedia_port* port, pjmedia_frame* frame) noexcept nogil
ctypedef pj_status_t (*port_function)(pjmedia_port* port) noexcept nogil

cdef void* port_new(const char* name, size_t size, pj_pool_t** pool, frame_function put, frame_function get,
                    port_function destroyed) noexcept nogil
cdef int port_add(Pump* pump, pj_pool_t* pool, pjmedia_port* port, bint party, pj_status_t* failure) noexcept nogil
cdef void port_gone(Pump* pump, pj_pool_t* pool) noexcept nogil

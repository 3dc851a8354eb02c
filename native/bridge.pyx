"""Puts our own ports on pjsua's conference bridge, and knows when it has let go of them.

The bridge alone holds a port once it is added: its `destroyed` runs when a queued removal is applied, in the pump, or
at once in Python's thread for a port that was never read or written. Only then is its memory given back.
"""

from native.atomic cimport add_word
from native.pj cimport (
    PJ_SUCCESS,
    pj_pool_release,
    pj_pool_zalloc,
    pj_str,
    pj_str_t,
    pjmedia_port_destroy,
    pjmedia_port_info_init,
    pjsua_conf_add_port,
    pjsua_conf_port_id,
    pjsua_pool_create,
)
from native.pump cimport SAMPLES

cdef enum:
    SIGNATURE = 0x42485254  # "BHRT": no other port of pjmedia has it
    RATE_HZ = 8000


cdef void* port_new(
    const char* name, size_t size, pj_pool_t** pool, frame_function put, frame_function get, port_function destroyed
) noexcept nogil:
    """Return zeroed memory of `size` that begins with a port of the bridge's own format, NULL without memory.

    `name` must live as long as the port; `pool` is where the memory is.
    """
    cdef pjmedia_port* port
    cdef pj_str_t text = pj_str(<char*>name)
    pool[0] = pjsua_pool_create(name, 1024, 1024)
    if pool[0] == NULL:
        return NULL
    port = <pjmedia_port*>pj_pool_zalloc(pool[0], size)
    if port == NULL:
        pj_pool_release(pool[0])
        return NULL
    pjmedia_port_info_init(&port.info, &text, SIGNATURE, RATE_HZ, 1, 16, SAMPLES)
    port.put_frame = put
    port.get_frame = get
    port.on_destroy = destroyed
    return port


cdef int port_add(Pump* pump, pj_pool_t* pool, pjmedia_port* port, bint party, pj_status_t* failure) noexcept nogil:
    """Put the port on the bridge and return its slot; -1 with pjproject's status, and the port is destroyed.

    `party`: it is somebody who talks, so that Python is told when it is connected to another such.
    """
    cdef pjsua_conf_port_id slot = -1
    add_word(&pump.live_ports, 1)
    failure[0] = pjsua_conf_add_port(pool, port, &slot)
    if failure[0] == PJ_SUCCESS and not party:
        pump.own[slot] = 1
    pjmedia_port_destroy(port)  # our own hold on it: the bridge keeps the last one
    return slot if failure[0] == PJ_SUCCESS else -1


cdef void port_gone(Pump* pump, pj_pool_t* pool) noexcept nogil:
    """End of every `destroyed`: give the memory back."""
    add_word(&pump.live_ports, -1)
    pj_pool_release(pool)

"""pjsua's conference bridge: parties put on it and taken off, and who hears whom. The pump applies it all in a tick."""

from native.sound import MediaError

from native.party cimport Party
from native.pj cimport (
    PJ_SUCCESS,
    pj_status_t,
    pj_str_t,
    pj_strerror,
    pjsua_conf_add_port,
    pjsua_conf_connect,
    pjsua_conf_disconnect,
    pjsua_conf_port_id,
    pjsua_conf_remove_port,
)


cdef str reason(pj_status_t status):
    cdef char buffer[128]
    cdef pj_str_t text = pj_strerror(status, buffer, sizeof(buffer))
    return text.ptr[: text.slen].decode(errors="replace")


cdef int put_on(Party* party) except -1:
    """Return the slot a party is given. Raises MediaError that says why there is none."""
    cdef pjsua_conf_port_id slot
    cdef pj_status_t status
    with nogil:
        status = pjsua_conf_add_port(party.pool, &party.base, &slot)
    if status != PJ_SUCCESS:
        raise MediaError(reason(status))
    return slot


cdef int take_off(int slot) except -1:
    """Free a slot; it is as well when its party has gone."""
    with nogil:
        pjsua_conf_remove_port(slot)
    return 0


cdef int link(int source, int sink) except -1:
    """Let one hear the other. Raises MediaError that says why that cannot be."""
    cdef pj_status_t status
    if source < 0 or sink < 0:
        raise MediaError(f"there is no slot {min(source, sink)}")
    with nogil:
        status = pjsua_conf_connect(source, sink)
    if status != PJ_SUCCESS:
        raise MediaError(f"slot {source} to slot {sink}: {reason(status)}")
    return 0


cdef int unlink(int source, int sink) except -1:
    """Part two ports; it is as well when one of them has gone."""
    with nogil:
        pjsua_conf_disconnect(source, sink)
    return 0

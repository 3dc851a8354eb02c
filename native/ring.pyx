"""A lock-free ring of events from one real-time thread to Python; overflow is counted, nothing ever waits."""

from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy
from posix.unistd cimport write

from native.atomic cimport load_word, store_word, swap_word


cdef int ring_open(Ring* ring, uint32_t capacity, int event_fd, uint32_t* signalled) noexcept nogil:
    """Make room for `capacity` events (a power of two); -1 when there is no memory."""
    ring.events = <Event*>calloc(capacity, sizeof(Event))
    if ring.events == NULL:
        return -1
    ring.mask = capacity - 1
    ring.head = ring.tail = ring.overflows = 0
    ring.event_fd = event_fd
    ring.signalled = signalled
    return 0


cdef void ring_close(Ring* ring) noexcept nogil:
    free(ring.events)
    ring.events = NULL


cdef void ring_push(
    Ring* ring, int kind, int64_t token, int64_t number, int64_t at_ns, const char* value, int length
) noexcept nogil:
    """Append an event and wake Python unless it is awake already; a value beyond VALUE_BYTES is cut."""
    cdef uint32_t head = ring.head
    cdef Event* event
    if head - load_word(&ring.tail) > ring.mask:
        ring.overflows += 1
        return
    event = &ring.events[head & ring.mask]
    event.kind = kind
    event.token = token
    event.number = number
    event.at_ns = at_ns
    event.length = min(length, VALUE_BYTES)
    memcpy(event.value, value, event.length)
    store_word(&ring.head, head + 1)
    ring_wake(ring)


cdef void ring_wake(Ring* ring) noexcept nogil:
    """Wake Python unless it is awake already."""
    cdef uint64_t one = 1
    if swap_word(ring.signalled, 1) == 0:
        write(ring.event_fd, &one, sizeof(one))


cdef bint ring_pop(Ring* ring, Event* event) noexcept nogil:
    """Take the oldest event, if there is one."""
    cdef uint32_t tail = ring.tail
    if tail == load_word(&ring.head):
        return False
    memcpy(event, &ring.events[tail & ring.mask], sizeof(Event))
    store_word(&ring.tail, tail + 1)
    return True

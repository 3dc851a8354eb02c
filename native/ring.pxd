# How real-time threads tell Python something: a ring of events each, one eventfd, and a stack of what they let go of.

from libc.stdint cimport int64_t, uint32_t

cdef enum:
    VALUE_BYTES = 128

cdef enum Kind:
    DIGIT = 0
    FINISHED
    TONE
    CALLER_ID
    RECORDED
    LINE_DEAD
    CONNECTED
    CLOCK
    MF

cdef enum RetiredKind:
    PROGRAM = 0
    DETECTORS
    RECORDER
    LEG
    ORDER
    PARTY

# Part of whatever a real-time thread lets go of; Python frees it, since free() may wait for a lock.
cdef struct Retired:
    Retired* next
    int kind
    void* what

cdef struct Event:
    int64_t at_ns
    int64_t token
    int64_t number
    int kind
    int length
    char value[VALUE_BYTES]

# One producer thread, one consumer (Python).
cdef struct Ring:
    Event* events
    uint32_t mask
    uint32_t head        # written by the producer
    uint32_t tail        # written by the consumer
    uint32_t overflows
    uint32_t* signalled  # shared by all rings of one eventfd: 1 = Python has been woken and has not looked yet
    int event_fd

cdef int ring_open(Ring* ring, uint32_t capacity, int event_fd, uint32_t* signalled) noexcept nogil
cdef void ring_close(Ring* ring) noexcept nogil
cdef void ring_push(
    Ring* ring, int kind, int64_t token, int64_t number, int64_t at_ns, const char* value, int length) noexcept nogil
cdef void ring_wake(Ring* ring) noexcept nogil
cdef bint ring_pop(Ring* ring, Event* event) noexcept nogil

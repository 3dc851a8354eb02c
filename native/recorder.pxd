# Recordings: left what a party says, right what it is sent; one thread writes them all.

from libc.stdint cimport int16_t, int64_t, uint32_t, uint64_t

from native.pump cimport SAMPLES, Pump
from native.ring cimport Retired, Ring
from native.thread cimport pthread_t

cdef enum:
    RING_BLOCKS = 256          # 5.12 s the disk may keep us waiting
    BLOCK = 2 * SAMPLES

cdef struct Recorder:
    Retired retired
    int64_t token
    Pump* pump
    # the pump's
    uint64_t last              # tick that went into the ring
    int16_t* samples           # RING_BLOCKS of them, as they go into the file
    uint32_t head              # written by the pump
    uint32_t tail              # written by the writer
    uint32_t ended             # 1 when the pump is done with it
    # the writer's
    Recorder* next
    int fd
    int folder_fd              # until the file's name is on the disk
    int failure                # errno that ended it early
    uint64_t bytes             # of samples in the file
    uint64_t synced_bytes
    int64_t synced_ns
    uint32_t missing[RING_BLOCKS]  # ticks of silence before each block

cdef struct Writer:
    Ring ring
    Pump* pump
    void* arrived              # stack of recorders not yet seen
    Recorder* recorders
    int wake_fd
    uint32_t stopping
    int64_t no_sync_before_ns
    pthread_t thread

cdef Recorder* recorder_at(Pump* pump, int64_t token, str path) except NULL
cdef void recorder_free(Recorder* recorder) noexcept nogil
cdef void recorder_fetch(const Recorder* recorder) noexcept nogil
cdef void recorder_take(Recorder* recorder, const int16_t* left, const int16_t* right) noexcept nogil
cdef void recorder_end(Recorder* recorder) noexcept nogil
cdef void writer_take(Writer* writer, Recorder* recorder) noexcept nogil
cdef int writer_start(Writer* writer) noexcept nogil
cdef void writer_wake(Writer* writer) noexcept nogil
cdef void writer_stop(Writer* writer) noexcept nogil

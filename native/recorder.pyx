"""Records parties in two channels: the pump fills a ring each, one ordinary thread writes WAV files.

The header is rewritten with each flush and the file synced every few seconds, so it is playable at any instant. What
the writer could not take in time, and ticks the pump lost, are silence: a recording keeps the time of the clock.
"""

import os

from native.sound import MediaError

from libc.errno cimport EINTR, EIO, errno
from libc.stdint cimport int16_t, int64_t, uint32_t, uint64_t
from libc.stdio cimport SEEK_SET, snprintf
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy
from posix.time cimport CLOCK_MONOTONIC, clock_gettime, timespec
from posix.types cimport off_t
from posix.unistd cimport close, fdatasync, fsync, ftruncate, lseek, read, write

from native.atomic cimport fetch, load_word, stack_push, store_word, swap_pointer
from native.pump cimport SAMPLES, Pump
from native.ring cimport RECORDED, RECORDER, ring_push
from native.thread cimport pthread_join, thread_start


cdef extern from "<unistd.h>" nogil:
    ssize_t pwrite(int fd, const void* data, size_t size, off_t at)

cdef extern from *:
    """
    #if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
    #error "samples go into WAV files as they are in memory, which must be little-endian"
    #endif
    """

cdef extern from "<poll.h>" nogil:
    short POLLIN
    struct pollfd:
        int fd
        short events
        short revents
    int poll(pollfd* which, unsigned long count, int timeout_ms)

cdef enum:
    FLUSH_MS = 400        # so much of a recording a process that is killed loses
    SYNC_NS = 3000000000
    HEADER_BYTES = 44
    RATE_HZ = 8000
    TICK_BYTES = 4 * SAMPLES
    LARGEST = 0xFFFFFFC0  # a WAV cannot tell of more


cdef int16_t silence[BLOCK]


# ---- in the pump -----------------------------------------------------------------------------------------------------


cdef void recorder_fetch(const Recorder* recorder) noexcept nogil:
    """Have brought near where the next tick goes."""
    fetch(recorder.samples + recorder.head % RING_BLOCKS * BLOCK, TICK_BYTES)
    fetch(recorder.missing + recorder.head % RING_BLOCKS, sizeof(uint32_t))


cdef void recorder_take(Recorder* recorder, const int16_t* left, const int16_t* right) noexcept nogil:
    """Take what the party said and heard in this tick; NULL is silence."""
    cdef uint32_t head = recorder.head, place = head % RING_BLOCKS
    cdef int16_t* samples = recorder.samples + place * BLOCK
    cdef int i
    if head - load_word(&recorder.tail) == RING_BLOCKS:
        recorder.pump.counters.recorder_overruns += 1
        return
    recorder.missing[place] = <uint32_t>(recorder.pump.tick - recorder.last - 1) if recorder.last else 0
    left = left if left != NULL else silence
    right = right if right != NULL else silence
    for i in range(SAMPLES):
        samples[2 * i] = left[i]
        samples[2 * i + 1] = right[i]
    recorder.last = recorder.pump.tick
    store_word(&recorder.head, head + 1)


cdef void recorder_end(Recorder* recorder) noexcept nogil:
    """Hand the recorder to the writer for good."""
    store_word(&recorder.ended, 1)


# ---- in the writer's thread ------------------------------------------------------------------------------------------


cdef int64_t clock_ns() noexcept nogil:
    cdef timespec now
    clock_gettime(CLOCK_MONOTONIC, &now)
    return <int64_t>now.tv_sec * 1000000000 + now.tv_nsec


cdef void put32(char* target, uint64_t value) noexcept nogil:
    cdef int i
    for i in range(4):
        target[i] = <char>(value >> (8 * i))


cdef int write_header(Recorder* recorder) noexcept nogil:
    """Write a WAV header that tells the true size so far; returns 0 or an errno."""
    cdef char header[HEADER_BYTES]
    cdef uint64_t size = min(recorder.bytes, <uint64_t>LARGEST)
    memcpy(header, b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0", 24)  # PCM, two channels
    put32(header + 4, size + HEADER_BYTES - 8)
    put32(header + 24, RATE_HZ)
    put32(header + 28, RATE_HZ * 4)
    memcpy(header + 32, b"\x04\0\x10\0data", 8)
    put32(header + 40, size)
    if pwrite(recorder.fd, header, HEADER_BYTES, 0) != HEADER_BYTES:
        return errno or EIO
    return 0


cdef int append(Recorder* recorder, const int16_t* samples, uint32_t ticks) noexcept nogil:
    """Append to the file; returns 0 or an errno."""
    cdef const char* data = <const char*>samples
    cdef size_t left = ticks * TICK_BYTES
    cdef ssize_t done
    while left:
        done = write(recorder.fd, data, left)
        if done < 0:
            if errno == EINTR:
                continue
            return errno
        data += done
        left -= done
    recorder.bytes += ticks * TICK_BYTES
    return 0


cdef int flush(Recorder* recorder) noexcept nogil:
    """Write what has come, straight from the ring; returns 0 or an errno."""
    cdef uint32_t tail = recorder.tail
    cdef uint32_t head = load_word(&recorder.head)
    cdef uint32_t place, blocks, missing
    cdef int failure = 0
    if tail == head:
        return 0
    while tail != head and failure == 0:
        place = tail % RING_BLOCKS
        missing = recorder.missing[place]
        while missing and failure == 0:
            failure = append(recorder, silence, 1)
            missing -= 1
        blocks = 1  # in a row: up to the end of the ring, or to the next silence
        while tail + blocks != head and place + blocks < RING_BLOCKS and recorder.missing[place + blocks] == 0:
            blocks += 1
        if failure == 0:
            failure = append(recorder, recorder.samples + place * BLOCK, blocks)
        tail += blocks
        store_word(&recorder.tail, tail)
    if failure == 0:
        failure = write_header(recorder)
    return failure


cdef void sync(Writer* writer, Recorder* recorder) noexcept nogil:
    """Bring the file to the disk, at most a quarter of the thread's time: slow disks are synced less often."""
    cdef int64_t began_ns = clock_ns(), ended_ns
    fdatasync(recorder.fd)
    if recorder.folder_fd >= 0:
        fsync(recorder.folder_fd)
        close(recorder.folder_fd)
        recorder.folder_fd = -1
    ended_ns = clock_ns()
    recorder.synced_ns = ended_ns
    recorder.synced_bytes = recorder.bytes
    writer.no_sync_before_ns = ended_ns + 3 * (ended_ns - began_ns)


cdef void finish(Writer* writer, Recorder* recorder, int failure) noexcept nogil:
    """Close the file, whole to the last sample that could be written, and tell it."""
    cdef char text[32]
    cdef int length
    if failure:
        ftruncate(recorder.fd, HEADER_BYTES + recorder.bytes)
        write_header(recorder)
    sync(writer, recorder)
    close(recorder.fd)
    recorder.fd = -1
    length = snprintf(text, sizeof(text), "%.2f", recorder.bytes / (RATE_HZ * 4.0))
    ring_push(&writer.ring, RECORDED, recorder.token, failure, clock_ns(), text, length)


cdef void serve(Writer* writer) noexcept nogil:
    """Go once over all recorders."""
    cdef Recorder* recorder = <Recorder*>swap_pointer(&writer.arrived, NULL)
    cdef Recorder* following
    cdef Recorder** link
    cdef uint32_t ended
    cdef int failure
    cdef Recorder* oldest = NULL
    while recorder != NULL:
        following = <Recorder*>recorder.retired.next
        recorder.next = writer.recorders
        writer.recorders = recorder
        recorder.synced_ns = clock_ns()
        recorder = following
    link = &writer.recorders
    while link[0] != NULL:
        recorder = link[0]
        ended = load_word(&recorder.ended)  # before the ring is emptied: nothing comes after it
        if recorder.fd >= 0:
            failure = flush(recorder)
            if failure or ended:
                finish(writer, recorder, failure)
            elif recorder.bytes > recorder.synced_bytes and (oldest == NULL or recorder.synced_ns < oldest.synced_ns):
                oldest = recorder
        else:
            store_word(&recorder.tail, load_word(&recorder.head))
        if ended:
            link[0] = recorder.next
            stack_push(&writer.pump.retired, &recorder.retired)
        else:
            link = &recorder.next
    if oldest != NULL and clock_ns() - oldest.synced_ns >= SYNC_NS and clock_ns() >= writer.no_sync_before_ns:
        sync(writer, oldest)


cdef void* run(void* data) noexcept nogil:
    cdef Writer* writer = <Writer*>data
    cdef pollfd waking
    cdef uint64_t count
    waking.fd = writer.wake_fd
    waking.events = POLLIN
    while not load_word(&writer.stopping):
        poll(&waking, 1, FLUSH_MS if writer.recorders != NULL else -1)
        if waking.revents & POLLIN:
            read(writer.wake_fd, &count, sizeof(count))
        serve(writer)
    serve(writer)
    return NULL


# ---- in Python's thread ----------------------------------------------------------------------------------------------


cdef Recorder* recorder_new(Pump* pump, int64_t token, int fd, int folder_fd) noexcept nogil:
    """Return a recorder that owns both descriptors, NULL without memory or when no header can be written."""
    cdef Recorder* recorder = <Recorder*>calloc(1, sizeof(Recorder))
    if recorder == NULL:
        return NULL
    recorder.retired.kind = RECORDER
    recorder.retired.what = recorder
    recorder.pump = pump
    recorder.token = token
    recorder.fd = fd
    recorder.folder_fd = -1
    recorder.samples = <int16_t*>calloc(RING_BLOCKS, TICK_BYTES)
    if recorder.samples == NULL or write_header(recorder) or lseek(fd, HEADER_BYTES, SEEK_SET) < 0:
        recorder.fd = -1
        recorder_free(recorder)
        return NULL
    recorder.folder_fd = folder_fd
    return recorder


cdef Recorder* recorder_at(Pump* pump, int64_t token, str path) except NULL:
    """Return a recorder to a new file. Raises MediaError, naming the path."""
    cdef Recorder* recorder
    cdef int fd, folder_fd
    try:
        folder_fd = os.open(os.path.dirname(path) or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        except OSError:
            os.close(folder_fd)
            raise
    except OSError as error:
        raise MediaError(f"recording to {path}: {error.strerror}") from error
    with nogil:
        recorder = recorder_new(pump, token, fd, folder_fd)
    if recorder == NULL:
        why = os.strerror(errno)
        os.close(fd)
        os.close(folder_fd)
        os.unlink(path)
        raise MediaError(f"recording to {path}: {why}")
    return recorder


cdef void recorder_free(Recorder* recorder) noexcept nogil:
    if recorder.fd >= 0:
        close(recorder.fd)
    if recorder.folder_fd >= 0:
        close(recorder.folder_fd)
    free(recorder.samples)
    free(recorder)


cdef void writer_take(Writer* writer, Recorder* recorder) noexcept nogil:
    """Give the writer a recorder; it is let go of through the pump's stack of retired things."""
    stack_push(&writer.arrived, recorder)
    writer_wake(writer)


cdef void writer_wake(Writer* writer) noexcept nogil:
    cdef uint64_t one = 1
    write(writer.wake_fd, &one, sizeof(one))


cdef int writer_start(Writer* writer) noexcept nogil:
    """Start the thread; returns 0 or an errno value. `wake_fd`, `ring` and `pump` must be set."""
    store_word(&writer.stopping, 0)
    return thread_start(&writer.thread, "recorder", run, writer)


cdef void writer_stop(Writer* writer) noexcept nogil:
    """Write all that has come, close what has ended, and end the thread."""
    store_word(&writer.stopping, 1)
    writer_wake(writer)
    pthread_join(writer.thread, NULL)

"""Takes RTP in as it comes: a real-time thread in the place of pjmedia's own, which wakes a hundred times a second.

A packet wakes it at once, whatever the time it would wait. It goes before ordinary work: else a busy machine lets
packets lie for longer than the jitter buffer waits, however punctual the pump is.
"""

from native.atomic cimport load_word, store_word
from native.pj cimport (
    pj_ioqueue_poll,
    pj_thread_register,
    pj_thread_t,
    pj_time_val,
    pjmedia_endpt_get_ioqueue,
    pjmedia_endpt_stop_threads,
    pjsua_get_pjmedia_endpt,
)
from native.thread cimport pthread_join, pthread_t, thread_start


cdef extern from "<pthread.h>" nogil:
    int SCHED_FIFO
    struct sched_param:
        int sched_priority
    int pthread_setschedparam(pthread_t thread, int policy, const sched_param* parameters)

cdef enum:
    LOOK_MS = 100  # so often it looks whether it is to end, and lets go of closed sockets
    PRIORITY = 19  # just below the pump's

cdef long thread_description[64]


cdef void* run(void* data) noexcept nogil:
    cdef Reception* reception = <Reception*>data
    cdef pj_thread_t* registered
    cdef pj_time_val longest
    longest.sec = 0
    longest.msec = LOOK_MS
    pj_thread_register("media", thread_description, &registered)
    while not load_word(&reception.stopping):
        pj_ioqueue_poll(reception.queue, &longest)
    return NULL


cdef int reception_start(Reception* reception) noexcept nogil:
    """End pjmedia's thread and start ours; returns an errno value, 0 when it runs. pjsua must have been started."""
    cdef sched_param parameters
    cdef int failure
    reception.queue = pjmedia_endpt_get_ioqueue(pjsua_get_pjmedia_endpt())
    pjmedia_endpt_stop_threads(pjsua_get_pjmedia_endpt())
    store_word(&reception.stopping, 0)
    failure = thread_start(&reception.thread, "media", run, reception)
    if failure == 0:
        parameters.sched_priority = PRIORITY
        pthread_setschedparam(reception.thread, SCHED_FIFO, &parameters)  # where it may: the pump tells of that
    return failure


cdef void reception_stop(Reception* reception) noexcept nogil:
    """End the thread: from now on no packet is taken in."""
    store_word(&reception.stopping, 1)
    pthread_join(reception.thread, NULL)

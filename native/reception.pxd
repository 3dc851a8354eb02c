# A thread that takes RTP in as it comes.

from libc.stdint cimport uint32_t

from native.pj cimport pj_ioqueue_t
from native.thread cimport pthread_t

cdef struct Reception:
    pj_ioqueue_t* queue        # pjmedia's sockets
    uint32_t stopping
    pthread_t thread

cdef int reception_start(Reception* reception) noexcept nogil
cdef void reception_stop(Reception* reception) noexcept nogil

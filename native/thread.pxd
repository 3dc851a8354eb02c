# A thread of the media core: it runs no Python, and no signal handler.

from posix.signal cimport sigfillset, sigset_t

cdef extern from "<pthread.h>" nogil:
    ctypedef struct pthread_t:
        pass
    int pthread_create(pthread_t* thread, void* attributes, void* (*run)(void*) noexcept nogil, void* data)
    int pthread_join(pthread_t thread, void** result)
    int pthread_setname_np(pthread_t thread, const char* name)

cdef extern from "<signal.h>" nogil:
    int SIG_SETMASK
    int pthread_sigmask(int how, const sigset_t* wanted, sigset_t* before)


cdef inline int thread_start(
    pthread_t* thread, const char* name, void* (*run)(void*) noexcept nogil, void* data
) noexcept nogil:
    """Start a thread with all signals blocked; returns an errno value, 0 when it runs."""
    cdef sigset_t all_signals, before
    cdef int failure
    sigfillset(&all_signals)
    pthread_sigmask(SIG_SETMASK, &all_signals, &before)
    failure = pthread_create(thread, NULL, run, data)
    pthread_sigmask(SIG_SETMASK, &before, NULL)
    if failure == 0:
        pthread_setname_np(thread[0], name)
    return failure

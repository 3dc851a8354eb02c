"""The one clock of all media: a real-time thread that pulls the bridge every 20 ms, and touches no Python, file or log.

Queued changes of the bridge (connect, remove) are applied at the start of a tick; the bridge tells `on_operation`.
"""

from libc.errno cimport EINTR, errno
from libc.stdint cimport int16_t, int64_t, uint64_t
from libc.string cimport memset
from posix.signal cimport sigfillset, sigset_t
from posix.time cimport CLOCK_MONOTONIC, clock_gettime, itimerspec, timespec
from posix.unistd cimport close, read

from native.atomic cimport load_word, store_word
from native.pj cimport (
    PJ_EEXISTS,
    PJ_SUCCESS,
    PJMEDIA_CONF_OP_CONNECT_PORTS,
    PJMEDIA_CONF_OP_REMOVE_PORT,
    pj_log_func,
    pj_log_get_log_func,
    pj_log_set_log_func,
    pj_thread_register,
    pj_thread_t,
    pjmedia_conf_op_info,
    pjmedia_frame,
    pjmedia_port_get_frame,
    pjsua_conf_set_op_cb,
)
from native.ring cimport CONNECTED, ring_push


cdef extern from "<pthread.h>" nogil:
    int SCHED_FIFO
    struct sched_param:
        int sched_priority
    ctypedef int clockid_t
    int pthread_create(pthread_t* thread, void* attributes, void* (*run)(void*) noexcept nogil, void* data)
    int pthread_join(pthread_t thread, void** result)
    pthread_t pthread_self()
    int pthread_equal(pthread_t one, pthread_t other)
    int pthread_setschedparam(pthread_t thread, int policy, const sched_param* parameters)
    int pthread_setname_np(pthread_t thread, const char* name)
    int pthread_getcpuclockid(pthread_t thread, clockid_t* clock)

cdef extern from "<signal.h>" nogil:
    int SIG_SETMASK
    int pthread_sigmask(int how, const sigset_t* wanted, sigset_t* before)

cdef extern from "<sys/timerfd.h>" nogil:
    int TFD_CLOEXEC
    int TFD_TIMER_ABSTIME
    int timerfd_create(int clock, int flags)
    int timerfd_settime(int fd, int flags, const itimerspec* wanted, itimerspec* before)

cdef enum:
    LATE_NS = 5000000
    PRIORITY = 20  # above all ordinary work, below the kernel's own threads

# pjproject's callbacks for the bridge and the log carry no data of ours; there is one pump in a process.
cdef Pump* the_pump = NULL
cdef pj_log_func* outer_log = NULL
cdef long thread_description[64]


cdef int64_t clock_ns() noexcept nogil:
    cdef timespec now
    clock_gettime(CLOCK_MONOTONIC, &now)
    return <int64_t>now.tv_sec * 1000000000 + now.tv_nsec


cdef bint in_pump(Pump* pump) noexcept nogil:
    """Say whether this thread may act as the pump: it is the pump's, or there is none."""
    return load_word(&pump.running) == 0 or pthread_equal(pthread_self(), pump.thread) != 0


cdef void on_operation(const pjmedia_conf_op_info* operation) noexcept nogil:
    """Note what the bridge has applied; it calls this in the pump, but for new ports removed at once."""
    cdef Pump* pump = the_pump
    cdef unsigned source, sink
    if pump == NULL:
        return
    if operation.op_type == PJMEDIA_CONF_OP_REMOVE_PORT:
        pump.after_removal(pump, operation.op_param.remove_port.port)
    elif operation.op_type == PJMEDIA_CONF_OP_CONNECT_PORTS and in_pump(pump):
        source = operation.op_param.connect_ports.src
        sink = operation.op_param.connect_ports.sink
        if operation.status == PJ_SUCCESS or operation.status == PJ_EEXISTS:
            ring_push(&pump.ring, CONNECTED, 0, (<int64_t>source << 32) | sink, pump.now_ns, NULL, 0)
        else:
            pump.counters.failed_connects += 1


cdef void log_outside_pump(int level, const char* text, int length) noexcept nogil:
    """Pass a line of pjproject's log on, unless it comes from the pump: a log may wait for a disk."""
    if the_pump != NULL and load_word(&the_pump.running) and in_pump(the_pump):
        the_pump.counters.silenced_logs += 1
    elif outer_log != NULL:
        outer_log(level, text, length)


cdef void pump_tick(Pump* pump) noexcept nogil:
    """Move all media on by 20 ms."""
    cdef pjmedia_frame frame
    cdef int16_t samples[SAMPLES]
    memset(&frame, 0, sizeof(frame))
    frame.buf = samples
    frame.size = sizeof(samples)
    frame.timestamp.u64 = pump.tick * SAMPLES
    pump.now_ns = clock_ns()
    pump.before_tick(pump)
    pjmedia_port_get_frame(pump.master, &frame)
    pump.counters.ticks += 1


cdef void* run(void* data) noexcept nogil:
    cdef Pump* pump = <Pump*>data
    cdef pj_thread_t* registered
    cdef sched_param parameters
    cdef itimerspec timer
    cdef uint64_t expired, done
    cdef int64_t due_ns, late_ns
    pump.thread = pthread_self()  # before pthread_create has told it to the one who started us
    pj_thread_register("pump", thread_description, &registered)
    parameters.sched_priority = PRIORITY
    pump.realtime = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters) == 0
    due_ns = clock_ns() + TICK_NS
    timer.it_value.tv_sec = due_ns // 1000000000
    timer.it_value.tv_nsec = due_ns % 1000000000
    timer.it_interval.tv_sec = 0
    timer.it_interval.tv_nsec = TICK_NS
    timerfd_settime(pump.timer_fd, TFD_TIMER_ABSTIME, &timer, NULL)
    while not load_word(&pump.stopping):
        if read(pump.timer_fd, &expired, sizeof(expired)) != sizeof(expired):
            if errno == EINTR:
                continue
            break
        done = 0
        while done < expired:
            if done > MOST_CAUGHT_UP:  # the tick of now and three more: the rest is lost time
                pump.counters.dropped_ticks += expired - done
                pump.tick += expired - done
                due_ns += <int64_t>(expired - done) * TICK_NS
                break
            late_ns = clock_ns() - due_ns
            if late_ns > LATE_NS:
                pump.counters.late_ticks += 1
            if late_ns > <int64_t>pump.counters.worst_late_ns:
                pump.counters.worst_late_ns = late_ns
            if done > 0:
                pump.counters.caught_up_ticks += 1
            pump.tick += 1
            pump_tick(pump)
            due_ns += TICK_NS
            done += 1
    return NULL


cdef int pump_start(Pump* pump) noexcept nogil:
    """Start the thread; returns an errno value, 0 when it runs. `master`, `ring` and the hooks must be set."""
    global the_pump, outer_log
    cdef sigset_t all_signals, before
    cdef int failure
    pump.timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)
    if pump.timer_fd < 0:
        return errno
    the_pump = pump
    outer_log = pj_log_get_log_func()
    pj_log_set_log_func(log_outside_pump)
    pjsua_conf_set_op_cb(on_operation)
    store_word(&pump.stopping, 0)
    store_word(&pump.running, 1)
    # A signal handler must never run here.
    sigfillset(&all_signals)
    pthread_sigmask(SIG_SETMASK, &all_signals, &before)
    failure = pthread_create(&pump.thread, NULL, run, pump)
    pthread_sigmask(SIG_SETMASK, &before, NULL)
    if failure:
        store_word(&pump.running, 0)
        release(pump)
        return failure
    pthread_setname_np(pump.thread, "pump")
    return 0


cdef void release(Pump* pump) noexcept nogil:
    global the_pump
    pjsua_conf_set_op_cb(NULL)
    pj_log_set_log_func(outer_log)
    close(pump.timer_fd)
    the_pump = NULL


cdef void pump_stop(Pump* pump) noexcept nogil:
    """End the thread, apply what is still ordered or queued in the bridge from here, give pjproject its log back."""
    cdef int left = 500  # the bridge applies at most 100 changes in a tick
    if load_word(&pump.running) == 0:
        return
    store_word(&pump.stopping, 1)
    pthread_join(pump.thread, NULL)
    store_word(&pump.running, 0)
    while True:
        pump.tick += 1
        pump_tick(pump)
        left -= 1
        if load_word(&pump.leaving) == 0 or left == 0:
            break
    release(pump)


cdef double pump_cpu_s(Pump* pump) noexcept nogil:
    """Return the CPU time the thread has used; 0 when it does not run."""
    cdef clockid_t clock
    cdef timespec used
    if load_word(&pump.running) == 0 or pthread_getcpuclockid(pump.thread, &clock) or clock_gettime(clock, &used):
        return 0.0
    return used.tv_sec + used.tv_nsec / 1e9

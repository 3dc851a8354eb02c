"""The one clock of all media: a real-time thread that pulls the bridge every 20 ms, and touches no Python, file or log.

Its pace is a board's clock, where there is one: else two clocks would drift, and a block be lost or missing now and then.
When that is silent the machine's clock takes over. Queued changes of the bridge (connect, remove) are
applied at the start of a tick; the bridge tells `on_operation`.
"""

from libc.errno cimport errno
from libc.stdint cimport int16_t, int64_t, uint64_t
from libc.string cimport memset
from posix.ioctl cimport ioctl
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
from native.ring cimport CLOCK, CONNECTED, ring_push
from native.thread cimport pthread_join, pthread_t, thread_start


cdef extern from "<pthread.h>" nogil:
    int SCHED_FIFO
    struct sched_param:
        int sched_priority
    ctypedef int clockid_t
    pthread_t pthread_self()
    int pthread_equal(pthread_t one, pthread_t other)
    int pthread_setschedparam(pthread_t thread, int policy, const sched_param* parameters)
    int pthread_getcpuclockid(pthread_t thread, clockid_t* clock)

cdef extern from "<sys/timerfd.h>" nogil:
    int TFD_CLOEXEC
    int TFD_TIMER_ABSTIME
    int timerfd_create(int clock, int flags)
    int timerfd_settime(int fd, int flags, const itimerspec* wanted, itimerspec* before)

cdef extern from "<time.h>" nogil:
    int TIMER_ABSTIME
    int clock_nanosleep(int clock, int flags, const timespec* until, timespec* left)

cdef extern from "<poll.h>" nogil:
    int POLLIN
    int POLLPRI
    struct pollfd:
        int fd
        short events
        short revents
    int poll(pollfd* descriptors, unsigned long count, int timeout_ms)

cdef extern from "dahdi/user.h" nogil:
    unsigned long DAHDI_TIMERACK

cdef enum:
    LATE_NS = 5000000
    LEAD_NS = 5000000      # before a tick: what comes then is there, and not old
    BOARD_SILENT_MS = 60
    BOARD_SILENT_TICKS = 3
    BOARD_LATE_MS = 5      # where this thread's timer went off before the board's ticks were dealt with
    BOARD_GOOD_TICKS = 50  # after so many without a break it is followed again
    DRIFT = 64  # a board's clock is not ours: a 64th of how late a tick seems is taken for that
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
    pump.waiting = NULL
    pump.before_tick(pump)
    pjmedia_port_get_frame(pump.master, &frame)
    pump.counters.ticks += 1


cdef void between_ticks(Pump* pump) noexcept nogil:
    """Do what wants its own moment of the board's round, unless that is past."""
    cdef int64_t at_ns = min(pump.due_ns, pump.now_ns + TICK_NS) - LEAD_NS  # a tick may seem late, and is never early
    cdef timespec moment
    if load_word(&pump.by_board) == 0 or clock_ns() > at_ns:
        return
    moment.tv_sec = at_ns // 1000000000
    moment.tv_nsec = at_ns % 1000000000
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, NULL)
    pump.between_ticks(pump)


cdef void own_clock(Pump* pump) noexcept nogil:
    """Set the timer, so that it goes on from the tick that is due."""
    cdef itimerspec timer
    timer.it_value.tv_sec = pump.due_ns // 1000000000
    timer.it_value.tv_nsec = pump.due_ns % 1000000000
    timer.it_interval.tv_sec = 0
    timer.it_interval.tv_nsec = TICK_NS
    timerfd_settime(pump.timer_fd, TFD_TIMER_ABSTIME, &timer, NULL)


cdef void follow(Pump* pump, bint board) noexcept nogil:
    pump.good_ticks = 0
    pump.silent_ticks = 0
    store_word(&pump.by_board, board)
    pump.new_round = board
    ring_push(&pump.ring, CLOCK, pump.board_token, 0, clock_ns(), "board" if board else "own", 5 if board else 3)


cdef uint64_t board_ticks(Pump* pump, int wait_ms) noexcept nogil:
    """Take the board's ticks that have come, waiting so long for the first."""
    cdef pollfd asked
    cdef uint64_t ticks = 0
    cdef int one
    asked.fd = pump.board_fd
    asked.events = POLLPRI
    asked.revents = 0
    while ticks < 1000 and poll(&asked, 1, 0 if ticks else wait_ms) == 1 and asked.revents & POLLPRI:
        one = 1
        if ioctl(pump.board_fd, DAHDI_TIMERACK, &one) < 0:
            break
        ticks += 1
    return ticks


cdef uint64_t own_ticks(Pump* pump) noexcept nogil:
    """Wait for the machine's clock; 0 when a signal came first."""
    cdef uint64_t ticks
    return ticks if read(pump.timer_fd, &ticks, sizeof(ticks)) == sizeof(ticks) else 0


cdef uint64_t wait(Pump* pump) noexcept nogil:
    """Wait for the next tick; return how many are due, perhaps none yet."""
    cdef uint64_t ticks
    if pump.board_fd < 0:
        return own_ticks(pump)
    if load_word(&pump.by_board):
        ticks = board_ticks(pump, BOARD_SILENT_MS)
        if ticks == 0:
            ticks = board_ticks(pump, BOARD_LATE_MS)
        if ticks == 0:
            follow(pump, False)
            own_clock(pump)
        elif pump.new_round:  # it is not ours: nothing is late by that
            pump.new_round = False
            pump.due_ns = clock_ns() - <int64_t>(ticks - 1) * TICK_NS
        return ticks
    ticks = own_ticks(pump)
    pump.silent_ticks = 0 if board_ticks(pump, 0) else pump.silent_ticks + 1
    pump.good_ticks = pump.good_ticks + 1 if pump.silent_ticks < BOARD_SILENT_TICKS else 0
    if pump.good_ticks >= BOARD_GOOD_TICKS:
        follow(pump, True)
    return ticks


cdef void* run(void* data) noexcept nogil:
    cdef Pump* pump = <Pump*>data
    cdef pj_thread_t* registered
    cdef sched_param parameters
    cdef uint64_t expired, done
    cdef int64_t late_ns
    pump.thread = pthread_self()  # before pthread_create has told it to the one who started us
    pj_thread_register("pump", thread_description, &registered)
    parameters.sched_priority = PRIORITY
    pump.realtime = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters) == 0
    pump.due_ns = clock_ns() + TICK_NS
    if pump.board_fd >= 0:
        board_ticks(pump, 0)  # of the time before
        follow(pump, True)
    else:
        own_clock(pump)
    while not load_word(&pump.stopping):
        expired = wait(pump)
        done = 0
        while done < expired:
            if done > MOST_CAUGHT_UP:  # the tick of now and three more: the rest is lost time
                pump.counters.dropped_ticks += expired - done
                pump.tick += expired - done
                pump.due_ns += <int64_t>(expired - done) * TICK_NS
                break
            late_ns = clock_ns() - pump.due_ns
            if late_ns > LATE_NS:
                pump.counters.late_ticks += 1
            if late_ns > <int64_t>pump.counters.worst_late_ns:
                pump.counters.worst_late_ns = late_ns
            if done > 0:
                pump.counters.caught_up_ticks += 1
            pump.tick += 1
            pump_tick(pump)
            pump.due_ns += TICK_NS
            if pump.by_board:
                pump.due_ns += late_ns // DRIFT
            done += 1
        if pump.waiting != NULL:
            between_ticks(pump)
    return NULL


cdef int pump_start(Pump* pump) noexcept nogil:
    """Start the thread; returns an errno value, 0 when it runs. `master`, `ring` and the hooks must be set."""
    global the_pump, outer_log
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
    failure = thread_start(&pump.thread, "pump", run, pump)
    if failure:
        store_word(&pump.running, 0)
        release(pump)
        return failure
    return 0


cdef void release(Pump* pump) noexcept nogil:
    global the_pump
    pjsua_conf_set_op_cb(NULL)
    pj_log_set_log_func(outer_log)
    close(pump.timer_fd)
    if pump.board_fd >= 0:
        close(pump.board_fd)
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

# The one clock: a thread that pulls the conference bridge every 20 ms without the GIL.

from libc.stdint cimport int16_t, int64_t, uint32_t, uint64_t

from native.pj cimport pjmedia_port
from native.ring cimport Retired, Ring
from native.thread cimport pthread_t

cdef enum:
    SAMPLES = 160          # in a tick of the bridge, 8000 a second
    TICK_NS = 20000000
    MOST_CAUGHT_UP = 3     # ticks made up for after a stall; what is beyond is dropped and counted

cdef struct Counters:
    uint64_t ticks
    uint64_t late_ticks        # begun more than 5 ms after their time
    uint64_t worst_late_ns
    uint64_t caught_up_ticks
    uint64_t dropped_ticks
    uint64_t slips             # blocks of a timeslot that were missing or too many
    uint64_t lost_blocks       # not taken by a timeslot's device
    uint64_t recorder_overruns # blocks the writer was too slow for; they are silence in the file
    uint64_t failed_connects   # ports that were gone when their turn came
    uint64_t silenced_logs     # lines pjproject wanted to log from the pump

cdef struct Pump:
    pjmedia_port* master
    void (*before_tick)(Pump* pump) noexcept nogil
    void (*after_removal)(Pump* pump, unsigned slot) noexcept nogil
    void (*between_ticks)(Pump* pump) noexcept nogil    # with what `waiting` has, LEAD_NS before the next tick
    void* waiting              # of this tick alone: timeslots that want to be put in step with the board's clock
    Ring ring
    Retired* retired
    void* orders               # stack of what Python wants done, newest first
    Counters counters
    uint64_t tick              # 20 ms each since the start, dropped ones too
    int64_t now_ns             # when this tick began, CLOCK_MONOTONIC
    uint32_t leaving           # timeslots whose removal the bridge has not applied yet
    uint32_t stopping
    uint32_t running
    int realtime
    int timer_fd
    int board_fd               # a board's clock: POLLPRI each 20 ms; -1: there is none
    int64_t board_token        # whom to tell what the pump follows
    uint32_t by_board          # it follows the board
    bint new_round             # of the board: the next tick is the first that is followed
    uint32_t good_ticks        # of our own clock while the board's came along with it
    uint32_t silent_ticks      # the last of ours in which none of the board's came
    int64_t due_ns             # the next tick
    pthread_t thread

cdef int pump_start(Pump* pump) noexcept nogil
cdef void pump_stop(Pump* pump) noexcept nogil
cdef double pump_cpu_s(Pump* pump) noexcept nogil

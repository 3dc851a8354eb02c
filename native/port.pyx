"""A timeslot: 20 ms blocks of A-law or mu-law (ITU-T G.711) read from and written to a descriptor by the pump, never waiting.

The far end has a clock of its own: two blocks are kept waiting to ride out its jitter; a block that is missing, or is
thrown away since too many wait, is a slip and counted. On an idle line delay is nothing and a hole is a lost caller id:
there each block is heard, once and in order, whenever it comes.

A device's driver keeps what is written, more than is good, and does not tell how much. But it sends a block whenever one
has come, by the same clock; so what waits there is known by counting, one more or less, and kept at two.

Where the pump goes by the board's clock there is no jitter to ride out, for a tick may be late and is never early: there
a device's blocks are made to come shortly before the ticks, and none is kept waiting; and what is written begins half
a block after a tick, so that the pump may be that late.
"""

import os
import socket
import stat

from native.sound import MediaError

from libc.errno cimport EAGAIN, EINTR, errno
from libc.math cimport rint
from libc.stdint cimport int16_t, int64_t, uint8_t, uint16_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset
from posix.ioctl cimport ioctl
from posix.unistd cimport close, read, write

from native.atomic cimport load_word
from native.party cimport Party, party_new
from native.pump cimport Pump
from native.ring cimport LINE_DEAD, ring_push
from native.spandsp cimport alaw_to_linear, linear_to_alaw, linear_to_ulaw, ulaw_to_linear

cdef extern from "dahdi/user.h" nogil:
    unsigned long DAHDI_FLUSH
    int DAHDI_FLUSH_READ

cdef enum:
    ENOUGH_BLOCKS = 2
    ALL = RING_BLOCKS + 1
    MOST_BLOCKS = 8         # of a talk: more is delay
    LOOK_TICKS = 10         # of a talk: so often it is seen whether more than a block a tick has come
    WATCH_TICKS = 100       # 2 s without need of a waiting block: it is only delay
    HURRY_TICKS = 25        # where several are: the machine stood still, and all of it would be heard too late
    ENOUGH_QUEUED = 2       # after a write: one being sent, one to follow
    MISSED = 3              # in so many of WATCH_TICKS nothing had come
    MOST_STEPS = 4          # so often a device is put in step
    LOW_TICKS = 25          # in which nothing was there to follow: it runs dry whenever the pump is late
    ALAW_SILENCE = 0xD5
    MULAW_SILENCE = 0xFF
    SEND_BUFFER_BYTES = 4096 # of a socket: a far end that stalls must not build up delay
    DAHDI_EVENT = 500       # errno (ELAST) of a DAHDI channel while an event waits for its driver

LAWS = ("alaw", "mulaw")

cdef Tables laws[2]     # by mulaw


cdef inline int scaled(int sample, double factor) noexcept nogil:
    return <int>max(-32768.0, min(32767.0, rint(sample * factor)))


cdef void fill(Tables* tables, bint mulaw, double heard, double said) noexcept nogil:
    """Make what comes and what goes so many times as loud."""
    cdef int code, sample
    for code in range(256):
        sample = ulaw_to_linear(code) if mulaw else alaw_to_linear(code)
        tables.linear[code] = scaled(sample, heard)
    for code in range(16384):
        sample = scaled(<int16_t>(code << 2), said)
        tables.codes[code] = linear_to_ulaw(sample) if mulaw else linear_to_alaw(sample)


fill(&laws[0], False, 1.0, 1.0)
fill(&laws[1], True, 1.0, 1.0)


cdef void died(TimeslotPort* slot) noexcept nogil:
    slot.dead = True
    slot.waiting = 0
    ring_push(&slot.party.pump.ring, LINE_DEAD, slot.token, 0, slot.party.pump.now_ns, NULL, 0)


cdef void drop_oldest(TimeslotPort* slot) noexcept nogil:
    slot.first = (slot.first + 1) % RING_BLOCKS
    slot.waiting -= 1
    slot.party.pump.counters.slips += 1


cdef void take_in(TimeslotPort* slot, int most, int enough) noexcept nogil:
    """Read blocks that have come until `enough` wait or there are no more, and keep the newest."""
    cdef uint8_t block[SAMPLES]
    cdef ssize_t got
    while not slot.dead:
        got = read(slot.fd, block, SAMPLES)
        if got == SAMPLES:
            while slot.waiting >= most:
                drop_oldest(slot)
            memcpy(slot.ring[(slot.first + slot.waiting) % RING_BLOCKS], block, SAMPLES)
            slot.waiting += 1
            slot.queued -= 1
            if slot.waiting >= enough:
                return
        elif got > 0:
            slot.party.pump.counters.slips += 1  # not a whole block: not one that can be played
        elif got < 0 and errno == EINTR:
            continue
        elif got < 0 and (errno == EAGAIN or errno == DAHDI_EVENT):
            return
        else:
            died(slot)


cdef void give_oldest(TimeslotPort* slot, int16_t* target) noexcept nogil:
    cdef const uint8_t* block = slot.ring[slot.first]
    cdef const int16_t* samples = slot.linear
    cdef int i
    for i in range(SAMPLES):
        target[i] = samples[block[i]]
    slot.first = (slot.first + 1) % RING_BLOCKS
    slot.waiting -= 1


cdef bint overhear(Party* party, int16_t* target) noexcept nogil:
    cdef TimeslotPort* slot = <TimeslotPort*>party
    take_in(slot, RING_BLOCKS, ALL)
    slot.filling = True
    slot.least = RING_BLOCKS
    slot.ticks = 0
    if slot.waiting == 0 or slot.dead:
        return False
    give_oldest(slot, target)
    return True


cdef bint hear(Party* party, int16_t* target) noexcept nogil:
    cdef TimeslotPort* slot = <TimeslotPort*>party
    cdef int enough = 1 if slot.in_step else ENOUGH_BLOCKS
    # As a rule one block has come; to ask in every tick whether there is another would cost as much as to read one.
    if slot.filling and slot.in_step:
        take_in(slot, enough, ALL)  # what came while an event kept it in is old
    else:
        take_in(slot, MOST_BLOCKS, enough if slot.ticks % LOOK_TICKS else ALL)
    if slot.waiting >= enough:
        slot.filling = False
    if slot.filling or slot.dead:
        return False
    if slot.waiting == 0:
        party.pump.counters.slips += 1
        slot.filling = True
        if slot.in_step:
            miss(slot)
        return False
    give_oldest(slot, target)
    slot.least = min(slot.least, slot.waiting)
    slot.ticks += 1
    if slot.ticks == WATCH_TICKS or slot.ticks == HURRY_TICKS and slot.least > enough:
        if slot.least >= enough:
            drop_oldest(slot)
        slot.ticks = slot.missed = 0
        slot.least = RING_BLOCKS
    return True


cdef void miss(TimeslotPort* slot) noexcept nogil:
    """Take that a block of a device that is in step came too late for its tick.

    One that comes just after each tick misses every second one, and all that it brings meanwhile but the newest is
    thrown away. So it is put in step anew; where that does not last either, a block is kept waiting as of any other.
    """
    slot.missed += 1
    if slot.missed == MISSED:
        slot.missed = 0
        slot.in_step = False
        slot.steps_lost += 1
        if slot.steps_lost < MOST_STEPS:
            slot.begun = False


cdef bint send(TimeslotPort* slot, const uint8_t* block, int size) noexcept nogil:
    """Say whether it was taken; it is lost where nothing takes it, and to be kept where an event keeps it out."""
    if write(slot.fd, block, size) == size:
        slot.queued += 1
        return True
    if errno == EAGAIN or errno == EINTR:
        slot.party.pump.counters.lost_blocks += 1
        return True
    if errno != DAHDI_EVENT:
        died(slot)
    return False


cdef void send_kept(TimeslotPort* slot) noexcept nogil:
    """Send the block that an event kept out, if there is one, before the next."""
    if slot.keeps:
        slot.keeps = False
        if not send(slot, slot.kept, slot.kept_bytes):
            slot.party.pump.counters.lost_blocks += 1


cdef void begin(TimeslotPort* slot) noexcept nogil:
    """Give a device something ahead of the block of this tick: silence, or the block that is kept."""
    cdef Pump* pump = slot.party.pump
    cdef bint by_board = load_word(&pump.by_board) != 0
    if by_board and not slot.begun:
        slot.waiting_too = <TimeslotPort*>pump.waiting
        pump.waiting = slot
    slot.begun = slot.new = True
    slot.filling = slot.filling or slot.in_step
    take_in(slot, RING_BLOCKS, ALL)  # of the time before
    slot.queued = slot.low_ticks = 0
    if not slot.keeps:
        memset(slot.kept, MULAW_SILENCE if slot.mulaw else ALAW_SILENCE, SAMPLES)
        slot.kept_bytes = SAMPLES // 2 if by_board else SAMPLES
        slot.keeps = True


cdef void put_in_step(Pump* pump) noexcept nogil:
    """Let the blocks of devices that have just begun come together from now on: now is shortly before a tick."""
    cdef TimeslotPort* slot = <TimeslotPort*>pump.waiting
    cdef int what = DAHDI_FLUSH_READ
    while slot != NULL:
        if not slot.dead and ioctl(slot.fd, DAHDI_FLUSH, &what) == 0:
            slot.in_step = slot.filling = True
            slot.waiting = 0
            slot.queued = 1  # at the next tick: this one's block, and nothing will have come to be counted
        slot = slot.waiting_too


cdef bint room(TimeslotPort* slot) noexcept nogil:
    """Say whether a device may be given a block in this tick; one whose queue has run dry is given silence before.

    A block may come just before the pump looks for it or just after, now so, now so: what is counted may be one more or
    one less than what is there. So one block too many is let be, and one too few unless that lasts.
    """
    if not slot.begun or slot.keeps and slot.in_step:  # what an event kept out was missing there: it has run dry
        begin(slot)
        return not slot.dead
    if slot.queued < 0 or slot.low_ticks == LOW_TICKS:
        slot.party.pump.counters.slips += 1
        begin(slot)
        return not slot.dead
    if slot.queued == 0 and slot.new:  # no time has passed for it to run dry: a block of before was counted
        slot.queued = 1
    slot.new = False
    slot.low_ticks = slot.low_ticks + 1 if slot.queued == 0 else 0
    if slot.queued > ENOUGH_QUEUED:
        slot.party.pump.counters.slips += 1
        return False
    return True


cdef void say(Party* party, const int16_t* samples) noexcept nogil:
    """Send one block in every tick, silence when nobody speaks."""
    cdef TimeslotPort* slot = <TimeslotPort*>party
    cdef uint8_t block[SAMPLES]
    cdef const uint8_t* law = slot.codes
    cdef int i
    if slot.dead or slot.device and not room(slot):
        return
    send_kept(slot)
    if samples == NULL:
        memset(block, MULAW_SILENCE if slot.mulaw else ALAW_SILENCE, SAMPLES)
    else:
        for i in range(SAMPLES):
            block[i] = law[<uint16_t>samples[i] >> 2]
    if not send(slot, block, SAMPLES) and not slot.dead:
        memcpy(slot.kept, block, SAMPLES)
        slot.kept_bytes = SAMPLES
        slot.keeps = True


cdef void end(Party* party) noexcept nogil:
    cdef TimeslotPort* slot = <TimeslotPort*>party
    close(slot.fd)
    free(slot.own)


cdef int timeslot_gain(TimeslotPort* slot, double heard, double said) noexcept nogil:
    """Make what comes and what goes so many times as loud from now on; -1 where there is no memory.

    The pump reads on meanwhile: for that one block some samples may be as before.
    """
    cdef Tables* own
    if slot.own == NULL:
        if heard == 1.0 and said == 1.0:
            return 0
        own = <Tables*>malloc(sizeof(Tables))
        if own == NULL:
            return -1
        fill(own, slot.mulaw, heard, said)
        slot.own, slot.linear, slot.codes = own, own.linear, own.codes
        return 0
    fill(slot.own, slot.mulaw, heard, said)
    return 0


cdef TimeslotPort* timeslot_new(Pump* pump, int64_t token, int fd, bint mulaw, bint device) noexcept nogil:
    """Return a party not yet on the bridge that owns the non-blocking `fd`, NULL when there is no room."""
    cdef TimeslotPort* slot = <TimeslotPort*>party_new(pump, "timeslot", sizeof(TimeslotPort))
    if slot != NULL:
        slot.party.hear = hear
        slot.party.overhear = overhear
        slot.party.say = say
        slot.party.end = end
        slot.party.always = True  # else old blocks would pile up
        slot.token = token
        slot.fd = fd
        slot.mulaw = mulaw
        slot.linear = laws[mulaw].linear
        slot.codes = laws[mulaw].codes
        slot.device = device
        slot.filling = True
        slot.least = RING_BLOCKS
    return slot


cdef TimeslotPort* timeslot_on(Pump* pump, int64_t token, int fd, str law) except NULL:
    """Return a party not yet on the bridge, for a duplicate of `fd`, made non-blocking. Raises MediaError, naming it."""
    cdef TimeslotPort* slot
    cdef int own
    cdef bint device
    if law not in LAWS:
        raise MediaError(f"timeslot on descriptor {fd}: law {law!r} is none of {', '.join(LAWS)}")
    try:
        own = os.dup(fd)
        os.set_blocking(own, False)
    except OSError as error:
        raise MediaError(f"timeslot on descriptor {fd}: {error.strerror}") from error
    device = not stat.S_ISSOCK(os.fstat(own).st_mode)
    if not device:
        with socket.socket(fileno=os.dup(own)) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    slot = timeslot_new(pump, token, own, law == "mulaw", device)
    if slot == NULL:
        close(own)
        raise MemoryError
    return slot

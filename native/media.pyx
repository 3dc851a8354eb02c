"""The only face of the media core: legs and timeslots on the bridge; play, detect, record, connect.

All calls are made from one thread that pjlib knows. What is ordered here is carried out by the pump, in its next tick.
"""

import os
from collections.abc import Sequence
from typing import NamedTuple

from native.ear import Ear, Heard, Series, Sound
from native.sound import MediaError

from libc.stdint cimport int16_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from posix.unistd cimport close as close_fd
from posix.unistd cimport read, write

from native.atomic cimport add_word, store_word, swap_word
from native.bridge cimport link, put_on, take_off, unlink
from native.ear cimport detectors_for
from native.leg cimport Leg as NativeLeg
from native.leg cimport leg_new
from native.orders cimport ATTACH, CLOSE, DETECT, PLAY, RECORD, STOP_RECORD, order, take_orders
from native.party cimport Party, parties_count, parties_discard, party_at, party_discard, party_removed
from native.pj cimport (
    PJMEDIA_PIA_CCNT,
    PJMEDIA_PIA_SPF,
    PJMEDIA_PIA_SRATE,
    PJSUA_STATE_RUNNING,
    pj_thread_is_registered,
    pjmedia_port,
    pjmedia_port_add_ref,
    pjsua_get_state,
    pjsua_set_no_snd_dev,
)
from native.port cimport TimeslotPort, put_in_step, timeslot_gain, timeslot_on
from native.pump cimport SAMPLES, Pump, pump_cpu_s, pump_start, pump_stop
from native.reception cimport Reception, reception_start, reception_stop
from native.recorder cimport Recorder, Writer, recorder_at, writer_start, writer_stop, writer_take
from native.retired cimport sweep
from native.ring cimport CALLER_ID, CONNECTED, RECORDED, Event, ring_close, ring_open, ring_pop
from native.sound cimport Cadence, Prompt, program_of
from native.stream cimport streams_start, streams_stop
from native.tap cimport HEARD_TICKS, tap_level_dbm0, tap_samples


cdef extern from "<sys/eventfd.h>" nogil:
    int EFD_NONBLOCK
    int EFD_CLOEXEC
    int eventfd(unsigned start, int flags)

cdef extern from "<sys/mman.h>" nogil:
    int MCL_CURRENT
    int MCL_FUTURE
    int MCL_ONFAULT
    int mlockall(int flags)

cdef enum:
    RATE_HZ = 8000
    EVENTS = 4096

# Part of this face, though made elsewhere; a cimport alone is not seen from Python.
globals().update(Prompt=Prompt, Cadence=Cadence, Ear=Ear, Heard=Heard, Series=Series, Sound=Sound)

cdef tuple KINDS = ("digit", "finished", "tone", "caller_id", "recorded", "line_dead", "connected", "clock", "mf")


class Happening(NamedTuple):
    """What the pump saw; media.pyi tells the kinds."""

    token: int
    kind: str
    value: str
    number: int
    at_ns: int


cdef str text_of(bytes raw):
    """Return the text of a caller id; GB 18030 is what a name in China is written in."""
    for encoding in ("ascii", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            pass
    return raw.decode("latin-1")


# ---- legs ------------------------------------------------------------------------------------------------------------


cdef class Leg:
    """One party's leg: a permanent tap on what it says, and what the box plays to it."""

    cdef Core _core
    cdef NativeLeg* _leg
    cdef Party* _party
    cdef bint _recorded
    cdef set _partners
    cdef readonly int slot
    cdef readonly int64_t token

    def __init__(self):
        raise MediaError("legs are made by Core.leg")

    cdef int _check(self) except -1:
        if self._leg == NULL:
            raise MediaError(f"leg {self.token} is closed")
        return 0

    cdef int _order(self, int kind, void* what) except -1:
        if order(self._leg, kind, what):
            raise MemoryError
        return 0

    cdef int _attach(self, int slot) except -1:
        cdef Party* party = party_at(slot)
        if party == NULL:
            raise MediaError(f"slot {slot}: no party of this core is there")
        if party.taken and party != self._party:
            raise MediaError(f"slot {slot} has a leg already")
        if self._party != NULL:
            self._party.taken = False
        pjmedia_port_add_ref(&party.base)
        party.taken = True
        self._party = party
        self.slot = slot
        return self._order(ATTACH, party)

    def play(self, sounds not None: Sequence, int64_t play_id, bint loop=False):
        """Play in order, instead of what is played now: prompts, one pass of a cadence each, milliseconds of silence."""
        self._check()
        if not sounds:
            raise MediaError("nothing to play: no sound lasts any time")
        self._order(PLAY, program_of(list(sounds), play_id, loop))

    def stop(self):
        """Play no more."""
        self._check()
        self._order(PLAY, program_of([], 0, False))

    def detect(self, bint digits, tones not None, bint caller_id, str mf=""):
        """Listen for these from now on, and for nothing else."""
        self._check()
        self._order(DETECT, detectors_for(&self._core._pump, self.token, digits, dict(tones), caller_id, mf))

    def level_dbm0(self):
        """Return the level of the last 200 ms heard from the party, at least -96."""
        self._check()
        return tap_level_dbm0(&self._leg.tap)

    def samples(self):
        """Return the last second heard from the party: signed 16 bit, native order."""
        return self.samples_since(0)[1]

    def samples_since(self, uint32_t tick):
        """Return the tick it is (50 a second, from 0), and what was heard since that one, of the last second alone."""
        cdef int16_t heard[HEARD_TICKS * SAMPLES]
        cdef uint32_t now
        self._check()
        now = self._leg.tap.at
        return now, (<char*>heard)[:tap_samples(&self._leg.tap, now, now - tick, heard) * sizeof(int16_t)]

    def record(self, str path not None):
        """Record to a new file: left what the party says, right all that it hears. Raises MediaError, naming the path."""
        cdef Recorder* recorder
        self._check()
        if self._recorded:
            raise MediaError(f"leg {self.token} is being recorded already")
        recorder = recorder_at(&self._core._pump, self.token, path)
        self._recorded = True
        writer_take(self._core._writer, recorder)
        self._order(RECORD, recorder)

    def stop_record(self):
        """End the recording, if there is one; `recorded` follows when the file is closed."""
        self._check()
        if self._recorded:
            self._recorded = False
            self._order(STOP_RECORD, NULL)

    def move(self, int slot):
        """Go on with another port of the same party; the old one must be gone from the bridge, or about to go."""
        cdef Leg partner
        cdef int old = self.slot
        self._check()
        self._attach(slot)
        for partner in self._partners:
            link(slot, partner.slot)
            link(partner.slot, slot)
            for was, now in (((partner.slot, old), (partner.slot, slot)), ((old, partner.slot), (slot, partner.slot))):
                if was in self._core._connecting:
                    self._core._connecting[now] = self._core._connecting.pop(was)

    def close(self):
        """Part it from everything; what is played or recorded ends properly. Closing again does nothing."""
        if self._leg == NULL:
            return
        for partner in tuple(self._partners):
            self._core.disconnect(self, partner)
        self._party.taken = False
        self._order(CLOSE, NULL)
        self._leg = NULL
        self._party = NULL
        self._core._legs.pop(self.token, None)


cdef class Timeslot:
    """A TDM channel on the bridge: 160-byte blocks of A-law read from and written to a descriptor by the pump."""

    cdef Core _core
    cdef TimeslotPort* _port
    cdef readonly int slot
    cdef bint _open

    def __init__(self):
        raise MediaError("timeslots are made by Core.timeslot")

    def gain(self, double heard_db, double said_db):
        """Make what is heard from the far end and what is said to it louder or softer from now on."""
        if self._open and timeslot_gain(self._port, 10.0 ** (heard_db / 20), 10.0 ** (said_db / 20)) < 0:
            raise MemoryError

    def close(self):
        """Take it off the bridge. The caller's descriptor stays open."""
        if self._open:
            self._open = False
            self._core._timeslots.discard(self)
            add_word(&self._core._pump.leaving, 1)
            take_off(self.slot)


# ---- the core --------------------------------------------------------------------------------------------------------


def may_lock_memory() -> bool:
    """Say whether locking all memory cannot make a later allocation fail: with CAP_IPC_LOCK, or without a limit."""
    import resource

    if resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY:
        return True
    with open("/proc/self/status") as status:
        capabilities = next((line.split()[1] for line in status if line.startswith("CapEff:")), "0")
    return bool(int(capabilities, 16) >> 14 & 1)


cdef bint core_exists = False


cdef class Core:
    """The one pump and all that hangs on it."""

    cdef Pump _pump
    cdef Writer* _writer
    cdef Reception _reception
    cdef uint32_t _signalled
    cdef bint _running
    cdef bint _memory_locked
    cdef dict _legs
    cdef set _timeslots
    cdef dict _connecting   # (source slot, sink slot) of the connection applied last -> the two legs
    cdef list _told
    cdef readonly int fd

    def __cinit__(self):
        global core_exists
        self.fd = -1
        if core_exists:
            raise MediaError("there is a Core in this process already")
        self._legs, self._timeslots, self._connecting, self._told = {}, set(), {}, []
        self.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)
        self._writer = <Writer*>calloc(1, sizeof(Writer))
        if self.fd < 0 or self._writer == NULL:
            raise MemoryError
        self._writer.wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)
        self._writer.pump = &self._pump
        if (
            self._writer.wake_fd < 0
            or ring_open(&self._pump.ring, EVENTS, self.fd, &self._signalled)
            or ring_open(&self._writer.ring, EVENTS, self.fd, &self._signalled)
        ):
            raise MemoryError
        core_exists = True

    def __dealloc__(self):
        global core_exists
        if self._running:
            return  # the pump still uses all this: better kept than freed under it
        if self._writer != NULL:
            ring_close(&self._writer.ring)
            if self._writer.wake_fd > 0:
                close_fd(self._writer.wake_fd)
            free(self._writer)
            core_exists = False
        ring_close(&self._pump.ring)
        if self.fd >= 0:
            close_fd(self.fd)

    def start(self, int clock_fd=-1, int64_t clock_token=0):
        """Take clock and reception over from pjsua and start. Raises MediaError when pjsua is not as it must be.

        `clock_fd` is a board's clock, with POLLPRI each 20 ms, which the pump follows as long as it goes.
        """
        cdef pjmedia_port* master
        cdef int failure
        if self._running:
            return
        self._thread_check()
        if pjsua_get_state() != PJSUA_STATE_RUNNING:
            raise MediaError("pjsua has not been started")
        with nogil:
            master = pjsua_set_no_snd_dev()
        found = (PJMEDIA_PIA_SRATE(&master.info), PJMEDIA_PIA_CCNT(&master.info), PJMEDIA_PIA_SPF(&master.info))
        if found != (RATE_HZ, 1, SAMPLES):
            raise MediaError(f"pjsua's bridge runs at {found[0]} Hz, {found[1]} channels, {found[2]} samples a frame; "
                             "clockRate 8000, channelCount 1, audioFramePtime 20 are wanted")
        self._pump.master = master
        self._pump.before_tick = take_orders
        self._pump.after_removal = party_removed
        self._pump.between_ticks = put_in_step
        self._pump.board_fd = -1
        if clock_fd >= 0:
            try:
                self._pump.board_fd = os.dup(clock_fd)
            except OSError as error:
                raise MediaError(f"a board's clock on descriptor {clock_fd}: {error.strerror}") from error
        self._pump.board_token = clock_token
        # What is touched stays in memory, what is not costs none.
        self._memory_locked = may_lock_memory() and mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0
        failure = writer_start(self._writer)
        if failure == 0:
            failure = pump_start(&self._pump)
            if failure:
                writer_stop(self._writer)
        if failure == 0:
            failure = reception_start(&self._reception)
            if failure:
                pump_stop(&self._pump)
                writer_stop(self._writer)
        if failure:
            raise MediaError(f"the media core does not start: {os.strerror(failure)}")
        streams_start(&self._pump)
        self._running = True

    def stop(self):
        """Close all legs and timeslots, end recordings properly, stop the pump. To be called before pjsua's end."""
        if not self._running:
            return
        for leg in tuple(self._legs.values()):
            (<Leg>leg).close()
        for timeslot in tuple(self._timeslots):
            (<Timeslot>timeslot).close()
        streams_stop()
        with nogil:
            reception_stop(&self._reception)
            pump_stop(&self._pump)
            writer_stop(self._writer)
        self._running = False
        sweep(&self._pump)
        parties_discard()

    def poll(self) -> list:
        """Return what happened since the last call, oldest first for each leg."""
        cdef Event event
        cdef uint64_t count
        cdef list happenings
        read(self.fd, &count, sizeof(count))
        store_word(&self._signalled, 0)
        happenings, self._told = self._told, []
        while ring_pop(&self._pump.ring, &event):
            self._add(happenings, &event)
        while ring_pop(&self._writer.ring, &event):
            self._add(happenings, &event)
        sweep(&self._pump)
        return happenings

    cdef int _add(self, list happenings, Event* event) except -1:
        cdef bytes raw = event.value[: event.length]
        cdef str value
        token, number = event.token, event.number
        if event.kind == CONNECTED:
            pair = self._connecting.pop((event.number >> 32, event.number & 0xFFFFFFFF), None)
            if pair is None:  # the first of the two directions, or parted since
                return 0
            token, number = (<Leg>pair[0]).token, (<Leg>pair[1]).token
        elif event.kind == RECORDED and number and token in self._legs:
            (<Leg>self._legs[token]).stop_record()
        value = text_of(raw) if event.kind == CALLER_ID else raw.decode()
        happenings.append(Happening(token, KINDS[event.kind], value, number, event.at_ns))
        return 0

    def counters(self) -> dict:
        """Return what has been counted since the start."""
        cdef Pump* pump = &self._pump
        return {
            "ticks": float(pump.counters.ticks),
            "late_ticks": float(pump.counters.late_ticks),
            "worst_late_ms": pump.counters.worst_late_ns / 1e6,
            "caught_up": float(pump.counters.caught_up_ticks),
            "dropped_ticks": float(pump.counters.dropped_ticks),
            "slips": float(pump.counters.slips),
            "board_clock": float(pump.by_board),
            "lost_blocks": float(pump.counters.lost_blocks),
            "event_overflows": float(pump.ring.overflows + self._writer.ring.overflows),
            "recorder_overruns": float(pump.counters.recorder_overruns),
            "failed_connects": float(pump.counters.failed_connects),
            "silenced_logs": float(pump.counters.silenced_logs),
            "parties": float(parties_count()),
            "pump_cpu_s": pump_cpu_s(pump),
            "realtime": float(pump.realtime),
            "memory_locked": float(self._memory_locked),
        }

    def leg(self, int slot, int64_t token):
        """Return a new leg for the party at `slot` of the bridge; `token`, used by no other leg, comes back in events."""
        cdef Leg leg
        self._check()
        if token in self._legs:
            raise MediaError(f"there is a leg {token} already")
        leg = Leg.__new__(Leg)
        leg._core, leg._partners, leg.token = self, set(), token
        leg._leg = leg_new(&self._pump, token)
        if leg._leg == NULL:
            raise MemoryError
        try:
            leg._attach(slot)
        except MediaError:
            free(leg._leg)
            leg._leg = NULL
            raise
        self._legs[token] = leg
        return leg

    def timeslot(self, int fd, int64_t token=0, str law="alaw"):
        """Return a timeslot that uses a duplicate of `fd`, made non-blocking; `line_dead` will come with `token`."""
        cdef Timeslot timeslot
        cdef TimeslotPort* port
        cdef int slot
        self._check()
        port = timeslot_on(&self._pump, token, fd, law)
        try:
            slot = put_on(&port.party)
        except MediaError as error:
            party_discard(&port.party)
            raise MediaError(f"timeslot on descriptor {fd}: {error}") from None
        timeslot = Timeslot.__new__(Timeslot)
        timeslot._core, timeslot._port, timeslot.slot, timeslot._open = self, port, slot, True
        self._timeslots.add(timeslot)
        return timeslot

    def connect(self, Leg one not None, Leg other not None):
        """Let two parties hear each other; `connected` follows when the bridge does it. Recordings follow by themselves."""
        one._check()
        other._check()
        if one is other:
            raise MediaError(f"leg {one.token} cannot be connected to itself")
        if other in one._partners:
            if (other.slot, one.slot) not in self._connecting and (one.slot, other.slot) not in self._connecting:
                self._tell(one.token, "connected", "", other.token)
            return
        link(one.slot, other.slot)
        try:
            link(other.slot, one.slot)
        except MediaError:
            unlink(one.slot, other.slot)
            raise
        one._partners.add(other)
        other._partners.add(one)
        self._connecting[(other.slot, one.slot)] = (one, other)

    def disconnect(self, Leg one not None, Leg other not None):
        """Part two parties; nothing happens when they are not connected."""
        if other not in one._partners:
            return
        one._partners.discard(other)
        other._partners.discard(one)
        self._connecting.pop((other.slot, one.slot), None)
        self._connecting.pop((one.slot, other.slot), None)
        unlink(one.slot, other.slot)
        unlink(other.slot, one.slot)

    cdef int _thread_check(self) except -1:
        if not pj_thread_is_registered():
            raise MediaError("this thread is not known to pjlib: libRegisterThread is wanted first")
        return 0

    cdef int _check(self) except -1:
        self._thread_check()
        if not self._running:
            raise MediaError("the core does not run")
        return 0

    cdef int _tell(self, int64_t token, str kind, str value, int64_t number) except -1:
        """Add a happening that the pump has no part in."""
        cdef uint64_t one = 1
        self._told.append(Happening(token, kind, value, number, self._pump.now_ns))
        if swap_word(&self._signalled, 1) == 0:
            write(self.fd, &one, sizeof(one))
        return 0

"""The D-channel of an ISDN primary rate span: ITU-T Q.921 and Q.931 (ETSI EN 300 402, 403) and QSIG, by libpri.

It has no descriptor, no clock and no thread: frames come by `receive` and go by the `send` it was given, timers go by
the clock it was given, and what happened is taken by `take`. Calls are numbers, never given twice; what a number stands
for is forgotten the moment libpri forgets it, so that no call of libpri's is ever used after its end.
"""

from libc.stdint cimport uintptr_t
from libc.string cimport memcpy
from native.isdn_party cimport Party_of, dialable, fill_party, one_of, plain, plan_code, plan_names
from native.libpri cimport *

from native.isdn import (
    Alerting, Answered, Cleared, Dialled, Down, Freed, JoinAsked, Joined, Key, MoreWanted, NotJoined, Offered, Party,
    PriError, Proceeding, Progress, Refused, Renewed, RestartDone, Restarted, Up, Wrong,
)
from native.joins import Join, Joins
from native.rose import message

cdef extern from * nogil:
    """
    #include <math.h>
    #include <sys/time.h>

    /* Of the library's inside, which is linked statically; there is no other way to say whether a call is still there, */
    extern int q931_is_call_valid(struct pri *, struct q931_call *);
    /* to ask for ETSI's transfer whatever the bearer of each call is (whether they fit is for the network to say), */
    extern int etsi_initiate_transfer(struct pri *, struct q931_call *, struct q931_call *);
    /* and to forget that request: its answer would be taken for the call that has the other's place by then. */
    extern void pri_call_apdu_queue_cleanup(struct q931_call *);

    /* libpri's only clock (linked with --wrap): the caller's, so that no step of the wall clock stops its timers. */
    static double pri_now_s;
    static void set_now(double now_s) { pri_now_s = now_s; }
    int __wrap_gettimeofday(struct timeval *now, void *zone);
    int __wrap_gettimeofday(struct timeval *now, void *zone)
    {
        (void) zone;
        long long us = llround(pri_now_s * 1e6);    /* not cut: what is due at a moment is due then */
        now->tv_sec = (time_t) (us / 1000000);
        now->tv_usec = (suseconds_t) (us % 1000000);
        return 0;
    }
    """
    int q931_is_call_valid(pri *, q931_call *)
    int etsi_initiate_transfer(pri *, q931_call *, q931_call *)
    void pri_call_apdu_queue_cleanup(q931_call *)
    void set_now(double now_s)

cdef enum:
    FRAME = 1024            # what libpri reads at most
    FEWEST = 5              # address, control, FCS
    PROGRESS_INDICATOR = 0x1E

INBAND = PRI_PROG_INBAND_AVAILABLE | PRI_PROG_CALL_NOT_E2E_ISDN

JOIN_S = 10.0               # for the far end to join two calls; libpri itself waits for 4 s for the first answer of two
CLEARING_S = 60.0           # longer than T305 and both T308 together: by then libpri has given a call up

AT_ONCE = (1, 34, 44, 81, 82, 88)   # causes with which a call is refused by RELEASE COMPLETE (Q.931 §5.3.2)

SIDES = {"network": PRI_NETWORK, "user": PRI_CPE}
VARIANTS = {"euroisdn": PRI_SWITCH_EUROISDN_E1, "qsig": PRI_SWITCH_QSIG}
BEARERS = {PRI_TRANS_CAP_SPEECH: "speech", PRI_TRANS_CAP_3_1K_AUDIO: "audio"}


cdef class DChannel:
    """One D-channel. All calls are made from one thread; `send` and `say` are called from within them, at their end.

    `send(frame)` gives a frame to the wire, with two bytes at the end in place of its check sum; `say(text)` gets what
    libpri complains of, and what `trace` shows; `clock()` returns seconds, never going back. T309: Q.931 §9.
    """

    cdef pri* _pri
    cdef object _send, _say, _clock
    cdef str _variant
    cdef list _frames, _said, _events
    cdef dict _calls            # number: address of libpri's call
    cdef dict _numbers          # and back
    cdef dict _channels         # number: its B-channel, 0 while there is none
    cdef dict _clearing         # number: when we must have heard the end of it
    cdef set _silent            # offered, and nothing said to it yet
    cdef set _on_the_way        # ours; the far end has taken them, and not answered yet
    cdef set _theirs            # begun by the far end
    cdef object _joins
    cdef int _last
    cdef bytes _frame
    cdef bint _overlap
    cdef readonly bint up

    def __init__(self, str side, str variant, send, say, clock, *, bint overlap=False, double t309_s=90.0):
        cdef int node = one_of(SIDES, side, "side"), switch_type = one_of(VARIANTS, variant, "variant")
        self._send, self._say, self._clock, self._variant = send, say, clock, variant
        self._frames, self._said, self._events = [], [], []
        self._calls, self._numbers, self._channels, self._clearing = {}, {}, {}, {}
        self._silent, self._on_the_way, self._theirs = set(), set(), set()
        self._joins = Joins()
        self._overlap = overlap
        self._tell_time()
        self._pri = pri_new_cb(-1, node, switch_type, read_frame, write_frame, <void*>self)
        if self._pri is NULL:
            raise MemoryError
        pri_facility_enable(self._pri)
        pri_transfer_enable(self._pri, 1)
        pri_hangup_fix_enable(self._pri, 1)
        pri_set_overlapdial(self._pri, overlap)
        pri_set_timer(self._pri, PRI_TIMER_T309, <int>(t309_s * 1000))
        pri_set_timer(self._pri, PRI_TIMER_T316, 120_000)
        # The first frame is a SABME, which `run` sends: whoever has us must be ready for it first.

    def __dealloc__(self):
        if self._pri is not NULL:
            pri_set_userdata(self._pri, NULL)   # libpri cannot give a D-channel back: its few kB stay

    # ---- time and frames

    def run(self):
        """Do what is due by the clock; return when it must be called next. To be called first of all."""
        self._enter()
        cdef pri_event* event = pri_schedule_run(self._pri)
        while event is not NULL:
            self._take(event)
            event = pri_schedule_run(self._pri)
        now = self._clock()
        for number in [number for number, limit in self._clearing.items() if limit <= now]:
            self._say(f"call {number} was not cleared within {CLEARING_S:g} s; it is forgotten")
            self._forget(number)
        for join, told in self._joins.late(now):
            self._unask(join)
            self._events.append(told)
        self._leave()
        return self.due_s

    @property
    def due_s(self):
        """When `run` must be called next, by the clock; None: when something else happens."""
        cdef timeval* next_ = pri_schedule_next(self._pri)
        due = None if next_ is NULL else next_.tv_sec + next_.tv_usec / 1e6
        limits = [limit for limit in (due, self._joins.due_s, *self._clearing.values()) if limit is not None]
        return min(limits) if limits else None

    def receive(self, bytes frame):
        """Take a frame from the wire, its check sum at the end; what is no frame is dropped."""
        self._enter()
        if FEWEST <= len(frame) <= FRAME:
            if self._silent and is_disconnect(frame):
                # libpri would tell nothing of its end, and keep it for ever
                for number in tuple(self._silent):
                    pri_proceeding(self._pri, self._begin(number), self._channels[number], 0)
            if self.up and is_sabme(frame):
                self._events.append(Renewed())
            if self._joins and not frame[2] & 1 and (said := message(frame[4:len(frame) - 2])) is not None:
                self._events += self._joins.heard(said)     # libpri itself tells nothing of it
            self._frame = frame
            self._take(pri_check_event(self._pri))
            self._frame = None
        self._leave()

    def take(self):
        """Return what happened since the last time, oldest first."""
        events, self._events = self._events, []
        return events

    def trace(self, bint on):
        """Give every message to `say` in words, for whoever looks for a fault."""
        pri_set_debug(self._pri, PRI_DEBUG_Q931_DUMP | PRI_DEBUG_Q921_STATE if on else 0)

    @property
    def calls(self):
        """The numbers of the calls there are, each with its B-channel (0: none yet)."""
        return dict(self._channels)

    # ---- acts

    def call(self, str called, caller=Party(), *, int channel=0, bint exclusive=False, str kind="unknown",
             str plan="public", bint complete=True, str redirected_by=""):
        """Make a call; return its number. `complete` False: more digits will follow (overlap sending)."""
        cdef bytes raw = dialable(called, "called number"), by = dialable(redirected_by, "redirecting number")
        cdef int code = plan_code(kind, plan)
        cdef pri_party_id who
        fill_party(&who, caller)
        if not self.up:
            raise PriError("the D-channel is down")
        self._enter()
        cdef q931_call* call = pri_new_call(self._pri)
        cdef pri_sr* setup = pri_sr_new()
        cdef int refused = -1
        if call is not NULL and setup is not NULL:
            pri_sr_set_channel(setup, channel, exclusive, 0)
            pri_sr_set_bearer(setup, PRI_TRANS_CAP_3_1K_AUDIO, PRI_LAYER_1_ALAW)
            pri_sr_set_called(setup, raw, code, complete)
            if caller.number or caller.name or caller.presentation != "allowed":
                pri_sr_set_caller_party(setup, &who)
            if by:
                pri_sr_set_redirecting(setup, by, code, 0, 0)
            refused = pri_setup(self._pri, call, setup)
        if setup is not NULL:
            pri_sr_free(setup)
        if refused:
            if call is not NULL:
                pri_destroycall(self._pri, call)
            self._leave()
            raise PriError("libpri has no room for a call")
        number = self._know(call, channel)
        self._leave()
        return number

    def dial(self, int number, str digits):
        """Send more digits of the number called."""
        dialable(digits, "digits")
        cdef q931_call* call = self._begin(number)
        cdef int refused = 0
        for digit in digits.encode("ascii"):
            refused |= pri_information(self._pri, call, digit)
        self._end("digits", refused)

    def want_more(self, int number, int channel, bint dial_tone=False):
        """Say that the number offered is not whole yet (SETUP ACKNOWLEDGE)."""
        cdef q931_call* call = self._begin(number, channel)
        self._end("setup acknowledge", pri_setup_ack(self._pri, call, channel, 0, dial_tone))

    def proceed(self, int number, int channel=0, bint inband=False):
        """Say that the number is whole, and on which channel the call will be."""
        cdef q931_call* call = self._begin(number, channel)
        self._end("proceeding", pri_proceeding(self._pri, call, channel, inband))

    def progress(self, int number, int channel=0, bint inband=True, int cause=0):
        """Say that there is something to hear before the answer, or why there is none (`cause`)."""
        cdef q931_call* call = self._begin(number, channel)
        if cause:
            self._end("progress", pri_progress_with_cause(self._pri, call, channel, inband, cause))
        else:
            self._end("progress", pri_progress(self._pri, call, channel, inband))

    def alert(self, int number, int channel=0, bint inband=False):
        """Say that it rings here; `inband`: with ringback on the channel."""
        cdef q931_call* call = self._begin(number, channel)
        self._end("alerting", pri_acknowledge(self._pri, call, channel, inband))

    def answer(self, int number, int channel=0):
        """Answer."""
        cdef q931_call* call = self._begin(number, channel)
        self._end("connect", pri_answer(self._pri, call, channel, 0))

    def hang_up(self, int number, int cause):
        """End a call, or refuse one; `Freed` follows when its channel is idle. Again: nothing more is done."""
        if not 1 <= cause <= 127:
            raise PriError(f"cause {cause} is none of Q.850's 1 to 127")
        if number in self._clearing:
            return
        silent = number in self._silent
        cdef q931_call* call = self._begin(number)
        if silent and cause not in AT_ONCE:
            # Of a call that nothing was said to, libpri sends no DISCONNECT, and waits for ever (q931_disconnect).
            pri_proceeding(self._pri, call, self._channels[number], 0)
        self._clear(number)
        pri_hangup(self._pri, call, cause)
        self._leave()

    def join(self, int first, int second):
        """Ask the far end, a network, to join two answered calls itself; `Joined` or `NotJoined` follows.

        EuroISDN's explicit call transfer (EN 300 369-1 §9.2).
        """
        if self._variant != "euroisdn":
            raise PriError(f"{self._variant} has no explicit call transfer")
        if not self.up:
            raise PriError("the D-channel is down")
        if first == second or any(number in self._clearing or self._joins.of(number) for number in (first, second)):
            raise PriError(f"calls {first} and {second} cannot be joined now")
        cdef q931_call* one = self._begin(first)
        cdef q931_call* other = self._begin(second)
        references = (self._reference(first, one), self._reference(second, other))
        refused = etsi_initiate_transfer(self._pri, one, other)
        if not refused:
            self._joins.add(Join((first, second), references, self._clock() + JOIN_S))
        self._end("transfer", refused)

    def answer_join(self, asked, bint granted):
        """Answer `JoinAsked`; what is granted is cleared, the call that it was asked on first: its end says so."""
        cdef q931_call* call = self._begin(asked.call)
        cdef int refused = pri_transfer_rsp(self._pri, call, asked.invoke, granted)
        self._end("transfer", refused)
        if granted:
            self.hang_up(asked.call, 16)
            if asked.other in self._calls:
                self.hang_up(asked.other, 16)

    def show_waiting(self, str number, bint waiting):
        """Tell the far end, by QSIG, whether messages wait for one of its extensions (ECMA-242, mwiActivate).

        It goes by a call without a channel, which is its own number here: `Cleared` tells why the far end refused it,
        `Freed` that it is over. libpri says that there are messages, and not how many.
        """
        cdef bytes raw = dialable(number, "number")
        if not raw:
            raise PriError("messages wait for a number")
        if self._variant != "qsig":
            raise PriError("waiting messages are told by QSIG alone")
        if not self.up:
            raise PriError("the D-channel is down")
        self._enter()
        cdef q931_call* call = pri_new_call(self._pri)
        cdef int refused = -1
        if call is not NULL:
            if waiting:
                refused = pri_mwi_activate(self._pri, call, NULL, 0, NULL, 0, raw, PRI_NPI_UNKNOWN)
            else:
                refused = pri_mwi_deactivate(self._pri, call, NULL, 0, NULL, 0, raw, PRI_NPI_UNKNOWN)
        if refused:
            if call is not NULL:
                pri_destroycall(self._pri, call)
            self._leave()
            raise PriError("libpri has no room for a message")
        told = self._know(call, 0)
        self._leave()
        return told

    def restart(self, int channel):
        """Make a channel idle on both sides; `RestartDone` follows. One at a time; calls on it end here."""
        if not 1 <= channel <= 31:
            raise PriError(f"channel {channel} is none of 1 to 31")
        if not self.up:
            raise PriError("the D-channel is down")
        self._enter()
        self._drop(channel)
        pri_reset(self._pri, channel)
        self._leave()

    def close(self):
        """Forget all calls; nothing is sent any more."""
        for number in tuple(self._calls):
            self._forget(number)
        self.up = False
        self._send = self._say = discard
        self._events = []

    # ---- inside

    cdef int _tell_time(self) except -1:
        set_now(self._clock())
        return 0

    cdef int _enter(self) except -1:
        return self._tell_time()

    cdef tuple _reference(self, number, q931_call* call):
        """Return a call as the far end's messages have it (Q.931 §4.3): its value, and whether we began it."""
        cdef int low = 0
        cdef int high = pri_get_crv(self._pri, call, &low)
        return high << 3 | low, number not in self._theirs

    cdef int _clear(self, number) except -1:
        """A call ends: what it should have been joined to is not."""
        self._clearing[number] = self._clock() + CLEARING_S
        self._part(number)
        return 0

    cdef int _part(self, number) except -1:
        join = self._joins.of(number)
        if join is not None:
            self._events += self._joins.gone(join)
            self._unask(join)
        return 0

    cdef int _unask(self, join) except -1:
        """Let libpri forget what it asked for."""
        address = self._calls.get(join.calls[0])
        if address is not None and q931_is_call_valid(self._pri, <q931_call*><uintptr_t>address):
            pri_call_apdu_queue_cleanup(<q931_call*><uintptr_t>address)
        return 0

    cdef q931_call* _begin(self, number, int channel=0) except NULL:
        if number not in self._calls:
            raise PriError(f"there is no call {number} any more")
        self._enter()
        self._silent.discard(number)
        if channel:
            self._channels[number] = channel
        return <q931_call*><uintptr_t>self._calls[number]

    cdef int _end(self, str what, int refused) except -1:
        self._leave()
        if refused:
            raise PriError(f"libpri refused: {what}")
        return 0

    cdef int _leave(self) except -1:
        """See which calls libpri has forgotten, then give out what it wants to send and to say."""
        for number, address in tuple(self._calls.items()):
            if not q931_is_call_valid(self._pri, <q931_call*><uintptr_t>address):
                self._gone(number)
        frames, self._frames = self._frames, []
        said, self._said = self._said, []
        for frame in frames:
            self._send(frame)
        for text in said:
            self._say(text)
        return 0

    cdef int _know(self, q931_call* call, int channel):
        self._last += 1
        self._calls[self._last] = <uintptr_t>call
        self._numbers[<uintptr_t>call] = self._last
        self._channels[self._last] = channel
        return self._last

    cdef int _forget(self, number) except -1:
        pri_destroycall(self._pri, <q931_call*><uintptr_t>self._calls[number])
        self._gone(number)
        return 0

    cdef int _gone(self, number) except -1:
        if number not in self._clearing:
            self._events.append(Cleared(number, 41))    # temporary failure: nobody told us why
        self._part(number)
        self._numbers.pop(self._calls.pop(number), None)
        self._theirs.discard(number)
        self._channels.pop(number)
        self._clearing.pop(number, None)
        self._silent.discard(number)
        self._on_the_way.discard(number)
        self._events.append(Freed(number))
        return 0

    cdef int _drop(self, int channel) except -1:
        """End the calls on a channel that is made idle; 0: on all."""
        for number in [number for number, used in self._channels.items() if used == channel or not channel]:
            self._forget(number)
        return 0

    cdef object _number(self, q931_call* call, int channel):
        """Return the number of a call an event is about, its channel noted; None: one that we do not know."""
        number = self._numbers.get(<uintptr_t>call)
        if number is not None and plain_channel(channel):
            self._channels[number] = plain_channel(channel)
        return number

    cdef int _take(self, pri_event* event) except -1:
        if event is NULL:
            return 0
        cdef int kind = event.e
        if kind == PRI_EVENT_DCHAN_UP:
            if not self.up:
                self.up = True
                self._events.append(Up())
        elif kind == PRI_EVENT_DCHAN_DOWN:
            if self.up:
                self.up = False
                self._events.append(Down())
        elif kind == PRI_EVENT_RING:
            self._offered(&event.ring)
        elif kind in (PRI_EVENT_HANGUP, PRI_EVENT_HANGUP_REQ):
            self._hung_up(&event.hangup, requested=kind == PRI_EVENT_HANGUP_REQ)
        elif kind == PRI_EVENT_HANGUP_ACK:
            pass    # libpri has forgotten the call, as is seen at the end
        elif kind == PRI_EVENT_RESTART:
            self._drop(plain_channel(event.restart.channel))
            self._events.append(Restarted(plain_channel(event.restart.channel)))
        elif kind == PRI_EVENT_RESTART_ACK:
            self._events.append(RestartDone(plain_channel(event.restart.channel)))
        elif kind == PRI_EVENT_CONFIG_ERR:
            self._events.append(Wrong(event.err.err.decode("utf-8", "replace")))
        else:
            self._progressed(event)
        return 0

    cdef int _progressed(self, pri_event* event) except -1:
        """Take what happens in the middle of a call."""
        cdef int kind = event.e
        cdef int channel = 0
        if kind in (PRI_EVENT_RINGING, PRI_EVENT_ANSWER):
            number = self._number(event.ringing.call, event.ringing.channel)
            channel = plain_channel(event.ringing.channel)
            inband = bool(event.ringing.progressmask & INBAND)
            told = Answered(number, channel) if kind == PRI_EVENT_ANSWER else Alerting(number, channel, inband)
        elif kind in (PRI_EVENT_PROCEEDING, PRI_EVENT_PROGRESS):
            number = self._number(event.proceeding.call, event.proceeding.channel)
            channel = plain_channel(event.proceeding.channel)
            inband = bool(event.proceeding.progressmask & INBAND)
            if kind == PRI_EVENT_PROCEEDING:
                told = Proceeding(number, channel, inband)
            else:
                told = Progress(number, channel, inband, max(event.proceeding.cause, 0))
        elif kind == PRI_EVENT_SETUP_ACK:
            number = self._number(event.setup_ack.call, event.setup_ack.channel)
            inband = bool(event.setup_ack.progressmask & INBAND)
            told = MoreWanted(number, plain_channel(event.setup_ack.channel), inband)
        elif kind == PRI_EVENT_INFO_RECEIVED:
            number = self._numbers.get(<uintptr_t>event.ring.call)
            told = Dialled(number, plain(event.ring.callednum), bool(event.ring.complete))
        elif kind == PRI_EVENT_KEYPAD_DIGIT:
            number = self._numbers.get(<uintptr_t>event.digit.call)
            told = Key(number, plain(event.digit.digits))
        elif kind == PRI_EVENT_FACILITY:
            return self._served(event.facility.subcmds)
        else:
            return 0    # hold: not used
        if number is not None and number not in self._clearing:
            self._events.append(told)
            if isinstance(told, Answered):
                self._on_the_way.discard(number)
            elif isinstance(told, Proceeding | Progress | Alerting | MoreWanted):
                self._on_the_way.add(number)
        return 0

    cdef int _served(self, pri_subcommands* subcommands) except -1:
        """Take what a facility asks for."""
        cdef int place
        cdef pri_subcmd_transfer* transfer
        for place in range(subcommands.counter_subcmd if subcommands is not NULL else 0):
            if subcommands.subcmd[place].cmd == PRI_SUBCMD_TRANSFER_CALL:
                transfer = &subcommands.subcmd[place].u.transfer
                call = self._numbers.get(<uintptr_t>transfer.call_1)
                other = self._numbers.get(<uintptr_t>transfer.call_2)
                if call is None or other is None:
                    pri_transfer_rsp(self._pri, transfer.call_1, transfer.invoke_id, 0)
                    continue
                self._events.append(JoinAsked(call, other, transfer.invoke_id))
        return 0

    cdef int _offered(self, pri_event_ring* ring) except -1:
        cdef int channel = plain_channel(ring.channel)
        number = self._know(ring.call, channel)
        self._silent.add(number)
        self._theirs.add(number)
        self._events.append(Offered(
            number, channel, not ring.flexible, plain(ring.callednum), plan_names(ring.calledplan)[0],
            bool(ring.complete) or not self._overlap, Party_of(&ring.calling), plain(ring.redirectingnum),
            BEARERS.get(ring.ctype, "other"), bool(ring.progressmask & INBAND)))
        return 0

    cdef int _hung_up(self, pri_event_hangup* hangup, bint requested) except -1:
        """The far end ends a call: go along with it, whichever message it was."""
        number = self._numbers.get(<uintptr_t>hangup.call)
        cdef q931_call* call = hangup.call
        if number is None:
            pri_hangup(self._pri, call, -1)
            return 0
        cdef int cause = hangup.cause if 1 <= hangup.cause <= 127 else 31
        if requested and number in self._on_the_way and speaks(self._frame):
            self._on_the_way.discard(number)
            self._events.append(Refused(number, cause))
            return 0
        if number not in self._clearing:
            self._clear(number)
            self._events.append(Cleared(number, cause))
        self._silent.discard(number)
        pri_hangup(self._pri, call, cause)
        return 0


def discard(what):
    """Give nothing to anybody: the D-channel is closed."""


cdef bint is_disconnect(bytes frame):
    """Say whether a frame bears DISCONNECT: address, control, discriminator, call reference, type (Q.931 §4)."""
    cdef Py_ssize_t place = 6 + (frame[5] & 0xF) if len(frame) > 5 else 0
    return not frame[2] & 1 and 5 < place < len(frame) and frame[place] == 0x45


cdef bint speaks(bytes frame):
    """Say whether a DISCONNECT says that there is something to hear: libpri tells that of no other way (Q.931 §4.5.23)."""
    if frame is None or not is_disconnect(frame):
        return False
    cdef Py_ssize_t place = 7 + (frame[5] & 0xF), end = len(frame) - 2, length
    while place + 1 < end:
        length = frame[place + 1]
        if frame[place] & 0x80:     # one octet; after a locking shift (§4.5.3) they are another codeset's
            if frame[place] & 0xF8 == 0x90:
                return False
            place += 1
        elif frame[place] == PROGRESS_INDICATOR and length > 1 and place + 3 < end and frame[place + 3] & 0x7F in (1, 8):
            return True     # there may be others before it
        else:
            place += 2 + length
    return False


cdef bint is_sabme(bytes frame):
    """Say whether a frame sets the data link up: of the signalling's own, whichever its P bit (Q.921 §3.6.2)."""
    return frame[0] & ~2 == 0 and frame[1] == 1 and frame[2] & ~0x10 == 0x6F


cdef int plain_channel(int channel):
    """Return the timeslot of libpri's channel; 0 for none, or any."""
    return channel & 0xFF if channel > 0 and channel & 0xFF <= 31 else 0


cdef int read_frame(pri* span, void* buffer, int size) noexcept with gil:
    cdef void* data = pri_get_userdata(span)
    if data is NULL:
        return 0
    cdef DChannel channel = <DChannel>data
    if channel._frame is None:
        return 0
    cdef int length = min(<int>len(channel._frame), size)
    memcpy(buffer, <const char*>channel._frame, length)
    return length


cdef int write_frame(pri* span, void* buffer, int size) noexcept with gil:
    cdef void* data = pri_get_userdata(span)
    if data is not NULL:
        (<DChannel>data)._frames.append((<char*>buffer)[:size])
    return size


cdef void said(pri* span, char* text) noexcept with gil:
    cdef void* data = NULL if span is NULL else pri_get_userdata(span)
    if data is not NULL:
        line = text.decode("utf-8", "replace").rstrip()
        if line:
            (<DChannel>data)._said.append(line)


pri_set_message(said)
pri_set_error(said)

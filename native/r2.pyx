"""One timeslot spoken to by MFC/R2: line signals of ITU-T Q.421 and register signals of Q.441, by openr2.

It has no descriptor, no clock, no thread and no sound: bits come by `receive`, the tones that somebody heard by `hear`;
bits, tones to be sent and which tones to listen for go by what it was given; timers go by its clock, and what happened
is taken by `take`. A line has one call at most, from `Seized` or `call` until `Freed`, which always comes: where openr2
would wait for ever for the far end, we do not.
"""

import os
from typing import NamedTuple

from libc.string cimport memset


class R2Error(Exception):
    """It cannot be done; the text says why: the line is not free, or there is no such call any more."""


class Seized(NamedTuple):
    """The far end begins a call."""


class Offered(NamedTuple):
    """It has said whom it calls. `caller` is empty where it said none, or (`restricted`) would not."""

    did: str
    caller: str
    restricted: bool
    category: str


class Accepted(NamedTuple):
    """The called side has said that its subscriber is free; from now on there is sound, and no more tones are ours."""


class Answered(NamedTuple):
    """The far end answered."""


class Collided(NamedTuple):
    """Both sides seized at once, and both let go; `Freed` follows. The call is to be tried again, on another line."""


class Cleared(NamedTuple):
    """The far end, or a fault, ended the call (Q.850); `Freed` follows, and nothing is to be done."""

    cause: int


class Freed(NamedTuple):
    """The last of every call, whoever ended it. The line can be used again once `free` says so."""


class Changed(NamedTuple):
    """The far end blocked the line while it had no call, or made it idle: `free` is another now."""


Event = Seized | Offered | Accepted | Answered | Collided | Cleared | Freed | Changed

VARIANTS = {"itu": b"ITU", "china": b"CN", "argentina": b"AR", "brazil": b"BR", "colombia": b"CO", "czechia": b"CZ",
            "ecuador": b"EC", "indonesia": b"ID", "mexico": b"MX", "philippines": b"PH", "venezuela": b"VE"}

# Where openr2 is not as the country is. China asks for each digit by A1, of the called and of the calling number: after
# KA (by A6) of the caller's, until signal 15. openr2 knows that only as group C. Its exchanges send six backward
# signals; B3 is busy too, of a trunk call (taken for a call that is rejected, below), and there is no B8.
CORRECTIONS = {
    "china": {
        "mf_ga_tones.request_category": "X", "mf_ga_tones.request_category_and_change_to_gc": "6",
        "mf_ga_tones.request_next_ani_digit": "X", "mf_gc_tones.request_next_ani_digit": "1",
        "mf_gc_tones.request_next_dnis_digit_and_change_to_ga": "1", "mf_gc_tones.request_change_to_g2": "3",
        "mf_gb_tones.reject_collect_call": "3", "mf_gb_tones.line_out_of_order": "4",
    },
    "colombia": {"mf_gb_tones.special_info_tone": "X"},     # else busy, the same signal, is taken for it: an acceptance
}

CATEGORIES = {
    "national": OR2_CALLING_PARTY_CATEGORY_NATIONAL_SUBSCRIBER,
    "national-priority": OR2_CALLING_PARTY_CATEGORY_NATIONAL_PRIORITY_SUBSCRIBER,
    "international": OR2_CALLING_PARTY_CATEGORY_INTERNATIONAL_SUBSCRIBER,
    "international-priority": OR2_CALLING_PARTY_CATEGORY_INTERNATIONAL_PRIORITY_SUBSCRIBER,
    "test": OR2_CALLING_PARTY_CATEGORY_TEST_EQUIPMENT,
}
CATEGORY_OF = {code: name for name, code in CATEGORIES.items()} | {
    OR2_CALLING_PARTY_CATEGORY_COLLECT_CALL: "collect", OR2_CALLING_PARTY_CATEGORY_UNKNOWN: "unknown"}

CAUSE_OF = {     # Q.850
    OR2_CAUSE_BUSY_NUMBER: 17, OR2_CAUSE_NETWORK_CONGESTION: 42, OR2_CAUSE_UNALLOCATED_NUMBER: 1,
    OR2_CAUSE_OUT_OF_ORDER: 27, OR2_CAUSE_UNSPECIFIED: 31, OR2_CAUSE_NO_ANSWER: 19, OR2_CAUSE_NORMAL_CLEARING: 16,
    OR2_CAUSE_COLLECT_CALL_REJECTED: 21, OR2_CAUSE_FORCED_RELEASE: 16, OR2_CAUSE_NUMBER_CHANGED: 22}
CAUSE_IN_CHINA = {OR2_CAUSE_COLLECT_CALL_REJECTED: 17}
SIGNAL_FOR = {   # of a call that is refused; any other is told as a line out of order
    17: OR2_CAUSE_BUSY_NUMBER, 1: OR2_CAUSE_UNALLOCATED_NUMBER, 28: OR2_CAUSE_UNALLOCATED_NUMBER,
    22: OR2_CAUSE_NUMBER_CHANGED, 34: OR2_CAUSE_NETWORK_CONGESTION, 42: OR2_CAUSE_NETWORK_CONGESTION,
    41: OR2_CAUSE_NETWORK_CONGESTION, 44: OR2_CAUSE_NETWORK_CONGESTION}

PROTOCOL_ERROR = 111
CONGESTION = 42
TIMED_OUT = 102
NO_REPLY = 27           # to a seizure: the far end is out of order

AB = 0xC                # ITU-T Q.421 table 1; China, Mexico and all others too
IDLE, BLOCKED, SEIZED = 0x8, 0xC, 0x0
TONES = "1234567890BCDEF"
TONES_SENT = TONES.encode("ascii")

GLITCH_S = 0.02         # a line signal is there after 20 ms (Q.422)
TONE_S = 15.0           # a register signal is answered by then (Q.476)
SILENCE_S = 24.0
MOST_DIGITS = 40        # of a number
MOST_TONES = 120        # of one call, two numbers of so many; openr2 would send on from behind its number's end
GONE_S = 0.3            # until a line is free whose far end was idle when we let go; it may not have seen us yet
CALLED_RELEASE_S = 120.0    # for who called and does not hang up: an exchange does so for it after 90 s at most
REFUSED_S = 30.0        # for who was told that the call cannot be


cdef class Line:
    """One timeslot. All lines are of one thread; what it was given is called from within its acts, at their end.

    `send_bits(abcd)`, `send_tone(tone)` ("" is silence) and `listen(what)` ("forward" tones, "backward", "" none) are
    told changes only; `say(text)` gets what openr2 complains of; `clock()` returns seconds, never going back.
    `called_digits` and `calling_digits`: how many of the numbers of a call that comes in are asked for at most, 0 of
    the latter for none; China's is always asked for to its end. Until the first `receive` it is not free.
    """

    cdef openr2_context_t* _context
    cdef openr2_chan_t* _line
    cdef r2_device _device
    cdef object _send_bits, _send_tone, _listen, _say, _clock
    cdef list _events, _said
    cdef dict _causes
    cdef int _category, _tones
    cdef int _bits_sent, _bits_heard    # -1: none yet
    cdef double _now_s, _bits_at_s, _limit_s, _release_s
    cdef str _phase         # idle, calling, coming, offered, refused, accepted, answered, releasing
    cdef str _tone, _tone_sent, _listening, _listened
    cdef bint _to_answer, _to_accept, _to_clear, _shut
    cdef bint _forward

    def __init__(self, str variant, send_bits, send_tone, listen, say, clock, *, int called_digits=4,
                 int calling_digits=20, bint calling_first=True, bint ask_category=True, str category="national",
                 double seize_s=8.0, double cycle_s=5.0, double answer_s=90.0, double release_s=10.0,
                 int metering_ms=-1, bint double_answer=False):
        if variant not in VARIANTS:
            raise R2Error(f"variant {variant!r} is none of {', '.join(VARIANTS)}")
        if category not in CATEGORIES:
            raise R2Error(f"category {category!r} is none of {', '.join(CATEGORIES)}")
        if not (1 <= called_digits <= MOST_DIGITS and 0 <= calling_digits <= MOST_DIGITS):
            raise R2Error(f"{called_digits} digits called and {calling_digits} calling: 1 to 40 and 0 to 40 can be")
        self._send_bits, self._send_tone, self._listen, self._say, self._clock = send_bits, send_tone, listen, say, clock
        self._events, self._said = [], []
        self._causes = CAUSE_OF | (CAUSE_IN_CHINA if variant == "china" else {})
        self._category, self._release_s = CATEGORIES[category], release_s
        self._bits_sent = self._bits_heard = -1
        self._phase, self._tone, self._tone_sent, self._listening, self._listened = "idle", "", "", "", ""
        memset(&self._device, 0, sizeof(self._device))
        self._now_s = clock()
        r2_in(&self._device, self._now_s)
        if variant == "china" and calling_digits:
            calling_digits = MOST_DIGITS + 1    # its end too: asked for less, the office takes what follows for a digit
        self._context = openr2_context_new(&tones, &events, NULL, openr2_proto_get_variant(VARIANTS[variant]),
                                           calling_digits, called_digits)
        if self._context is NULL:
            raise MemoryError
        openr2_context_set_log_level(self._context, OR2_LOG_NOTHING)
        # Where it asks for no caller, openr2 would end with the first digit.
        openr2_context_set_ani_first(self._context, calling_first and ask_category and calling_digits)
        openr2_context_set_skip_category_request(self._context, not ask_category)
        openr2_context_set_double_answer(self._context, double_answer)
        wanted = dict(CORRECTIONS.get(variant, {}))     # tones before timers: openr2 reads them into one variable
        times = {"mf_back_cycle": cycle_s, "r2_seize": seize_s, "r2_answer": answer_s}
        wanted |= {f"timers.{name}": int(value * 1000) for name, value in times.items()}
        if metering_ms >= 0:
            wanted["timers.r2_metering_pulse"] = metering_ms
        self._configure("".join(f"{name}={value}\n" for name, value in wanted.items()))
        self._line = openr2_chan_new_from_fd(self._context, -1, <void*>self, <void*>self)
        if self._line is NULL:
            raise MemoryError
        openr2_chan_set_client_data(self._line, <void*>self)
        r2_log_by(self._line)
        openr2_chan_set_log_level(self._line, <openr2_log_level_t>(OR2_LOG_ERROR | OR2_LOG_WARNING))
        openr2_chan_set_idle(self._line)

    def __dealloc__(self):
        if self._context is not NULL:   # perhaps in the midst of another line's act: its device is not to be touched
            openr2_context_delete(self._context)

    cdef int _configure(self, str text) except -1:
        """Tell openr2 what only a file of it can."""
        fd = os.memfd_create("openr2")
        try:
            os.write(fd, text.encode("ascii"))
            if openr2_context_configure_from_advanced_file(self._context, f"/proc/self/fd/{fd}".encode()):
                raise R2Error("openr2 cannot be configured: /proc is not there")
        finally:
            os.close(fd)
        return 0

    # ---- time, bits and tones

    def run(self):
        """Do what is due by the clock; return when it must be called next. To be called first of all."""
        self._enter()
        self._leave()
        return self.due_s

    @property
    def due_s(self):
        """When `run` must be called next, by the clock; None: when something else happens."""
        r2_in(&self._device, self._now_s)
        cdef int left_ms = openr2_chan_get_time_to_next_event(self._line)
        due = [at_s for at_s in (self._bits_at_s, self._limit_s) if at_s]
        if left_ms >= 0:
            due.append(self._now_s + left_ms / 1000.0)
        return min(due) if due else None

    def receive(self, int bits):
        """Take the ABCD bits received now; what is not there for 20 ms is not there. The first ones count at once."""
        self._enter()
        if self._bits_heard < 0:
            self._heed(bits & 0xF)
        else:
            self._device.received = bits & 0xF
            if (bits ^ self._bits_heard) & AB:
                self._bits_at_s = self._now_s + GLITCH_S
            else:
                self._bits_at_s = 0
        self._leave()

    def hear(self, str tone):
        """Take a tone that begins to be heard, or "" for silence; of no effect where it was not to be listened for."""
        if tone not in TONES or len(tone) > 1:
            raise R2Error(f"tone {tone!r} is none of {TONES}, or empty")
        self._enter()
        if self._listening:
            self._tones += 1
            if self._tones > 2 * MOST_TONES:
                self._fail(PROTOCOL_ERROR, f"{MOST_TONES} register signals and no end")
            else:
                self._device.heard = ord(tone) if tone else 0
                self._device.waiting = 1
                openr2_chan_process_event(self._line)
                self._register_limit()
        self._leave()

    def take(self):
        """Return what happened since the last time, oldest first."""
        happened, self._events = self._events, []
        return happened

    def trace(self, bint on):
        """Give every signal to `say`, for whoever looks for a fault."""
        cdef int wanted = OR2_LOG_ERROR | OR2_LOG_WARNING
        if on:
            wanted |= OR2_LOG_NOTICE | OR2_LOG_MF_TRACE | OR2_LOG_CAS_TRACE
        openr2_chan_set_log_level(self._line, <openr2_log_level_t>wanted)

    @property
    def state(self):
        """Where the line is: blocked (by the far end), unknown, or its call's: calling, coming .. releasing; or idle."""
        if self._phase != "idle" or self._shut:
            return "shut" if self._shut else self._phase
        if self._bits_heard < 0 or self._bits_at_s:
            return "unknown"
        return {IDLE: "idle", BLOCKED: "blocked"}.get(self._bits_heard & AB, "unknown")

    @property
    def free(self):
        """Whether a call can be made now."""
        return self.state == "idle"

    # ---- acts

    def call(self, str called, calling, str category=""):
        """Make a call; `calling` is the caller's number, or None where it must not be told."""
        for what, digits in (("called", called), ("calling", calling or "0")):
            if not (digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS):
                raise R2Error(f"{what} number {digits!r} is no number of at most 40 digits")
        if category and category not in CATEGORIES:
            raise R2Error(f"category {category!r} is none of {', '.join(CATEGORIES)}")
        if not self.free:
            raise R2Error(f"the line is {self.state}")
        self._enter()
        cdef bytes dnis = called.encode("ascii"), ani = (calling or "").encode("ascii")
        cdef int kind = CATEGORIES[category] if category else self._category
        cdef const char* caller = NULL
        if calling is not None:
            caller = ani
        refused = openr2_chan_make_call(self._line, caller, dnis, <openr2_calling_party_category_t>kind)
        if not refused:
            self._begin("calling", forward=True)
        self._leave()
        if refused:
            raise R2Error("openr2 would not")

    def accept(self):
        """Say that the subscriber is free; the caller is to hear our ringback once that is `Accepted`."""
        self._of_call("offered", "accepted", "answered")
        if self._phase == "offered" and not self._to_accept:
            self._enter()
            self._accept()
            self._leave()

    def answer(self):
        """Answer; where the call is not accepted yet, as soon as it is."""
        self._of_call("offered", "accepted", "answered")
        self._enter()
        if self._phase == "offered":
            self._to_answer = True
            self._accept()
        elif self._phase == "accepted":
            self._answer()
        self._leave()

    def hang_up(self, int cause):
        """End the call, or refuse it; `Freed` follows. Where there is none, or it ends already, nothing is done."""
        if self._phase in ("idle", "releasing", "refused"):
            return
        self._enter()
        if self._phase not in ("idle", "releasing", "refused"):
            self._hang_up(cause)
        self._leave()

    def shut(self, bint shut):
        """Block the line towards the far end, ending its call at once; or make it idle again."""
        if shut == self._shut:
            return
        self._enter()
        self._shut = shut
        if self._phase != "idle":
            self._cleared(NO_REPLY)
        if shut:
            self._now_idle()
            openr2_chan_set_blocked(self._line)
        else:
            self._now_idle()
            self._bits_heard = -1   # as they are, not as they were
            self._heed(self._device.received)
        self._leave()

    # ---- inside

    cdef int _enter(self) except -1:
        """Let openr2's timers and ours come in their order, one after the other, until now."""
        cdef double now_s = self._clock(), at_s
        cdef int left_ms
        while True:
            r2_in(&self._device, self._now_s)
            left_ms = openr2_chan_get_time_to_next_event(self._line)
            at_s = self._now_s + left_ms / 1000.0 if left_ms >= 0 else now_s + 1
            own_s = min([when for when in (self._bits_at_s, self._limit_s) if when] or [now_s + 1])
            if min(at_s, own_s) > now_s:
                break
            self._now_s = max(self._now_s, min(at_s, own_s))
            r2_in(&self._device, self._now_s)
            if own_s < at_s:
                self._own_timers()
            else:
                openr2_chan_process_event(self._line)
            self._clear_too()
        self._now_s = max(self._now_s, now_s)
        r2_in(&self._device, self._now_s)
        return 0

    cdef int _own_timers(self) except -1:
        if self._bits_at_s and self._bits_at_s <= self._now_s:
            self._bits_at_s = 0
            self._heed(self._device.received)
        elif self._limit_s and self._limit_s <= self._now_s:
            self._limit_s = 0
            if self._phase in ("releasing", "refused"):
                if self._device.received & AB != IDLE:
                    self._say_later("the far end does not let go of the line; our side is idle")
                self._now_idle()
                self._freed()
            else:
                self._fail(TIMED_OUT, f"no register signal in time, {self._phase}")
        return 0

    cdef int _heed(self, int bits) except -1:
        """Let openr2 have the bits, and see what they are to a line without a call."""
        was, called = self.state, self._phase != "idle"
        both = self._phase == "calling" and bits & AB == SEIZED and self._bits_heard & AB == IDLE
        self._device.received = self._bits_heard = bits
        if self._shut:
            return 0
        if both:
            self._events.append(Collided())
            self._phase = "releasing"   # openr2 takes it for a forced release, and what it tells is known already
        openr2_chan_handle_cas(self._line)
        if not called and self._phase == "idle" and was != self.state:
            self._events.append(Changed())
        return 0

    cdef int _clear_too(self) except -1:
        """Answer a far end that ended the call: not from within openr2, which is not done with it then."""
        if not self._to_clear:
            return 0
        self._to_clear = False
        self._release()
        return 0

    cdef int _release(self) except -1:
        """Let go, and wait for the far end to do it; it may have done so before, and then nothing more comes."""
        self._phase = "releasing"
        self._limit_s = self._now_s + (self._release_s if self._forward else CALLED_RELEASE_S)
        if self._forward and self._device.received & AB == IDLE:
            self._limit_s = self._now_s + GONE_S
        openr2_chan_disconnect_call(self._line, OR2_CAUSE_NORMAL_CLEARING)
        return 0

    cdef int _leave(self) except -1:
        """Give out what changed."""
        self._clear_too()
        tone = self._tone
        if self._phase in ("idle", "releasing", "accepted", "answered"):
            tone = self._tone = self._listening = ""
        if tone != self._tone_sent and not tone:
            self._tone_sent = tone
            self._send_tone(tone)
        if self._device.sent != self._bits_sent:
            self._bits_sent = self._device.sent
            self._send_bits(self._bits_sent)
        if self._listening != self._listened:
            self._listened = self._listening
            self._listen(self._listening)
        if tone != self._tone_sent:
            self._tone_sent = tone
            self._send_tone(tone)
        said, self._said = self._said, []
        for text in said:
            self._say(text)
        return 0

    cdef int _begin(self, str phase, bint forward) except -1:
        self._phase, self._forward, self._tones = phase, forward, 0
        self._to_answer = self._to_accept = self._to_clear = False
        self._limit_s = 0 if forward else self._now_s + TONE_S   # who calls waits by openr2's timer first
        return 0

    cdef int _register_limit(self) except -1:
        """Give the far end time for the next register signal."""
        if self._phase in ("calling", "coming"):
            self._limit_s = self._now_s + (TONE_S if self._tone else SILENCE_S)
        return 0

    cdef int _of_call(self, str one, str two, str three) except -1:
        if self._phase not in (one, two, three):
            raise R2Error(f"there is no such call any more; the line is {self.state}")
        return 0

    cdef int _accept(self) except -1:
        if not self._to_accept:
            self._to_accept = True
            openr2_chan_accept_call(self._line, OR2_CALL_WITH_CHARGE)
        return 0

    cdef int _answer(self) except -1:
        self._to_answer = False
        if openr2_chan_answer_call(self._line) == 0:
            self._phase = "answered"
        return 0

    cdef int _hang_up(self, int cause) except -1:
        cdef int signal = SIGNAL_FOR.get(cause, OR2_CAUSE_OUT_OF_ORDER)
        if self._phase == "offered" and not self._to_accept:
            self._phase = "refused"
            self._limit_s = self._now_s + REFUSED_S
            openr2_chan_disconnect_call(self._line, <openr2_call_disconnect_cause_t>signal)
            return 0
        if self._phase == "coming" or self._phase == "offered":
            self._now_idle()    # in the midst of tones: the far end takes that for a fault, and clears
            return self._freed()
        return self._release()

    cdef int _fail(self, int cause, str why) except -1:
        self._say_later(why)
        self._now_idle()
        if self._phase not in ("releasing", "refused"):
            self._events.append(Cleared(cause))
        return self._freed()

    cdef int _now_idle(self) except -1:
        """Send idle, openr2 forgetting its call."""
        self._to_clear = False
        openr2_chan_set_idle(self._line)
        return 0

    cdef int _cleared(self, int cause) except -1:
        if self._phase not in ("releasing", "refused"):
            self._events.append(Cleared(cause))
        return self._freed()

    cdef int _freed(self) except -1:
        self._phase, self._tone, self._listening = "idle", "", ""
        self._limit_s = 0
        self._to_answer = self._to_accept = self._to_clear = False
        self._events.append(Freed())
        return 0

    cdef int _say_later(self, str text) except -1:
        if len(self._said) < 100:
            self._said.append(text)
        return 0

    # ---- what openr2 tells

    cdef int _on_offered(self, const char* ani, const char* dnis, int category) except -1:
        if self._phase != "coming":     # the caller's last signal had a hole in it, and was heard again
            return 0
        self._phase = "offered"
        self._limit_s = 0
        caller = openr2_chan_get_ani(self._line).decode("latin-1")  # some say by one signal that it ends, or is withheld
        self._events.append(Offered(dnis.decode("latin-1"), caller, ani is NULL and not caller,
                                    CATEGORY_OF.get(category, "unknown")))
        return 0

    cdef int _on_accepted(self) except -1:
        if self._phase in ("calling", "offered"):
            self._phase = "accepted"
            self._limit_s = 0
            self._events.append(Accepted())
            if self._to_answer:
                self._answer()
        return 0

    cdef int _on_answered(self) except -1:
        if self._phase == "accepted":
            self._phase = "answered"
            self._events.append(Answered())
        return 0

    cdef int _on_disconnect(self, int cause) except -1:
        self._to_clear = True
        if self._phase not in ("releasing", "refused"):
            self._events.append(Cleared(self._causes.get(cause, 31)))
        self._phase = "releasing"
        return 0

    cdef int _on_end(self) except -1:
        if self._phase != "idle":
            self._cleared(16)
        return 0

    cdef int _on_error(self, int error) except -1:
        if self._phase == "idle":
            return 0
        cause = NO_REPLY if error == OR2_SEIZE_TIMEOUT else PROTOCOL_ERROR
        if self._phase == "calling" and self._device.heard == c"4":     # in whatever group: congestion
            cause = CONGESTION
        return self._cleared(cause)


cdef openr2_mflib_interface_t tones
cdef openr2_event_interface_t events


cdef void* read_init(void* handle, int forward) noexcept with gil:
    (<Line>handle)._listening = "forward" if forward else "backward"
    return handle


cdef void* write_init(void* handle, int forward) noexcept with gil:
    return handle


cdef int detect_tone(void* handle, const short* samples, int count) noexcept with gil:
    return (<Line>handle)._device.heard


cdef int generate_tone(void* handle, short* samples, int count) noexcept with gil:
    return 0


cdef int select_tone(void* handle, char tone) noexcept with gil:
    cdef bytes sent = bytes((tone & 0xFF,))
    (<Line>handle)._tone = sent.decode("latin-1") if sent in TONES_SENT else ""
    return 0


cdef int want_generate(void* handle, int tone) noexcept with gil:
    return 0    # the media core's work


cdef Line line_of(openr2_chan_t* line):
    return <Line>openr2_chan_get_client_data(line)


cdef void on_call_init(openr2_chan_t* line) noexcept with gil:
    line_of(line)._begin("coming", forward=False)
    line_of(line)._events.append(Seized())


cdef void on_call_offered(openr2_chan_t* line, const char* ani, const char* dnis,
                          openr2_calling_party_category_t category) noexcept with gil:
    line_of(line)._on_offered(ani, dnis, <int>category)


cdef void on_call_accepted(openr2_chan_t* line, openr2_call_mode_t mode) noexcept with gil:
    line_of(line)._on_accepted()


cdef void on_call_answered(openr2_chan_t* line) noexcept with gil:
    line_of(line)._on_answered()


cdef void on_call_disconnect(openr2_chan_t* line, openr2_call_disconnect_cause_t cause) noexcept with gil:
    line_of(line)._on_disconnect(<int>cause)


cdef void on_call_end(openr2_chan_t* line) noexcept with gil:
    line_of(line)._on_end()


cdef void on_protocol_error(openr2_chan_t* line, openr2_protocol_error_t error) noexcept with gil:
    line_of(line)._on_error(<int>error)


cdef void on_read(openr2_chan_t* line, const unsigned char* samples, int count) noexcept with gil:
    pass


cdef void on_number(openr2_chan_t* line, int number) noexcept with gil:
    pass


cdef void on_line(openr2_chan_t* line) noexcept with gil:
    pass


cdef int on_called_digit(openr2_chan_t* line, char digit) noexcept with gil:
    return 1    # more, as many as are wanted


cdef void on_calling_digit(openr2_chan_t* line, char digit) noexcept with gil:
    pass


cdef void said(openr2_chan_t* line, const char* text) noexcept with gil:
    line_of(line)._say_later(text.decode("latin-1").rstrip())


tones.mf_read_init = read_init
tones.mf_write_init = write_init
tones.mf_detect_tone = detect_tone
tones.mf_generate_tone = generate_tone
tones.mf_select_tone = select_tone
tones.mf_want_generate = want_generate
events.on_call_init = on_call_init
events.on_call_offered = on_call_offered
events.on_call_accepted = on_call_accepted
events.on_call_answered = on_call_answered
events.on_call_disconnect = on_call_disconnect
events.on_call_end = on_call_end
events.on_call_read = on_read
events.on_hardware_alarm = on_number
events.on_os_error = on_number
events.on_protocol_error = on_protocol_error
events.on_line_blocked = on_line
events.on_line_idle = on_line
events.on_dnis_digit_received = on_called_digit
events.on_ani_digit_received = on_calling_digit
events.on_billing_pulse_received = on_line
r2_say = said

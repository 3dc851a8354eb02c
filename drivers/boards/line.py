"""A telephone line from the central office, whatever board it is on: its calls, known by ring, loop and samples alone.

A DAHDI FXO port and a line of the simulated office behave alike from here up. One object lives as long as the line is
plugged in; its calls come and go, each used by a channel (LineUser).
"""

import asyncio
import logging
from collections.abc import Callable
from typing import NamedTuple, Protocol

from drivers.boards.base import Line, Polarity
from drivers.boards.progress import CallProgress, Verdict
from drivers.boards.state import IN_CALL, STATUS, TRANSITIONS
from drivers.boards.state import LineState as S
from drivers.countries import LEVEL_DBM0
from drivers.link.causes import (
    DESTINATION_OUT_OF_ORDER,
    NETWORK_OUT_OF_ORDER,
    NO_CIRCUIT_AVAILABLE,
    NO_USER_RESPONDING,
    NORMAL_CLEARING,
    SEND_SPECIAL_INFORMATION_TONE,
    SWITCHING_EQUIPMENT_CONGESTION,
    TEMPORARY_FAILURE,
    USER_BUSY,
)
from drivers.link.errors import WrongState
from drivers.sounds import Sounds
from native.media import Cadence, Core, Happening, Leg, MediaError, Series

log = logging.getLogger(__name__)

ANNOUNCED_S = 6.0       # caller id by DTMF comes a second or two before the first ring
RING_GONE_S = 6.0       # no country's cadence pauses longer: the caller gave up
DIAL_TONE_S = 5.0       # an office that gives none for so long takes no call
GUARD_S = 1.0           # on-hook for less is a flash
OFF_HOOK_S = 0.5        # off-hook for less is nothing: the office would ring on
LISTEN_S = 0.1          # between two looks at the level while a call proceeds
ANOTHER_CALLER_S = 2.0  # one message is told once; so long after, it is another call's
RINGBACK_KNOWN_MS = 2000  # a burst and its pause so long are enough: the whole pause is seconds more, and answered in
KEYS_PLAY_ID = 0        # channels number their plays from 1
WITHHELD = 1            # `number` of a caller_id happening
INFORMATION = ("information", "information (E.180)")
CLEARING = ("busy", "congestion")  # that the far end hung up; not dial tone: too much in a call is one steady tone


class Caller(NamedTuple):
    """What the office said of a caller; texts are empty where it said nothing."""

    number: str = ""
    name: str = ""
    withheld: bool = False


class LineUser(Protocol):
    """Who has the line's call: a channel. Each is told once, in this order; the last ends the use."""

    def line_ringing(self) -> None:
        """Learn that the far end of a dialled call rings."""

    def line_answered(self, assumed: bool) -> None:
        """Learn that the far end of a dialled call answered, or that we think so."""

    def line_ended(self, cause: int, by_party: bool) -> None:
        """Learn that the call is over, by the far end or by a fault; the line is on-hook already."""

    def line_seized(self, leg: Leg) -> None:
        """Take the leg of a dialled call that had to wait for the end of a test."""

    def line_wanted(self) -> None:
        """End a test: a call is to go out."""


class Waiting(NamedTuple):
    """A call that goes out as soon as the line is free of a test: `dial`'s arguments."""

    user: LineUser
    number: str
    token: int


class LineHost(Protocol):
    """What a line needs of the gateway around it."""

    core: Core
    sounds: Sounds

    def token(self, receiver: Callable[[Happening], None]) -> int:
        """Return a new number; what happens on the leg that bears it is given to the receiver."""

    def release(self, token: int) -> None:
        """Forget a token."""

    def line_offered(self, line: "TelephoneLine", caller: Caller) -> LineUser:
        """Take a call that comes in; return who has it from now on."""
        ...

    def line_changed(self, line: "TelephoneLine") -> None:
        """Learn that the line's `status` changed."""


class TelephoneLine:
    """One line. The board's watcher calls the `*_changed`; a channel calls `answer`, `dial` and `hang_up`."""

    def __init__(self, host: LineHost, line: Line) -> None:
        self.number = line.number
        self.state = S.IDLE if line.battery else S.FAULT
        self._host = host
        self._line = line
        self._user: LineUser | None = None
        self._leg: Leg | None = None  # the user's, off-hook
        self._caller: Caller | None = None
        self._digits = ""
        self._progress: CallProgress | None = None
        self._reversed_by_answer = False
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._waiting: Waiting | None = None
        self._caller_id_s = 0.0
        self.key_heard_s = float("-inf")  # the last one while on-hook, by the loop's time: a caller is being announced
        self._closed_s = 0.0  # when the loop was
        self._opening: asyncio.TimerHandle | None = None
        self._token = host.token(self._heard_on_hook)
        self._timeslot = host.core.timeslot(line.fd, law=line.law)
        self._ear: Leg | None = None  # on-hook; a timeslot has one leg at a time
        try:
            self._listen_on_hook()
        except MediaError:
            self._timeslot.close()
            host.release(self._token)
            raise

    @property
    def status(self) -> str:
        """`idle`, `ringing`, `in_use`, `testing` or `fault`, as the exchange is told."""
        return STATUS.get(self.state, "in_use")

    # ---- orders of the channel that has it

    def answer(self, token: int) -> Leg:
        """Go off-hook for an offered call; return the leg, bearing `token`, that hears and is heard from now on."""
        if self.state is not S.GLARE:
            self._must(S.OFFERED, "answer")
        leg = self._open(token)
        self._enter("answer")
        self._listen(leg, digits=True, names=CLEARING)
        return leg

    def dial(self, user: LineUser, number: str, token: int) -> Leg | None:
        """Call a number; return the leg. WrongState when the line is not idle, or rings at this moment.

        A test gives way: then the leg comes later, to `user.line_seized`, when the office has seen the line on-hook.
        """
        if self._line.ringing:
            raise WrongState(f"line {self.number} rings")
        if self.state is S.TESTING and self._user:
            self._user.line_wanted()
            self._waiting = Waiting(user, number, token)
            return None
        self._must(S.IDLE, "dial")
        leg = self._open(token)
        self._user, self._digits = user, number
        self._enter("dial", DIAL_TONE_S)
        self._listen(leg, digits=False, names=("dial", *CLEARING, *INFORMATION))
        return leg

    def seize(self, user: LineUser, token: int) -> Leg:
        """Go off-hook for a test; return the leg. WrongState when the line is not idle, or rings at this moment."""
        if self._line.ringing:
            raise WrongState(f"line {self.number} rings")
        self._must(S.IDLE, "test")
        leg = self._open(token)
        self._user = user
        self._enter("test")
        return leg

    def hang_up(self) -> None:
        """End the call, or leave an offered one unanswered. Twice is once.

        The leg is its user's to close, before it returns to the loop; so it is when the line tells of the end.
        """
        self._user = self._waiting = None
        if self.state is S.OFFERED:
            self._enter("hang_up", RING_GONE_S)
        elif self.state in IN_CALL:
            self._go_on_hook()

    # ---- what the board tells

    def ring_changed(self) -> None:
        """Ring voltage began or ended."""
        if not self._line.ringing:
            if self.state in (S.RINGING, S.OFFERED, S.IGNORED):
                self._set_timer(RING_GONE_S)
        elif self.state is S.TESTING:
            self._meet_call()
        elif self.state is S.RINGING:
            self._offer()  # the second ring: no caller id has come
        elif self.state in (S.OFFERED, S.IGNORED):
            self._set_timer(RING_GONE_S)
        elif (self.state, "ring") in TRANSITIONS:
            known = self.state is S.ANNOUNCED
            self._turn_away()
            self._enter("ring", RING_GONE_S)
            if known:
                self._offer()

    def battery_changed(self) -> None:
        """The battery came or went. During a call its loss is how some offices hang up."""
        if not self._line.battery:
            self._end(NORMAL_CLEARING if self.state is S.TALKING else DESTINATION_OUT_OF_ORDER, "no_battery")
        elif self.state is S.FAULT:
            self._enter("battery")

    def polarity_changed(self) -> None:
        """The polarity was reversed or came back: on lines that have it, answer and end of a dialled call."""
        if self._line.polarity is Polarity.REVERSED:
            if self.state is S.PROCEEDING:
                self._reversed_by_answer = True
                self._answered(assumed=False)
        elif self.state is S.TALKING and self._reversed_by_answer:
            self._end(NORMAL_CLEARING)

    def down(self) -> None:
        """The board took the line away: a call on it ends."""
        self._end(NETWORK_OUT_OF_ORDER, "gone", by_party=False)
        if self._opening:
            self._opening.cancel()
            self._open_loop()
        if self._ear:
            self._ear.close()
            self._ear = None
        self._timeslot.close()
        self._host.release(self._token)

    # ---- what the samples tell

    def heard(self, happening: Happening) -> None:
        """Take what the media core heard on the leg of the call under way; digits are the channel's own."""
        match (happening.kind, happening.value):
            case ("finished", _) if happening.number == KEYS_PLAY_ID and self.state is S.DIALING:
                self._proceed()
            case ("tone", "dial") if self.state is S.SEIZED:
                self._send_digits()
            case ("tone", tone):
                self._heard_tone(tone)

    def _heard_tone(self, tone: str) -> None:
        if self.state is S.TALKING:
            self._end(NORMAL_CLEARING)  # an office says so, and by nothing else, that the far end hung up
        elif self.state is S.PROCEEDING and tone == "ringback" and self._progress:
            self._judge(self._progress.ringback())
        elif self.state is S.PROCEEDING:
            causes = {"busy": USER_BUSY, "congestion": SWITCHING_EQUIPMENT_CONGESTION}
            causes |= dict.fromkeys(INFORMATION, SEND_SPECIAL_INFORMATION_TONE)
            self._end(causes.get(tone, TEMPORARY_FAILURE))  # dial tone: the office did not take our digits
        elif self.state is S.SEIZED:
            self._end(NO_CIRCUIT_AVAILABLE)

    def _heard_on_hook(self, happening: Happening) -> None:
        if happening.kind == "digit":
            self.key_heard_s = self._loop.time()
        if happening.kind != "caller_id":
            return
        number, _, name = happening.value.partition("\t")
        caller, before_s = Caller(number, name, happening.number == WITHHELD), self._caller_id_s
        self._caller_id_s = self._loop.time()
        if self.state is S.RINGING:
            self._caller = caller
            self._offer()
        elif self.state in (S.IDLE, S.ANNOUNCED, S.GUARD):
            self._turn_away()
            self._caller = caller
            self._enter("caller_id", ANNOUNCED_S)
        elif self.state in (S.OFFERED, S.IGNORED) and self._caller_id_s - before_s > ANOTHER_CALLER_S:
            self._another(caller)

    # ---- inside

    def _offer(self) -> None:
        caller, self._caller = self._caller or Caller(), None
        self._enter("offer", RING_GONE_S)
        self._user = self._host.line_offered(self, caller)

    def _meet_call(self) -> None:
        """The ring that came as a test seized the line was answered by that: the call is offered as it is."""
        test, self._user = self._user, None
        self._leg = None
        self._enter("ring", RING_GONE_S)
        if test:
            test.line_ended(NORMAL_CLEARING, by_party=True)
        self._user = self._host.line_offered(self, Caller())

    def _turn_away(self) -> None:
        """End a call that waits to go out: one comes in instead, or the line failed."""
        waiting, self._waiting = self._waiting, None
        if waiting:
            waiting.user.line_ended(NO_CIRCUIT_AVAILABLE, by_party=False)

    def _dial_waiting(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            return
        try:
            leg = self.dial(*waiting)
        except WrongState as error:
            log.warning("line %d: cannot dial after a test: %s", self.number, error)
            leg = None
        if leg is None:
            waiting.user.line_ended(NO_CIRCUIT_AVAILABLE, by_party=False)
        else:
            waiting.user.line_seized(leg)

    def _another(self, caller: Caller) -> None:
        """End an offered call whose caller gave up just now: the line rings for somebody else already."""
        user, self._user = self._user, None
        self._caller = caller
        self._enter("another", RING_GONE_S)
        if user:
            user.line_ended(NORMAL_CLEARING, by_party=True)
        self._offer()

    def _open(self, token: int) -> Leg:
        if self._ear:
            self._ear.close()
            self._ear = None
        try:
            leg = self._host.core.leg(self._timeslot.slot, token)
        except MediaError as error:
            self._listen_on_hook()
            raise WrongState(f"line {self.number}: {error}") from error
        self._leg = leg
        self._line.set_loop(closed=True)
        self._closed_s = self._loop.time()
        return leg

    def _send_digits(self) -> None:
        if self._leg is None:
            return
        self._enter("dial_tone")
        try:
            self._leg.play(self._host.sounds.keys(self._digits), KEYS_PLAY_ID)
        except MediaError as error:
            log.error("line %d: cannot dial: %s", self.number, error)
            self._end(TEMPORARY_FAILURE, by_party=False)

    def _proceed(self) -> None:
        if self._leg is None:
            return
        sounds = self._host.sounds
        on_off_ms = sounds.tones.ringback.on_off_ms
        burst_ms = (*on_off_ms[:-1], max(RINGBACK_KNOWN_MS - sum(on_off_ms[:-1]), 400))
        ringback = sounds.tones.ringback
        tones = self._signs(("dial", *CLEARING, *INFORMATION))
        tones["ringback"] = Cadence(ringback.frequencies, LEVEL_DBM0, burst_ms, ringback.modulated_hz)
        self._progress = CallProgress(self._loop.time(), sum(on_off_ms[:-1]) / 1000, on_off_ms[-1] / 1000)
        self._enter("dialed", LISTEN_S)
        self._leg.detect(digits=False, tones=tones, caller_id=False)

    def _judge(self, verdict: Verdict | None) -> None:
        if verdict is Verdict.RINGING and self._user:
            self._user.line_ringing()
        elif verdict is Verdict.ANSWERED:
            self._answered(assumed=True)
        elif verdict is Verdict.DEAD:
            self._end(NO_USER_RESPONDING)

    def _answered(self, assumed: bool) -> None:
        self._enter("answer")
        if self._leg:
            self._listen(self._leg, digits=True, names=CLEARING)
        if self._user:
            self._user.line_answered(assumed)

    def _time(self) -> None:
        self._timer = None
        if self.state is S.PROCEEDING and self._progress and self._leg:
            self._set_timer(LISTEN_S)
            self._judge(self._progress.level(self._loop.time(), self._leg.level_dbm0()))
        elif self.state is S.SEIZED:
            self._end(NO_CIRCUIT_AVAILABLE)
        elif self.state is S.GLARE:
            self._end(NORMAL_CLEARING)
        elif self._line.ringing:  # a burst longer than any pause: odd, but it does ring
            self._set_timer(RING_GONE_S)
        elif (self.state, "time") in TRANSITIONS:
            user, self._user = self._user, None
            self._caller = None
            self._enter("time")
            if user:
                user.line_ended(NORMAL_CLEARING, by_party=True)
            self._dial_waiting()

    def _end(self, cause: int, event: str = "hang_up", by_party: bool = True) -> None:
        """The far end, or a fault, ends what there is."""
        self._turn_away()
        user, self._user = self._user, None
        if self.state in IN_CALL:
            self._go_on_hook()
        if event != "hang_up":
            self._enter(event)
        if user:
            user.line_ended(cause, by_party)

    def _go_on_hook(self) -> None:
        early_s = max(0.0, self._closed_s + OFF_HOOK_S - self._loop.time())
        if early_s:
            self._opening = self._loop.call_later(early_s, self._open_loop)
        else:
            self._open_loop()
        self._leg = self._progress = self._caller = None
        self._digits, self._reversed_by_answer = "", False
        self._enter("hang_up", early_s + GUARD_S)
        self._loop.call_soon(self._listen_on_hook)  # its user closes the call's leg first

    def _open_loop(self) -> None:
        self._opening = None
        self._line.set_loop(closed=False)

    def _listen_on_hook(self) -> None:
        if self._ear or self.state in IN_CALL or self.state is S.GONE:
            return
        self._ear = self._host.core.leg(self._timeslot.slot, self._token)
        self._ear.detect(digits=True, tones={}, caller_id=True)

    def _listen(self, leg: Leg, digits: bool, names: tuple[str, ...]) -> None:
        leg.detect(digits=digits, tones=self._signs(names), caller_id=False)

    def _signs(self, names: tuple[str, ...]) -> dict[str, Cadence | Series]:
        signs = self._host.sounds.signs
        return {name: signs[name] for name in names if name in signs}

    def _must(self, state: S, verb: str) -> None:
        if self.state is not state:
            raise WrongState(f"line {self.number} is {self.state}; to {verb} it must be {state}")

    def _set_timer(self, after_s: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_later(after_s, self._time)

    def _enter(self, event: str, time_s: float | None = None) -> None:
        before = self.status
        if (self.state, event) not in TRANSITIONS:
            raise WrongState(f"line {self.number}: {event} while {self.state}")
        self.state = TRANSITIONS[self.state, event]
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if time_s is not None:
            self._set_timer(time_s)
        if self.status != before:
            self._host.line_changed(self)

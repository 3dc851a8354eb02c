"""A telephone line from the central office, whatever board it is on: its calls, known by ring, loop and samples alone.

A DAHDI FXO port and a line of the simulated office behave alike from here up. One object lives as long as the line is
plugged in; its calls come and go, each used by a channel (LineUser).
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Literal

from drivers.boards.base import Battery, Line
from drivers.boards.callin import RING_GONE_S, CallIn
from drivers.boards.callout import CLEARING, FAX, KEYS_PLAY_ID, CallOut, signs
from drivers.boards.habits import Habits
from drivers.boards.linetrace import BATTERY, CLEARED, LineTrace
from drivers.boards.loop import Loop
from drivers.boards.recall import Recall
from drivers.boards.state import IN_CALL, ON_HOOK, SIGNALLED, STATUS, TRANSITIONS
from drivers.boards.state import LineState as S
from drivers.boards.user import Caller, LineHost, LineUser, Waiting
from drivers.link.causes import (
    DESTINATION_OUT_OF_ORDER,
    NETWORK_OUT_OF_ORDER,
    NO_CIRCUIT_AVAILABLE,
    NON_SELECTED_USER_CLEARING,
    NORMAL_CLEARING,
)
from drivers.link.errors import WrongState
from drivers.link.messages import LineSetup, Tone
from native.media import Happening, Leg, MediaError

log = logging.getLogger(__name__)

GLARE_RINGS_S = 120.0   # as long as any telephone is rung
GUARD_S = 1.0           # on-hook for less is a flash
BREAK_S = 0.2           # without battery, in a call: for less is the office's own switching, for so long a hangup
PULSED = "0123456789"
OWN_REVERSAL_S = 0.6    # so soon after our answer, a reversal is the office's answer to it
AS_FED = {Battery.NONE: S.FAULT, Battery.LOW: S.PARALLEL, Battery.FULL: S.IDLE}


class TelephoneLine:
    """One line. The board's watcher calls the `*_changed`; a channel calls `answer`, `dial` and `hang_up`."""

    def __init__(self, host: LineHost, line: Line) -> None:
        self.number = line.number
        self.state = AS_FED[line.battery]
        self.habits = Habits()
        self._host = host
        self._line = line
        self._taker: Callable[[Caller], LineUser] | None = None
        self._user: LineUser | None = None
        self._leg: Leg | None = None  # the user's, off-hook
        self._out: CallOut | None = None
        self._recall: Recall | None = None  # once somebody flashed in the talk
        self._idle_polarity = line.polarity  # the pair may be connected either way round
        self._talking_s = 0.0  # since when
        self._break: asyncio.TimerHandle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._waiting: Waiting | None = None
        self._in = CallIn(self, self.habits, self._loop.time)
        self.trace = LineTrace(self._loop.time)
        self.trace.came(BATTERY[line.battery])
        self._pair = Loop(line, self.trace)
        self._token = host.token(self._in.heard)
        self._timeslot = host.core.timeslot(line.fd, law=line.law)
        self.setup = LineSetup(line.number)
        self._ear: Leg | None = None  # on-hook; a timeslot has one leg at a time
        try:
            self._listen_on_hook()
        except MediaError:
            self._timeslot.close()
            host.release(self._token)
            raise

    @property
    def setup(self) -> LineSetup:
        """What is not as usual on the line."""
        return self._setup

    @setup.setter
    def setup(self, setup: LineSetup) -> None:
        self._setup = setup
        self._timeslot.gain(setup.rx_gain_db, setup.tx_gain_db)

    @property
    def status(self) -> str:
        """`idle`, `ringing`, `in_use`, `testing`, `parallel` or `fault`, as the exchange is told."""
        return STATUS.get(self.state, "in_use")

    @property
    def announcing(self) -> bool:
        """Whether a caller is being announced, as far as can be known before the number has come whole."""
        return self._in.announcing

    # ---- orders of the channel that has it

    def answer(self, token: int) -> Leg:
        """Go off-hook for an offered call; return the leg, bearing `token`, that hears and is heard from now on."""
        if self.setup.never_answer:
            raise WrongState(f"line {self.number} is never answered, by its setting")
        if self.state is not S.GLARE:
            self._must(S.OFFERED, "answer")
        if self._leg is None:
            leg = self._open(token)
        else:
            leg = self._leg
            leg.stop()
        self.enter("answer")
        self.trace.sent("answer")
        self._talking_s = self._loop.time()
        leg.detect(digits=True, tones=signs(self._host.sounds, self.setup, (*CLEARING, FAX)), caller_id=False)
        return leg

    def ring(self, token: int) -> Leg | None:
        """Let a caller whom glare brought hear ringback; return the leg. None where the office rings for the caller."""
        if self.state is not S.GLARE or self._leg is not None:
            return None
        leg = self._open(token)
        leg.detect(digits=False, tones=signs(self._host.sounds, self.setup, CLEARING), caller_id=False)
        leg.play(self._host.sounds.at_hand((Tone("ringback"),)) or [], KEYS_PLAY_ID, loop=True)
        self.wait(GLARE_RINGS_S)
        return leg

    def dial(self, user: LineUser, number: str, token: int, parallel: bool = False) -> Leg | None:
        """Call a number; return the leg. WrongState when the line is not idle, or a call comes in at this moment.

        A test gives way: then the leg comes later, to `user.line_seized`, when the office has seen the line on-hook.
        `parallel`: call even where another telephone on the pair seems to be off-hook, should there be a dial tone.
        """
        self._look()
        if self.state is S.TESTING and self._user:
            self._user.line_wanted()
            self._waiting = Waiting(user, number, token, parallel)
            return None
        if not (parallel and self.state is S.PARALLEL):
            self._must(S.IDLE, "dial")
        leg = self._open(token)
        self._user = user
        self._out = CallOut(self, user, leg, number, self._host.sounds, self._loop.time)
        self._out.begin()
        return leg

    def seize(self, user: LineUser, token: int) -> Leg:
        """Go off-hook for a test, which hears the line as it is; return the leg. WrongState as of `dial`."""
        self._look()
        self._must(S.IDLE, "test")
        leg = self._open(token)
        self._user = user
        self.enter("test")
        self._timeslot.gain(0, 0)
        self.trace.sent("test")
        return leg

    def flash(self, digits: str, done: Callable[[bool], None]) -> None:
        """Flash in a talk, and dial digits after it, if any; `done` is told whether they were sent."""
        self._must(S.TALKING, "flash")
        if not self.setup.flash_ms:
            raise WrongState(f"line {self.number} is not flashed, by its setting")
        if self.setup.dialling == "pulses" and not set(digits) <= set(PULSED):
            raise WrongState(f"line {self.number}: {digits!r} cannot be dialled by pulses; 0-9 can")
        if self._recall is None:
            self._recall = Recall(self, self._pair, self._used_leg(), self._host.sounds)
        self._recall.begin(digits, done)

    def expect(self, taker: Callable[[Caller], LineUser] | None) -> None:
        """Give the next call that comes in to `taker` instead of the exchange; None: as ever."""
        self._taker = taker

    def hang_up(self) -> None:
        """End the call, or leave an offered one unanswered. Twice is once.

        The leg is its user's to close, before it returns to the loop; so it is when the line tells of the end.
        """
        self._user = self._waiting = None
        if self.state is S.OFFERED:
            self.trace.sent("left")
            self.enter("hang_up", RING_GONE_S)
        elif self.state in IN_CALL:
            self.trace.sent("hang-up")
            self._go_on_hook()

    # ---- what the board tells

    def ring_changed(self) -> None:
        """Ring voltage began or ended."""
        self.trace.came("ring-on" if self._line.ringing else "ring-off")
        if self._line.ringing and self.state in (S.TESTING, S.SEIZED):
            self._meet_call()
        else:
            self._in.rings(self._line.ringing)

    def battery_changed(self) -> None:
        """The battery is another. During a call a short break is how some offices hang up; what lasts is a fault."""
        battery = self._line.battery
        self.trace.came(BATTERY[battery])
        if self.state in SIGNALLED:
            self._forget_break()
            if battery is Battery.NONE:
                self._break = self._loop.call_later(BREAK_S, self.loop_broken)
        elif battery is Battery.NONE:
            if self.state is not S.GUARD:  # of a call just over: the break may go on for a bit
                self.end(DESTINATION_OUT_OF_ORDER, "no_battery")
        elif battery is Battery.LOW:
            if self.state in ON_HOOK:  # one that rang was answered there
                self.end(NON_SELECTED_USER_CLEARING, "parallel")
        elif (self.state, "battery") in TRANSITIONS:
            self.enter("battery", GUARD_S if self.state is S.PARALLEL else None)

    def loop_broken(self) -> None:
        """The battery was away for longer than by chance: the office has ended the call, if there is one."""
        self._forget_break()
        self.trace.came("break")
        if self.state is S.TALKING:
            self._cleared("break")
        elif self.state in SIGNALLED:
            self.end(DESTINATION_OUT_OF_ORDER)

    def polarity_changed(self) -> None:
        """The polarity was reversed or came back: answer and end of a dialled call, and of others where it is so."""
        away = self._line.polarity is not self._idle_polarity
        self.trace.came("polarity-reversed" if away else "polarity-back")
        if self.state is S.IDLE and away:
            self._in.reversed()
        if self.state is S.PROCEEDING and self._out and away:
            self._out.reversed()
        elif self.state is S.TALKING and self._out and self._out.answered_by_reversal:
            if not away:
                self._cleared("reversal")
        elif self.state is S.TALKING and self.setup.reversal and self._loop.time() - self._talking_s >= OWN_REVERSAL_S:
            self._cleared("reversal")

    def down(self) -> None:
        """The board took the line away: a call on it ends."""
        self.end(NETWORK_OUT_OF_ORDER, "gone", by_party=False)
        if self._pair.opening:
            self._pair.open_now()
        if self._ear:
            self._ear.close()
            self._ear = None
        self._timeslot.close()
        self._host.release(self._token)

    # ---- what the samples tell

    def heard(self, happening: Happening) -> None:
        """Take what the media core heard on the leg of the call under way; digits are the channel's own."""
        self.trace.heard(happening)
        if happening.kind == "finished" and happening.number == KEYS_PLAY_ID:
            self._sent()
        elif happening.kind == "tone" and happening.value == FAX:
            pass
        elif happening.kind == "tone" and self.state in (S.TALKING, S.GLARE):
            if happening.value in CLEARING and not (self._recall and self._recall.away):
                self._cleared("tone")  # an office says so, and by nothing else, that the far end hung up
        elif happening.kind == "tone" and self.state is S.RECALLING and self._recall:
            self._recall.heard(happening.value)
        elif happening.kind == "tone" and self._out:
            self._out.heard(self.state, happening.value)

    # ---- what becomes of it (Seized, of a call out)

    def enter(self, event: str, time_s: float | None = None) -> None:
        """Take what happened; what is not to happen in this state raises WrongState."""
        before = self.status
        if (self.state, event) not in TRANSITIONS:
            raise WrongState(f"line {self.number}: {event} while {self.state}")
        if self.state is S.TESTING:
            self.setup = self._setup  # its gains are in force again
        self.state = TRANSITIONS[self.state, event]
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if time_s is not None:
            self.wait(time_s)
        if self.status != before:
            self._host.line_changed(self)

    def wait(self, after_s: float) -> None:
        """Look again what it does once so long has gone by."""
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_later(after_s, self._time)

    def end(self, cause: int, event: str = "hang_up", by_party: bool = True) -> None:
        """The far end, or a fault, ends what there is."""
        self.turn_away()
        user, self._user = self._user, None
        if user:
            self.trace.take("ended", not by_party, cause=cause)
        self._in.forget()
        if self.state in IN_CALL:
            self._go_on_hook()
        if event != "hang_up":
            self.enter(event)
        if user:
            user.line_ended(cause, by_party)

    def send(self, digits: str) -> bool:
        """Send digits to the office, by keys or by pulses; False where that cannot be."""
        if self.setup.dialling == "pulses":
            self._pair.pulse(digits, self._sent)
        else:
            try:
                self._used_leg().play(self._host.sounds.keys(digits), KEYS_PLAY_ID)
            except MediaError as error:
                log.error("line %d: cannot dial: %s", self.number, error)
                return False
        self.trace.sent("dialled", called=digits)
        return True

    # ---- what a call in asks of it (Rung)

    @property
    def asked_for_caller_id(self) -> bool:
        """Whether the office tells caller id to nobody but who goes off-hook for it, and we may."""
        return self._host.sounds.tones.caller_id_start == "request" and not self.setup.never_answer

    def offer(self, caller: Caller) -> None:
        """Give the call to who takes calls."""
        self._user = self._taker(caller) if self._taker else self._host.line_offered(self, caller)

    def turn_away(self) -> None:
        """End a call that waits to go out: one comes in instead, or the line failed."""
        waiting, self._waiting = self._waiting, None
        if waiting:
            waiting.user.line_ended(NO_CIRCUIT_AVAILABLE, by_party=False)

    def give_up(self) -> None:
        """Let go of the call that was offered: its caller is gone."""
        user, self._user = self._user, None
        if user:
            self.trace.came("gave-up")
            user.line_ended(NORMAL_CLEARING, by_party=True)

    def listen_off_hook(self) -> None:
        """Go off-hook for nothing but the caller id; WrongState where that cannot be."""
        self._ear = self._open(self._token)
        self.trace.sent("take")
        self._ear.detect(digits=True, tones={}, caller_id=True)

    def listen_on_hook_again(self) -> float:
        """Go on-hook, at once or in so many seconds; the leg hears on."""
        self._leg = None
        return self._pair.open()

    # ---- inside

    def _used_leg(self) -> Leg:
        assert self._leg is not None  # noqa: S101 - we are off-hook
        return self._leg

    def _sent(self) -> None:
        """Take that the last digit has been sent."""
        if self.state is S.DIALING and self._out:
            self._out.dialled()
        elif self.state is S.RECALLING and self._recall:
            self._recall.end(dialled=True)

    def _cleared(self, how: Literal["tone", "reversal", "break"]) -> None:
        """End a talk: the office says that the far end hung up."""
        self.habits.hangup = how
        self.trace.came(CLEARED[how])
        self.end(NORMAL_CLEARING)

    def _meet_call(self) -> None:
        """The ring that came as we seized the line was answered by that: the call is offered as it is.

        A call that was to go out by the line has lost it, and goes by another.
        """
        self.trace.came("glare")
        seizer, self._user = self._user, None
        out, self._out = self._out, None
        self._leg = None
        self.enter("ring", RING_GONE_S)
        if seizer:
            seizer.line_ended(NO_CIRCUIT_AVAILABLE if out else NORMAL_CLEARING, by_party=out is None)
        self._user = self._host.line_offered(self, Caller())

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
        if self.state not in (S.RINGING, S.OFFERED, S.GLARE):  # where a caller was announced by a reversal
            self._idle_polarity = self._line.polarity
        self._pair.close()
        return leg

    def _time(self) -> None:
        self._timer = None
        if self.state is S.TAKING:
            self._in.taken(None)
        elif self.state in (S.SEIZED, S.PROCEEDING) and self._out:
            self._out.time(self.state)
        elif self.state is S.RECALLING and self._recall:
            self._recall.end(dialled=False)
        elif self.state is S.GLARE:
            self.end(NORMAL_CLEARING)
        elif self.state is S.GUARD and self._line.battery is Battery.NONE:  # that was no hangup, or not that alone
            self.end(DESTINATION_OUT_OF_ORDER, "no_battery")
        elif self.state is S.GUARD and self._line.battery is Battery.LOW:
            self.end(NON_SELECTED_USER_CLEARING, "parallel")
        elif self._line.ringing:  # a burst longer than any pause: odd, but it does ring
            self.wait(RING_GONE_S)
        elif (self.state, "time") in TRANSITIONS:
            self._in.forget()
            self.enter("time")
            self.give_up()
            self._dial_waiting()

    def _go_on_hook(self) -> None:
        early_s = self._pair.open()
        self._leg = self._out = self._recall = None
        self._in.forget()
        self._forget_break()
        self.enter("hang_up", early_s + GUARD_S)
        self._loop.call_soon(self._listen_on_hook)  # its user closes the call's leg first

    def _forget_break(self) -> None:
        if self._break:
            self._break.cancel()
            self._break = None

    def _listen_on_hook(self) -> None:
        if self._ear or self.state in IN_CALL or self.state is S.GONE:
            return
        self._ear = self._host.core.leg(self._timeslot.slot, self._token)
        self._ear.detect(digits=True, tones={}, caller_id=True)

    def _look(self) -> None:
        """See how the line is, last of all before it is seized; WrongState when a call comes in at this moment."""
        self._line.look()
        if self._line.ringing:
            raise WrongState(f"line {self.number} rings")
        if self.announcing:
            raise WrongState(f"line {self.number}: a caller is being announced")

    def _must(self, state: S, verb: str) -> None:
        if self.state is not state:
            raise WrongState(f"line {self.number} is {self.state}; to {verb} it must be {state}")

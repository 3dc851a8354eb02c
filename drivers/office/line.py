"""An analog line, seen from the central office: what goes out on the pair, by the loop, the samples and the time."""

from collections.abc import Callable
from typing import Protocol

from drivers.link.office import Behaviour, Fault
from drivers.office.announcement import REQUEST_S, REQUESTED_S, Announcement
from drivers.office.country import Country, Tone
from drivers.office.directory import Directory
from drivers.office.echo import Echo
from drivers.office.hook import HookReader
from drivers.office.joined import Joined
from drivers.office.line_state import OFF_HOOK, TRANSITIONS
from drivers.office.line_state import LineState as S
from drivers.office.noise import Noise
from drivers.office.sound import BLOCK, SILENCE, TICK_S, Lasting, Source
from native.tones import DtmfReceiver, ToneSender

ROUTING_S = 0.6         # from the last digit to the far end's answer, whatever it is
ON_HOOK_S = 3.0         # who was told who calls is on-hook again by then
UNANSWERED_S = 60.0     # the office gives up ringing a subscriber


class Party(Protocol):
    """Who is at the far end of a line's call, by its `way`."""

    way: "Way"

    def ringing(self) -> None:
        """Learn that the called side is being rung."""

    def answered(self) -> None:
        """Learn that the called side answered."""

    def released(self) -> None:
        """Learn that the box hung up."""

    def talk(self, heard: bytes) -> bytes:
        """Hear a tick of the box, say a tick."""
        ...


class Callee(Party, Protocol):
    """A subscriber whom the box called."""

    behaviour: Behaviour
    answer_after_s: float
    announced_s: float

    def refused(self) -> None:
        """Learn that the call did not come about."""


class Way(Protocol):
    """By what a call goes: an analog line, which has a number, or a channel of a span."""

    number: int
    span: int

    def release(self, party: Party) -> None:
        """Let a party hang up."""


class Line:
    """One line. `tick` is its clock: every 20 ms, with the samples the box sent; it returns those the box gets.

    `ring`, `battery` and `polarity` are what is on the pair now. `loop_closed`: the box is off-hook; `parallel`:
    another telephone on the same pair is. `reversal`: polarity tells the box of an answer. `recall`:
    a flash holds who talks, and gives dial tone.
    """

    def __init__(
        self, number: int, country: Country, directory: Directory, called: Callable[["Line", str], Callee],
        joined: Callable[[Joined], None] = lambda pair: None,
    ) -> None:  # fmt: skip
        """`joined` is given those whom the box leaves to each other."""
        self.number = number
        self.span = 0   # it is analog
        self.state = S.IDLE
        self.party: Party | None = None
        self.loop_closed = self.parallel = False
        self.ring = False
        self.battery = True
        self.reversed = False
        self.reversal = self.reversal_incoming = self.recall = False
        self._break_ticks = 0  # of the battery, still to come
        self.fault = Fault(line=number)
        self._noise: Noise | None = None
        self._echo: Echo | None = None
        self._country = country
        self._directory = directory
        self._called, self._joined = called, joined
        self._callee: Callee | None = None
        self._announcement: Announcement | None = None  # until it is told
        self._ticks = 0  # since the state was entered
        self._open_ticks = 0
        self._loop_breaks = 0   # ticks for which the board has the loop open, still to come
        self._loop = HookReader(country.hangup_s)
        self._held: Party | None = None  # who waits while the box, having flashed, calls another
        self._sounds: list[Source] = []
        self._dtmf = DtmfReceiver()
        self._digits = ""
        self._digit_tick = 0

    # ---- from the far end

    def offer(self, caller: Party, announcement: Announcement | None) -> bool:
        """Ring for a caller, announced so or not at all; False when the line is not idle."""
        if self.state is not S.IDLE or self.loop_closed or self.parallel:
            return False
        self.party = caller
        self._announcement = announcement if self.fault.caller_id else None
        if self._announcement and not self._announcement.after_ring:
            self._enter("request" if self._announcement.request else "announce")
            self.reversed = self._announcement.reverse
            self._sounds = [] if self._announcement.request else self._told()
        else:
            self._start_ringing()
        return True

    def release(self, party: Party) -> None:
        """The far end hangs up: the ringing stops, or the box hears busy tone, its only sign."""
        if self._held is party:
            self._held = None
        if self.party is not party:
            return
        self.party = None
        talking = self.state in (S.TALKING, S.TELLING)
        self._enter("release")
        self.ring = self.reversed = False
        if talking:
            self._break_ticks = round(self.fault.break_ms / 1000 / TICK_S)
            self._sounds = self._cleared_tone()

    # ---- from who tries the box

    def fail(self, fault: Fault) -> None:
        """Be as wrong as this says, and no more; a dial tone that sounds now goes on."""
        self.fault, self.battery = fault, fault.battery
        self._noise = None if fault.noise_dbm0 is None else Noise(fault.noise_dbm0)
        self._echo = None if fault.echo_db is None else Echo(fault.echo_db)

    # ---- from the box

    def break_loop(self, for_s: float) -> None:
        """Have the loop open for so long, if it is closed."""
        self._loop_breaks = round(for_s / TICK_S)

    def pulsed(self, digit: str) -> None:
        """Take a digit that was dialled by breaks of the loop."""
        if self.state in (S.DIAL_TONE, S.DIALING):
            self._take_digit(digit)

    def flashed(self) -> None:
        """Hold who talks and give dial tone, for somebody else to be called; or return to who is held."""
        if self._held:
            second, self.party = self.party or self._callee, self._held
            self._held = self._callee = None
            self._enter("return")
            if second:
                second.released()
        elif self.recall and self.state is S.TALKING and self.party:
            self._held, self.party = self.party, None
            self._enter("recall")
            self._dtmf, self._digits = DtmfReceiver(), ""
            self._sounds = self._dial_tone()

    # ---- the clock

    def tick(self, heard: bytes) -> bytes:
        """Live 20 ms."""
        self._ticks += 1
        self.battery = self.fault.battery and not self._break_ticks
        self._break_ticks = max(0, self._break_ticks - 1)
        if not self.battery:
            self.ring = False
            heard = SILENCE
        self._watch_loop()
        heard = heard if self.loop_closed and not self._loop_breaks else SILENCE
        self._loop_breaks = max(0, self._loop_breaks - 1)
        said = self._live(heard)
        if self._echo is not None:
            said = self._echo.over(said, heard)
        if self._noise is not None:
            said = self._noise.over(said)
        return said if self.battery else SILENCE

    def _watch_loop(self) -> None:
        looped = (self.loop_closed and not self._loop_breaks) or self.parallel
        closed = looped and self.battery
        event = self._loop.tick(looped)
        if event and event.what == "pulse":
            self.pulsed(event.digit)
        elif event and event.what == "flash":
            self.flashed()
        self._open_ticks = 0 if closed else self._open_ticks + 1
        if closed and self.state in (S.IDLE, S.ANNOUNCING, S.RINGING, S.REQUESTING):
            self._close()
        elif self.state is S.TELLING and self._open_ticks * TICK_S >= self._country.hangup_s:
            self._start_ringing()
        elif self.state in OFF_HOOK and self._open_ticks * TICK_S >= self._country.hangup_s:
            self._open()

    def _close(self) -> None:
        self.ring = False
        seizing = self.state is S.IDLE
        self._enter("close")
        if self.state is S.TELLING:
            self._sounds = self._told()
        elif seizing:
            self._dtmf, self._digits = DtmfReceiver(), ""
            self._sounds = self._dial_tone()
        else:
            self._connect()

    def _connect(self) -> None:
        self.reversed = self.reversal_incoming
        if self.party:
            self.party.answered()

    def _open(self) -> None:
        held, second, calling = self._held, self.party or self._callee, self._callee
        self._enter("open")
        self.reversed = False
        self.party = self._callee = self._held = None
        if held and second:
            pair = Joined(self.number, held, second, calling=calling, ringback=_sender(self._country.ringback))
            held.way = second.way = pair
            self._joined(pair)
            return
        for party in (held, second):
            if party:
                party.released()

    def _live(self, heard: bytes) -> bytes:
        after_s = self._ticks * TICK_S
        country = self._country
        match self.state:
            case S.ANNOUNCING:
                return self._announce()
            case S.REQUESTING:
                return self._request(after_s - TICK_S)
            case S.TELLING if after_s >= ON_HOOK_S:
                self._enter("answer")
                self._connect()
            case S.RINGING:
                return self._ring(after_s - TICK_S)
            case S.TALKING:
                return self.party.talk(heard) if self.party else SILENCE
            case S.DIAL_TONE | S.DIALING:
                self._collect(heard)
            case S.CALLING:
                self._progress(after_s)
            case S.REFUSED if after_s >= country.refused_s:
                self._enter("howl")
                self._sounds = [_sender(country.howler)]
            case S.HOWLING if after_s >= country.howler_s:
                self._enter("park")
        return self._sound()

    # ---- towards the box

    def _start_ringing(self) -> None:
        if self._announcement and not self._announcement.after_ring:
            self._announcement = None
        self._enter("ring")
        if self.party:
            self.party.ringing()

    def _announce(self) -> bytes:
        """Tell who calls, before the first ring; each step is gone once its sound is over."""
        said = self._sound()
        steps = self._announcement.steps if self._announcement else ()
        self.ring = self.battery and bool(self._sounds) and steps[-len(self._sounds)].ring
        if not self._sounds:
            self._start_ringing()
        return said

    def _request(self, after_s: float) -> bytes:
        """Ring for who takes caller id off-hook; in the end for everybody."""
        self.ring = self.battery and round(after_s % (2 * REQUEST_S), 3) < REQUEST_S
        if after_s >= REQUESTED_S:
            self._start_ringing()
        return SILENCE

    def _told(self) -> list[Source]:
        return [step.source for step in self._announcement.steps] if self._announcement else []

    def _ring(self, after_s: float) -> bytes:
        country = self._country
        period_s = country.ring_on_s + country.ring_off_s
        self.ring = self.battery and round(after_s % period_s, 3) % period_s < country.ring_on_s
        if self._announcement and after_s >= country.ring_on_s:
            self._sounds, self._announcement = self._told(), None
        return self._sound()

    def _sound(self) -> bytes:
        said = b""
        while self._sounds and len(said) < 2 * BLOCK:
            wanted = BLOCK - len(said) // 2
            part = self._sounds[0].read(wanted)
            said += part
            if len(part) < 2 * wanted:
                self._sounds.pop(0)
        return said + SILENCE[len(said) :]

    def _dial_tone(self) -> list[Source]:
        right = self._country.dial
        if not self.fault.dial_tone:
            return []
        hertz = right.frequencies if self.fault.dial_tone_hz is None else (self.fault.dial_tone_hz,)
        return [_sender(right._replace(frequencies=hertz))]

    def _cleared_tone(self) -> list[Source]:
        """Return what tells that the far end hung up."""
        if not self.fault.busy_ms:
            return [_sender(self._country.busy)]
        own = self._country.busy._replace(frequencies=self.fault.busy_hz, on_off_ms=self.fault.busy_ms)
        return [_sender(own)] if self.fault.busy_hz else []

    # ---- a call of the box

    def _collect(self, heard: bytes) -> None:
        for digit in self._dtmf.receive(heard) if self.fault.keys else ():
            self._take_digit(digit)
            if not self._directory.may_go_on(self._digits):
                break
        waited_s = (self._ticks - self._digit_tick) * TICK_S
        if self.state is S.DIAL_TONE and self._ticks * TICK_S >= self._country.first_digit_s:
            self._refuse(self._country.busy)
        elif self.state is S.DIALING and (
            waited_s >= self._country.next_digit_s or not self._directory.may_go_on(self._digits)
        ):
            self._enter("number")
            self._callee = self._called(self, self._digits)

    def _take_digit(self, digit: str) -> None:
        if self.state is S.DIAL_TONE:
            self._enter("digit")
        self._digits += digit
        self._digit_tick = self._ticks

    def _progress(self, after_s: float) -> None:
        callee = self._callee
        if callee is None or after_s < ROUTING_S:
            return
        if callee.behaviour in ("busy", "congested", "unknown"):
            busy = callee.behaviour == "busy"
            tone = self._country.busy if busy else self._country.congestion
            self._refuse(tone, information=callee.behaviour == "unknown")
        elif not self._sounds:
            self._sounds = [_sender(self._country.ringback)]
            callee.ringing()
        elif callee.behaviour == "no_answer":
            if after_s >= ROUTING_S + UNANSWERED_S:
                self._refuse(self._country.busy)
        elif after_s >= ROUTING_S + callee.answer_after_s:
            self._enter("answer")
            self.reversed = self.reversal
            self.party, self._callee = callee, None
            callee.answered()

    def _refuse(self, tone: Tone, information: bool = False) -> None:
        self._enter("refuse")
        if information:
            self._sounds = [Lasting(sum(step.on_off_ms) / 1000, _sender(step)) for step in self._country.information]
        self._sounds.append(_sender(tone))
        callee, self._callee = self._callee, None
        if callee:
            callee.refused()

    def _enter(self, event: str) -> None:
        self.state = TRANSITIONS[self.state, event]
        self._ticks = 0
        self._digit_tick = 0
        self._sounds = []


def _sender(tone: Tone) -> ToneSender:
    return ToneSender(*tone)

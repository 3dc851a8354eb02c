"""The test of an idle line: what a technician with a test telephone would hear on it, as findings with figures.

On-hook it listens whether a caller is being announced; then it seizes the line, hears the dial tone, breaks it with one
key, hears the silence, plays a noise and hears what comes back of it, and lets go. Whatever wants the line ends it: a
call that comes in, a call that is to go out.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol

from drivers.boards.line import TelephoneLine
from drivers.boards.returnloss import NOISE, return_loss
from drivers.boards.state import LineState
from drivers.boards.user import LineHost
from drivers.countries import Tone
from drivers.link.errors import WrongState
from drivers.link.messages import Event, LineFinding, LineTested
from native.dsp import level_dbm0, spectral_peaks
from native.media import Happening, Leg

Outcome = Literal["done", "in", "out", "gone", "parallel"]
Verdict = Literal["good", "poor", "bad", "unknown"]

ANNOUNCED_S = 0.5     # on-hook: so long no key of a caller id by DTMF may be heard (they are 0.2 s apart)
DIAL_TONE_S = 5.0     # as long as a call waits for it
LOOK_S = 0.05
PAUSE_S = 1.5         # some countries' dial tones pause, for less
MEASURED_S = 1.1      # of a steady sound, to measure the last second of it
KEY = "1"             # no number of one digit begins and ends with it
QUIET_S = 2.0         # after the key: it and the tone are over, and a second is measured; offices wait longer

SOUND_DBM0 = -45.0
LATE_S = 3.0          # Q.543 §2.4 wants most within a second
LEVEL_DBM0 = (-27.0, -3.0)  # E.180 §5: -10 +-5 at the office, and a line's loss
OFF_HZ = 25.0         # as far as offices may be off (GF 002)
NOISE_DBM0 = (-55.0, -40.0)  # above: poor, bad
BLOCK_BYTES = 320     # 20 ms
ECHO_S = 1.7          # of the noise played: its last second is measured, wherever the way there and back ends
ECHO_DB = (14.0, 6.0) # below: poor (Q.552 §3.1.8 wants so much, about), bad (G.168: cancellers need so much)
TONE_SHARE_DB = 3.0   # a tone has at least half of all power


class TestHost(LineHost, Protocol):
    """What a test needs of the gateway around it."""

    def tell(self, kind: type[Event], at_s: float | None = None, **fields: Any) -> None:
        """Send an event up."""

    def spawn(self, work: Any) -> None:
        """Run a coroutine that belongs to nobody, its errors logged."""


class Stopped(Exception):
    """Something else has the line now."""


class LineTest:
    """One test, from `begin` to the event that tells its end. It is the line's user (LineUser) while off-hook."""

    def __init__(self, host: TestHost, line: TelephoneLine, command: str, ended: Callable[[], None]) -> None:
        """`ended` is told once, when the line is free of the test."""
        self._host, self._line, self._command, self._ended = host, line, command, ended
        self._findings: list[LineFinding] = []
        self._leg: Leg | None = None
        self._token = 0
        self._tone = ""
        self._loop = asyncio.get_running_loop()
        self._stopped: asyncio.Future[None] = self._loop.create_future()

    def begin(self) -> None:
        """Begin; WrongState where the line is in use. One without battery has been tested with that.

        One that another telephone uses is not tested, and not at fault: it has no dial tone for us.
        """
        if self._line.state is LineState.PARALLEL:
            self._end("parallel")
            return
        if self._line.state is LineState.FAULT:
            self._find("battery", "bad")
            self._end("done")
            return
        if self._line.state not in (LineState.IDLE, LineState.GUARD):
            raise WrongState(f"line {self._line.number} is {self._line.state}; to test it must be idle")
        self._host.spawn(self._run())

    # ---- what the line tells (LineUser)

    def line_ringing(self) -> None:
        """Nobody is called."""

    def line_answered(self, assumed: bool) -> None:
        """Nobody is called."""

    def line_seized(self, leg: Leg) -> None:
        """A test never waits for a line."""

    def line_ended(self, cause: int, by_party: bool) -> None:
        """Something happened to the line: a call came in, its battery went, or the board did."""
        if self._line.state is LineState.FAULT:
            self._findings.clear()
            self._find("battery", "bad")
            self._end("done")
        else:
            self._end(self._lost())

    def line_wanted(self) -> None:
        """A call is to go out."""
        self._line.hang_up()
        self._end("out")

    # ---- the test

    async def _run(self) -> None:
        try:
            await self._listen_on_hook()
            await self._hear_dial_tone()
            self._line.hang_up()
            self._end("done")
        except Stopped:
            pass
        finally:
            if not self._stopped.done():  # the gateway ends
                self._line.hang_up()
                self._end("gone")

    async def _listen_on_hook(self) -> None:
        while self._line.state is LineState.GUARD:  # of a call or test just over, for a second
            await self._pause(LOOK_S)
        await self._pause(ANNOUNCED_S)
        if self._line.state is LineState.FAULT:
            self.line_ended(0, by_party=False)
        elif self._line.state is not LineState.IDLE or self._line.announcing:
            self._end(self._lost())
        if self._stopped.done():
            raise Stopped
        self._find("battery", "good")
        self._findings += self._line.habits.findings(self._host.sounds.tones)
        self._token = self._host.token(self._heard)
        try:
            self._leg = self._line.seize(self, self._token)
        except WrongState:
            self._end(self._lost())
            raise Stopped from None
        cadences = self._host.sounds.cadences
        tones = {name: cadences[name] for name in ("dial", "busy", "congestion")}
        self._leg.detect(digits=False, tones=tones, caller_id=False)

    async def _hear_dial_tone(self) -> None:
        assert self._leg is not None  # noqa: S101 - the line is seized
        begun_s = self._loop.time()
        sound_s = last_s = begun_s - PAUSE_S  # since when there is one, and until when
        while not self._tone and self._loop.time() < begun_s + DIAL_TONE_S:
            await self._pause(LOOK_S)
            now = self._loop.time()
            if self._leg.level_dbm0() >= SOUND_DBM0:
                sound_s, last_s = sound_s if now - last_s < PAUSE_S else now, now
        if self._tone != "dial":
            self._miss_dial_tone(self._leg.samples())
            return
        late_s = max(0.0, sound_s - begun_s)
        self._find("dial_tone", "poor" if late_s > LATE_S else "good", late_s, "s", "late" if late_s > LATE_S else "")
        await self._pause(max(LOOK_S, sound_s + MEASURED_S - self._loop.time()))
        tone = _loud(self._leg.samples())
        level = level_dbm0(tone)
        wrong = "weak" if level < LEVEL_DBM0[0] else "loud" if level > LEVEL_DBM0[1] else ""
        self._find("dial_tone_level", "poor" if wrong else "good", level, "dBm0", wrong)
        self._find_frequencies(tone, _parts(self._host.sounds.tones.dial))
        await self._break_dial_tone(tone)

    async def _break_dial_tone(self, tone: bytes) -> None:
        assert self._leg is not None  # noqa: S101 - the line is seized
        self._line.send(KEY)
        name = "pulses" if self._line.setup.dialling == "pulses" else "dtmf"
        await self._pause(QUIET_S)
        quiet = self._leg.samples()
        before, after = level_dbm0(tone), level_dbm0(quiet)
        if after > before - 6.0 and _tones(quiet):
            self._find(name, "bad", reason="tone-stays")
            self._find("noise", "unknown", reason="tone-stays")
        else:
            self._find(name, "good")
            self._find_noise(after)
            await self._find_echo(after)

    def _miss_dial_tone(self, heard: bytes) -> None:
        """Say what there is instead."""
        level = level_dbm0(heard)
        tones = _tones(heard)
        if level < SOUND_DBM0:
            reason = "silent"
        elif self._tone:
            reason = "busy"
        else:
            reason = "other-tone" if tones else "noise"
        self._find("dial_tone", "bad", reason=reason)
        if tones and level >= SOUND_DBM0:
            self._find("dial_tone_level", "unknown", level, "dBm0")
            self._find_frequencies(heard, ())
        else:
            self._find_noise(level)

    def _find_frequencies(self, heard: bytes, right: Sequence[float]) -> None:
        for hertz, _ in _tones(heard):
            off = bool(right) and all(abs(hertz - one) > OFF_HZ for one in right)
            verdict: Verdict = "unknown" if not right else "poor" if off else "good"
            self._find("dial_tone_frequency", verdict, hertz, "Hz", "off" if off else "")

    def _find_noise(self, level: float) -> None:
        poor, bad = NOISE_DBM0
        verdict: Verdict = "bad" if level > bad else "poor" if level > poor else "good"
        self._find("noise", verdict, level, "dBm0", "" if verdict == "good" else "noise")

    async def _find_echo(self, noise_dbm0: float) -> None:
        """Play a noise and hear what comes back of it, beside what was heard before."""
        assert self._leg is not None  # noqa: S101 - the line is seized
        self._leg.play([NOISE], 0)
        await self._pause(ECHO_S)
        loss = return_loss(self._leg.samples(), noise_dbm0)
        poor, bad = ECHO_DB
        verdict: Verdict = "bad" if loss < bad else "poor" if loss < poor else "good"
        self._find("echo_return_loss", verdict, loss, "dB", "" if verdict == "good" else "echo")

    def _find(
        self, name: str, verdict: Verdict, figure: float | None = None, unit: str = "", reason: str = ""
    ) -> None:
        figure = figure if figure is None else round(figure, 1)
        self._findings.append(LineFinding(name, verdict, figure, unit, reason))

    # ---- inside

    def _lost(self) -> Outcome:
        """Return what has the line instead of the test."""
        state = self._line.state
        if state in (LineState.SEIZED, LineState.DIALING, LineState.PROCEEDING):
            return "out"
        return "gone" if state is LineState.GONE else "parallel" if state is LineState.PARALLEL else "in"

    def _heard(self, happening: Happening) -> None:
        self._line.trace.heard(happening)
        if happening.kind == "tone" and not self._tone:
            self._tone = happening.value

    async def _pause(self, seconds: float) -> None:
        await asyncio.wait((self._stopped,), timeout=seconds)
        if self._stopped.done():
            raise Stopped

    def _end(self, outcome: Outcome) -> None:
        """Let go of the leg, before the line listens on-hook again, and tell."""
        if self._stopped.done():
            return
        self._stopped.set_result(None)
        if self._leg is not None:
            self._leg.close()
            self._leg = None
        if self._token:
            self._host.release(self._token)
        self._ended()
        findings = tuple(self._findings) if outcome == "done" else ()
        self._host.tell(
            LineTested, command=self._command, line=self._line.number, outcome=outcome, findings=findings
        )


def _parts(tone: Tone) -> tuple[float, ...]:
    """Return the frequencies that a tone is made of: one that is modulated has others beside its own."""
    swings = (-tone.modulated_hz, 0.0, tone.modulated_hz) if tone.modulated_hz else (0.0,)
    return tuple(hertz + swing for hertz in tone.frequencies for swing in swings)


def _loud(heard: bytes) -> bytes:
    """Return the sounding parts of what was heard: a dial tone may pause, and a block of samples may be lost."""
    blocks = [heard[at : at + BLOCK_BYTES] for at in range(0, len(heard), BLOCK_BYTES)]
    levels = [level_dbm0(block) for block in blocks]
    return b"".join(block for block, level in zip(blocks, levels, strict=True) if level > max(levels) - 6.0)


def _tones(heard: bytes) -> list[tuple[float, float]]:
    """Return the frequencies (Hz, dBm0) that are a tone: together most of what is heard, none 10 dB below another."""
    peaks = spectral_peaks(heard, at_most=3, within_db=10.0, least_dbm0=SOUND_DBM0)
    power = sum(10 ** (level / 10) for _, level in peaks)
    return peaks if power >= 10 ** ((level_dbm0(heard) - TONE_SHARE_DB) / 10) else []

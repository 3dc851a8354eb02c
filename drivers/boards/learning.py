"""One test call by which a line's own busy tone is learnt: somebody calls it, or is called, and hangs up.

Until the call comes the line is used as ever; what comes in first is taken for the test call, and hears a beep.
"""

import asyncio
from collections.abc import Callable
from typing import Literal

from drivers.boards.busytone import Measured, Reason, ToneMeter, written
from drivers.boards.line import TelephoneLine
from drivers.boards.linetest import Stopped, TestHost
from drivers.boards.state import LineState
from drivers.boards.user import Caller, LineUser
from drivers.link.errors import WrongState
from drivers.link.messages import LearnTone, LineLearning, Tone, ToneLearnt
from native.dsp import band_levels
from native.media import Happening, Leg

Step = Literal["waiting", "calling", "listening"]
Outcome = Literal["learnt", "failed", "stopped"]

LOOK_S = 0.4
PICTURE_BLOCKS = 400            # of 10 ms: the last of the tone
BAND_HZ, BANDS = 25.0, 80       # up to 2 kHz
PLAY_ID = 1


class ToneLearning:
    """One attempt, from `begin` to the event that tells its end. It is the line's user (LineUser) in its call."""

    def __init__(
        self, host: TestHost, line: TelephoneLine, order: LearnTone, ended: Callable[[], None]
    ) -> None:
        """`ended` is told once, when the line is free of it."""
        self._host, self._line, self._order, self._ended = host, line, order, ended
        self._loop = asyncio.get_running_loop()
        self._leg: Leg | None = None
        self._token = 0
        self._step: Step = "calling" if order.number else "waiting"
        self._called = False  # the line's call is ours
        self._heard = ""
        self._stopped: asyncio.Future[None] = self._loop.create_future()
        tones = host.sounds.tones
        self._meter = ToneMeter({"busy": tones.busy, "congestion": tones.congestion})

    def begin(self) -> None:
        """Begin; WrongState where the line is in use."""
        if self._line.state not in (LineState.IDLE, LineState.GUARD):
            raise WrongState(f"line {self._line.number} is {self._line.state}; to learn it must be idle")
        if self._line.setup.never_answer and not self._order.number:
            raise WrongState(f"line {self._line.number} is never answered, by its setting: call a number instead")
        self._token = self._host.token(self._hear)
        if not self._order.number:
            self._line.expect(self._offered)
        self._tell()
        self._host.spawn(self._run())

    def stop(self) -> None:
        """Give up: somebody says so."""
        self._hang_up()
        self._end("stopped")

    # ---- what the line tells (LineUser)

    def line_ringing(self) -> None:
        """The far end is being called."""

    def line_answered(self, assumed: bool) -> None:
        """The far end answered, and is to hang up."""
        self._listen()

    def line_seized(self, leg: Leg) -> None:
        """It does not begin in a test, and so waits for none."""

    def line_ended(self, cause: int, by_party: bool) -> None:
        """The call is over by something else than a tone."""
        reason = "not-answered" if self._step != "listening" else "signalled"
        if self._line.state in (LineState.GONE, LineState.FAULT) and self._step != "listening":
            reason = "gone"
        self._end("failed", reason)

    def line_wanted(self) -> None:
        """It does not give way: somebody is on the telephone for it."""

    # ---- the call

    def _offered(self, caller: Caller) -> LineUser:
        self._line.expect(None)
        self._called = True
        self._loop.call_soon(self._answer)
        return self

    def _answer(self) -> None:
        if self._stopped.done():
            return
        try:
            self._leg = self._line.answer(self._token)
        except WrongState:
            self._end("failed", "not-answered")
            return
        self._listen()

    def _listen(self) -> None:
        assert self._leg is not None  # noqa: S101 - the line talks
        self._step = "listening"
        self._tell()
        sounds = self._host.sounds.at_hand((Tone("beep"),))
        if sounds and not self._order.number:
            self._leg.play(sounds, PLAY_ID)

    async def _run(self) -> None:
        begun_s = self._loop.time()
        try:
            await self._dial()
            while self._step != "listening":
                await self._pause()
                if self._line.state is LineState.GONE:
                    self._end("failed", "gone")
                elif self._loop.time() - begun_s >= self._order.wait_s:
                    self._hang_up()
                    self._end("failed", "no-call" if self._step == "waiting" else "not-answered")
            begun_s = self._loop.time()
            assert self._leg is not None  # noqa: S101 - else it had been stopped
            tick, _ = self._leg.samples_since(0)  # what sounded before, as ringback, is none of it
            measured = Measured(None, Reason.SILENCE)
            while self._loop.time() - begun_s < self._order.listen_s:
                await self._pause()
                tick, samples = self._leg.samples_since(tick)
                self._meter.hear(samples)
                self._tell(self._meter.sounds_like())
                measured = self._meter.measure()
                if measured.tone or measured.reason is Reason.KNOWN:
                    break
            self._hang_up()
            self._end("learnt" if measured.tone else "failed", measured.reason or "", measured)
        except Stopped:
            pass
        finally:
            if not self._stopped.done():  # the gateway ends
                self._hang_up()
                self._end("failed", "gone")

    async def _dial(self) -> None:
        if not self._order.number:
            return
        while self._line.state is LineState.GUARD:  # of a call or test just over, for a second
            await self._pause()
        try:
            self._leg = self._line.dial(self, self._order.number, self._token)
            self._called = True
        except WrongState:
            self._end("failed", "not-answered")

    async def _pause(self) -> None:
        if not self._stopped.done():
            await asyncio.wait((self._stopped,), timeout=LOOK_S)
        if self._stopped.done():
            raise Stopped

    def _hear(self, happening: Happening) -> None:
        if self._step == "calling":  # dial tone, ringback, the end of the keys; later a tone shall not end the call
            self._line.heard(happening)

    # ---- inside

    def _hang_up(self) -> None:
        self._line.expect(None)
        if self._called:
            self._line.hang_up()

    def _tell(self, heard: str | None = None) -> None:
        if heard != self._heard:
            self._heard = heard or ""
            self._host.tell(
                LineLearning, command=self._order.id, line=self._line.number, step=self._step, heard=self._heard
            )

    def _end(self, outcome: Outcome, reason: str = "", measured: Measured | None = None) -> None:
        """Let go of the leg, before the line listens on-hook again, and tell."""
        if self._stopped.done():
            return
        self._stopped.set_result(None)
        self._line.expect(None)
        if self._leg is not None:
            self._leg.close()
            self._leg = None
        self._host.release(self._token)
        self._ended()
        tone = written(measured.tone) if measured and measured.tone else ""
        levels = self._meter.levels[-PICTURE_BLOCKS:]
        self._host.tell(
            ToneLearnt, command=self._order.id, line=self._line.number, outcome=outcome, reason=str(reason), tone=tone,
            levels=tuple(round(max(pair)) for pair in zip(levels[::2], levels[1::2], strict=False)),
            spectrum=self._spectrum() if levels else (),
        )  # fmt: skip

    def _spectrum(self) -> tuple[int, ...]:
        heard = self._meter.heard[-2 * 8000 * 2 :]
        return tuple(round(level) for level in band_levels(heard, BAND_HZ, BANDS))

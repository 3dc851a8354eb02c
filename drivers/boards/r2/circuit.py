"""One timeslot of a span spoken to by MFC/R2: its line, its sound while it has a call, and who has the call."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from drivers.boards.r2.call import CircuitHost, R2Call
from drivers.boards.r2.sound import Sound
from drivers.link.causes import NORMAL_CLEARING, TEMPORARY_FAILURE
from drivers.link.errors import WrongState
from native import r2
from native.isdn import Party

if TYPE_CHECKING:
    from drivers.boards.r2.span import Span

log = logging.getLogger(__name__)

ACCEPT_S = 6.0      # for the exchange to say whether it rings; the far end waits for 15 s at most (Q.476)


class Circuit:
    """A timeslot from the start to the end of its span."""

    def __init__(self, span: Span, slot: int, host: CircuitHost) -> None:
        self.span, self.slot = span, slot
        self.call: R2Call | None = None
        self._host = host
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._soon: asyncio.Handle | None = None
        self._accept: asyncio.TimerHandle | None = None
        self._failed = False
        self._closed = False
        self.sound = Sound(
            host, span.wire, slot, self._name, span.trace, lambda tone: self._act(lambda: self.line.hear(tone)),
            self._no_sound,
        )  # fmt: skip
        trunk = span.trunk
        self.line = r2.Line(
            trunk.variant, self._send_bits, self.sound.send, self.sound.listen, self._said,
            self._loop.time, called_digits=trunk.called_digits, calling_digits=trunk.calling_digits,
            calling_first=trunk.calling_first, ask_category=trunk.ask_category, category=trunk.category,
            seize_s=trunk.seize_s, cycle_s=trunk.cycle_s, answer_s=trunk.answer_s, release_s=trunk.release_s,
            metering_ms=trunk.metering_ms, double_answer=trunk.double_answer,
        )  # fmt: skip
        self._soon = self._loop.call_soon(self._begin)

    def look(self) -> None:
        """Take the bits that are received now, or the alarm; block the line while a test has it."""
        bits = self.span.wire.bits(self.slot)
        self._act(lambda: self.line.shut(bits is None or self.slot in self.span.loan.slots))
        if bits is not None:
            self.span.trace.bits(self.slot, bits, sent=False)
            self._act(lambda: self.line.receive(bits))

    def dial(self, call: R2Call) -> None:
        """Make a call; WrongState when the line is not free, or the number none."""
        number, caller = call.dialled
        self._act(lambda: self.line.call(number, caller))
        self.call = call
        call.circuit = self
        call.tried.add(self.slot)

    def ring(self) -> None:
        """Say that the subscriber is free; the caller hears ringback."""
        self._no_wait()
        if self.line.state == "offered":
            self._act(self.line.accept)

    def speak(self) -> None:
        """Let the caller hear what there is before the answer, once the call is accepted."""
        self.ring()
        if self.line.state == "accepted" and self.call is not None and self.call.early is not None:
            self.call.early()

    def answer(self) -> None:
        """Answer once the call is accepted."""
        self.ring()
        if self.line.state == "accepted":
            self._through()

    def hang_up(self, cause: int) -> None:
        """End the call, or refuse it."""
        self._no_wait()
        self._act(lambda: self.line.hang_up(cause or NORMAL_CLEARING))

    def left(self) -> None:
        """Let a far end that called and does not go hear that the call is over."""
        if self.sound.there and self.line.state == "releasing":
            self.sound.play("busy")

    def close(self) -> None:
        """End the call and block the line: there is nobody here."""
        if self._closed:
            return
        self._act(lambda: self.line.shut(True))
        self._tell()
        self._closed = True
        for handle in (self._timer, self._soon, self._accept):
            if handle is not None:
                handle.cancel()
        self.sound.close()

    # ---- inside

    @property
    def _name(self) -> str:
        return f"{self.span.subject}, channel {self.slot}"

    def _begin(self) -> None:
        self._soon = None
        self.line.run()
        self.look()

    def _act(self, act: Callable[[], None]) -> None:
        """Do one of the line's acts; what follows from it is told soon."""
        try:
            act()
        except r2.R2Error as error:
            raise WrongState(f"{self._name}: {error}") from error
        finally:
            if not self._closed and self._soon is None:
                self._soon = self._loop.call_soon(self._run)

    def _run(self) -> None:
        """Do what is due, tell what happened, and wait for the next."""
        self._soon = None
        self.line.run()
        if self._failed:
            self._failed = False
            self.line.hang_up(TEMPORARY_FAILURE)
        self._tell()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_s = None if self._closed else self.line.due_s
        if due_s is not None:
            self._timer = self._loop.call_at(due_s, self._run)

    def _tell(self) -> None:
        while events := self.line.take():
            for event in events:
                try:
                    self._happened(event)
                except Exception:
                    log.exception("%s: after %s", self._name, event)  # one call's fault must not stop the others

    def _happened(self, event: r2.Event) -> None:
        call = self.call
        if isinstance(event, r2.Offered):
            self._offered(event)
        elif isinstance(event, r2.Freed):
            self._no_wait()
            self.call = None
            if call is not None and call.circuit is self:
                self._end(call, NORMAL_CLEARING)
            self.sound.end()
        elif isinstance(event, r2.Collided):
            if call is not None:
                self.call = None
                self.span.again(call)
        elif isinstance(event, r2.Cleared):
            if call is not None:
                self._end(call, event.cause)
        elif isinstance(event, r2.Accepted):
            self._accepted()
        elif isinstance(event, r2.Answered) and call is not None and call.user is not None:
            call.user.call_answered()
        self.span.look()

    def _offered(self, event: r2.Offered) -> None:
        call = self.call = R2Call(self)
        presentation = "restricted" if event.restricted else "allowed" if event.caller else "unavailable"
        kind = "international" if event.category.startswith("international") and event.caller else "unknown"
        call.user = self._host.call_offered(call, event.did, Party(event.caller, presentation=presentation, kind=kind))
        if self.line.state == "offered" and self._accept is None:
            self._accept = self._loop.call_later(ACCEPT_S, self.ring)

    def _accepted(self) -> None:
        call = self.call
        if call is not None and call.dialled[0]:
            if call.user is not None:
                call.user.call_ringing()
                call.user.call_audible()  # the called side's office gives the tones, as we do (Q.440)
        elif call is not None and call.through is not None:
            self._through()
        elif call is not None and call.early is not None:
            call.early()
        else:
            self.sound.play("ringback")

    def _through(self) -> None:
        """Answer a call whose channel was told to."""
        call = self.call
        if call is None or call.through is None or call.user is None:
            return
        through, call.through = call.through, None
        if through():
            self._act(self.line.answer)
            call.user.call_answered()

    def _end(self, call: R2Call, cause: int) -> None:
        user, call.user, call.circuit = call.user, None, None
        self.call = None
        if user is not None:
            user.call_ended(cause, by_party=True)

    def _send_bits(self, bits: int) -> None:
        self.span.trace.bits(self.slot, bits, sent=True)
        try:
            self.span.wire.send(self.slot, bits)
        except OSError as error:  # its span finds out too, where the wire is gone for good
            log.warning("%s: the line signal cannot be sent: %s", self._name, error.strerror or error)

    def _no_sound(self) -> None:
        self._failed = True

    def _no_wait(self) -> None:
        if self._accept is not None:
            self._accept.cancel()
            self._accept = None

    def _said(self, text: str) -> None:
        log.info("%s: %s", self._name, text)

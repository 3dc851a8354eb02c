"""The tests of lines that the fake gateway carries out: what each finds is the test's to say."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from drivers.link import messages as m
from drivers.link.errors import WrongState

if TYPE_CHECKING:
    from tests.fakes.gateway import FakeGateway

TEST_S = 5.0
GUARD_S = 1.0  # from a test's end until its line can be dialled on

WELL = (
    m.LineFinding("battery", "good"), m.LineFinding("dial_tone", "good", 0.3, "s"),
    m.LineFinding("dial_tone_level", "good", -12.0, "dBm0"), m.LineFinding("dial_tone_frequency", "good", 450.0, "Hz"),
    m.LineFinding("dtmf", "good"), m.LineFinding("noise", "good", -66.0, "dBm0"),
    m.LineFinding("echo_return_loss", "good", 24.5, "dB"),
)  # fmt: skip
SILENT = (
    m.LineFinding("battery", "good"), m.LineFinding("dial_tone", "bad", reason="silent"),
    m.LineFinding("noise", "good", -66.0, "dBm0"),
)  # fmt: skip
CUT = (m.LineFinding("battery", "bad"),)


class FakeLineTests:
    """Those under way, by line. `found` is what a line's next tests find; WELL where nothing is said."""

    def __init__(self, gateway: FakeGateway) -> None:
        self.found: dict[int, tuple[m.LineFinding, ...]] = {}
        self.made: list[tuple[float, int]] = []  # Unix time and line of all ever begun
        self._gateway = gateway
        self._running: dict[int, tuple[m.TestLine, asyncio.TimerHandle]] = {}

    def begin(self, order: m.TestLine) -> None:
        """Begin one; WrongState where the line is in use."""
        state = self._gateway.line_states.get(order.line, "absent")
        if state == "parallel":
            self._gateway.tell(m.LineTested, command=order.id, line=order.line, outcome="parallel")
            return
        if order.line in self._running or state not in ("idle", "fault"):
            raise WrongState(f"line {order.line} is {state}; to test it must be idle")
        self.made.append((self._gateway.wall_s(), order.line))
        self._running[order.line] = order, self._gateway.later(TEST_S, self.end, order.line, "done")
        if state == "idle":
            self._gateway.line_is(order.line, "testing")

    def end(self, line: int, outcome: str) -> None:
        """End the one under way on a line, if there is one."""
        if line not in self._running:
            return
        order, timer = self._running.pop(line)
        timer.cancel()
        if self._gateway.line_states[line] == "testing":
            self._gateway.line_is(line, "idle")
        findings = self.found.get(line, WELL) if outcome == "done" else ()
        self._gateway.tell(m.LineTested, command=order.id, line=line, outcome=outcome, findings=findings)

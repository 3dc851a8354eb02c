"""The far end of a simulated E1: a line of openr2's for each timeslot; its tones pass by word of mouth or as sound."""

import asyncio
from collections.abc import Callable
from typing import Any

from drivers.boards.base import CasWire
from native.r2 import Line
from tests.drivers.boards.r2.wires import LocalCas
from tests.native.pri.happened import Happened


class FarLine(Happened):
    """One timeslot there. `tone` is what it sends now, `listening` what it hears."""

    def __init__(self, office: "Office", slot: int, variant: str, **settings: Any) -> None:
        super().__init__()
        self.office, self.slot = office, slot
        self.tone, self.listening = "", ""
        self.said: list[str] = []
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self.line = Line(
            variant, lambda bits: office.wire.send(slot, bits), self._send, self._listen, self.said.append,
            self._loop.time, **settings,
        )  # fmt: skip
        self.act(self.line.run)

    def _send(self, tone: str) -> None:
        self.tone = tone
        self.office.spoke(self.slot, tone)

    def _listen(self, what: str) -> None:
        self.listening = what
        if what:
            self.office.listens(self.slot)

    def hear(self, tone: str) -> None:
        """Hear a tone begin, or end."""
        if self.listening:
            self.act(lambda: self.line.hear(tone))

    def act(self, act: Callable[[], Any]) -> None:
        """Do something, then take what happened and wait for what is due."""
        act()
        self.run()

    def run(self) -> None:
        """Do what is due."""
        due_s = self.line.run()
        self.events += self.line.take()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if due_s is None else self._loop.call_at(due_s, self.run)

    def close(self) -> None:
        """Have no timer any more."""
        if self._timer is not None:
            self._timer.cancel()


class Office:
    """All lines of one end; `spoke` and `listens` are told of tones."""

    def __init__(self, wire: CasWire, variant: str = "itu", **settings: Any) -> None:
        self.wire = wire
        self.spoke: Callable[[int, str], None] = lambda slot, tone: None
        self.listens: Callable[[int], None] = lambda slot: None
        self._loop = asyncio.get_running_loop()
        self.lines = {slot: FarLine(self, slot, variant, **settings) for slot in wire.slots}
        self._loop.add_reader(wire.wakes, self._woken)

    def _woken(self) -> None:
        try:
            slots = self.wire.changed()
        except OSError:
            self._loop.remove_reader(self.wire.wakes)
            return
        for slot in slots:
            bits = self.wire.bits(slot)
            if bits is not None:
                self.lines[slot].act(lambda line=self.lines[slot].line, bits=bits: line.receive(bits))

    def alarm(self, slot: int, on: bool) -> None:
        """Let the wire of a timeslot be in alarm, as its other end sees it."""
        assert isinstance(self.wire, LocalCas)
        (self.wire.alarmed.add if on else self.wire.alarmed.discard)(slot)
        self.wire.send(slot, self.wire.sent[slot])

    def close(self) -> None:
        """Go away."""
        self._loop.remove_reader(self.wire.wakes)
        for line in self.lines.values():
            line.close()

"""Two people whom a line of the box has left to each other: it flashed, called the second and hung up."""

from typing import TYPE_CHECKING

from drivers.office.sound import BLOCK, SILENCE, TICK_S

if TYPE_CHECKING:
    from drivers.office.line import Callee, Party
    from drivers.office.sound import Source


class Joined:
    """One pair. `tick` is its clock, once the line's is theirs no more; it is their way from now on."""

    span = 0    # it came by an analog line

    def __init__(
        self, number: int, first: "Party", second: "Party", *, calling: "Callee | None", ringback: "Source"
    ) -> None:
        """`calling` is `second` where that one has not answered yet: `first` hears `ringback` until then."""
        self.number = number
        self.over = False
        self._pair = (first, second)
        self._calling, self._ringback = calling, ringback
        self._said = SILENCE    # by the second, a tick ago
        self._ticks = 0

    def tick(self) -> None:
        """Live 20 ms."""
        first, second = self._pair
        self._ticks += 1
        if self._calling and self._calling.behaviour != "answers":
            self._end(self._calling)
        elif self._calling and self._ticks * TICK_S < self._calling.answer_after_s:
            first.talk(self._ringback.read(BLOCK))
        elif self._calling:
            self._calling.answered()
            self._calling = None
        else:
            said = first.talk(self._said)
            self._said = SILENCE if self.over else second.talk(said)

    def release(self, party: "Party") -> None:
        """Let one hang up: the other is told, as if the box had."""
        if not self.over:
            self._end(party)

    def _end(self, gone: "Party") -> None:
        self.over = True
        for party in self._pair:
            if party is not gone:
                party.released()
            elif party is self._calling:
                self._calling.refused()

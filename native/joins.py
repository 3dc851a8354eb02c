"""What became of the joins that the far end was asked for: libpri sends the request in two steps, and tells nothing.

ETSI EN 300 369-1 §9.2, explicit: one call is asked for its link identifier; with that, libpri asks on the other to
execute. The answer to the first is of the first call, that to the second of the second.
"""

from dataclasses import dataclass

from native.isdn import Joined, NotJoined
from native.rose import Message

Reference = tuple[int, bool]    # of a call, as messages from the far end have it


@dataclass
class Join:
    """Two calls, by number, and as messages have them. `executing`: the first has answered."""

    calls: tuple[int, int]
    references: tuple[Reference, Reference]
    limit_s: float | None
    executing: bool = False


class Joins:
    """Those that nobody has answered for."""

    def __init__(self) -> None:
        self._open: list[Join] = []

    def __bool__(self) -> bool:
        """Say whether an answer may come."""
        return bool(self._open)

    @property
    def due_s(self) -> float | None:
        """When the next has taken too long."""
        return min((join.limit_s for join in self._open if join.limit_s is not None), default=None)

    def add(self, join: Join) -> None:
        """Wait for what becomes of one."""
        self._open.append(join)

    def of(self, call: int) -> Join | None:
        """Return the one that a call is of."""
        return next((join for join in self._open if call in join.calls), None)

    def heard(self, message: Message) -> list[Joined | NotJoined]:
        """Take a message of the far end's; return what it decided."""
        for join in self._open:
            reference = (message.reference, message.ours)
            if reference not in join.references:
                continue
            for one in message.components:
                if one.kind in ("error", "reject") and reference == join.references[join.executing]:
                    return self._end(join, NotJoined(*join.calls, "refused"))
                if one.kind == "result" and reference == join.references[join.executing]:
                    if join.executing:
                        return self._end(join, Joined(*join.calls))
                    join.executing = True
        return []

    def gone(self, join: Join) -> list[Joined | NotJoined]:
        """One of its calls ends: there is nothing to join any more."""
        return self._end(join, NotJoined(*join.calls, "gone"))

    def late(self, now_s: float) -> list[tuple[Join, NotJoined]]:
        """Return those that took too long by now; one that was to be executed may still be."""
        found = []
        for join in [one for one in self._open if one.limit_s is not None and one.limit_s <= now_s]:
            found.append((join, NotJoined(*join.calls, "timeout")))
            join.limit_s = None
            if not join.executing:
                self._open.remove(join)
        return found

    def _end(self, join: Join, told: Joined | NotJoined) -> list[Joined | NotJoined]:
        self._open.remove(join)
        silent = isinstance(told, NotJoined) and join.limit_s is None   # it was told before, when it took too long
        return [] if silent else [told]

"""Which lines and trunks are in use, known from events alone, and through which a number may go out."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from drivers.link.messages import ToLine, ToTrunk
from firmware import numbers
from firmware.calls.call import Call
from firmware.config import extensions, ways
from firmware.config.profiles import settings
from firmware.config.schema import Config, Line, Outgoing
from firmware.config.spans import Group, channels
from firmware.config.trunk import Trunk
from firmware.events import Event, Kind

PARALLEL = "parallel"  # of a line, as the gateway says it: another telephone on the pair is off-hook


class Way(NamedTuple):
    """A line or trunk to try: its `name` as configured (`line:3`, `trunk:carrier`), the number `shown` as caller."""

    name: str
    target: ToLine | ToTrunk
    shown: str


class Bearers:
    """Follows every leg that ends on a line or a trunk; `line_states` is what the gateway says of lines."""

    def __init__(self, config: Callable[[], Config], line_states: Callable[[], dict[int, str]]) -> None:
        self._config, self._line_states = config, line_states
        self._legs: dict[tuple[str, str], str] = {}    # call and leg: the bearer's name
        self._in_use: Counter[str] = Counter()
        self._changed = asyncio.Event()
        self._waiting = 0    # emergency calls, for the next bearer that comes free

    def follow(self, event: Event) -> None:
        """Learn from one event."""
        if event.kind is Kind.CALL_OFFERED:
            self._take(event.call, "1", str(event.data.get("source", "")))
        elif event.kind is Kind.LEG_DIALED:
            self._take(event.call, event.leg, str(event.data.get("target", "")))
        elif event.kind is Kind.LEG_ENDED:
            self._free([(event.call, event.leg)])
        elif event.kind is Kind.CALL_ENDED:
            self._free([party for party in self._legs if party[0] == event.call])

    def restore(self, calls: Iterable[Call]) -> None:
        """Learn from the calls that had not ended when the exchange began."""
        for call in calls:
            for leg in call.legs.values():
                if leg.state != "ended":
                    self._take(call.id, leg.id, leg.target or call.source)

    def line_changed(self) -> None:
        """Learn that `line_states` are others now."""
        self._changed.set()

    def ways(self, rule: Outgoing, number: str, extension: str) -> Iterator[Way]:
        """Yield what is free for a number that an extension dialled, in the rule's order.

        Each is looked at when its turn has come; while an emergency call waits for one, none is free for others.
        """
        sent = rule.prepend + number[rule.strip :]
        for via in rule.via if not self._waiting else ():
            yield from self._free_ways(via, sent, extension)

    def emergency_ways(self, number: str, extension: str) -> Iterator[Way]:
        """Yield all that is free: lines first, since they tell the emergency centre where we are.

        Last those that something else shares: it may be in use without our knowing.
        """
        yield from self._free_ways("lines", number, extension)
        for trunk in ways.trunks(self._config()):
            yield from self._free_ways(f"trunk:{trunk.name}", number, extension)
        for line in self._config().lines:
            if line.never_answer:
                yield from self._free_ways(f"line:{line.number}", number, extension)

    def last_ways(self, number: str) -> Iterator[Way]:
        """Yield the lines that another telephone has, for an emergency call that nothing else is left for.

        Where it really is off-hook there is no dial tone: nothing is dialled into somebody's talk, who may be calling
        for help there. But a low battery may be a line's own, and a receiver may be put down at this moment.
        """
        for line in sorted(self._config().lines, key=lambda line: -line.number):
            if self._line_states().get(line.number) == PARALLEL and not self._in_use[f"line:{line.number}"]:
                target = ToLine(line=line.number, number=line.access_code + number, parallel=True)
                yield Way(f"line:{line.number}", target, "")

    def held_by_telephones(self, rule: Outgoing) -> bool:
        """Tell whether other telephones have all the lines that a rule may use, but for those at fault."""
        if any(via.startswith("trunk:") for via in rule.via):
            return False
        numbers = {number for via in rule.via for number in self._lines(via)}
        states = {self._line_states().get(number, "idle") for number in numbers} - {"fault"}
        return states == {PARALLEL}

    def names(self) -> set[str]:
        """Return all that a call can go out by, free or not."""
        return set(ways.names(self._config()))

    async def freed(self, ways: Callable[[], Iterator[Way]], timeout_s: float) -> Way | None:
        """Return the first of `ways` for an emergency call as soon as there is one, None when none comes in time."""
        self._waiting += 1
        try:
            async with asyncio.timeout(timeout_s):
                while (way := next(ways(), None)) is None:
                    self._changed.clear()
                    await self._changed.wait()
                return way
        except TimeoutError:
            return None
        finally:
            self._waiting -= 1

    def _free_ways(self, via: str, number: str, extension: str) -> Iterator[Way]:
        kind, _, name = via.partition(":")
        if kind == "trunk":
            trunk = ways.trunk(self._config(), name)
            if trunk is not None and self._in_use[via] < self._most(trunk):
                shown = self._shown(trunk, extension)
                if isinstance(trunk, Trunk):
                    of = settings(trunk)
                    number, shown = self._written(number, of.called_format), self._written(shown, of.caller_format)
                yield Way(via, ToTrunk(trunk=name, number=trunk.access_code + number), shown)
            return
        lines = self._lines(via)
        # The carrier hunts upwards for incoming calls: from the other end, the two meet as late as can be
        # One that is being tested can be had too, a second later
        for state in ("idle", "testing"):
            for line in sorted(lines, reverse=True):
                if self._in_use[f"line:{line}"] or self._line_states().get(line, "idle") != state:
                    continue
                yield Way(f"line:{line}", ToLine(line=line, number=lines[line].access_code + number), "")

    def _lines(self, via: str) -> dict[int, Line]:
        """Return the lines of a way by their numbers: `line:3`, or `lines` for all that nothing else answers."""
        _, _, name = via.partition(":")
        return {
            line.number: line for line in self._config().lines
            if (line.number == int(name) if name else not line.never_answer)
        }  # fmt: skip

    def _most(self, trunk: Trunk | Group) -> int:
        """Return how many calls at once a trunk can have."""
        return trunk.channels if isinstance(trunk, Trunk) else sum(1 for _ in channels(trunk, self._config().spans))

    def _written(self, number: str, form: str) -> str:
        box = self._config().box
        return numbers.written(number, form, box.country, box.area_code)

    def _shown(self, trunk: Trunk | Group, extension: str) -> str:
        """Return the extension's own number where the carrier gave us that, else the first; "" if it gave none."""
        entry = extensions.find(self._config(), extension)
        own = entry.caller_id if entry is not None else ""
        return own if own in trunk.numbers else next(iter(trunk.numbers), "")

    def _take(self, call: str, leg: str, party: str) -> None:
        kind, _, rest = party.partition(":")
        if kind == "extension":  # one at a PBX takes a channel of its group
            kind, _, rest = extensions.place(self._config(), rest).partition(":")
        if kind in ("line", "trunk") and (call, leg) not in self._legs:
            name = f"{kind}:{rest.partition(':')[0]}"
            self._legs[call, leg] = name
            self._in_use[name] += 1

    def _free(self, parties: Iterable[tuple[str, str]]) -> None:
        for party in parties:
            name = self._legs.pop(party, "")
            if name:
                self._in_use[name] -= 1
                self._changed.set()

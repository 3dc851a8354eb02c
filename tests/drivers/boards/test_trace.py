"""What passes at a place is told while somebody reads it: all that is kept, then as it comes, and no longer."""

from collections.abc import Iterator
from typing import Any

import pytest

from drivers.boards.trace import KEPT, TOLD, Trace, Traces
from drivers.link.errors import NoSuchChannel, WrongState
from drivers.link.messages import IsdnTrunk, Signals, TraceSignals
from native.isdn import Party
from tests.drivers.boards import test_spans

CARRIER = IsdnTrunk(name="carrier", span=1)


class Box(test_spans.Box):
    """All spans of a configuration and one line's trace, read."""

    async def _make(self) -> None:
        await super()._make()
        self.traced: list[Any] = []
        self.more: list[bool] = []
        self.line = Trace(self.loop.time)
        self.traces = Traces(
            {"span": lambda number: self.spans.span(number).trace, "line": self._line},
            lambda: 1e9 + self.loop.time(), self._told,
        )  # fmt: skip

    def _line(self, number: int) -> Trace:
        if number != 1:
            raise WrongState(f"line {number} is not plugged in")
        return self.line

    def _told(self, told: Signals) -> None:
        assert len(told.signals) <= TOLD
        self.more.append(told.more)
        self.traced += [(told.place, one) for one in told.signals]

    def read(self, place: str, for_s: float = 10, after: int = 0) -> None:
        self.do(self.traces.trace, TraceSignals(id="1", place=place, for_s=for_s, after=after))

    def texts(self) -> list[str]:
        return [one.text for _, one in self.traced]

    def close(self) -> None:
        self.do(self.traces.close)
        super().close()


@pytest.fixture
def box() -> Iterator[Box]:
    box = Box()
    yield box
    box.close()


def test_what_is_read_is_told_whole_then_as_it_comes_and_no_longer_than_wanted(box: Box) -> None:
    far = box.plug()
    box.do(box.spans.provision, (CARRIER,))
    box.wait(3)
    box.read("span:1")
    kept = len(box.traced)
    assert kept > 3
    number = box.do(far.dchannel.call, "1", Party(), channel=2)
    box.wait(1)
    assert "SETUP" in box.texts()[kept:]
    assert [one.number for _, one in box.traced] == list(range(1, len(box.traced) + 1))
    assert all(1e9 <= one.at_s <= 1e9 + box.loop.time() for _, one in box.traced)
    box.wait(15)
    told = len(box.traced)
    box.do(far.dchannel.hang_up, number, 16)
    box.wait(5)
    assert len(box.traced) == told
    box.do(far.close)


def test_only_what_is_newer_is_told_to_who_has_the_rest(box: Box) -> None:
    for text in ("ring-on", "ring-off", "loop-closed"):
        box.line.take(text, sent=False)
    box.read("line:1", after=2)
    assert box.texts() == ["loop-closed"]


def test_a_place_that_began_anew_is_told_from_its_beginning(box: Box) -> None:
    box.line.take("battery-full", sent=False)
    box.read("line:1", after=40)
    assert box.texts() == ["battery-full"]


def test_much_is_told_in_parts_and_no_more_is_kept_than_it_says(box: Box) -> None:
    for _ in range(KEPT + 5):
        box.line.take("digit", sent=False)
    box.read("line:1", for_s=60)
    assert len(box.traced) == TOLD
    box.wait(0.4)  # what passed before follows at once: who reads it once reads all of it
    assert [one.number for _, one in box.traced] == list(range(6, KEPT + 6))
    assert box.more == [True] * (KEPT // TOLD - 1) + [False]


def test_two_places_are_read_side_by_side(box: Box) -> None:
    far = box.plug()
    box.do(box.spans.provision, (CARRIER,))
    box.wait(3)
    box.read("span:1")
    box.read("line:1")
    box.line.take("ring-on", sent=False)
    box.wait(1)
    assert {place for place, _ in box.traced} == {"span:1", "line:1"}
    box.do(far.close)


def test_what_is_no_place_or_is_not_there_is_refused(box: Box) -> None:
    with pytest.raises(NoSuchChannel, match="span 1 is in no trunk group"):
        box.read("span:1")
    with pytest.raises(WrongState, match="line 2 is not plugged in"):
        box.read("line:2")
    with pytest.raises(NoSuchChannel, match="'port:x' is no place; places are span:1, line:1"):
        box.read("port:x")

"""Trunks on spans come, go and come back; what is wrong with one is alarmed until it is not."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from drivers.alarms import Alarms
from drivers.boards.pri.call import SpanCall
from drivers.boards.pri.spans import Spans
from drivers.link.errors import WrongState
from drivers.link.messages import AlarmName, IsdnTrunk
from native.pri import Party
from tests.drivers.boards.pri.test_span import User
from tests.drivers.boards.pri.wires import FarEnd, LocalBoard, LocalLoop, LocalSpan, local_e1

CARRIER = IsdnTrunk(name="carrier", span=1)


class Box:
    """A board with one span that can be plugged in, and all trunks of a configuration."""

    def __init__(self) -> None:
        self.loop = LocalLoop()
        self.board = LocalBoard({})
        self.wires: list[LocalSpan] = []
        self.told: list[tuple[str, bool]] = []
        self.alarms: list[tuple[str, bool, str]] = []
        self.offered: list[User] = []
        self.loop.run_until_complete(self._make())

    async def _make(self) -> None:
        self.spans = Spans(self, self.board, Alarms(self._tell), lambda name, up: self.told.append((name, up)))

    def _tell(self, kind: type, name: AlarmName, subject: str, raised: bool, wrong: Any) -> None:
        assert name is AlarmName.TRUNK_LOST
        self.alarms.append((subject, raised, wrong.facts["text"] if wrong else ""))

    def call_offered(self, call: SpanCall, did: str, caller: Party) -> User:
        self.offered.append(User(call, did, caller))
        return self.offered[-1]

    def do(self, what: Any, *arguments: Any, **more: Any) -> Any:
        async def act() -> Any:
            return what(*arguments, **more)

        return self.loop.run_until_complete(act())

    def wait(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def plug(self) -> FarEnd:
        """Plug a span in, with a carrier at its other end."""
        ours, theirs = local_e1((1, 2))
        self.wires += [ours, theirs]
        self.board.spans[1] = lambda: ours
        far: FarEnd = self.do(FarEnd, theirs)
        return far

    def close(self) -> None:
        self.do(self.spans.close)
        for wire in self.wires:
            for end in (wire.frames, *wire.sockets.values()):
                end.close()
        self.loop.close()


@pytest.fixture
def box() -> Iterator[Box]:
    box = Box()
    yield box
    box.close()


def test_a_span_that_is_not_there_is_alarmed_and_used_once_it_is(box: Box) -> None:
    box.do(box.spans.provision, (CARRIER,))
    box.wait(12)
    assert box.alarms == [("trunk:carrier", True, "span 1 is not there; spans are []")]
    assert "carrier" in box.spans
    with pytest.raises(WrongState, match="trunk carrier: span 1 is not there"):
        box.spans.get("carrier")
    far = box.plug()
    box.wait(15)
    assert box.told == [("trunk:carrier", True)]
    assert box.alarms[1:] == [("trunk:carrier", False, "")]
    box.do(far.close)


def test_a_d_channel_that_nobody_answers_is_alarmed(box: Box) -> None:
    far = box.plug()
    box.do(far.close)
    ours, theirs = local_e1((1, 2))
    box.wires += [ours, theirs]
    box.board.spans[1] = lambda: ours
    box.do(box.spans.provision, (CARRIER,))
    box.wait(20)
    assert box.alarms == [("trunk:carrier", True, "the D-channel is down")]
    assert box.told == []


def test_a_span_that_is_lost_ends_its_calls_and_is_opened_again(box: Box) -> None:
    far = box.plug()
    box.do(box.spans.provision, (CARRIER,))
    box.wait(3)
    box.do(far.dchannel.call, "1", channel=1)
    box.wait(1)
    far.wire.frames.shutdown(2)
    box.wait(1)
    assert box.offered[0].told == [(27, "gateway")]
    assert box.told == [("trunk:carrier", True), ("trunk:carrier", False)]
    box.do(far.close)
    far = box.plug()
    box.wait(15)
    assert box.told[2:] == [("trunk:carrier", True)]
    assert all(not raised for _, raised, _ in box.alarms[1:])
    box.do(far.close)


def test_another_configuration_ends_the_calls_of_a_trunk_that_is_no_more_and_of_no_other(box: Box) -> None:
    far = box.plug()
    box.do(box.spans.provision, (CARRIER,))
    box.wait(3)
    box.do(far.dchannel.call, "1", channel=1)
    box.wait(1)
    box.do(box.spans.provision, (CARRIER,))
    box.wait(1)
    assert box.offered[0].told == []
    box.do(box.spans.provision, ())
    box.wait(10)
    assert box.offered[0].told == [(27, "gateway")]
    assert "carrier" not in box.spans
    assert box.alarms == []
    box.do(far.close)

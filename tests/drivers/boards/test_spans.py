"""Trunks on spans come, go and come back; what is wrong with one is alarmed until it is not."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from drivers.alarms import Alarms
from drivers.boards.pri.call import SpanCall
from drivers.boards.spans import Spans
from drivers.link.errors import WrongState
from drivers.link.messages import AlarmName, IsdnTrunk
from native.isdn import Offered, Party
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
        self.alarms: list[tuple[str, str, bool, str]] = []
        self.facts: list[dict[str, Any]] = []
        self.offered: list[User] = []
        self.loop.run_until_complete(self._make())

    async def _make(self) -> None:
        self.spans = Spans(self, self.board, Alarms(self._tell), lambda name, up: self.told.append((name, up)))

    def _tell(self, kind: type, name: AlarmName, subject: str, raised: bool, wrong: Any) -> None:
        self.facts += [wrong.facts] if wrong and "text" not in wrong.facts else []
        self.alarms.append((name, subject, raised, (wrong.facts.get("text", wrong.code)) if wrong else ""))

    def call_offered(self, call: SpanCall, did: str, caller: Party) -> User:
        self.offered.append(User(call, did, caller))
        return self.offered[-1]

    def do(self, what: Any, *arguments: Any, **more: Any) -> Any:
        async def act() -> Any:
            return what(*arguments, **more)

        return self.loop.run_until_complete(act())

    def wait(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def plug(self, slots: tuple[int, ...] = (1, 2), number: int = 1) -> FarEnd:
        """Plug a span in, with a carrier at its other end."""
        ours, theirs = local_e1(slots, number)
        self.wires += [ours, theirs]
        self.board.spans[number] = lambda: ours
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
    assert box.alarms == [("span-lost", "span:1", True, "span 1 is not there; spans are []")]
    assert "carrier" in box.spans
    with pytest.raises(WrongState, match="trunk carrier: span 1 is not there"):
        box.spans.get("carrier")
    far = box.plug()
    box.wait(15)
    assert box.told == [("trunk:carrier", True)]
    assert box.alarms[1:] == [("span-lost", "span:1", False, "")]
    box.do(far.close)


def test_channels_that_are_configured_and_not_there_are_alarmed_and_those_there_are_used(box: Box) -> None:
    far = box.plug((1, 2, 3))
    box.do(box.spans.provision, (IsdnTrunk("a", 1, slots=(1, 2, 7)), IsdnTrunk("b", 1, slots=(8, 9, 12))))
    box.wait(15)
    assert box.alarms == [("span-short", "span:1", True, "no-slots")]
    assert box.facts == [{"missing": "7-9,12", "there": "1-3"}]
    assert [box.spans.get("a").has_free(name) for name in ("a", "b")] == [True, False]
    box.do(far.close)
    far = box.plug((1, 2, 3))
    box.do(box.spans.provision, (IsdnTrunk("a", 1, slots=(1, 2)), IsdnTrunk("b", 1, slots=(3,))))
    assert box.alarms[1:] == [("span-short", "span:1", False, "")]
    box.wait(15)
    assert len(box.alarms) == 2
    box.do(far.close)


def test_a_d_channel_that_nobody_answers_is_alarmed(box: Box) -> None:
    far = box.plug()
    box.do(far.close)
    ours, theirs = local_e1((1, 2))
    box.wires += [ours, theirs]
    box.board.spans[1] = lambda: ours
    box.do(box.spans.provision, (CARRIER,))
    box.wait(20)
    assert box.alarms == [("span-down", "span:1", True, "no-dchannel")]
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
    assert all(not raised for _, _, raised, _ in box.alarms[1:])
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


def test_groups_share_a_span_each_with_its_own_channels_and_end_to_begin_at(box: Box) -> None:
    parts = (
        IsdnTrunk(name="carrier", span=1, slots=(1, 2, 3), hunting="down"),
        IsdnTrunk(name="pbx", span=1, slots=(4, 5), hunting="up", withheld=True),
    )
    far = box.plug((1, 2, 3, 4, 5))
    box.do(box.spans.provision, parts)
    box.wait(5)
    assert sorted(box.told) == [("trunk:carrier", True), ("trunk:pbx", True)]
    who = Party("62348801")
    calls = [box.do(box.spans.get(name).dial, User(), "1", who, name) for name in ("carrier", "pbx", "pbx")]
    assert [call.slot for call in calls] == [3, 4, 5]
    with pytest.raises(WrongState, match="no channel is free"):
        box.do(box.spans.get("pbx").dial, User(), "1", Party(), "pbx")
    box.wait(1)
    assert [one.caller.presentation for one in far.of(Offered)] == ["allowed", "restricted", "restricted"]
    box.do(far.dchannel.call, "2", Party(), channel=1)
    box.wait(1)
    assert box.offered[0].call.source == "trunk:carrier"
    box.do(far.close)


def test_a_trunk_on_two_spans_takes_the_second_when_the_first_is_full_or_down(box: Box) -> None:
    far, other = box.plug((1, 2)), box.plug((1, 2), number=2)
    box.do(box.spans.provision, tuple(IsdnTrunk(name="carrier", span=number) for number in (1, 2)))
    box.wait(5)
    assert box.told.count(("trunk:carrier", False)) == 0
    calls = [box.do(lambda: box.spans.get("carrier").dial(User(), "1", Party(), "carrier")) for _ in range(3)]
    assert [call._span.number for call in calls] == [1, 1, 2]
    box.do(far.close)
    box.wait(1)
    assert box.told[-1] == ("trunk:carrier", True)  # by the second
    assert box.do(box.spans.get, "carrier").number == 2
    box.do(other.close)


def test_a_pbx_is_told_of_waiting_messages_by_its_own_spans_also_by_one_that_is_opened_later(box: Box) -> None:
    def told(number: int) -> list[tuple[str, str]]:
        signals = box.spans.span(number).trace.after(0)
        said = [service for one in signals for service in one.services if ":mwi:" in service]
        return [(name, served) for _, _, name, served in (one.split(":") for one in said)]

    fars = [box.plug()]
    pbx = [IsdnTrunk(name, number, variant="qsig") for name, number in (("pbx", 1), ("other", 2))]
    box.do(box.spans.provision, tuple(pbx))
    box.do(box.spans.show_waiting, {"pbx": {"301": True}, "other": {"401": True, "402": False}})
    fars.append(box.plug(number=2))
    box.wait(15)
    assert told(1) == [("mwiActivate", "301")]
    assert told(2) == [("mwiActivate", "401"), ("mwiDeactivate", "402")]
    for far in fars:
        box.do(far.close)

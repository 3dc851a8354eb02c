"""What is told of digital spans every few seconds, and which of it is an alarm."""

from collections.abc import Iterator
from typing import Any

import pytest

from drivers.alarms import Alarms
from drivers.boards.watch import SLIPS, SpanWatch
from drivers.link.errors import NoSuchChannel, WrongState
from drivers.link.messages import IsdnTrunk, RestartSlot, SpanSetting, SpanState, SpanStates
from native.isdn import Party
from tests.drivers.boards import test_spans
from tests.drivers.boards.pri.wires import LocalBoard

DAY_S = 86400.0
CARRIER = IsdnTrunk(name="carrier", span=1)


class Board(LocalBoard):
    """A board whose wires are as the test says."""

    states: tuple[SpanState, ...] = ()

    def span_states(self) -> list[SpanState]:
        return list(self.states)


class Box(test_spans.Box):
    """All spans of a configuration, watched."""

    async def _make(self) -> None:
        self.board = Board({})
        await super()._make()
        self.shown: list[tuple[SpanState, ...]] = []
        self.restarted: list[tuple[int, bool]] = []
        self.watch = SpanWatch(
            self.board, self.spans, Alarms(self._tell), lambda: 1e9 + self.loop.time(),
            self._told, lambda order, answered: self.restarted.append((order.slot, answered)),
        )  # fmt: skip

    def _told(self, message: SpanStates) -> None:
        self.shown.append(message.spans)

    def look(self, **wire: Any) -> SpanState:
        """Return what is told of span 1 while its wire is so."""
        self.board.states = (SpanState(1, **wire),)
        state = self.do(self.watch.states)[0]
        self.wait(6)  # what lasts becomes an alarm
        return state

    def said(self, name: str) -> list[bool]:
        return [raised for what, _, raised, _ in self.alarms if what == name]

    def close(self) -> None:
        self.do(self.watch.close)
        super().close()


@pytest.fixture
def box() -> Iterator[Box]:
    box = Box()
    yield box
    box.close()


def test_a_span_in_use_is_told_of_with_its_signalling_and_its_calls(box: Box) -> None:
    assert box.look(device="card").signalling == ""
    far = box.plug()
    box.do(box.spans.provision, (CARRIER,))
    assert box.look().signalling == "down"
    box.wait(3)
    up = box.look()
    assert up.signalling == "up"
    assert 1e9 <= up.since_s <= 1e9 + box.loop.time()
    box.do(far.dchannel.call, "1", Party(), channel=2)
    box.wait(1)
    assert list(box.look().calls) == [2]
    box.do(far.close)


def test_a_span_that_is_configured_and_not_there_is_told_of_with_the_reason(box: Box) -> None:
    box.do(box.spans.provision, (CARRIER,))
    (state,) = box.do(box.watch.states)
    assert (state.number, state.there, state.wrong) == (1, False, "span 1 is not there; spans are []")


@pytest.mark.parametrize("alarm", ["red", "blue", "yellow"])
def test_an_alarm_of_the_wire_is_raised_and_clears_by_itself(box: Box, alarm: Any) -> None:
    box.look(alarms=(alarm,))
    assert box.alarms == []  # nobody uses it
    box.plug()
    box.do(box.spans.provision, (CARRIER,))
    box.look(alarms=("recovering", alarm))
    assert ("span-alarm", "span:1", True, f"wire-{alarm}") in box.alarms
    box.look()
    assert box.said("span-alarm")[-1] is False


def test_a_span_that_no_group_uses_is_alarmed_while_it_is_not_there(box: Box) -> None:
    box.do(box.spans.provision, (), (SpanSetting(2),))
    box.look()
    assert box.alarms == [("span-lost", "span:2", True, "span 2 is not there; spans are [1]")]
    box.board.states = (SpanState(1), SpanState(2))
    box.do(box.watch.states)
    box.wait(6)
    assert box.said("span-lost") == [True, False]
    box.board.states = (SpanState(1),)
    box.do(box.watch.states)
    box.wait(6)
    box.do(box.spans.provision, ())
    box.do(box.watch.states)
    box.wait(6)
    assert box.said("span-lost") == [True, False, True, False]  # nobody wants it any more


def test_more_slips_than_a_day_may_have_are_an_alarm_until_the_day_is_over(box: Box) -> None:
    box.plug()
    box.do(box.spans.provision, (CARRIER,))
    box.look(counters={"slips": 100})  # before we came
    assert box.look(counters={"slips": 100 + SLIPS}).slips_day == SLIPS
    assert True not in box.said("span-slips")
    assert box.look(counters={"slips": 101 + SLIPS}).slips_day == SLIPS + 1
    assert box.said("span-slips")[-1] is True
    box.wait(DAY_S / 2)
    assert box.look(counters={"slips": 101 + SLIPS}).slips_day == SLIPS + 1
    for _ in range(3):
        box.wait(DAY_S / 2)
        last = box.look(counters={"slips": 101 + SLIPS})
    assert last.slips_day == 0
    assert box.said("span-slips")[-1] is False


def test_a_driver_that_counts_anew_after_an_alarm_or_a_load_takes_no_slip_away(box: Box) -> None:
    box.plug()
    box.do(box.spans.provision, (CARRIER,))
    box.look(counters={"slips": 50})
    assert box.look(counters={"slips": 50 + SLIPS}).slips_day == SLIPS
    assert box.look(counters={"slips": 0}).slips_day == SLIPS
    assert box.look(counters={"slips": 3}).slips_day == SLIPS + 3
    assert box.said("span-slips")[-1] is True
    box.board.states = ()
    box.do(box.watch.states)
    assert box.look(counters={"slips": 3}).slips_day == SLIPS + 3  # it could not be asked for a moment



def test_a_channel_is_restarted_and_its_call_ends(box: Box) -> None:
    far = box.plug()
    box.do(box.spans.provision, (CARRIER,))
    box.wait(3)
    box.do(far.dchannel.call, "1", Party(), channel=2)
    box.wait(1)
    last = box.spans.span(1).trace.last
    box.do(box.watch.restart, RestartSlot(id="1", span=1, slot=2))
    box.wait(2)
    assert box.offered[0].told == [(41, "gateway")]
    assert box.restarted == [(2, True)]
    assert [one.text for one in box.spans.span(1).trace.after(last) if "RESTART" in one.text] == [
        "RESTART", "RESTART ACKNOWLEDGE",
    ]  # fmt: skip
    box.do(far.close)


def test_a_restart_that_cannot_be_is_refused(box: Box) -> None:
    with pytest.raises(NoSuchChannel, match="span 1 is in no trunk group"):
        box.do(box.watch.restart, RestartSlot(id="1", span=1, slot=2))
    far = box.plug()
    box.do(box.spans.provision, (CARRIER,))
    with pytest.raises(WrongState, match="the D-channel is down"):
        box.do(box.watch.restart, RestartSlot(id="2", span=1, slot=2))
    with pytest.raises(WrongState, match="has no channel 16"):
        box.do(box.watch.restart, RestartSlot(id="3", span=1, slot=16))
    box.do(far.close)


def test_a_call_is_shown_on_its_channel_at_once_and_gone_at_once(box: Box) -> None:
    far = box.plug()
    box.do(box.spans.provision, (CARRIER,))
    box.wait(3)
    box.shown.clear()
    number = box.do(far.dchannel.call, "1", Party(), channel=2)
    box.wait(0.3)
    assert list(box.shown[-1][0].calls) == [2]
    box.do(far.dchannel.hang_up, number, 16)
    box.wait(0.3)
    assert list(box.shown[-1][0].calls) == []
    box.do(far.close)

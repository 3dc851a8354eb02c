"""Glare: a call comes in as a line is seized. The office is the real one, and both ends live by the same ticks."""

from collections import deque
from collections.abc import Iterator

import pytest

from drivers.boards.state import LineState
from drivers.link.causes import NO_CIRCUIT_AVAILABLE, NORMAL_CLEARING
from drivers.link.errors import WrongState
from drivers.link.office import PlaceCall
from drivers.office.caller import Caller
from drivers.office.country import CHINA
from drivers.office.office import Office
from native.dsp import level_dbm0
from native.tones import DtmfReceiver
from tests.drivers.boards.played import CALL, EAR
from tests.drivers.boards.test_line import Desk

TICK_S = 0.02
STEADY = 40  # ticks of a steady tone: dial tone, and nothing else
CARD, WIRE = 5, 1  # ticks until a ring is told: by a card, that finds it in the voltage, and by the simulated office


class Crossing:
    """A line between the office and the box. A ring is told `late` ticks after it began.

    A `deaf` board tells of none once the loop is closed, as a card does.
    """

    def __init__(self, late: int, deaf: bool) -> None:
        self.desk = Desk()
        self.office = Office(CHINA, 1)
        self._late, self._deaf = late, deaf
        self._rings: deque[bool] = deque([False] * late)
        self._steady = 0
        self._keys = DtmfReceiver()

    def tick(self, ticks: int = 1) -> None:
        """Let both live so long."""
        line = self.office.lines[1]
        for _ in range(ticks):
            line.loop_closed = self.desk.wire.closed
            said = self.office.tick({})[1]
            self._rings.append(line.ring)
            ring = self._rings.popleft()
            if ring != self.desk.wire.ringing and not (self._deaf and self.desk.wire.closed):
                self.desk.ring(ring)
            self._hear(said)
            self.desk.wait(TICK_S)

    def _hear(self, said: bytes) -> None:
        if not self.desk.wire.closed:
            self._steady = 0
            for key in self._keys.receive(said):
                self.desk.exchange.hear(EAR, "digit", key)
            return
        self._steady = self._steady + 1 if level_dbm0(said) > -30 else 0
        if self._steady == STEADY and self.desk.line.state is LineState.SEIZED:
            self.desk.tone("dial")

    def call(self, caller_id: str = "none") -> Caller:
        """Let somebody call."""
        order = PlaceCall(line=1, number="02087654321", caller_id=caller_id)  # type: ignore[arg-type]
        caller = self.office.prepare(order, lambda progress: None)
        caller.place()
        return caller

    def meet(self, offset: int, caller_id: str = "none") -> tuple[Caller, bool]:
        """Call out, and let somebody call so many ticks later; return them, and whether the line was seized."""
        self.tick(5)
        if offset < 0:
            caller = self.call(caller_id)
            self.tick(-offset)
            return caller, self.seize()
        seized = self.seize()
        self.tick(offset)
        return self.call(caller_id), seized

    def seize(self) -> bool:
        """Call out; False where the line does not."""
        try:
            self.desk.line.dial(self.desk.exchange, "10086", CALL)
        except WrongState:
            return False
        return True

    @property
    def keys_pressed(self) -> bool:
        """Whether a number was dialled."""
        return bool(self.desk.leg.played)


@pytest.fixture
def crossings() -> Iterator[list[Crossing]]:
    made: list[Crossing] = []
    yield made
    for crossing in made:
        crossing.desk.loop.close()


def crossing_of(crossings: list[Crossing], late: int, deaf: bool) -> Crossing:
    crossings.append(Crossing(late, deaf))
    return crossings[-1]


@pytest.mark.parametrize(("late", "deaf", "offset"), [
    (WIRE, False, -3), (WIRE, False, -50), (CARD, True, -7), (CARD, True, -50),
])  # fmt: skip
def test_a_line_that_is_known_to_ring_is_not_seized_and_the_caller_is_offered(crossings, late, deaf, offset) -> None:
    here = crossing_of(crossings, late, deaf)
    _, seized = here.meet(offset)
    assert not seized
    assert not here.desk.wire.closed
    here.tick(300)  # the second ring: no caller id has come
    assert here.desk.told == [("offered", "", "", False)]


@pytest.mark.parametrize("offset", [-1, -2, -3, -4, -5])
def test_a_ring_that_was_on_its_way_as_the_line_was_seized_is_a_call_that_comes_in(crossings, offset) -> None:
    here = crossing_of(crossings, CARD, deaf=False)
    caller, seized = here.meet(offset)
    assert seized
    here.tick(CARD)
    assert here.desk.told == [("ended", NO_CIRCUIT_AVAILABLE, False), ("offered", "", "", False)]
    assert here.desk.line.status == "ringing"
    here.desk.line.answer(CALL)
    here.tick(100)
    assert (caller.outcome, caller.over) == ("answered", False)
    assert here.office.lines[1].state == "talking"
    assert here.desk.line.state is LineState.TALKING
    assert not here.keys_pressed


@pytest.mark.parametrize("offset", [-1, -2, -3, -4, -5])
def test_a_caller_who_is_there_without_any_ring_is_no_dial_tone_and_hears_no_keys(crossings, offset) -> None:
    """A card detects a ring for a tenth of a second, and none off-hook: the line is let go, and the next one taken."""
    here = crossing_of(crossings, CARD, deaf=True)
    caller, seized = here.meet(offset)
    assert seized
    here.tick(240)
    assert (caller.outcome, here.desk.told) == ("answered", [])
    here.tick(20)
    assert here.desk.told == [("ended", NO_CIRCUIT_AVAILABLE, True)]
    assert not here.desk.wire.closed
    assert not here.keys_pressed
    here.tick(100)
    assert here.office.lines[1].state == "idle"
    assert here.desk.line.status == "idle"


@pytest.mark.parametrize("offset", [1, 2, 10])
def test_who_calls_after_the_line_was_seized_finds_it_busy(crossings, offset) -> None:
    here = crossing_of(crossings, WIRE, deaf=False)
    caller, seized = here.meet(offset)
    assert seized
    assert caller.outcome == "busy"
    here.tick(100)
    assert here.desk.told == []
    assert here.keys_pressed


def test_a_line_on_which_a_caller_is_being_announced_is_not_seized(crossings) -> None:
    here = crossing_of(crossings, WIRE, deaf=False)
    _, seized = here.meet(-20, "dtmf")  # the number is being sent, and nothing has rung
    assert (seized, here.office.lines[1].state) == (False, "announcing")
    here.tick(450)
    assert here.desk.told == [("offered", "", "", False)]


def test_who_calls_in_the_very_tick_of_the_seizing_loses_neither_call(crossings) -> None:
    here = crossing_of(crossings, WIRE, deaf=False)
    caller, seized = here.meet(0)
    assert seized
    here.tick(300)
    assert here.desk.told == [("ended", NO_CIRCUIT_AVAILABLE, True)]  # it had not begun to ring: nothing was told
    assert caller.outcome == "answered"
    assert not here.keys_pressed


def test_a_caller_met_by_glare_hears_ringback_until_the_answer(crossings) -> None:
    here = crossing_of(crossings, CARD, deaf=False)
    caller, _ = here.meet(-2)
    here.tick(CARD)
    assert here.desk.line.ring(CALL) is here.desk.leg
    assert here.desk.line.ring(CALL) is None  # it sounds already
    (sounds, _), = here.desk.leg.played
    assert sounds
    here.tick(1500)  # far longer than between two rings
    assert here.desk.line.status == "ringing"
    assert here.desk.line.answer(CALL) is here.desk.leg
    assert here.desk.leg.played[-1] == ([], -1)
    assert not caller.over


def test_a_caller_met_by_glare_who_gives_up_is_known_by_busy_tone(crossings) -> None:
    here = crossing_of(crossings, CARD, deaf=False)
    here.meet(-2)
    here.tick(CARD)
    here.desk.line.ring(CALL)
    here.desk.tone("busy")
    assert here.desk.told[-1] == ("ended", NORMAL_CLEARING, True)
    here.tick(100)
    assert here.desk.line.status == "idle"


def test_the_office_rings_for_a_caller_who_is_not_on_the_line_yet(crossings) -> None:
    here = crossing_of(crossings, WIRE, deaf=False)
    here.call()
    here.tick(300)
    assert here.desk.line.ring(CALL) is None
    assert not here.desk.wire.closed


def test_a_caller_met_by_glare_whom_nobody_takes_is_let_go(crossings) -> None:
    here = crossing_of(crossings, CARD, deaf=False)
    caller, _ = here.meet(-2)
    here.tick(400)
    assert here.desk.told[-1] == ("ended", NORMAL_CLEARING, True)
    assert caller.released_s is not None
    assert here.desk.line.status == "idle"

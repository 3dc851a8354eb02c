"""A span's circuits against openr2 as the central office, on a simulated E1 with a clock of its own.

The tones pass by word of mouth: a leg of the played media core that is told to play one is heard by the office.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from drivers.boards.r2 import tones
from drivers.boards.r2.span import Span
from drivers.boards.trunk import TrunkCall
from drivers.link.errors import WrongState
from drivers.link.messages import R2Trunk
from drivers.sounds import Sounds
from native.isdn import Party
from native.media import Happening
from native.r2 import Accepted, Answered, Cleared, Freed, Offered
from tests.drivers.boards.played import PlayedLeg, PlayedSlot
from tests.drivers.boards.pri.test_span import User
from tests.drivers.boards.pri.wires import LocalLoop
from tests.drivers.boards.r2.office import FarLine, Office
from tests.drivers.boards.r2.wires import SLOTS, local_cas

WAY_S = 0.05
CALLER = Party("62871234")
SPOKEN = {id(sound): tone for names in tones.SIGNALS.values() for tone, sound in names.items()}


class MouthLeg(PlayedLeg):
    """A leg whose register signals are told to whoever it is for."""

    def __init__(self, slot: int, token: int, spoken: Callable[[str], None]) -> None:
        super().__init__(slot, token)
        self.spoken, self.mf = spoken, ""

    def detect(self, digits: bool, tones: dict[str, Any], caller_id: bool, mf: str = "") -> None:
        super().detect(digits, tones, caller_id)
        self.mf = mf

    def play(self, sounds: list[Any], play_id: int, loop: bool = False) -> None:
        super().play(sounds, play_id, loop)
        self.spoken(SPOKEN.get(id(sounds[0]), ""))

    def stop(self) -> None:
        self.spoken("")


class Desk:
    """A span, the office at its other end, and what a gateway is to it."""

    def __init__(self, slots: tuple[int, ...] = SLOTS, **trunk: Any) -> None:
        self.loop = LocalLoop()
        self.core: Any = self
        self.sounds = Sounds("CN")
        self.offered: list[User] = []
        self.ups: list[bool] = []
        self.lost: list[str] = []
        self.legs: dict[int, MouthLeg] = {}     # by timeslot
        self.failing = False
        self._receivers: dict[int, Callable[[Happening], None]] = {}
        self._fds: dict[int, int] = {}          # timeslot by descriptor
        self.wire, self.far_wire = local_cas(slots)
        self.trunk = R2Trunk(name="carrier", span=1, **trunk)
        self.loop.run_until_complete(self._make())
        self.wait(1)

    async def _make(self) -> None:
        self.office = Office(self.far_wire, self.trunk.variant)
        self.office.spoke = lambda slot, tone: self._later(self._tell, slot, tone)
        self.office.listens = lambda slot: self._later(self._repeat, slot)
        self.span = Span(
            self, (self.trunk,), self.wire, lambda span: self.ups.append(span.up),
            lambda span, why: self.lost.append(why),
        )  # fmt: skip

    def _later(self, what: Callable[..., None], *arguments: Any) -> None:
        self.loop.call_later(WAY_S, what, *arguments)

    def _tell(self, slot: int, tone: str) -> None:
        leg = self.legs.get(slot)
        if leg is not None and leg.mf and not leg.closed:
            self._receivers[leg.token](Happening(leg.token, "mf", tone, 0, 0))

    def _repeat(self, slot: int) -> None:
        leg = self.legs.get(slot)
        if leg is not None and not leg.closed and leg.played:
            self.office.lines[slot].hear(SPOKEN.get(id(leg.played[-1][0][0]), ""))

    # ---- the media core and the gateway

    def timeslot(self, fd: int, law: str) -> PlayedSlot:
        assert law == "alaw"
        if self.failing:
            raise OSError("no sound here")
        (slot,) = (slot for slot, end in self.wire.sockets.items() if end.fileno() == fd)
        return PlayedSlot(slot)

    def leg(self, slot: int, token: int) -> MouthLeg:
        former = self.legs.get(slot)
        assert former is None or former.closed
        self.legs[slot] = MouthLeg(slot, token, lambda tone: self._later(lambda: self.office.lines[slot].hear(tone)))
        if self.office.lines[slot].tone:
            self._later(self._tell, slot, self.office.lines[slot].tone)
        return self.legs[slot]

    def token(self, receiver: Callable[[Happening], None]) -> int:
        self._receivers[len(self._receivers) + 1] = receiver
        return len(self._receivers)

    def release(self, token: int) -> None:
        del self._receivers[token]

    def call_offered(self, call: TrunkCall, did: str, caller: Party) -> User:
        self.offered.append(User(call, did, caller))  # type: ignore[arg-type]
        return self.offered[-1]

    # ---- what tests do

    def wait(self, seconds: float = 5.0) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def do(self, what: Any, *arguments: Any, after_s: float = 5.0, **more: Any) -> Any:
        """Do something on the loop, and let its consequences come."""

        async def act() -> Any:
            done = what(*arguments, **more)
            await asyncio.sleep(after_s)
            return done

        return self.loop.run_until_complete(act())

    def line(self, slot: int) -> FarLine:
        return self.office.lines[slot]

    def comes(self, slot: int = 3, calling: str | None = "13812345678") -> User:
        """Let a call come in."""
        line = self.line(slot)
        self.do(line.act, lambda: line.line.call("6287", calling))
        return self.offered[-1]

    def goes(self, number: str = "95555", caller: Party = CALLER, name: str = "", after_s: float = 5) -> User:
        """Make a call out."""
        user = User()
        user.call = self.do(self.span.dial, user, number, caller, name, after_s=after_s)
        return user

    def at_office(self, kind: type) -> tuple[int, Any]:
        """Return where at the office something happened, and what."""
        ((slot, event),) = [(slot, one) for slot, line in self.office.lines.items() for one in line.of(kind)]
        return slot, event

    def idle(self) -> None:
        """Check that nobody has a call, and nothing is on the bridge."""
        self.wait(1)
        assert self.span.calls == {}
        assert {*self.span.states().values()} == {"idle"}
        assert {line.line.state for line in self.office.lines.values()} == {"idle"}
        assert all(leg.closed for leg in self.legs.values())

    def close(self) -> None:
        self.do(self.span.close, after_s=0.1)
        assert self._receivers == {}
        self.do(self.office.close, after_s=0)
        for wire in (self.wire, self.far_wire):
            wire.end()
        self.loop.close()


@pytest.fixture(params=["itu", "china"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    desk = Desk(variant=request.param)
    yield desk
    desk.close()


def hang_up(line: FarLine, cause: int = 16) -> None:
    line.act(lambda: line.line.hang_up(cause))


def test_a_call_comes_in_rings_is_answered_and_ends(desk: Desk) -> None:
    assert desk.ups == [True]
    user = desk.comes(9)
    assert (user.did, user.caller) == ("6287", Party("13812345678"))
    assert user.call is not None
    assert user.call.source == "trunk:carrier"
    desk.do(user.call.ring, lambda: True)
    assert desk.line(9).of(Accepted) == [Accepted()]
    assert desk.legs[9].played[-1][0][0].frequencies == (450.0,)     # we play the ringback
    desk.do(user.call.answer, lambda: True)
    assert desk.line(9).of(Answered) == [Answered()]
    desk.do(hang_up, desk.line(9))
    assert user.told == ["answered", (16, "party")]
    desk.idle()


def test_a_caller_who_withholds_the_number_has_none(desk: Desk) -> None:
    assert desk.comes(calling=None).caller == Party("", presentation="restricted")


@pytest.mark.parametrize(("cause", "told"), [(17, 17), (1, 1), (34, 42), (16, 27)])
def test_we_refuse_a_call_with_a_reason(cause: int, told: int) -> None:
    desk = Desk()
    user = desk.comes()
    assert user.call is not None
    desk.do(user.call.hang_up, cause)
    assert desk.line(3).of(Cleared) == [Cleared(told)]
    assert user.told == []
    desk.idle()
    desk.close()


def test_an_exchange_that_says_nothing_lets_it_ring(desk: Desk) -> None:
    user = desk.comes()
    desk.wait(10)
    assert desk.line(3).of(Accepted) == [Accepted()]
    assert user.told == []


def test_a_call_that_rang_and_is_ended_here_sounds_busy_until_the_caller_goes(desk: Desk) -> None:
    user = desk.comes()
    assert user.call is not None
    desk.do(user.call.answer, lambda: True)
    timeslot = user.call.open(desk.core)
    desk.do(user.call.hang_up, 16)
    assert desk.line(3).of(Cleared) == [Cleared(16)]
    desk.do(user.call.shut, timeslot, after_s=0)
    desk.idle()


def test_a_call_whose_sound_cannot_be_taken_is_not_answered(desk: Desk) -> None:
    user = desk.comes()
    assert user.call is not None
    desk.do(user.call.answer, lambda: False)
    assert desk.line(3).of(Answered) == []
    assert user.told == []


def test_a_call_goes_out_rings_is_answered_and_ends(desk: Desk) -> None:
    user = desk.goes()
    slot, offered = desk.at_office(Offered)
    assert (slot, offered.did, offered.caller) == (31, "9555", "62871234")
    line = desk.line(31)
    desk.do(line.act, line.line.accept)
    assert user.told == ["ringing", "audible"]
    desk.do(line.act, line.line.answer)
    assert user.told == ["ringing", "audible", "answered"]
    desk.do(hang_up, line)
    assert user.told == ["ringing", "audible", "answered", (16, "party")]
    desk.idle()
    user = desk.goes(caller=Party())
    assert desk.at_office(Offered)[1].restricted
    assert user.call is not None
    desk.do(user.call.hang_up, 16)
    desk.idle()


@pytest.mark.parametrize("cause", [17, 42, 1])
def test_the_office_refuses_a_call_with_a_reason(desk: Desk, cause: int) -> None:
    user = desk.goes()
    slot, _ = desk.at_office(Offered)
    desk.do(hang_up, desk.line(slot), cause)
    assert user.told == [(cause, "party")]
    desk.idle()


def test_all_channels_talk_at_once_and_no_more(desk: Desk) -> None:
    users = [desk.goes(after_s=0.01) for _ in SLOTS]
    desk.wait()
    assert len(desk.office.lines[1].of(Offered)) == 1
    assert sorted(desk.span.calls) == sorted(SLOTS)
    with pytest.raises(WrongState, match="span 1: no channel is free"):
        desk.goes()
    for user in users:
        assert user.call is not None
        desk.do(user.call.hang_up, 16, after_s=0)
    desk.idle()


def test_a_number_that_r2_has_no_signals_for_is_refused(desk: Desk) -> None:
    with pytest.raises(WrongState, match=r"span 1, channel 31: called number '12#' is no number"):
        desk.goes("12#")
    desk.idle()
    desk.goes("+4930", Party("+8613812345678"))
    _, offered = desk.at_office(Offered)
    assert (offered.did, offered.caller) == ("0049", "8613812345678")


def test_calls_that_meet_are_tried_elsewhere_by_both(desk: Desk) -> None:
    line = desk.line(31)
    user = User()

    def both() -> None:
        line.act(lambda: line.line.call("1", "2"))
        user.call = desk.span.dial(user, "95555", Party("1"))  # type: ignore[assignment]

    desk.do(both)
    slot, _ = desk.at_office(Offered)
    assert slot == 30
    assert user.told == []
    desk.do(desk.line(30).act, desk.line(30).line.answer)
    assert user.told == ["ringing", "audible", "answered"]
    assert line.of(Freed) == [Freed()]


def test_hunting_may_begin_at_the_first_and_takes_the_trunks_own_channels() -> None:
    desk = Desk(hunting="up", slots=(4, 5))
    desk.goes()
    desk.goes()
    assert sorted(desk.span.calls) == [4, 5]
    assert not desk.span.has_free("carrier")
    with pytest.raises(WrongState, match="no channel is free"):
        desk.goes()
    desk.close()


def test_blocked_channels_are_left_out_and_a_span_without_others_is_down(desk: Desk) -> None:
    for slot in SLOTS:
        line = desk.line(slot)
        desk.do(line.act, lambda line=line: line.line.shut(True), after_s=0.1)
    assert desk.ups == [True, False]
    assert desk.span.wrong == "no channel is idle: 30 blocked"
    with pytest.raises(WrongState, match="no channel is free"):
        desk.goes()
    line = desk.line(7)
    desk.do(line.act, lambda: line.line.shut(False))
    assert desk.ups == [True, False, True]
    assert desk.goes().call is not None
    assert desk.at_office(Offered)[0] == 7


def test_channels_lent_to_a_test_are_blocked_at_the_far_end_until_they_are_given_back(desk: Desk) -> None:
    kept: list[tuple[int, bool]] = []
    desk.wire.keep = lambda fd, *, much: kept.append((fd, much))  # type: ignore[method-assign]
    taken: list[str] = []
    fds = desk.do(desk.span.loan.take, (30, 31), lambda: taken.append("gone"))
    assert fds == {slot: desk.wire.sockets[slot].fileno() for slot in (30, 31)}
    assert kept == [(fd, True) for fd in fds.values()]
    assert [desk.line(slot).line.state for slot in (29, 30, 31)] == ["idle", "blocked", "blocked"]
    user = desk.goes()
    assert list(desk.span.calls) == [29]
    with pytest.raises(WrongState, match="channel 29 has a call"):
        desk.do(desk.span.loan.take, (28, 29), lambda: None)
    with pytest.raises(WrongState, match="channel 31 is being tested"):
        desk.do(desk.span.restart, 31, lambda answered: None)
    assert desk.span.loan.slots == (30, 31)
    assert user.call is not None
    desk.do(user.call.hang_up, 16)
    desk.do(desk.span.loan.give_back)
    assert kept[2:] == [(fd, False) for fd in fds.values()]
    assert (desk.span.loan.slots, taken) == ((), [])
    desk.idle()
    assert desk.comes(31).did == "6287"


def test_a_span_that_closes_takes_away_what_is_lent(desk: Desk) -> None:
    taken: list[str] = []
    desk.do(desk.span.loan.take, (3,), lambda: taken.append("gone"))
    desk.do(desk.span.close, after_s=0.1)
    assert taken == ["gone"]


def test_an_alarm_ends_the_call_and_the_channel_serves_again_after_it(desk: Desk) -> None:
    user = desk.comes()
    assert user.call is not None
    desk.do(user.call.answer, lambda: True)
    desk.do(desk.office.alarm, 3, True)
    assert user.told == ["answered", (27, "party")]
    assert desk.span.states()[3] == "shut"
    desk.wait(200)      # the office gives its call up
    desk.do(desk.office.alarm, 3, False)
    desk.idle()
    assert desk.comes().did == "6287"


def test_a_channel_without_sound_refuses_calls_and_loses_none(desk: Desk) -> None:
    desk.failing = True
    line = desk.line(3)
    desk.do(line.act, lambda: line.line.call("6287", "1"))
    assert desk.offered == []
    user = desk.goes()
    assert len(user.told) == 1
    desk.failing = False
    desk.wait(60)
    desk.idle()
    assert desk.comes().did == "6287"


def test_a_wire_that_is_gone_is_told_once(desk: Desk) -> None:
    desk.far_wire.wire.shutdown(2)
    desk.wait()
    assert desk.lost == ["the far end closed it"]


def test_a_span_that_is_closed_leaves_its_channels_blocked(desk: Desk) -> None:
    user = desk.comes()
    desk.do(desk.span.close)
    assert user.told == [(27, "party")]
    assert {line.line.state for slot, line in desk.office.lines.items() if slot != 3} == {"blocked"}
    assert desk.wire.closed



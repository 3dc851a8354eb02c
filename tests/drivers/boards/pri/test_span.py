"""A span's calls and channels against another libpri as the carrier, on a simulated E1 with a clock of its own."""

import asyncio
import contextlib
import os
from collections.abc import Iterator
from typing import Any

import pytest

from drivers.boards.pri.call import SpanCall
from drivers.boards.pri.span import Span
from drivers.link.errors import WrongState
from drivers.link.messages import IsdnTrunk
from native import isdn
from native.isdn import Party
from tests.drivers.boards.pri.wires import SLOTS, FarEnd, LocalLoop, LocalSpan, local_e1
from tests.native.pri import peer


class User:
    """A channel that writes down what it is told."""

    def __init__(self, call: SpanCall | None = None, did: str = "", caller: Party = Party()) -> None:  # noqa: B008
        self.call, self.did, self.caller = call, did, caller
        self.told: list[Any] = []

    def call_ringing(self) -> None:
        self.told.append("ringing")

    def call_audible(self) -> None:
        self.told.append("audible")

    def call_refused(self, cause: int) -> None:
        self.told.append(("refused", cause))

    def call_answered(self) -> None:
        self.told.append("answered")

    def call_key(self, digit: str) -> None:
        self.told.append(digit)

    def call_ended(self, cause: int, by_party: bool) -> None:
        self.told.append((cause, "party" if by_party else "gateway"))


class Desk:
    """A span, its far end, and time that passes at will."""

    def __init__(self, slots: tuple[int, ...] = SLOTS, **trunk: Any) -> None:
        self.loop = LocalLoop()
        self.offered: list[User] = []
        self.ups: list[bool] = []
        self.lost: list[str] = []
        self.wire, self.far_wire = local_e1(slots)
        self.trunk = IsdnTrunk(name="carrier", span=1, **trunk)
        self.loop.run_until_complete(self._make())
        self.wait(3)

    async def _make(self) -> None:
        far_side = "user" if self.trunk.side == "network" else "network"
        self.far = FarEnd(self.far_wire, far_side, self.trunk.variant, self.trunk.overlap)
        self.span = Span(
            self, (self.trunk,), self.wire,
            lambda span: self.ups.append(span.up), lambda span, why: self.lost.append(why),
        )

    def call_offered(self, call: SpanCall, did: str, caller: Party) -> User:
        self.offered.append(User(call, did, caller))
        return self.offered[-1]

    def wait(self, seconds: float = 0.1) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def do(self, what: Any, *arguments: Any, **more: Any) -> Any:
        """Do something on the loop, and let its consequences come."""

        async def act() -> Any:
            return what(*arguments, **more)

        done = self.loop.run_until_complete(act())
        self.wait()
        return done

    def comes(self, did: str = "62871234", caller: Party = Party("13800138000"), **how: Any) -> tuple[int, User]:  # noqa: B008
        """Let a call come in; return its number at the far end, and who has it."""
        number = self.do(self.far.dchannel.call, did, caller, **({"channel": 1} | how))
        return number, self.offered[-1]

    def dials(self, number: str = "95555", caller: Party = Party()) -> User:  # noqa: B008
        """Call out."""
        user = User()
        user.call = self.do(self.span.dial, user, number, caller)
        return user

    def close(self) -> None:
        async def end() -> None:
            self.span.close()
            self.far.close()

        self.loop.run_until_complete(end())
        for wire in (self.wire, self.far_wire):
            for end_of_slot in wire.sockets.values():
                end_of_slot.close()
        self.loop.close()


@pytest.fixture
def desks() -> Iterator[Any]:
    made: list[Desk] = []

    def make(*arguments: Any, **how: Any) -> Desk:
        made.append(Desk(*arguments, **how))
        return made[-1]

    yield make
    for desk in made:
        desk.close()


@pytest.fixture
def desk(desks: Any) -> Desk:
    made: Desk = desks()
    return made


def test_a_call_comes_in_rings_is_answered_and_ends(desk: Desk) -> None:
    number, user = desk.comes(channel=9)
    assert (user.did, user.caller.number) == ("62871234", "13800138000")
    assert user.call is not None
    assert user.call.slot == 9
    assert desk.far.one(isdn.Proceeding) == isdn.Proceeding(number, 9, False)
    desk.do(user.call.ring, lambda: False)
    assert desk.far.one(isdn.Alerting) == isdn.Alerting(number, 9, False)
    desk.do(user.call.answer, lambda: True)
    assert desk.far.one(isdn.Answered) == isdn.Answered(number, 9)
    desk.do(desk.far.dchannel.hang_up, number, 17)
    assert user.told == ["answered", (17, "party")]
    assert desk.span.calls == {}


@pytest.mark.parametrize("cause", [1, 16, 17, 21, 34, 102])
def test_we_refuse_or_end_a_call(desk: Desk, cause: int) -> None:
    for answered in (False, True):
        number, user = desk.comes()
        assert user.call is not None
        if answered:
            desk.do(user.call.answer, lambda: True)
        desk.do(user.call.hang_up, cause)
        assert desk.far.one(isdn.Cleared) == isdn.Cleared(number, cause)
        assert desk.span.calls == {}
        assert user.told in ([], ["answered"])


def test_a_call_goes_out_and_says_who_calls(desk: Desk) -> None:
    user = desk.dials("+441234567", Party("62871234", "", "allowed"))
    offer = desk.far.one(isdn.Offered)
    assert (offer.did, offer.kind, offer.caller.number, offer.channel) == ("441234567", "international", "62871234", 31)
    desk.do(desk.far.dchannel.alert, offer.call, 31)
    desk.do(desk.far.dchannel.answer, offer.call)
    assert user.told == ["ringing", "answered"]
    assert user.call is not None
    desk.do(user.call.hang_up, 16)
    assert desk.far.of(isdn.Cleared) == [isdn.Cleared(offer.call, 16)]
    assert user.told == ["ringing", "answered"]


def test_we_hunt_from_the_end_that_the_far_side_takes_last(desks: Any) -> None:
    for side, order in (("user", [31, 30, 29]), ("network", [1, 2, 3])):
        desk = desks(side=side)
        assert [desk.dials().call.slot for _ in range(3)] == order  # type: ignore[union-attr]


def test_thirty_calls_and_no_more(desk: Desk) -> None:
    users = [desk.dials() for _ in range(15)]
    for slot in range(1, 16):
        _, user = desk.comes(channel=slot)
        users.append(user)
    assert sorted(desk.span.calls) == list(SLOTS)
    with pytest.raises(WrongState, match="span 1: no channel is free"):
        desk.dials()
    number = desk.do(desk.far.dchannel.call, "1", channel=1)
    assert desk.far.one(isdn.Cleared) == isdn.Cleared(number, 34)
    for user in users:
        assert user.call is not None
        desk.do(user.call.hang_up, 16)
    assert desk.span.calls == {}
    assert len(desk.offered) == 15


def test_a_caller_that_wants_a_busy_channel_gets_another_unless_it_insists(desk: Desk) -> None:
    desk.comes(channel=5)
    desk.far.events.clear()
    number, _ = desk.comes(channel=5)
    assert desk.far.one(isdn.Proceeding) == isdn.Proceeding(number, 31, False)
    number, _ = desk.comes(channel=5, exclusive=True)
    assert desk.far.one(isdn.Cleared) == isdn.Cleared(number, 44)
    number, _ = desk.comes(channel=16, exclusive=True)
    assert desk.far.one(isdn.Cleared) == isdn.Cleared(number, 82)
    number, _ = desk.comes(channel=0)
    assert desk.far.one(isdn.Proceeding) == isdn.Proceeding(number, 30, False)


def glare(desk: Desk, slot: int) -> tuple[User, isdn.Offered, int]:
    """Let both sides take one channel in the same moment; return our user, its offer there, and the far side's call."""
    user = User()

    async def both() -> int:
        user.call = desk.span.dial(user, "95555", Party())
        return desk.far.dchannel.call("62871234", channel=slot)

    number = desk.loop.run_until_complete(both())
    desk.wait()
    return user, desk.far.one(isdn.Offered), number


def test_both_take_the_same_channel_and_the_networks_call_has_it(desk: Desk) -> None:
    user, offer, number = glare(desk, 31)
    assert desk.offered[0].call is not None
    assert desk.offered[0].call.slot == 31
    desk.do(desk.far.dchannel.answer, offer.call, 7)  # the network gives ours another
    assert user.told == ["answered"]
    assert user.call is not None
    assert user.call.slot == 7
    assert desk.span.calls == {31: desk.offered[0].call, 7: user.call}
    assert desk.far.one(isdn.Proceeding) == isdn.Proceeding(number, 31, False)


def test_ours_that_the_network_would_not_move_is_tried_on_another(desk: Desk) -> None:
    user, offer, _ = glare(desk, 31)
    desk.do(desk.far.dchannel.hang_up, offer.call, 44)
    again = desk.far.one(isdn.Offered)
    assert (again.did, again.channel) == ("95555", 30)
    desk.do(desk.far.dchannel.answer, again.call, 30)
    assert user.told == ["answered"]
    assert sorted(desk.span.calls) == [30, 31]
    assert user.call is not None
    desk.do(user.call.hang_up, 16)
    assert sorted(desk.span.calls) == [31]


def test_as_network_ours_keeps_the_channel_and_the_users_call_is_moved(desks: Any) -> None:
    desk = desks(side="network")
    user, offer, number = glare(desk, 1)
    assert desk.far.one(isdn.Proceeding) == isdn.Proceeding(number, 2, False)
    desk.do(desk.far.dchannel.answer, offer.call, 1)
    assert user.told == ["answered"]
    assert sorted(desk.span.calls) == [1, 2]


def test_a_call_is_tried_on_three_channels_and_then_ends(desk: Desk) -> None:
    user = desk.dials()
    for slot in (31, 30, 29):
        offer = desk.far.one(isdn.Offered)
        assert offer.channel == slot
        desk.do(desk.far.dchannel.hang_up, offer.call, 44)
    assert user.told == [(44, "party")]
    assert desk.span.calls == {}


def test_a_busy_number_is_not_tried_again(desk: Desk) -> None:
    user = desk.dials()
    desk.do(desk.far.dchannel.hang_up, desk.far.one(isdn.Offered).call, 17)
    assert user.told == [(17, "party")]
    assert desk.far.of(isdn.Offered) == []


def test_a_far_side_that_moves_a_call_onto_a_busy_channel_is_refused(desk: Desk) -> None:
    desk.comes(channel=4)
    user = desk.dials()
    offer = desk.far.one(isdn.Offered)
    desk.do(desk.far.dchannel.answer, offer.call, 4)
    assert user.told == [(6, "gateway")]
    assert sorted(desk.span.calls) == [4]


def test_a_number_digit_by_digit_is_offered_when_it_has_its_length(desks: Any) -> None:
    desk = desks(overlap=True, digits=8)
    number = desk.do(desk.far.dchannel.call, "6287", channel=3, complete=False)
    assert desk.far.one(isdn.MoreWanted).channel == 3
    desk.do(desk.far.dchannel.dial, number, "123")
    assert desk.offered == []
    desk.do(desk.far.dchannel.dial, number, "4")
    assert [user.did for user in desk.offered] == ["62871234"]
    assert desk.far.of(isdn.Proceeding) == [isdn.Proceeding(number, 3, False)]


def test_a_number_digit_by_digit_is_offered_when_no_more_come(desks: Any) -> None:
    desk = desks(overlap=True)
    number = desk.do(desk.far.dchannel.call, "6287", channel=3, complete=False)
    desk.wait(3)
    desk.do(desk.far.dchannel.dial, number, "1")
    desk.wait(3.5)
    assert desk.offered == []
    desk.wait(1)
    assert [user.did for user in desk.offered] == ["62871"]
    assert desk.offered[0].call is not None
    desk.do(desk.offered[0].call.answer, lambda: True)
    assert desk.far.one(isdn.Answered) == isdn.Answered(number, 3)


def test_who_gives_up_while_dialling_leaves_nothing(desks: Any) -> None:
    desk = desks(overlap=True)
    number = desk.do(desk.far.dchannel.call, "6287", channel=3, complete=False)
    desk.do(desk.far.dchannel.hang_up, number, 16)
    desk.wait(10)
    assert desk.offered == []
    assert desk.span.calls == {}


async def wired(network: peer.Peer, far_wire: LocalSpan, seconds: float) -> None:
    """Carry frames between a span and a peer that is no libpri."""
    loop = asyncio.get_running_loop()
    end_s = loop.time() + seconds
    while loop.time() < end_s:
        for frame in network.sent:
            far_wire.frames.send(frame)
        network.sent.clear()
        await asyncio.sleep(0.01)
        with contextlib.suppress(BlockingIOError):
            while True:
                network.hear(far_wire.frames.recv(2000))


def test_a_data_call_is_refused(desk: Desk) -> None:
    async def data() -> list[bytes]:
        """Return what a caller hears who wants 64 kbit/s of data."""
        network, (wire, far_wire) = peer.Peer(), local_e1()
        span = Span(desk, (desk.trunk,), wire, lambda span: None, lambda span, why: None)
        await wired(network, far_wire, 0.1)
        digital = peer.element(0x04, 0x88, 0x90)
        network.say(peer.message(peer.SETUP, 5, digital, peer.channel(30), peer.called("1")))
        await wired(network, far_wire, 0.1)
        span.close()
        return network.messages

    (ended,) = [m for m in desk.loop.run_until_complete(data()) if m[4] in (peer.DISCONNECT, peer.RELEASE_COMPLETE)]
    assert ended[5:] == peer.cause(65, 0x81)
    assert desk.offered == []


def test_a_far_side_that_answers_no_restart_keeps_no_channel_from_calls(desk: Desk) -> None:
    async def live() -> tuple[list[int], list[int]]:
        """Return which channels were restarted, and which are called on then."""
        network, (wire, far_wire) = peer.Peer(), local_e1((1, 2))
        span = Span(desk, (desk.trunk,), wire, lambda span: None, lambda span, why: None)
        await wired(network, far_wire, 30)
        restarted = [message[-4] & 0x1F for message in network.messages if message[4] == peer.RESTART]
        calls = [span.dial(User(), "1", Party()) for _ in wire.slots]
        span.close()
        return restarted, [call.slot for call in calls]

    assert desk.loop.run_until_complete(live()) == ([1, 2, 1, 2], [2, 1])


def test_a_far_side_that_asked_for_the_data_link_before_we_were_there_loses_no_restart(desk: Desk) -> None:
    async def live() -> list[int]:
        """Return which channels the far end made idle within two seconds."""
        wire, far_wire = local_e1((1, 2, 3))
        far = FarEnd(far_wire)
        await asyncio.sleep(0.3)
        assert os.read(wire.dchannel, 2000)  # nobody has it: a kernel would have dropped it
        span = Span(desk, (desk.trunk,), wire, lambda span: None, lambda span, why: None)
        await asyncio.sleep(2)
        answered = [one for one in span.trace.after(0) if one.text == "RESTART ACKNOWLEDGE" and not one.sent]
        span.close()
        far.close()
        return [event.channel for event in far.of(isdn.Restarted)][-len(answered) :]

    assert desk.loop.run_until_complete(live()) == [1, 2, 3]


def test_talks_live_on_without_the_d_channel_and_new_calls_do_not(desk: Desk) -> None:
    number, user = desk.comes()
    assert user.call is not None
    desk.do(user.call.answer, lambda: True)
    assert desk.ups == [True]
    desk.loop.run_until_complete(asyncio.sleep(0))
    desk.loop.remove_reader(desk.far_wire.dchannel)  # the far end is deaf, and so says nothing
    if desk.far._timer is not None:
        desk.far._timer.cancel()
    desk.wait(60)
    assert desk.ups == [True, False]
    assert user.told == ["answered"]
    with pytest.raises(WrongState, match="span 1: the D-channel is down"):
        desk.dials()
    assert sorted(desk.span.calls) == [1]
    desk.wait(100)
    assert user.told == ["answered", (27, "gateway")]
    assert desk.span.calls == {}
    assert number


def test_a_wire_that_is_gone_is_told(desk: Desk) -> None:
    _, user = desk.comes()
    desk.far_wire.frames.shutdown(2)
    desk.wait(1)
    assert desk.lost == ["the far end closed it"]
    desk.do(desk.span.close)
    assert user.told == [(27, "gateway")]
    assert desk.wire.closed


def test_the_far_side_restarts_a_channel_with_a_call(desk: Desk) -> None:
    _, user = desk.comes(channel=5)
    _, kept = desk.comes(channel=6)
    desk.do(desk.far.dchannel.restart, 5)
    assert user.told == [(41, "party")]
    assert kept.told == []
    assert sorted(desk.span.calls) == [6]


def test_at_the_start_every_channel_is_made_idle(desk: Desk) -> None:
    assert [event.channel for event in desk.far.of(isdn.Restarted)] == list(SLOTS)


def test_a_b_channel_carries_sound_both_ways(desk: Desk) -> None:
    _, user = desk.comes(channel=5)
    assert user.call is not None
    fd = desk.do(desk.span.open, user.call)
    os.write(fd, b"\x55" * 160)
    assert desk.far_wire.sockets[5].recv(2000) == b"\x55" * 160
    desk.far_wire.sockets[5].send(b"\x56" * 160)
    assert os.read(fd, 2000) == b"\x56" * 160
    assert desk.do(desk.span.open, user.call) == fd
    desk.do(user.call.hang_up, 16)
    with pytest.raises(WrongState, match="the call has no channel"):
        desk.do(desk.span.open, user.call)
    desk.do(desk.span.close)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)

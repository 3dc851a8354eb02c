"""A telephone in a port, told by its hook and keys; the board, the media core and the clock are the test's."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest

from drivers.boards.base import Port
from drivers.boards.station import Station
from drivers.boards.station_channel import StationChannel
from drivers.boards.station_state import StationState as S
from drivers.channel import State
from drivers.link.messages import Dial, Disconnected, Hangup, PortSetup, Tag, ToExtension
from firmware.clock import VirtualLoop
from native.media import Prompt
from tests.drivers.boards.played import Exchange, PlayedLeg


class PlayedPort(Port):
    """A port whose board is the test: `rings` has when ring voltage came and went."""

    def __init__(self) -> None:
        super().__init__(5, 0)
        self.rings: list[tuple[float, bool]] = []
        self.lamp = True  # as an earlier gateway may have left it
        self.announced: list[tuple[float, bool]] = []  # when, and whether with the polarity reversed

    def set_ring(self, on: bool) -> None:
        if not self.rings or self.rings[-1][1] != on:
            self.rings.append((round(asyncio.get_running_loop().time(), 2), on))

    def show_waiting(self, waiting: bool) -> None:
        self.lamp = waiting

    def announce(self, reverse: bool) -> None:
        self.announced.append((asyncio.get_running_loop().time(), reverse))


class Gateway(Exchange):
    """The gateway around the station: keeps its channels and what they tell."""

    def __init__(self) -> None:
        super().__init__()
        self.channels: list[StationChannel] = []

    def now_s(self) -> float:
        return asyncio.get_running_loop().time()

    def at_s(self, monotonic_ns: int) -> float:
        return self.now_s()

    def leg(self, slot: int, token: int) -> PlayedLeg:
        leg: Any = super().leg(slot, token)
        leg.looped, leg.stopped = [], 0
        leg.stop = lambda: leg.played.append(([], -1))
        leg.move = lambda slot: setattr(leg, "slot", slot)
        return leg  # type: ignore[no-any-return]

    def station_calls(self, station: Station, number: str) -> StationChannel:
        self.channels.append(StationChannel.offered_by(self, f"c{len(self.channels)}", station, number))
        self.channels[-1].offered()
        return self.channels[-1]

    def ended(self, channel: StationChannel) -> None:
        """The gateway's list of channels."""

    gone = idle = parted = ended


class Desk:
    """A station, its port and time that passes at will."""

    def __init__(self) -> None:
        self.loop = VirtualLoop()
        self.gateway, self.port = Gateway(), PlayedPort()
        self.gateway.sounds.set_country("CN")
        self.station = self.loop.run_until_complete(self._make())
        self.station.whole = (re.compile("110"), re.compile("20[1-6]"))

    async def _make(self) -> Station:
        return Station(self.gateway, self.port, PortSetup(5, "205", "Front desk"))

    def wait(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def do(self, what: Any, *arguments: Any) -> Any:
        """Call something on the loop."""
        async def called() -> Any:
            return what(*arguments)

        return self.loop.run_until_complete(called())

    def lift(self) -> None:
        self.port.off_hook = True
        self.do(self.station.hook_changed)

    def put_down(self) -> None:
        self.port.off_hook = False
        self.do(self.station.hook_changed)

    def press(self, digits: str) -> None:
        for digit in digits:
            self.do(self.gateway.hear, self.station._token, "digit", digit)

    def call(self, digits: str = "206") -> StationChannel:
        """Lift, dial, and be answered."""
        self.lift()
        self.press(digits)
        channel = self.gateway.channels[-1]
        self.do(channel._answer)
        return channel

    def rung(self, caller: str = "13800138000") -> StationChannel:
        """Let it be called."""
        order = Dial(
            "order", channel="d1", target=ToExtension("205"), tag=Tag("call", "2"), caller_number=caller, timeout_s=30
        )
        channel: StationChannel = self.do(StationChannel.dialled, self.gateway, self.station, order)
        self.do(channel.begin, 30)
        return channel

    @property
    def sounding(self) -> list[Any]:
        """What is played to the telephone now."""
        open_legs = [leg for leg in self.gateway.legs.values() if not leg.closed and leg.slot == 7]
        assert len(open_legs) <= 1
        return open_legs[0].played[-1][0] if open_legs and open_legs[0].played else []

    @property
    def offered(self) -> list[str]:
        return [told[2] for told in self.gateway.told if told[0] == "offered"]

    def ends(self, channel: StationChannel) -> list[tuple[Any, ...]]:
        return [told[2:4] for told in self.gateway.told if told[:2] == ("hungup", channel.id)]


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.loop.close()


def tone(desk: Desk, name: str) -> list[Any]:
    return [desk.gateway.sounds.cadences[name]]


# ---- dialling


def test_dial_tone_sounds_until_a_digit_and_gives_way_to_busy_tone_without_one(desk: Desk) -> None:
    desk.lift()
    assert desk.sounding == tone(desk, "dial")
    desk.wait(14.9)
    assert desk.sounding == tone(desk, "dial")
    desk.wait(0.2)
    assert desk.sounding == tone(desk, "busy")


def test_new_messages_are_told_by_the_lamp_and_by_a_dial_tone_that_is_another(desk: Desk) -> None:
    desk.do(desk.station.show_waiting, False)
    assert not desk.port.lamp
    desk.do(desk.station.show_waiting, True)
    assert desk.port.lamp
    desk.lift()
    assert desk.sounding == desk.gateway.sounds.stutter
    desk.press("1")
    assert desk.sounding == []
    desk.put_down()
    desk.do(desk.station.show_waiting, False)
    assert not desk.port.lamp
    desk.lift()
    assert desk.sounding == tone(desk, "dial")


def test_a_lamp_goes_out_when_the_port_is_another_extension_s(desk: Desk) -> None:
    desk.do(desk.station.show_waiting, True)
    desk.do(desk.station.down)
    assert not desk.port.lamp


@pytest.mark.parametrize(
    ("keys", "waited_s", "number"),
    [("110", 0, "110"), ("203", 0, "203"), ("10086#", 0, "10086"), ("10086", 4.1, "10086"), ("20", 4.1, "20"),
     ("#", 4.1, "#"), ("*20#", 0, "*20"), ("1" * 40, 0, "1" * 40)],
)  # fmt: skip
def test_a_number_is_whole_by_the_plan_by_hash_by_time_or_by_its_length(
    desk: Desk, keys: str, waited_s: float, number: str
) -> None:
    desk.lift()
    desk.press(keys)
    if waited_s:
        desk.wait(waited_s - 0.2)
        assert desk.offered == []
        desk.wait(0.2)
    assert desk.gateway.channels[0].did == number
    assert desk.gateway.channels[0].source == "extension:205"


def test_each_digit_is_waited_for_anew(desk: Desk) -> None:
    desk.lift()
    for digit in "1008":
        desk.press(digit)
        desk.wait(3.9)
    assert not desk.gateway.channels
    desk.do(desk.station.pulsed, "6")
    desk.wait(4.1)
    assert desk.gateway.channels[0].did == "10086"


def test_who_puts_down_the_receiver_while_dialling_calls_nobody(desk: Desk) -> None:
    desk.lift()
    desk.press("1008")
    desk.put_down()
    desk.wait(10)
    assert not desk.gateway.channels
    desk.lift()
    desk.press("203")
    assert desk.gateway.channels[0].did == "203"


# ---- the end of a call


@pytest.mark.parametrize(
    ("cause", "name"), [(16, "busy"), (17, "busy"), (19, "busy"), (34, "congestion"), (1, "congestion")]
)
def test_the_end_of_a_call_is_told_by_the_tone_of_its_cause_then_the_howler_then_silence(
    desk: Desk, cause: int, name: str
) -> None:
    channel = desk.call()
    desk.do(channel.hangup, Hangup("h", channel.id, cause))
    desk.wait(0.01)
    assert desk.ends(channel) == [(cause, "exchange")]
    assert desk.sounding == tone(desk, name)
    desk.wait(30)
    assert desk.sounding == [desk.gateway.sounds.howler]
    desk.wait(60)
    assert (desk.station.state, desk.sounding) == (S.LEFT_OFF, [])


def test_a_receiver_that_was_left_off_is_busy_until_it_is_put_down(desk: Desk) -> None:
    desk.lift()
    for waited_s in (1, 20, 40, 100):
        desk.wait(waited_s)
        channel = desk.rung()
        assert desk.ends(channel)[-1] == (17, "party")
    desk.put_down()
    assert desk.rung().state is State.RINGING


# ---- being called


def test_it_rings_by_the_countrys_cadence_and_is_told_the_caller_once_after_the_first_ring(desk: Desk) -> None:
    begun_s = desk.loop.time()
    desk.rung()
    desk.wait(1.5)
    assert desk.sounding == []
    desk.wait(0.2)
    (caller,) = desk.sounding
    assert isinstance(caller, Prompt)
    assert 0.3 < caller.duration_s < 3.0
    desk.wait(9.4)
    assert [(round(at_s - begun_s, 1), on) for at_s, on in desk.port.rings] == [
        (0, True), (1, False), (5, True), (6, False), (10, True), (11, False)
    ]  # fmt: skip
    played = [leg.played for leg in desk.gateway.legs.values()]
    assert [len(plays) for plays in played] == [1]


def test_where_telephones_are_told_by_keys_that_comes_before_the_first_ring(desk: Desk) -> None:
    desk.gateway.sounds.set_country("BE")
    desk.rung("0478123456")
    (caller,) = desk.sounding
    assert desk.port.rings == []
    desk.wait(caller.duration_s + 0.4)
    assert [on for _, on in desk.port.rings] == [True]
    desk.wait(3.5)
    assert desk.sounding == [caller]


@pytest.mark.parametrize("code", ["GB", "SE"])
def test_where_displays_are_woken_by_a_reversal_that_comes_ahead_of_the_caller_id_and_the_ring(
    desk: Desk, code: str
) -> None:
    desk.gateway.sounds.set_country(code)
    desk.rung()
    assert [reverse for _, reverse in desk.port.announced] == [True]
    assert desk.sounding == []
    desk.wait(0.25)
    (caller,) = desk.sounding
    assert desk.port.rings == []
    desk.wait(caller.duration_s + 0.3)
    assert [on for _, on in desk.port.rings] == [True]


def japanese(desk: Desk) -> StationChannel:
    """Let it be called in Japan, until its display goes off-hook."""
    desk.gateway.sounds.set_country("JP")
    channel = desk.rung("0312345678")
    desk.wait(1.3)
    assert [(round(at_s, 1), on) for at_s, on in desk.port.rings] == [(0.2, True), (0.7, False), (1.2, True)]
    assert [reverse for _, reverse in desk.port.announced] == [True]
    desk.lift()
    assert (desk.station.state, desk.port.rings[-1][1], desk.sounding) == (S.TELLING, False, [])
    desk.wait(0.35)
    assert isinstance(desk.sounding[0], Prompt)
    return channel


def test_a_japanese_display_is_told_off_hook_and_rung_once_it_is_on_hook_again(desk: Desk) -> None:
    channel = japanese(desk)
    desk.wait(desk.sounding[0].duration_s + 0.5)
    desk.put_down()
    assert (desk.station.state, channel.state, desk.port.rings[-1][1]) == (S.RINGING, State.RINGING, True)
    begun_s = desk.port.rings[-1][0]
    desk.wait(3.1)
    assert [(round(at_s - begun_s, 1), on) for at_s, on in desk.port.rings[-3:]] == [(0, True), (1, False), (3, True)]
    assert desk.sounding == []
    desk.lift()
    assert channel.state is State.ANSWERED


def test_who_stays_off_hook_at_the_ring_for_displays_is_somebody_who_answers(desk: Desk) -> None:
    channel = japanese(desk)
    desk.wait(desk.sounding[0].duration_s + 2.5)
    assert channel.state is State.RINGING
    desk.wait(0.5)
    assert (desk.station.state, channel.state) == (S.TALKING, State.ANSWERED)


def test_where_no_display_asks_it_rings_for_everybody_after_six_seconds(desk: Desk) -> None:
    desk.gateway.sounds.set_country("JP")
    channel = desk.rung("0312345678")
    desk.wait(7.5)
    assert (desk.port.rings[-1], desk.sounding) == ((7.0, False), [])
    desk.lift()
    assert channel.state is State.ANSWERED


def test_a_caller_who_gives_up_while_a_display_is_told_leaves_it_silent(desk: Desk) -> None:
    channel = japanese(desk)
    desk.do(channel.end, 16, "exchange")
    desk.wait(4)
    assert (desk.station.state, desk.sounding) == (S.LEFT_OFF, [])
    desk.put_down()
    assert desk.station.state is S.IDLE


def test_no_display_is_asked_for_who_is_on_hold(desk: Desk) -> None:
    desk.gateway.sounds.set_country("JP")
    desk.call()
    desk.do(desk.station.flashed)
    begun_s = desk.loop.time()
    desk.put_down()
    desk.wait(1.2)
    assert [(round(at_s - begun_s, 1), on) for at_s, on in desk.port.rings] == [(0, True), (1, False)]
    assert desk.station.state is S.RECALLING
    desk.lift()
    assert desk.station.state is S.TALKING


def test_a_caller_who_gives_up_before_the_first_ring_leaves_the_telephone_silent(desk: Desk) -> None:
    desk.gateway.sounds.set_country("GB")
    channel = desk.rung()
    desk.wait(0.1)
    desk.do(channel.end, 16, "exchange")
    desk.wait(5)
    assert desk.sounding == []
    assert not any(on for _, on in desk.port.rings)


def test_ringing_ends_with_the_answer_and_when_nobody_comes(desk: Desk) -> None:
    channel = desk.rung()
    desk.lift()
    assert channel.state is State.ANSWERED
    assert desk.port.rings[-1][1] is False
    desk.put_down()
    assert desk.ends(channel) == [(16, "party")]
    desk.port.rings.clear()
    other = desk.rung()
    desk.wait(30.1)
    assert desk.ends(other)[-1] == (19, "gateway")
    assert desk.port.rings[-1][1] is False
    count = len(desk.port.rings)
    desk.wait(10)
    assert len(desk.port.rings) == count


# ---- a call that waits


def second(desk: Desk, name: str = "d2", caller: str = "13900139000") -> StationChannel:
    """Let it be called once more."""
    order = Dial("order", channel=name, target=ToExtension("205"), tag=Tag("call", "2"), caller_number=caller)
    channel: StationChannel = desk.do(StationChannel.dialled, desk.gateway, desk.station, order)
    desk.do(channel.begin, 30)
    return channel


def waiting(desk: Desk) -> tuple[StationChannel, StationChannel]:
    """Let a call wait in a talk."""
    desk.station.setup = PortSetup(5, "205", call_waiting=True)
    first = desk.call()
    return first, second(desk)


def test_a_second_call_is_busy_where_none_may_wait_and_a_third_always(desk: Desk) -> None:
    desk.call()
    assert desk.ends(second(desk)) == [(17, "party")]
    desk.put_down()
    _, other = waiting(desk)
    assert other.state is State.RINGING
    assert desk.ends(second(desk, "d3")) == [(17, "party")]


@pytest.mark.parametrize("digits", ["", "2", "206"], ids=["dial tone", "dialling", "calling"])
def test_no_call_waits_for_who_does_not_talk(desk: Desk, digits: str) -> None:
    desk.station.setup = PortSetup(5, "205", call_waiting=True)
    desk.lift()
    desk.press(digits)
    assert desk.ends(second(desk)) == [(17, "party")]


def test_the_tone_of_a_waiting_call_is_heard_until_its_caller_gives_up(desk: Desk) -> None:
    first, other = waiting(desk)
    assert desk.sounding == desk.gateway.sounds.waiting
    desk.do(other.end, 16, "exchange")
    assert (desk.sounding, desk.station.state, first.state) == ([], S.TALKING, State.ANSWERED)


def test_flashes_take_the_waiting_call_and_go_to_and_fro(desk: Desk) -> None:
    first, other = waiting(desk)
    desk.do(desk.station.flashed)
    assert (other.state, first.held, other.held) == (State.ANSWERED, "party", None)
    assert desk.sounding == []
    for held, talking in ((other, first), (first, other)):
        desk.do(desk.station.flashed)
        assert (held.held, talking.held, desk.station.state) == ("party", None, S.TALKING)
        assert talking.leg is not None
        assert (talking.leg.slot, desk.station._active) == (7, talking)
    assert {first.state, other.state} == {State.ANSWERED}


def test_who_puts_the_receiver_down_between_two_calls_joins_nobody_and_is_rung_for_the_other(desk: Desk) -> None:
    first, other = waiting(desk)
    desk.do(desk.station.flashed)
    desk.put_down()
    assert desk.ends(other) == [(16, "party")]
    assert (desk.station.state, first.state, desk.port.rings[-1][1]) == (S.RECALLING, State.ANSWERED, True)
    desk.lift()
    assert (desk.station.state, first.held) == (S.TALKING, None)


def test_one_of_the_two_hanging_up_leaves_the_other(desk: Desk) -> None:
    first, other = waiting(desk)
    desk.do(desk.station.flashed)
    desk.do(other.end, 16, "exchange")
    desk.wait(0.1)
    assert desk.sounding == [desk.gateway.sounds.cadences["busy"]]
    desk.do(desk.station.flashed)
    assert (desk.station.state, first.held) == (S.TALKING, None)


@pytest.mark.parametrize("how", ["flash", "put_down"])
def test_a_call_that_waits_at_the_end_of_a_talk_is_taken_by_a_flash_or_rings(desk: Desk, how: str) -> None:
    first, other = waiting(desk)
    desk.do(first.end, 16, "exchange")
    desk.wait(0.1)
    if how == "flash":
        desk.do(desk.station.flashed)
    else:
        desk.put_down()
        assert (desk.station.state, desk.port.rings[-1][1], other.state) == (S.RINGING, True, State.RINGING)
        desk.lift()
    assert (desk.station.state, other.state) == (S.TALKING, State.ANSWERED)


def test_a_consultation_after_a_waiting_call_joins_as_ever(desk: Desk) -> None:
    first, other = waiting(desk)
    desk.do(desk.station.flashed)
    desk.do(first.end, 16, "exchange")
    desk.do(desk.station.flashed)
    desk.press("206")
    third = desk.gateway.channels[-1]
    desk.do(third._answer)
    desk.put_down()
    assert [desk.ends(channel) for channel in (other, third)] == [[(16, "party")], [(16, "party")]]
    assert desk.station.state is S.IDLE


def test_a_port_that_goes_takes_the_waiting_call_along(desk: Desk) -> None:
    first, other = waiting(desk)
    desk.do(desk.station.down)
    assert [desk.ends(channel) for channel in (first, other)] == [[(38, "gateway")], [(38, "gateway")]]


# ---- flashes


def test_a_flash_without_a_talk_does_nothing(desk: Desk) -> None:
    desk.do(desk.station.flashed)
    desk.lift()
    desk.do(desk.station.flashed)
    assert desk.station.state is S.DIAL_TONE
    desk.press("203")
    desk.do(desk.station.flashed)
    assert desk.station.state is S.CALLING


def test_a_consultation_that_reaches_nobody_is_left_by_a_flash(desk: Desk) -> None:
    held = desk.call()
    desk.do(desk.station.flashed)
    assert held.held == "party"
    assert desk.sounding == tone(desk, "dial")
    desk.press("203")
    asked = desk.gateway.channels[1]
    desk.do(asked.hangup, Hangup("h", asked.id, 17))
    desk.wait(0.01)
    assert desk.sounding == tone(desk, "busy")
    desk.do(desk.station.flashed)
    assert (held.held, desk.station.state) == (None, S.TALKING)
    assert held.leg is not None
    assert held.leg.slot == 7


def test_who_waits_on_hold_and_is_not_taken_back_is_let_go_of(desk: Desk) -> None:
    held = desk.call()
    desk.do(desk.station.flashed)
    desk.put_down()
    desk.wait(59.9)
    assert desk.ends(held) == []
    assert desk.station.state is S.RECALLING
    desk.wait(0.2)
    assert desk.ends(held) == [(19, "gateway")]
    assert (desk.station.state, desk.port.rings[-1][1]) == (S.IDLE, False)


def test_a_telephone_that_rings_for_who_is_on_hold_falls_silent_when_they_give_up(desk: Desk) -> None:
    held = desk.call()
    desk.do(desk.station.flashed)
    desk.put_down()
    desk.do(held.hangup, Hangup("h", held.id, 16))
    assert (desk.station.state, desk.port.rings[-1][1]) == (S.IDLE, False)
    desk.lift()
    assert desk.sounding == tone(desk, "dial")


def test_a_consultation_that_comes_about_is_ended_by_a_flash_too(desk: Desk) -> None:
    held = desk.call()
    desk.do(desk.station.flashed)
    desk.press("203")
    asked = desk.gateway.channels[1]
    desk.do(asked._answer)
    desk.do(desk.station.flashed)
    assert desk.ends(asked) == [(16, "party")]
    assert desk.station.state is S.TALKING
    desk.put_down()
    assert desk.ends(held) == [(16, "party")]
    assert not [told for told in desk.gateway.told if told[0] == Disconnected.__name__.lower()]


# ---- the port


def test_a_port_that_goes_takes_all_its_calls_along(desk: Desk) -> None:
    held = desk.call()
    desk.do(desk.station.flashed)
    desk.press("203")
    desk.do(desk.station.down)
    assert [desk.ends(channel) for channel in (held, desk.gateway.channels[1])] == [[(38, "gateway")]] * 2
    assert all(leg.closed for leg in desk.gateway.legs.values())
    assert all(slot.closed for slot in desk.gateway.slots)

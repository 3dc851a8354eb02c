"""What the voltage that a card tells makes of a line; the kernel's answers are the test's."""

import asyncio
import os
import struct
from collections import deque
from collections.abc import Iterator

import pytest

from drivers.boards.base import Battery, Line, LineWatcher, Polarity
from drivers.boards.dahdi import device
from drivers.boards.dahdi.analog import DahdiLine
from drivers.link.messages import Wrong
from firmware.clock import VirtualLoop
from native.dahdi import Channel, Event, Signalling


class Card(LineWatcher):
    """One FXO port as the kernel has it, and who is told of it."""

    def __init__(self) -> None:
        self.volts: int | None = -48
        self.asked = 0
        self.happened: deque[int] = deque()
        self.told: list[object] = []
        self.line: DahdiLine

    def line_volts(self, fd: int) -> int | None:
        self.asked += 1
        return self.volts

    def events(self, fd: int) -> Iterator[int]:
        while self.happened:
            yield self.happened.popleft()

    def line_up(self, line: Line) -> None: ...
    def line_down(self, line: Line) -> None: ...
    def loop_broken(self, line: Line) -> None: ...
    def board_changed(self, subject: str, wrong: Wrong | None) -> None: ...

    def ring_changed(self, line: Line) -> None:
        self.told.append(("ring", line.ringing))

    def battery_changed(self, line: Line) -> None:
        self.told.append(line.battery)

    def polarity_changed(self, line: Line) -> None:
        self.told.append(line.polarity)


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    yield loop
    loop.close()


@pytest.fixture
def card(loop: VirtualLoop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Card]:
    card = Card()
    monkeypatch.setattr(device, "open_voice", lambda number: os.open(os.devnull, os.O_RDWR))
    monkeypatch.setattr(device, "hook", lambda fd, what: True)
    for name in ("line_volts", "events"):
        monkeypatch.setattr(device, name, getattr(card, name))
    channel = Channel(1, 1, 1, "WCTDM/0/0", Signalling.FXSKS, Signalling.FXSKS, False, 0, "alaw", False)

    async def opened() -> DahdiLine:
        return DahdiLine(1, channel, card)

    card.line = loop.run_until_complete(opened())
    yield card
    os.close(card.line.fd)


def after(loop: VirtualLoop, seconds: float, card: Card) -> None:
    """Let time pass, and look."""

    async def look() -> None:
        await asyncio.sleep(seconds)
        card.line.look()

    loop.run_until_complete(look())


@pytest.mark.parametrize(("volts", "battery"), [
    (-48, Battery.FULL), (48, Battery.FULL), (-56, Battery.FULL), (24, Battery.FULL), (-22, Battery.FULL),
    (-15, Battery.LOW), (16, Battery.LOW), (-5, Battery.LOW), (None, Battery.FULL),
])  # fmt: skip
def test_a_telephone_on_the_pair_is_known_by_the_voltage_either_way_round(loop, card, volts, battery) -> None:
    card.volts = volts
    for _ in range(2):
        after(loop, 1, card)
    assert card.line.battery is battery
    assert card.told == ([battery] if battery is Battery.LOW else [])  # once
    card.volts = -48
    after(loop, 1, card)
    assert card.line.battery is Battery.FULL


def test_what_is_not_known_leaves_the_line_as_it_was_last_known(loop, card) -> None:
    card.volts = -8
    after(loop, 1, card)
    card.volts = None
    after(loop, 1, card)
    assert card.line.battery is Battery.LOW


def test_a_line_without_battery_is_what_the_driver_says(loop, card) -> None:
    card.happened += [Event.ALARM]
    after(loop, 1, card)
    assert (card.told, card.asked) == ([Battery.NONE], 0)
    card.happened += [Event.NO_ALARM]
    card.volts = -8
    after(loop, 1, card)
    assert card.told == [Battery.NONE, Battery.FULL, Battery.LOW]


def test_what_waits_is_told_before_the_look_is_over_and_a_ring_is_no_battery(loop, card) -> None:
    card.volts = 3
    card.happened += [Event.POLARITY, Event.RING_BEGIN]
    after(loop, 1, card)
    assert card.told == [Polarity.REVERSED, ("ring", True)]
    card.happened += [Event.RING_OFF_HOOK]
    after(loop, 1, card)
    after(loop, 5, card)  # another burst may begin
    assert card.asked == 0
    card.volts = 48
    after(loop, 2, card)
    assert (card.asked, card.line.battery) == (1, Battery.FULL)


def test_our_own_loop_is_not_taken_for_a_telephone(loop, card) -> None:
    async def hook(closed: bool) -> None:
        card.line.set_loop(closed=closed)

    card.volts = -8
    loop.run_until_complete(hook(True))
    after(loop, 5, card)
    loop.run_until_complete(hook(False))
    after(loop, 0.5, card)  # the pair is being charged
    assert (card.asked, card.told) == (0, [])
    after(loop, 0.5, card)
    assert card.told == [Battery.LOW]


def test_a_card_that_takes_long_is_not_asked_again(loop, card, monkeypatch) -> None:
    def slow(fd: int) -> int:
        card.asked += 1
        loop.jump(2.0)
        return 0

    card.volts = -8
    after(loop, 1, card)
    monkeypatch.setattr(device, "line_volts", slow)
    for _ in range(3):
        after(loop, 1, card)
    assert (card.asked, card.told) == (2, [Battery.LOW, Battery.FULL])  # what is not known is no telephone


def test_a_channel_that_is_gone_is_not_asked(loop, card) -> None:
    card.happened += [Event.REMOVED]
    after(loop, 1, card)
    assert (card.line.removed, card.asked) == (True, 0)


@pytest.mark.parametrize(("millivolts", "volts"), [(-48000, -48), (7000, 7), (0, None)])
def test_the_voltage_is_what_the_driver_reads_of_its_chip(monkeypatch, millivolts: int, volts: int | None) -> None:
    def ioctl(fd: int, request: int, argument: bytes) -> bytes:
        assert (request, len(argument)) == (2 << 30 | 12 << 16 | 0xDA << 8 | 60, 12)
        return struct.pack("iii", millivolts, millivolts, millivolts)

    monkeypatch.setattr(device.fcntl, "ioctl", ioctl)
    assert device.line_volts(5) == volts


def test_a_driver_that_does_not_tell_it_is_no_error() -> None:
    with open(os.devnull) as nothing:
        assert device.line_volts(nothing.fileno()) is None

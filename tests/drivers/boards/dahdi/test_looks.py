"""In what turns a board looks at the battery of its lines; the kernel's answers are the test's."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.boards.base import Line
from drivers.boards.dahdi import device
from drivers.boards.dahdi.board import DahdiBoard
from firmware.clock import VirtualLoop
from native.dahdi import Channel, Event, Signalling


class Cards:
    """Three FXO ports as the kernel has them, and who is told of their lines."""

    def __init__(self) -> None:
        self.lines: dict[int, Line] = {}
        self.volts = {1: -48, 2: -48, 3: -48}
        self.asked: list[int] = []
        self.gone: set[int] = set()
        self.battery: list[tuple[int, str]] = []
        self._numbers: dict[int, int] = {}

    def line_up(self, line: Line) -> None:
        self.lines[line.number], self._numbers[line.fd] = line, line.number

    def line_down(self, line: Line) -> None:
        del self.lines[line.number]

    def battery_changed(self, line: Line) -> None:
        self.battery.append((line.number, line.battery))

    def board_changed(self, subject: str, wrong: object) -> None: ...

    def channels(self) -> list[Channel]:
        fxo = Signalling.FXSKS
        return [Channel(n, 1, n, f"WCTDM/0/{n}", fxo, fxo, False, 0, "alaw", False) for n in self.volts]

    def line_volts(self, fd: int) -> int:
        self.asked.append(self._numbers[fd])
        return self.volts[self._numbers[fd]]

    def events(self, fd: int) -> Iterator[int]:
        if self._numbers[fd] in self.gone:
            yield Event.REMOVED


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    yield loop
    loop.close()


@pytest.fixture
def cards(loop: VirtualLoop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Cards]:
    cards = Cards()
    monkeypatch.setattr(device, "open_voice", lambda number: os.eventfd(0))
    monkeypatch.setattr(device, "hook", lambda fd, what: True)
    for name in ("channels", "line_volts", "events"):
        monkeypatch.setattr(device, name, getattr(cards, name))
    board = DahdiBoard(tmp_path)
    loop.run_until_complete(board.start(cards))  # type: ignore[arg-type]
    assert sorted(cards.lines) == [1, 2, 3]
    yield cards
    loop.run_until_complete(board.close())


def test_one_line_a_second_is_looked_at_in_turn(loop: VirtualLoop, cards: Cards) -> None:
    loop.advance(7.5)
    assert cards.asked == [1, 2, 3, 1, 2, 3, 1]


def test_a_line_that_another_telephone_has_is_looked_at_each_second(loop: VirtualLoop, cards: Cards) -> None:
    cards.volts[2] = -8
    loop.advance(4.5)
    assert cards.battery == [(2, "low")]
    cards.asked.clear()
    loop.advance(3)
    assert cards.asked.count(2) == 3
    cards.volts[2] = -48
    loop.advance(1)
    assert cards.battery == [(2, "low"), (2, "full")]


def test_a_channel_that_a_look_finds_gone_is_a_line_that_is_gone(loop: VirtualLoop, cards: Cards) -> None:
    cards.gone = {3}
    loop.advance(3.5)
    assert sorted(cards.lines) == [1, 2]

"""Gathering digits, on a loop whose time the test sets."""

from collections import deque

import pytest

from drivers.collector import Collector
from drivers.link.messages import Collect
from firmware.clock import VirtualLoop


class Wanted:
    """One collect under way."""

    def __init__(self, loop: VirtualLoop, typed: str = "", **fields: object) -> None:
        self.ended: list[tuple[str, str]] = []
        self.typed = deque(typed)
        self._loop = loop
        command = Collect(id="c", channel="x", **fields)  # type: ignore[arg-type]
        self.collector = self.run(lambda: Collector(command, self.typed, lambda *end: self.ended.append(end)))

    def run(self, what):  # type: ignore[no-untyped-def]
        async def inside():  # type: ignore[no-untyped-def]
            return what()

        return self._loop.run_until_complete(inside())

    def press(self, digits: str) -> None:
        for digit in digits:
            self.run(lambda digit=digit: self.collector.digit(digit))


@pytest.fixture
def loop() -> VirtualLoop:
    return VirtualLoop()


def test_nothing_is_waited_for_before_the_wait_begins(loop: VirtualLoop) -> None:
    wanted = Wanted(loop, first_s=5)
    loop.advance(60)
    assert wanted.ended == []
    wanted.run(wanted.collector.begin_wait)
    loop.advance(4.9)
    assert wanted.ended == []
    loop.advance(0.2)
    assert wanted.ended == [("", "timeout")]


def test_each_next_digit_has_its_own_wait(loop: VirtualLoop) -> None:
    wanted = Wanted(loop, max_digits=9, first_s=5, next_s=3)
    wanted.run(wanted.collector.begin_wait)
    for digit in "12":
        loop.advance(2.9)
        wanted.press(digit)
    loop.advance(2.9)
    assert wanted.ended == []
    loop.advance(0.2)
    assert wanted.ended == [("12", "timeout")]


def test_a_digit_before_the_wait_begins_starts_the_wait_for_the_next(loop: VirtualLoop) -> None:
    wanted = Wanted(loop, max_digits=2, next_s=3)
    wanted.press("1")
    wanted.run(wanted.collector.begin_wait)
    loop.advance(3.1)
    assert wanted.ended == [("1", "timeout")]


@pytest.mark.parametrize(
    ("typed", "most", "until", "ended", "left"),
    [("123", 2, "#", ("12", "full"), "3"), ("1#2", 5, "#", ("1", "until"), "2"), ("#", 1, "#", ("", "until"), ""),
     ("1#", 2, "", ("1#", "full"), "")],
)  # fmt: skip
def test_what_was_typed_ahead_counts_and_the_rest_stays(
    loop: VirtualLoop, typed: str, most: int, until: str, ended: tuple[str, str], left: str
) -> None:
    wanted = Wanted(loop, typed, max_digits=most, until=until)
    assert wanted.ended == [ended]
    assert "".join(wanted.typed) == left


def test_it_ends_once(loop: VirtualLoop) -> None:
    wanted = Wanted(loop, max_digits=1)
    wanted.press("1")
    wanted.press("2")
    wanted.run(wanted.collector.stop)
    loop.advance(60)
    assert wanted.ended == [("1", "full")]


def test_stopping_gives_what_there_is(loop: VirtualLoop) -> None:
    wanted = Wanted(loop, max_digits=3)
    wanted.press("12")
    wanted.run(wanted.collector.stop)
    assert wanted.ended == [("12", "stopped")]

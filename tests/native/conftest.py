"""One pjsua and one Core for all tests here: pjsua cannot well be started twice in a process."""

from collections.abc import Callable, Iterator

import pytest

from tests.native.room import Room, Wire


@pytest.fixture(scope="session")
def only_room() -> Iterator[Room]:
    room = Room()
    room.start()
    yield room
    room.close()


@pytest.fixture
def room(only_room: Room) -> Iterator[Room]:
    """The room, left by each test as it was found."""
    only_room.happenings.clear()
    yield only_room
    only_room.wait(lambda: only_room.core.counters()["parties"] == 0)


@pytest.fixture
def wires(room: Room) -> Iterator[Callable[[], Wire]]:
    made: list[Wire] = []

    def make() -> Wire:
        made.append(room.wire())
        return made[-1]

    yield make
    for wire in made:
        wire.close()


@pytest.fixture
def wire(wires: Callable[[], Wire]) -> Wire:
    """A line whose far leg hears what the near leg plays."""
    return wires()

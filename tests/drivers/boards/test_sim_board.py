"""The box's end of the simulated lines: against the real office, and against one that lies or dies."""

import asyncio
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.boards.base import Battery, Line, Polarity
from drivers.boards.sim.board import SimBoard
from drivers.link.office import Battery as CutOrder
from drivers.link.office import Parallel, PlaceCall
from drivers.link.office_client import OfficeClient
from tests.drivers.office.program import OfficeProgram


class Watcher:
    """Keeps what a board tells, and the lines that are up."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int, Any]] = []
        self.lines: dict[int, Line] = {}
        self.boards: list[tuple[str, str]] = []
        self._changed = asyncio.Event()

    def line_up(self, line: Line) -> None:
        self.lines[line.number] = line
        self._tell("up", line, None)

    def line_down(self, line: Line) -> None:
        os.fstat(line.fd)  # still open
        del self.lines[line.number]
        self._tell("down", line, None)

    def ring_changed(self, line: Line) -> None:
        self._tell("ring", line, line.ringing)

    def battery_changed(self, line: Line) -> None:
        self._tell("battery", line, line.battery)

    def loop_broken(self, line: Line) -> None:
        self._tell("broken", line, None)

    def polarity_changed(self, line: Line) -> None:
        self._tell("polarity", line, line.polarity)

    def board_changed(self, subject: str, wrong: str) -> None:
        self.boards.append((subject, wrong))

    def _tell(self, what: str, line: Line, state: Any) -> None:
        self.told.append((what, line.number, state))
        self._changed.set()

    async def until(self, what: Callable[[], object], timeout_s: float = 10) -> None:
        async with asyncio.timeout(timeout_s):
            while not what():
                self._changed.clear()
                await self._changed.wait()


class LyingOffice:
    """An office whose every word is the test's."""

    def __init__(self, home: Path) -> None:
        (home / "run").mkdir()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(home / "run" / "board.sock"))
        self.listener.listen()
        self.listener.setblocking(False)
        self.connections = 0

    async def accept(self) -> socket.socket:
        wire, _ = await asyncio.wait_for(asyncio.get_running_loop().sock_accept(self.listener), 5)
        wire.setblocking(True)
        self.connections += 1
        return wire

    @staticmethod
    def introduce(wire: socket.socket, *numbers: int) -> list[socket.socket]:
        """Give lines, all messages in one piece as far as their descriptors allow; return our ends."""
        wire.sendall(json.dumps({"type": "lines", "lines": numbers}).encode() + b"\n")
        ours = []
        for number in numbers:
            near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            socket.send_fds(wire, [json.dumps({"type": "audio", "line": number}).encode() + b"\n"], [far.fileno()])
            far.close()
            ours.append(near)
        return ours


@pytest.fixture
def running() -> Iterator[Callable[[Path], OfficeProgram]]:
    """Start an office in a home; whatever becomes of the test, it ends with it."""
    programs: list[OfficeProgram] = []

    def start(home: Path) -> OfficeProgram:
        programs.append(OfficeProgram(home))
        return programs[-1]

    yield start
    for program in programs:
        if program.process.poll() is None:
            program.kill()


@pytest.fixture
def home() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="bh-", dir="/tmp"))
    yield home
    shutil.rmtree(home)


async def test_lines_come_up_ring_and_are_answered_by_the_loop(
    home: Path, running: Callable[[Path], OfficeProgram]
) -> None:
    watcher, board = Watcher(), SimBoard(home)
    program = running(home)
    await board.start(watcher)
    await watcher.until(lambda: len(watcher.lines) == 4)
    async with await OfficeClient.connect(home) as office:
        call = await office.call(PlaceCall(line=2, caller_id="none"))
        await watcher.until(lambda: ("ring", 2, True) in watcher.told)
        assert watcher.lines[2].ringing
        watcher.lines[2].set_loop(closed=True)
        await call.wait_for("answered")
        await watcher.until(lambda: ("ring", 2, False) in watcher.told)
        blocks = [os.read(watcher.lines[2].fd, 4096) for _ in range(1)]
        assert len(blocks[0]) == 160
        watcher.lines[2].set_loop(closed=False)
        await call.wait_for("released")
        await office.request("battery", CutOrder(line=3, on=False))
        await watcher.until(lambda: ("battery", 3, Battery.NONE) in watcher.told)
        assert watcher.lines[3].battery is Battery.NONE
        await office.request("parallel", Parallel(line=4, act="lift"))
        await watcher.until(lambda: ("battery", 4, Battery.LOW) in watcher.told)
        watcher.lines[4].set_loop(closed=True)  # now it is our loop that lowers it
        await watcher.until(lambda: ("battery", 4, Battery.FULL) in watcher.told)
        watcher.lines[4].set_loop(closed=False)
        await watcher.until(lambda: watcher.lines[4].battery is Battery.LOW)
        await office.request("parallel", Parallel(line=4, act="put_down"))
        await watcher.until(lambda: watcher.lines[4].battery is Battery.FULL)
    await board.close()
    assert watcher.lines == {}
    assert program.close() == 0


async def test_an_office_that_dies_takes_its_lines_and_one_that_comes_back_brings_them_anew(
    home: Path, running: Callable[[Path], OfficeProgram]
) -> None:
    watcher, board = Watcher(), SimBoard(home)
    program = running(home)
    await board.start(watcher)
    await watcher.until(lambda: len(watcher.lines) == 4)
    old = watcher.lines[1]
    program.kill()
    await watcher.until(lambda: not watcher.lines)
    old.set_loop(closed=True)  # on a line that is gone: nothing
    program.restart()
    await watcher.until(lambda: len(watcher.lines) == 4)
    assert watcher.lines[1] is not old
    async with await OfficeClient.connect(home) as office:
        assert not any(line.loop_closed for line in await office.lines())
    await board.close()
    program.close()


async def test_a_board_starts_before_there_is_an_office_and_finds_it_later(
    home: Path, running: Callable[[Path], OfficeProgram]
) -> None:
    watcher, board = Watcher(), SimBoard(home)
    await board.start(watcher)
    assert watcher.told == []
    program = await asyncio.to_thread(running, home)
    await watcher.until(lambda: len(watcher.lines) == 4)
    await board.close()
    program.close()


async def test_states_are_told_once_each_with_the_line_already_changed(home: Path) -> None:
    office, watcher, board = LyingOffice(home), Watcher(), SimBoard(home)
    await board.start(watcher)
    wire = await office.accept()
    ours = office.introduce(wire, 1, 5)
    await watcher.until(lambda: len(watcher.lines) == 2)
    for state in ({"ring": True}, {"ring": True}, {"polarity": "reversed"}, {"polarity": "normal"}, {"ring": False}):
        wire.sendall(json.dumps({"type": "state", "line": 5, **state}).encode() + b"\n")
    await watcher.until(lambda: ("ring", 5, False) in watcher.told)
    assert watcher.told[2:] == [
        ("ring", 5, True),
        ("polarity", 5, Polarity.REVERSED),
        ("polarity", 5, Polarity.NORMAL),
        ("ring", 5, False),
    ]
    wire.sendall(b'{"type":"state","line":5,"ring":true}\n')
    watcher.lines[5].look()  # what has come is told before it returns
    assert watcher.told[6:] == [("ring", 5, True)]
    os.write(watcher.lines[5].fd, b"x" * 160)
    assert ours[1].recv(4096) == b"x" * 160  # the descriptor is that of line 5, not of 1
    watcher.lines[5].set_loop(closed=True)
    watcher.lines[5].set_loop(closed=True)
    watcher.lines[5].set_loop(closed=False)
    told = [json.loads(line) for line in wire.recv(4096).splitlines()]
    assert told == [{"type": "loop", "line": 5, "closed": True}, {"type": "loop", "line": 5, "closed": False}]
    await board.close()


@pytest.mark.parametrize(
    "lie",
    [
        b"no json\n",
        b'{"type":"audio","line":1}\n',  # without a descriptor
        b'{"type":"lines","lines":[0]}\n',
        b'{"type":"digit","line":1,"digit":"5"}\n',
        b"",
    ],
)
async def test_an_office_that_lies_is_left_and_tried_again(home: Path, lie: bytes) -> None:
    office, watcher, board = LyingOffice(home), Watcher(), SimBoard(home)
    await board.start(watcher)
    wire = await office.accept()
    office.introduce(wire, 1, 2)
    await watcher.until(lambda: len(watcher.lines) == 2)
    if lie:
        wire.sendall(lie)
    else:
        wire.close()
    await watcher.until(lambda: not watcher.lines)
    again = await office.accept()
    office.introduce(again, 1)
    await watcher.until(lambda: list(watcher.lines) == [1])
    await board.close()


async def test_closing_puts_every_line_on_hook_and_leaves_no_descriptor_open(home: Path) -> None:
    office, watcher, board = LyingOffice(home), Watcher(), SimBoard(home)
    before = len(os.listdir("/proc/self/fd"))
    await board.start(watcher)
    wire = await office.accept()
    ours = office.introduce(wire, 1, 2)
    await watcher.until(lambda: len(watcher.lines) == 2)
    watcher.lines[1].set_loop(closed=True)
    await board.close()
    said = b""
    while data := wire.recv(4096):
        said += data
    assert [json.loads(line)["closed"] for line in said.splitlines()] == [True, False]
    for end in (wire, *ours):
        end.close()
    assert len(os.listdir("/proc/self/fd")) == before

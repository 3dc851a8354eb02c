"""A board, a media core and a gateway around telephone lines, all played by the test."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from drivers.boards.base import Line
from drivers.boards.line import TelephoneLine
from drivers.boards.user import Caller
from drivers.sounds import Sounds
from native.dsp import level_dbm0
from native.media import Happening

EAR, CALL = 1, 99  # tokens of the line's own leg, and of the call's


class PlayedLine(Line):
    """A line whose board is the test."""

    closed = False

    def __init__(self, number: int, fd: int) -> None:
        super().__init__(number, fd)
        self.breaks_ms: list[int] = []

    def set_loop(self, closed: bool) -> None:
        self.closed = closed

    def open_loop(self, for_ms: int) -> None:
        self.breaks_ms.append(for_ms)


class PlayedLeg:
    """A leg of a media core that is the test: what it should listen for and play is kept."""

    def __init__(self, slot: int, token: int) -> None:
        self.slot, self.token = slot, token
        self.level = -60.0
        self.sound = b""  # the last second of it
        self.listening: set[str] = set()
        self.digits = self.caller_id = self.closed = False
        self.played: list[tuple[list[Any], int]] = []

    def detect(self, digits: bool, tones: dict[str, Any], caller_id: bool) -> None:
        self.digits, self.listening, self.caller_id = digits, set(tones), caller_id

    def play(self, sounds: list[Any], play_id: int, loop: bool = False) -> None:
        self.played.append((sounds, play_id))

    def stop(self) -> None:
        self.played.append(([], -1))

    def level_dbm0(self) -> float:
        return level_dbm0(self.sound) if self.sound else self.level

    def samples(self) -> bytes:
        return self.sound or bytes(16000)

    def samples_since(self, tick: int) -> tuple[int, bytes]:
        """Return what was heard since a tick, by the loop's time: as much of `sound` as has passed."""
        now = int(asyncio.get_running_loop().time() * 50)
        whole = self.sound or bytes(16000)
        at = 320 * (now - min(50, now - tick)) % len(whole)
        return now, (whole * 2)[at : at + 320 * min(50, now - tick)]

    def close(self) -> None:
        self.closed = True


class PlayedSlot:
    """A timeslot."""

    closed = False
    gain_db = (0.0, 0.0)

    def __init__(self, slot: int) -> None:
        self.slot = slot

    def gain(self, heard_db: float, said_db: float) -> None:
        self.gain_db = (heard_db, said_db)

    def close(self) -> None:
        self.closed = True


class Exchange:
    """Host and user of the line in one: keeps what it is told, in order."""

    def __init__(self) -> None:
        self.core: Any = self
        self.sounds = Sounds("CN")
        self.told: list[tuple[Any, ...]] = []
        self.statuses: list[str] = []
        self.legs: dict[int, PlayedLeg] = {}
        self.tasks: list[asyncio.Task[None]] = []
        self.slots: list[PlayedSlot] = []
        self._receivers: dict[int, Callable[[Happening], None]] = {}
        self._tokens = 0

    def token(self, receiver: Callable[[Happening], None]) -> int:
        self._tokens += 1
        self._receivers[self._tokens] = receiver
        return self._tokens

    def release(self, token: int) -> None:
        del self._receivers[token]

    def timeslot(self, fd: int, law: str) -> PlayedSlot:
        self.slots.append(PlayedSlot(7 + len(self.slots)))
        return self.slots[-1]

    def leg(self, slot: int, token: int) -> PlayedLeg:
        assert all(leg.closed for leg in self.legs.values() if leg.slot == slot), "a slot has one leg at a time"
        self.legs[token] = PlayedLeg(slot, token)
        return self.legs[token]

    def close_leg(self) -> None:
        """Close the leg of the call, as a channel does at its end."""
        for leg in self.legs.values():
            if leg.token == CALL:
                leg.close()

    def hear(self, token: int, kind: str, value: str = "", number: int = 0) -> None:
        """Let the media core tell of a leg."""
        self._receivers[token](Happening(token, kind, value, number, 0))

    def line_offered(self, line: TelephoneLine, caller: Caller) -> "Exchange":
        self.told.append(("offered", *caller))
        return self

    def line_changed(self, line: TelephoneLine) -> None:
        self.statuses.append(line.status)

    def tell(self, kind: type[Any], **fields: Any) -> None:
        self.told.append((kind.__name__.lower(), *fields.values()))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.get_running_loop().create_task(work))

    def line_seized(self, leg: PlayedLeg) -> None:
        self.told.append(("seized", leg.token))

    def line_wanted(self) -> None:
        raise AssertionError("a call was asked to give way")

    def line_ringing(self) -> None:
        self.told.append(("ringing",))

    def line_answered(self, assumed: bool) -> None:
        self.told.append(("answered", assumed))

    def line_ended(self, cause: int, by_party: bool) -> None:
        self.close_leg()
        self.told.append(("ended", cause, by_party))

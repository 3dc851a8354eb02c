"""The exchange tests' fake gateway as the contract suite sees it, on a real clock."""

import asyncio
from pathlib import Path
from typing import Any

from drivers.link import messages as m
from tests.contract.peer import Wire
from tests.fakes.gateway import FakeGateway
from tests.fakes.parties import Party

REST_S = 0.02  # the fake's people act at once; those of the suite take a moment


class FakePerson:
    """A party of the fake."""

    def __init__(self, party: Party) -> None:
        self._party = party

    async def press(self, digit: str) -> None:
        self._party.press(digit)
        await asyncio.sleep(REST_S)

    async def hang_up(self) -> None:
        self._party.hang_up()

    async def hold(self) -> None:
        self._party.hold()

    async def resume(self) -> None:
        self._party.resume()

    async def transfer(self, number: str, consulted: Any = None) -> None:
        self._party.transfer(number, consulted._party if consulted else None)
        self._known = len(self._party.told)

    async def transferred(self) -> bool:
        await asyncio.sleep(REST_S)
        (cause,) = self._party.told[self._known :]
        return cause == 0


class FakePeer:
    """A fake gateway and its people."""

    source = "trunk:"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._durations_s: dict[str, float] = {}
        self.gateway = FakeGateway(
            asyncio.get_running_loop(), wall_offset_s=1_772_413_200.0, prompt_s=self._durations_s.__getitem__
        )

    async def open(self) -> Wire:
        return await self.gateway.connect()

    async def call_in(self, number: str) -> FakePerson:
        return FakePerson(self.gateway.incoming("trunk:carrier", "4001", number))

    async def telephone(self, number: str, does: str) -> None:
        phone = self.gateway.phone(number)
        phone.rings_after_s = 0.02
        {"answer": lambda: phone.answers_after(0.02), "ring": phone.rings, "refuse": phone.busy}[does]()

    async def at_telephone(self, number: str) -> FakePerson:
        return FakePerson(self.gateway.phone(number).party)

    def prompt(self, duration_s: float) -> m.Prompt:
        path = f"/prompt-{duration_s}.wav"
        self._durations_s[path] = duration_s
        return m.Prompt(path)

    def plug_in(self) -> None:
        """The fake's lines always do."""

    async def parallel(self, line: int, lifted: bool) -> None:
        self.gateway.line_is(line, "parallel" if lifted else "idle")

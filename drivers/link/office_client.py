"""A client of the simulated central office, for the command and tests: orders out, events and reports back."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

import msgspec

from drivers.link.errors import DriverError
from drivers.link.framing import LINE_BYTES, check_peer, encode, read_line
from drivers.link.office import (
    DialDigits,
    Handset,
    HangUp,
    LineStatus,
    Order,
    PlaceCall,
    Press,
    Progress,
    Report,
    Say,
    SpanStatus,
    Speak,
    TelephoneStatus,
)


class OfficeError(DriverError):
    """The office refused; `code` and text are its own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class OfficeGone(DriverError):
    """There is no central office to talk to, or it ended."""

    code = "office-gone"


class PlacedCall:
    """A call under way, for whoever placed it."""

    def __init__(self, client: "OfficeClient", answers: "asyncio.Queue[dict[str, Any]]", first: Progress) -> None:
        self.id = first.call
        self.started_s = first.at
        self.progress = [first]
        self._client = client
        self._answers = answers
        self._report: Report | None = None

    async def events(self) -> AsyncIterator[Progress]:
        """Yield what happens from now on, until the call has ended."""
        while self._report is None:
            answer = await self._client.next_answer(self._answers)
            if "event" in answer:
                event = msgspec.convert(answer["event"], Progress)
                self.progress.append(event)
                yield event
            else:
                self._report = msgspec.convert(answer["result"], Report)

    async def wait_for(self, event: str, detail: str = "") -> Progress:
        """Return the first such event, past or to come; OfficeError `not-happened` when the call ended without it."""
        for seen in self.progress:
            if seen.event == event and detail in ("", seen.detail):
                return seen
        async for seen in self.events():
            if seen.event == event and detail in ("", seen.detail):
                return seen
        raise OfficeError("not-happened", f"call {self.id} ended without {event} {detail}".rstrip())

    async def report(self) -> Report:
        """Return the report when the call has ended."""
        async for _ in self.events():
            pass
        assert self._report is not None  # noqa: S101 - events() ends no other way
        return self._report

    async def press(self, digits: str) -> None:
        """Press more keys."""
        await self._client.request("press", Press(call=self.id, digits=digits))

    async def say(self, play: str = "", tone_hz: float | None = None) -> None:
        """Say something else."""
        await self._client.request("say", Say(call=self.id, play=play, tone_hz=tone_hz))

    async def hang_up(self) -> None:
        """Hang up."""
        await self._client.request("hang_up", HangUp(call=self.id))


class Telephone:
    """A telephone in a port of the box, for whoever is at it."""

    def __init__(self, client: "OfficeClient", port: int) -> None:
        self.port = port
        self._client = client

    async def lift(self) -> None:
        """Lift the receiver."""
        await self._client.request("handset", Handset(port=self.port, act="lift"))

    async def put_down(self) -> None:
        """Put the receiver down."""
        await self._client.request("handset", Handset(port=self.port, act="put_down"))

    async def flash(self) -> None:
        """Press the hook for a moment."""
        await self._client.request("handset", Handset(port=self.port, act="flash"))

    async def dial(self, digits: str, pulse: bool = False) -> None:
        """Dial, by keys or by breaks of the loop."""
        await self._client.request("dial", DialDigits(port=self.port, digits=digits, pulse=pulse))

    async def speak(self, play: str = "", tone_hz: float | None = None) -> None:
        """Say something else from now on."""
        await self._client.request("speak", Speak(port=self.port, play=play, tone_hz=tone_hz))

    async def status(self) -> TelephoneStatus:
        """Return how it is, and what it has heard."""
        return next(one for one in await self._client.telephones() if one.port == self.port)


class OfficeClient:
    """A connection to the office's control socket; any number of orders at a time. Calls it placed end with it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Queue[dict[str, Any]]] = {}
        self._task = asyncio.get_running_loop().create_task(self._read())

    @classmethod
    async def connect(cls, home: str | Path) -> Self:
        """Connect to the office of this home; OfficeGone where there is none."""
        path = Path(home) / "run" / "office.sock"
        try:
            reader, writer = await asyncio.open_unix_connection(path, limit=LINE_BYTES)
        except OSError as error:
            raise OfficeGone(f"no central office answers at {path}: {error.strerror}") from error
        check_peer(writer.get_extra_info("socket"))
        return cls(reader, writer)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection; callers placed through it hang up."""
        self._writer.close()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def request(self, method: str, params: Order | None = None) -> Any:
        """Return the result of one order; OfficeError when refused."""
        _, answers = self._send(method, params)
        answer = await self.next_answer(answers)
        return answer.get("result")

    async def call(self, order: PlaceCall) -> PlacedCall:
        """Place a call; return as soon as the office has taken it."""
        _, answers = self._send("call", order)
        answer = await self.next_answer(answers)
        return PlacedCall(self, answers, msgspec.convert(answer["event"], Progress))

    def telephone(self, port: int) -> Telephone:
        """Return the telephone in a port; what is asked of one that is not there is refused by OfficeError."""
        return Telephone(self, port)

    async def telephones(self) -> list[TelephoneStatus]:
        """Return the telephones as they are."""
        return msgspec.convert(await self.request("telephones"), list[TelephoneStatus])

    async def lines(self) -> list[LineStatus]:
        """Return the lines as they are."""
        return msgspec.convert(await self.request("lines"), list[LineStatus])

    async def spans(self) -> list[SpanStatus]:
        """Return the spans as they are."""
        return msgspec.convert(await self.request("spans"), list[SpanStatus])

    async def calls(self) -> list[Report]:
        """Return the calls the box made out of its lines, oldest first, also those under way.

        They are the last hundred; `heard.seconds` is empty but for the last five.
        """
        return msgspec.convert(await self.request("calls"), list[Report])

    def _send(self, method: str, params: Order | None) -> tuple[int, "asyncio.Queue[dict[str, Any]]"]:
        number = next(self._ids)
        answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._waiting[number] = answers
        self._writer.write(encode({"id": number, "method": method, "params": params or {}}))
        return number, answers

    async def next_answer(self, answers: "asyncio.Queue[dict[str, Any]]") -> dict[str, Any]:
        """Return the next answer of an order; raise what the office or the end of the connection said instead."""
        if self._task.done() and answers.empty():
            raise OfficeGone("the central office ended")
        answer = await answers.get()
        if "error" in answer:
            raise OfficeError(answer["error"]["code"], answer["error"]["message"])
        if not answer:
            raise OfficeGone("the central office ended")
        return answer

    async def _read(self) -> None:
        try:
            while (line := await read_line(self._reader)) is not None:
                answer = msgspec.json.decode(line)
                waiting = self._waiting.get(answer["id"])
                if waiting is not None:
                    waiting.put_nowait(answer)
                if "event" not in answer:
                    self._waiting.pop(answer["id"], None)
        finally:
            for waiting in self._waiting.values():
                waiting.put_nowait({})

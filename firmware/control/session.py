"""One client's connection: its requests one after the other, its subscriptions, and the end of whoever misbehaves."""

import asyncio
import contextlib
import logging
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from drivers.link.errors import TooLong
from drivers.link.framing import encode, read_line
from firmware.config import shape
from firmware.control.methods import Asker, Methods, Role
from firmware.control.outbox import Full, Outbox
from firmware.control.topics import Topic, Topics
from firmware.errors import BadRequest, BusyhourError, NotAllowed

log = logging.getLogger(__name__)
REQUESTS_A_SECOND = 200.0
BURST = 400.0
GOODBYE_S = 1.0  # how long a client that is sent away may take to read why


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a client sends. `id` comes back with the answer."""

    id: int | str
    method: Annotated[str, Meta(max_length=64)]
    params: dict[str, Any] = {}


class Session:
    """A connected client."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        asker: Asker,
        methods: Methods,
        topics: Topics,
        outbox: Outbox | None = None,
    ) -> None:
        self._reader, self._writer = reader, writer
        self._asker, self._methods, self._topics = asker, methods, topics
        self._outbox = outbox or Outbox()
        self._allowance, self._allowance_at = BURST, asyncio.get_running_loop().time()
        self._sent_away = asyncio.Event()

    async def run(self) -> None:
        """Serve the client until it goes or is sent away."""
        sending = asyncio.create_task(self._send())
        reading = asyncio.create_task(self._read())
        over = asyncio.create_task(self._sent_away.wait())
        try:
            await asyncio.wait({sending, reading, over}, return_when=asyncio.FIRST_COMPLETED)
            self._outbox.end()
            await asyncio.wait({sending}, timeout=GOODBYE_S)
        finally:
            self._topics.leave(self)
            for task in (sending, reading, over):
                task.cancel()
            await asyncio.gather(sending, reading, over, return_exceptions=True)
            self._writer.transport.abort()

    def tell(self, line: bytes) -> None:
        """Send a subscriber a line; one who does not read is sent away."""
        try:
            self._outbox.put(line)
        except Full:
            self._send_away("too-slow", "this client does not read what it asked for")

    def tell_newest(self, topic: str, line: bytes) -> None:
        """Send a subscriber a whole state, in place of one it has not read yet."""
        self._outbox.put_newest(topic, line)

    async def _read(self) -> None:
        try:
            while (line := await read_line(self._reader)) is not None:
                if not self._allowed():
                    self._send_away("too-many", f"more than {REQUESTS_A_SECOND:g} requests a second")
                    return
                self.tell(await self._answer(line))
                await asyncio.sleep(0)  # a client with a thousand requests at once shares the loop with the calls
        except TooLong as error:
            self._send_away("bad-request", str(error))

    def _allowed(self) -> bool:
        now = asyncio.get_running_loop().time()
        self._allowance = min(BURST, self._allowance + (now - self._allowance_at) * REQUESTS_A_SECOND) - 1
        self._allowance_at = now
        return self._allowance >= 0

    async def _send(self) -> None:
        with contextlib.suppress(ConnectionError):
            while (lines := await self._outbox.take()) is not None:
                self._writer.write(lines)
                await self._writer.drain()
            self._writer.close()
            await self._writer.wait_closed()  # what the client has not read yet is still on its way

    def _send_away(self, code: str, text: str) -> None:
        log.warning("%s is sent away: %s", self._asker.who, text)
        self._topics.leave(self)
        self._outbox.end(encode({"id": None, "error": {"code": code, "message": text}}))
        self._sent_away.set()

    async def _answer(self, line: bytes) -> bytes:
        request_id: int | str | None = None
        try:
            request = _decode(line)
            request_id = request.id
            return encode({"id": request_id, "result": await self._carry_out(request)})
        except BusyhourError as error:
            return encode({"id": request_id, "error": _error(error)})
        except Exception:
            log.exception("while answering request %s", request_id)  # not its text: a configuration holds secrets
            text = "something went wrong inside the exchange; its log says what"
            return encode({"id": request_id, "error": {"code": "fault", "message": text}})

    async def _carry_out(self, request: Request) -> Any:
        if request.method == "subscribe":
            if problems := shape.problems(request.params, Subscribe):
                raise BadRequest(problems=problems)
            wanted = msgspec.convert(request.params, Subscribe)
            return {"topics": self._topics.join(self, wanted.topics)}
        if request.method == "session.lower":
            return self._lower(request.params)
        return await self._methods.call(self._asker, request.method, request.params)

    def _lower(self, params: dict[str, Any]) -> dict[str, Any]:
        """Give up rights for the rest of the connection: a page that only looks cannot be made to do more."""
        if problems := shape.problems(params, Lower):
            raise BadRequest(problems=problems)
        role = Role[msgspec.convert(params, Lower).role.upper()]
        if role > self._asker.role:
            raise NotAllowed(f"{self._asker.who} has the role {self._asker.role}, which is less")
        self._asker.role = role
        return {"role": str(role)}


class Subscribe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a client wants to be told of from now on."""

    topics: Annotated[list[Topic], Meta(min_length=1)]


class Lower(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The role that is enough for the rest of the connection."""

    role: Literal["viewer", "agent", "supervisor", "admin"]


def _decode(line: bytes) -> Request:
    try:
        document = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise BadRequest(f"a request is one JSON object a line: {error}") from None
    if problems := shape.problems(document, Request):
        raise BadRequest(problems=problems)
    return msgspec.convert(document, Request)


def _error(error: BusyhourError) -> dict[str, Any]:
    told: dict[str, Any] = {"code": error.code, "message": str(error)}
    problems = getattr(error, "problems", None)
    if problems:
        told["problems"] = problems
    return told

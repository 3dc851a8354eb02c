"""One client's connection: its requests one after the other, its subscriptions, and the end of whoever misbehaves."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from drivers.link.errors import TooLong
from drivers.link.framing import encode, read_line
from firmware.config import shape
from firmware.control.history import NumberedEvent
from firmware.control.methods import Asker, Methods, Role, need
from firmware.control.outbox import Full, Outbox
from firmware.control.token import TokenView, token_view
from firmware.control.topics import Topic, Topics
from firmware.control.user import UserView, view
from firmware.errors import BadRequest, BusyhourError, NotAllowed, SignedOut
from firmware.users.user import Password
from firmware.users.users import Users

Wanted = TypeVar("Wanted", bound=msgspec.Struct)
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
        users: Users,
        outbox: Outbox | None = None,
    ) -> None:
        self._reader, self._writer = reader, writer
        self._asker, self._methods, self._topics = asker, methods, topics
        self._users = users
        self._unwatch: Callable[[], None] = lambda: None
        self._outbox = outbox or Outbox()
        self._allowance, self._allowance_at = BURST, asyncio.get_running_loop().time()
        self._sent_away = asyncio.Event()
        self._answering = False
        self._bound = False  # to a session or a token, for the rest of the connection
        self._over = False  # what this connection was bound to

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
            self._unwatch()
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
                self._answering = True
                self.tell(await self._answer(line))
                self._answering = False
                if self._over:
                    self._part()
                    return
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
        """Carry out what concerns this connection here, all else by the table of methods."""
        match request.method:
            case "subscribe":
                need(self._asker, "subscribe", Role.VIEWER)
                return self._subscribe(_wanted(request.params, Subscribe))
            case "session.lower":
                return self._lower(_wanted(request.params, Lower))
            case "session.resume":
                return self._resume(_wanted(request.params, Resume))
            case "token.use":
                return self._use(_wanted(request.params, Use))
            case "session.may":
                return {"role": str(self._methods.may(self._asker, _wanted(request.params, May).what).role)}
        return await self._methods.call(self._asker, request.method, request.params)

    def _subscribe(self, wanted: "Subscribe") -> "Subscribed":
        if self._asker.role is Role.AGENT and self._asker.agent:
            raise NotAllowed("topics tell of all calls; an agent asks for own ones: `live`", needs="supervisor")
        missed, gap = self._topics.missed(wanted.after) if wanted.after else ([], False)
        newest = self._topics.newest
        return Subscribed(self._topics.join(self, wanted.topics), newest, missed, gap)

    def _lower(self, wanted: "Lower") -> dict[str, Any]:
        """Give up rights for the rest of the connection: a page that only looks cannot be made to do more."""
        role = Role[wanted.role.upper()]
        if role > self._asker.role:
            raise NotAllowed(f"{self._asker.who} has the role {self._asker.role}, which is less", needs=wanted.role)
        self._asker.role = role
        return {"role": str(role)}

    def _resume(self, wanted: "Resume") -> "Resumed":
        """Be the user of a session for the rest of the connection, with no more rights than either had."""
        self._check_free()
        session, user = self._users.resume(wanted.token, used=not wanted.watching)
        role = Role[user.role.upper()] if user.password is Password.OWN else Role.NEWCOMER
        self._asker.who, self._asker.role = user.name, min(role, self._asker.role)
        self._asker.session, self._asker.address, self._asker.agent = session.id, session.address, user.agent
        self._unwatch = self._users.sessions.watch(session.id, self._sign_out)
        self._bound = True
        return Resumed(session.id, view(user))

    def _use(self, wanted: "Use") -> TokenView:
        """Have the rights of a token for the rest of the connection, and no more than it had before."""
        self._check_free()
        token = self._users.tokens.use(wanted.token, wanted.address)
        # No user can have this name: theirs have no spaces
        self._asker.who, self._asker.role = f"token {token.name}", min(Role[token.role.upper()], self._asker.role)
        self._asker.address, self._asker.agent = wanted.address, token.agent
        self._unwatch = self._users.tokens.watch(token.id, self._sign_out)
        self._bound = True
        return token_view(token)

    def _check_free(self) -> None:
        if self._bound:
            raise NotAllowed(f"this connection is {self._asker.who}'s already")

    def _sign_out(self) -> None:
        """Have no rights from now on, and be sent away; who asked just then, perhaps for this, is answered first."""
        self._asker.role, self._asker.session = Role.NEWCOMER, ""
        self._topics.leave(self)
        self._over = True
        if not self._answering:
            self._part()

    def _part(self) -> None:
        self.tell(encode({"id": None, "error": _error(SignedOut("this session or token is over; sign in again"))}))
        self._outbox.end()
        self._sent_away.set()


class Subscribe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a client wants to be told of from now on; `after` is the id of the last event that it has."""

    topics: Annotated[list[Topic], Meta(min_length=1)]
    after: Annotated[str, Meta(max_length=64)] = ""


class Subscribed(msgspec.Struct, frozen=True):
    """What a client listens to now, and the newest event's id. `missed` are the events after the one it had.

    `gap`: some between that one and these are not kept any more.
    """

    topics: list[Topic]
    newest: str
    missed: list[NumberedEvent]
    gap: bool


class Lower(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The role that is enough for the rest of the connection."""

    role: Literal["viewer", "agent", "supervisor", "admin"]


class Resume(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The token of a session. Who only watches does not keep it from becoming idle."""

    token: Annotated[str, Meta(max_length=100)]
    watching: bool = False


class Use(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The token that a program shows, and where that program is."""

    token: Annotated[str, Meta(max_length=100)]
    address: Annotated[str, Meta(max_length=64)] = ""


class Resumed(msgspec.Struct, frozen=True):
    """Whose connection this is now, by which session."""

    session: str
    user: UserView


class May(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A method about which somebody wants to know whether they have a right to it."""

    what: Annotated[str, Meta(max_length=64)]


def _wanted(params: dict[str, Any], kind: type[Wanted]) -> Wanted:
    if problems := shape.problems(params, kind):
        raise BadRequest(problems=problems)
    return msgspec.convert(params, kind)


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
    kinds = (kind for kind in type(error).__mro__ if issubclass(kind, BusyhourError))
    general = next(kind for kind in kinds if kind.__module__ == BusyhourError.__module__)
    if general.code != error.code:
        told["kind"] = general.code  # for who does not know the finer one
    problems = getattr(error, "problems", None)
    if problems:
        told["problems"] = problems
    if error.facts:
        told["facts"] = error.facts
    return told

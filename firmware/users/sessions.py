"""Sessions: who is signed in from where, for how long, and whom to tell when one ends."""

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import Executor

import msgspec

from firmware.clock import Clock
from firmware.config.schema import SignIn
from firmware.errors import NoStorage, NotFound, SignedOut
from firmware.users.store import Store
from firmware.users.user import key
from firmware.users.watchers import Watchers

log = logging.getLogger(__name__)
MOST_OF_ONE = 20  # sessions of one user; the one unused for longest ends for a new one
KEPT_EVERY_S = 60.0  # when a session was used last is written so often at most
LOOK_S = 60.0  # the machine's clock may be set while we wait for a session to become old


class Session(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody signed in. `token` is the SHA-256 of what they hold; the id is no secret. Times are Unix seconds."""

    id: str
    user: str
    token: str
    address: str
    opened_s: float
    used_s: float


class Sessions:
    """All sessions of the box, also those that an earlier exchange opened."""

    def __init__(self, store: Store[Session], working: Executor, clock: Clock, limits: Callable[[], SignIn]) -> None:
        self._store, self._working, self._clock, self._limits = store, working, clock, limits
        self._by_token: dict[str, Session] = {}
        self._watchers = Watchers()
        self._next: asyncio.TimerHandle | None = None
        self._kept_s = 0.0

    def open(self) -> None:
        """Take what an earlier exchange left; within the running loop. Raises NoStorage."""
        self._by_token = {session.token: session for session in self._store.read()}
        self._look()

    def close(self) -> None:
        """Let nothing end any more by the clock."""
        if self._next is not None:
            self._next.cancel()

    async def begin(self, user: str, address: str) -> str:
        """Return the token of a new session. It is the only copy."""
        mine = sorted(self.of(user), key=lambda session: session.used_s)
        for oldest in mine[: max(0, len(mine) + 1 - MOST_OF_ONE)]:
            self._drop(oldest)
        token = secrets.token_urlsafe(32)
        now_s = self._clock.wall_s()
        session = Session(secrets.token_hex(6), user, _hash(token), address, now_s, now_s)
        self._by_token[session.token] = session
        self._look()
        try:
            await self._keep()
        except NoStorage as error:  # with a full disk somebody must still be able to look what is wrong
            log.warning("a session will not outlive this exchange: %s", error)
        return token

    def resume(self, token: str, *, used: bool) -> Session:
        """Return the session of a token, and note that it was used. Raises SignedOut.

        It is looked up by the hash of 256 random bits: how long that takes tells nothing of any other token.
        """
        session = self._by_token.get(_hash(token))
        if session is None or self._ends_s(session) <= self._clock.wall_s():
            raise SignedOut("this session is over; sign in again")
        if used:
            session = msgspec.structs.replace(session, used_s=self._clock.wall_s())
            self._by_token[session.token] = session
            if abs(session.used_s - self._kept_s) > KEPT_EVERY_S:
                self._keep_soon()
        return session

    def of(self, user: str) -> list[Session]:
        """Return a user's sessions, newest first."""
        found = [session for session in self._by_token.values() if key(session.user) == key(user)]
        return sorted(found, key=lambda session: session.opened_s, reverse=True)

    def get(self, session_id: str) -> Session:
        """Return a session by its id. Raises NotFound."""
        for session in self._by_token.values():
            if session.id == session_id:
                return session
        raise NotFound(f"there is no session {session_id}")

    async def renew(self, session_id: str) -> str:
        """Return another token for a session; the one before is void."""
        session = self.get(session_id)
        del self._by_token[session.token]
        token = secrets.token_urlsafe(32)
        self._by_token[_hash(token)] = msgspec.structs.replace(session, token=_hash(token))
        await self._keep()
        return token

    async def end(self, sessions: Iterable[Session]) -> None:
        """End sessions: whoever watches one is told. Raises NoStorage when they could come back at a restart."""
        for session in sessions:
            self._drop(session)
        await self._keep()

    def correct(self, step_s: float) -> None:
        """Take note that the clock was set by so much: nobody has been away for longer or shorter."""
        self._by_token = {
            token: msgspec.structs.replace(one, opened_s=one.opened_s + step_s, used_s=one.used_s + step_s)
            for token, one in self._by_token.items()
        }
        self._look()
        self._keep_soon()

    def watch(self, session_id: str, ended: Callable[[], None]) -> Callable[[], None]:
        """Be told, soon after, when a session ends; what is returned ends the watch."""
        return self._watchers.watch(session_id, ended)

    def _drop(self, session: Session) -> None:
        self._by_token.pop(session.token, None)
        self._watchers.tell(session.id)

    def _ends_s(self, session: Session) -> float:
        limits = self._limits()
        return min(session.used_s + limits.idle_s, session.opened_s + limits.longest_s)

    def _look(self) -> None:
        """End what is too old, and come back when the next one will be."""
        self.close()
        now_s = self._clock.wall_s()
        for session in [one for one in self._by_token.values() if self._ends_s(one) <= now_s]:
            self._drop(session)
        if self._by_token:
            next_s = min(self._ends_s(session) for session in self._by_token.values())
            wait_s = min(max(next_s - now_s, 0.01), LOOK_S)
            self._next = asyncio.get_running_loop().call_later(wait_s, self._look)

    def _keep_soon(self) -> None:
        kept = asyncio.ensure_future(self._keep())
        kept.add_done_callback(_log_failure)

    async def _keep(self) -> None:
        self._kept_s = self._clock.wall_s()
        rows = list(self._by_token.values())
        await asyncio.wrap_future(self._working.submit(self._store.save, rows))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _log_failure(kept: "asyncio.Future[None]") -> None:
    if not kept.cancelled() and (error := kept.exception()) is not None:
        log.warning("when sessions were used last cannot be written: %s", error)

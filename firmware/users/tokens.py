"""Tokens: what programs of others show instead of a name and a password, each with a role of its own."""

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Callable
from concurrent.futures import Executor

import msgspec

from firmware.clock import Clock
from firmware.errors import Exists, NotFound, Refused, SignedOut
from firmware.records.audit import Entry
from firmware.users.by import By
from firmware.users.store import Store
from firmware.users.user import RoleName, key
from firmware.users.watchers import Watchers

log = logging.getLogger(__name__)
MARK = "bh_"  # a token that lies about can be recognised as one of ours, by people and by scanners
MOST = 200
KEPT_EVERY_S = 60.0  # when a token was used last is written so often at most
LOOK_S = 60.0  # the machine's clock may be set while we wait for one to expire
DAY_S = 86400.0


class Token(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A right of its own. `hash` is the SHA-256 of what its holder shows; times are Unix seconds, 0 for never.

    `agent` is the number of the only agent it speaks for, "" for all.
    """

    id: str
    name: str
    role: RoleName
    hash: str
    agent: str = ""
    by: str = ""
    created_s: float = 0.0
    expires_s: float = 0.0
    used_s: float = 0.0
    used_from: str = ""


class Tokens:
    """All tokens of the box. A change is on the disk when it is confirmed; `note` is told of it."""

    def __init__(self, store: Store[Token], working: Executor, clock: Clock, note: Callable[[Entry], None]) -> None:
        """`working` has one thread, which writes."""
        self._store, self._working, self._clock, self._note = store, working, clock, note
        self._by_hash: dict[str, Token] = {}
        self._watchers = Watchers()
        self._one_at_a_time = asyncio.Lock()
        self._next: asyncio.TimerHandle | None = None
        self._kept_s = 0.0

    def open(self) -> None:
        """Take what an earlier exchange left; within the running loop. Raises NoStorage."""
        self._by_hash = {token.hash: token for token in self._store.read()}
        self._look()

    def close(self) -> None:
        """Let nothing end any more by the clock."""
        if self._next is not None:
            self._next.cancel()

    def all(self) -> list[Token]:
        """Return all tokens by name."""
        return sorted(self._by_hash.values(), key=lambda token: key(token.name))

    def get(self, name: str) -> Token:
        """Return a token by its name. Raises NotFound."""
        for token in self._by_hash.values():
            if key(token.name) == key(name):
                return token
        raise NotFound(f"there is no token {name}")

    async def create(self, name: str, role: RoleName, agent: str, days: int | None, by: By) -> tuple[Token, str]:
        """Return a new token and what its holder shows, of which this is the only copy.

        Raises Exists, Refused, NoStorage.
        """
        return await asyncio.shield(asyncio.ensure_future(self._create(name, role, agent, days, by)))

    async def _create(self, name: str, role: RoleName, agent: str, days: int | None, by: By) -> tuple[Token, str]:
        async with self._one_at_a_time:
            if any(key(token.name) == key(name) for token in self._by_hash.values()):
                raise Exists(f"there is a token {name} already; revoke it first, or choose another name")
            if len(self._by_hash) >= MOST:
                raise Refused(f"there are {MOST} tokens already; revoke one first")
            shown = MARK + secrets.token_urlsafe(32)
            now_s = self._clock.wall_s()
            expires_s = now_s + days * DAY_S if days else 0.0
            token = Token(secrets.token_hex(6), name, role, _hash(shown), agent, by.who, now_s, expires_s)
            await self._save([*self._by_hash.values(), token])
            self._by_hash[token.hash] = token
        self._look()
        until = f" for {days} days" if days else ""
        self._tell("token.created", token, by, f"{role} {agent}".strip() + until)
        return token, shown

    async def revoke(self, name: str, by: By) -> None:
        """Make a token void, at once. Raises NotFound, NoStorage when it could come back at a restart."""
        token = self.get(name)
        self._drop(token)
        self._tell("token.revoked", token, by)
        await asyncio.shield(asyncio.ensure_future(self._keep()))

    def use(self, shown: str, address: str) -> Token:
        """Return the token that somebody at `address` shows, and note that it was used. Raises SignedOut.

        It is looked up by the hash of 256 random bits: how long that takes tells nothing of any other token.
        """
        token = self._by_hash.get(_hash(shown))
        now_s = self._clock.wall_s()
        if token is None or 0 < token.expires_s <= now_s:
            raise SignedOut("there is no such token: it was revoked, has expired, or is not written as it was given")
        used = msgspec.structs.replace(token, used_s=now_s, used_from=address)
        self._by_hash[used.hash] = used
        if abs(now_s - self._kept_s) > KEPT_EVERY_S or not token.used_s:
            self._kept_s = now_s
            kept = asyncio.ensure_future(self._keep())
            kept.add_done_callback(_log_failure)
        return used

    def watch(self, token_id: str, ended: Callable[[], None]) -> Callable[[], None]:
        """Be told, soon after, when a token is revoked or expires; what is returned ends the watch."""
        return self._watchers.watch(token_id, ended)

    def _drop(self, token: Token) -> None:
        self._by_hash.pop(token.hash, None)
        self._watchers.tell(token.id)

    def _look(self) -> None:
        """End what has expired, but keep it in the list for its owner to see; come back when the next one will."""
        self.close()
        now_s = self._clock.wall_s()
        ends = [token for token in self._by_hash.values() if token.expires_s]
        for token in ends:
            if token.expires_s <= now_s:
                self._watchers.tell(token.id)
        if later := [token.expires_s for token in ends if token.expires_s > now_s]:
            wait_s = min(max(min(later) - now_s, 0.01), LOOK_S)
            self._next = asyncio.get_running_loop().call_later(wait_s, self._look)

    async def _keep(self) -> None:
        async with self._one_at_a_time:
            await self._save(list(self._by_hash.values()))

    async def _save(self, tokens: list[Token]) -> None:
        await asyncio.wrap_future(self._working.submit(self._store.save, tokens))

    def _tell(self, what: str, token: Token, by: By, detail: str = "") -> None:
        self._note(Entry(self._clock.wall_s(), what, token.name, by.who, by.address, detail))


def _hash(shown: str) -> str:
    return hashlib.sha256(shown.encode("utf-8", "surrogatepass")).hexdigest()


def _log_failure(kept: "asyncio.Future[None]") -> None:
    if not kept.cancelled() and (error := kept.exception()) is not None:
        log.warning("when tokens were used last cannot be written: %s", error)

"""The users of a box: the only way to make, change, remove and recognise them."""

import asyncio
import hmac
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import TypeVar

import msgspec
from argon2 import PasswordHasher

from firmware.clock import Clock
from firmware.config.disk import Disk
from firmware.config.schema import SignIn
from firmware.config.values import Language
from firmware.errors import (
    BadRequest,
    Exists,
    LastAdmin,
    NoStorage,
    NotFound,
    PoorPassword,
    Problem,
    Refused,
    SignedOut,
    TooManyTries,
    WrongPassword,
)
from firmware.records.audit import Entry
from firmware.users import passwords
from firmware.users.by import By
from firmware.users.guessing import Guessing, HeldOff
from firmware.users.passwords import HASHER, Passwords
from firmware.users.sessions import Session, Sessions
from firmware.users.store import Store
from firmware.users.tokens import Token, Tokens
from firmware.users.user import SETTER_UP, Password, RoleName, User, key

log = logging.getLogger(__name__)
MOST = 500  # users
Left = TypeVar("Left", bound=User | None)  # what there is of a user after a change


class Users:
    """Users, their sessions, and the tokens of programs, on the disk beside the configuration, not in its revisions.

    Every change is on the disk when it is confirmed. `note` is told of all that belongs into the audit.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Clock,
        working: Executor,
        limits: Callable[[], SignIn],
        hasher: PasswordHasher = HASHER,
        disk: Disk | None = None,
    ) -> None:
        """`working` has one thread, which hashes and writes; `limits` are those in force."""
        self.note: Callable[[Entry], None] = lambda entry: None
        disk = disk or Disk()
        self._clock, self._working = clock, working
        self._store = Store(folder / "users.json", User, disk)
        self._passwords = Passwords(working, hasher)
        self._guessing = Guessing(clock.wall_s)
        self._users: dict[str, User] = {}
        self._one_at_a_time = asyncio.Lock()
        self.sessions = Sessions(Store(folder / "sessions.json", Session, disk), working, clock, limits)
        self.tokens = Tokens(
            Store(folder / "tokens.json", Token, disk), working, clock, lambda entry: self.note(entry)
        )

    def open(self) -> None:
        """Read what is there; within the running loop. Raises NoStorage."""
        self._users = {key(user.name): user for user in self._store.read()}
        self.sessions.open()
        self.tokens.open()

    def close(self) -> None:
        """Let nothing happen any more by the clock."""
        self.sessions.close()
        self.tokens.close()

    def all(self) -> list[User]:
        """Return all users by name."""
        return sorted(self._users.values(), key=lambda user: key(user.name))

    def get(self, name: str) -> User:
        """Return a user. Raises NotFound."""
        try:
            return self._users[key(name)]
        except KeyError:
            raise NotFound(f"there is no user {name}") from None

    # ---- signing in --------------------------------------------------------------------------------------------------

    async def sign_in(self, name: str, password: str, address: str) -> tuple[str, User]:
        """Return the token of a new session and whose it is. Raises WrongPassword, TooManyTries."""
        user = await self._recognise(name, password, address)
        token = await self.sessions.begin(user.name, address)  # there at once: whatever ends the user's ends this too
        self._note("session.opened", user.name, By(user.name, address))
        try:
            user = await self._change(name, lambda one: msgspec.structs.replace(one, signed_in_s=self._now_s()))
        except NoStorage as error:  # with a full disk somebody must still be able to look what is wrong
            log.warning("when %s signed in last cannot be written: %s", user.name, error)
        return token, user

    def resume(self, token: str, *, used: bool) -> tuple[Session, User]:
        """Return whose session a token stands for. Raises SignedOut."""
        session = self.sessions.resume(token, used=used)
        try:
            return session, self.get(session.user)
        except NotFound:
            raise SignedOut("this session is over; sign in again") from None

    async def end_session(self, session_id: str, by: By) -> None:
        """End a session. Raises NotFound, NoStorage."""
        session = self.sessions.get(session_id)
        self._note("session.ended", session.user, by, session.address)
        await self.sessions.end([session])

    async def _recognise(self, name: str, password: str, address: str) -> User:
        known = self._users.get(key(name))
        about, by = (known.name if known else ""), By("", address)
        try:
            self._guessing.begin(key(name), address)
        except TooManyTries as error:
            if not error.facts.pop("told_before"):  # the audit must not grow as fast as somebody can ask
                self._note("session.held-off", about, by, str(error))
            raise
        fits = await self._passwords.fits(password, known.hash if known else "")
        now = self._users.get(key(name))  # it may have been changed or removed meanwhile
        if not fits or known is None or now is None or not hmac.compare_digest(now.hash, known.hash):
            self._note("session.refused", about, by, "wrong password" if known else "no such user")
            raise WrongPassword("name or password is wrong")
        self._guessing.right(key(name), address)
        return now

    def held_off(self) -> list[HeldOff]:
        """Return who must wait before they may try to sign in again: addresses, and users by their names.

        A name that is no user's is told to nobody: people type passwords there by mistake.
        """
        return [
            msgspec.structs.replace(one, name=self._users[one.name].name) if one.name else one
            for one in self._guessing.held_off() if not one.name or one.name in self._users
        ]  # fmt: skip

    def let_try(self, subject: str) -> bool:
        """Let a user, by name, or an address try to sign in at once; tell whether they had to wait."""
        return self._guessing.forget(key(subject)) | self._guessing.forget(subject)

    # ---- changes -----------------------------------------------------------------------------------------------------

    async def set_up(self) -> str:
        """Return a new one-time password of the first user, "" once the box has been set up."""
        first = self._users.get(key(SETTER_UP))
        if self._users and (first is None or first.password is not Password.SETUP):
            return ""
        password = passwords.one_time()
        hashed = await self._passwords.hash(password)
        now_s = self._now_s()

        def made(users: dict[str, User]) -> User:
            return User(SETTER_UP, "admin", hashed, Password.SETUP, created_s=now_s, changed_s=now_s)

        await self._commit(SETTER_UP, made)
        await self.sessions.end(self.sessions.of(SETTER_UP))
        self._note("user.set-up", SETTER_UP, By("", ""))
        return password

    async def add(self, name: str, role: RoleName, language: Language, agent: str, by: By) -> tuple[User, str]:
        """Return a new user and their one-time password. Raises Exists, BadRequest, NoStorage."""
        _check_agent(role, agent)
        password = passwords.one_time()
        hashed = await self._passwords.hash(password)
        now_s = self._now_s()

        def made(users: dict[str, User]) -> User:
            if key(name) in users:
                raise Exists(f"there is a user {users[key(name)].name} already")
            if len(users) >= MOST:
                raise Refused(f"there are {MOST} users already; no more are possible")
            return User(name, role, hashed, Password.GIVEN, language, agent, now_s, now_s)

        user = await self._commit(name, made)
        self._note("user.added", user.name, by, _role(user))
        return user, password

    async def remove(self, name: str, by: By) -> None:
        """Remove a user and end their sessions. Raises NotFound, LastAdmin, NoStorage."""
        user = self.get(name)

        def gone(users: dict[str, User]) -> None:
            _check_admins(users, user.name, "")

        await self._commit(user.name, gone)
        self._note("user.removed", user.name, by)
        await self.sessions.end(self.sessions.of(user.name))

    async def change_role(self, name: str, role: RoleName, agent: str, by: By) -> User:
        """Give a user another role; their sessions end. Raises NotFound, LastAdmin, BadRequest, NoStorage."""
        _check_agent(role, agent)

        def changed(one: User) -> User:
            _check_admins(self._users, one.name, role)
            return msgspec.structs.replace(one, role=role, agent=agent, changed_s=self._now_s())

        user = await self._change(name, changed)
        self._note("user.role-changed", user.name, by, _role(user))
        await self.sessions.end(self.sessions.of(user.name))
        return user

    async def give_password(self, name: str, by: By) -> str:
        """Return a new one-time password of a user, whose sessions end. Raises NotFound, NoStorage."""
        password = passwords.one_time()
        hashed = await self._passwords.hash(password)
        user = await self._set_password(self.get(name).name, hashed, Password.GIVEN)
        self._note("user.password-given", user.name, by)
        await self.sessions.end(self.sessions.of(user.name))
        return password

    async def choose_password(self, name: str, former: str, password: str, session: str, by: By) -> str:
        """Let a user choose a password; their other sessions end. Returns another token for this one.

        Who chooses for the first time has just proved the one that was given to them; others give the former one again.
        Raises PoorPassword, WrongPassword, TooManyTries, NoStorage.
        """
        user = self.get(name)
        passwords.check(password, user.name)
        if user.password is Password.OWN:
            await self._recognise(name, former, by.address)
        if await self._passwords.fits(password, user.hash):
            raise PoorPassword("password-unchanged", "this is the password that you have; another one is right")
        hashed = await self._passwords.hash(password)
        await self._set_password(user.name, hashed, Password.OWN, user.hash)
        self._note("user.password-chosen", user.name, by)
        await self.sessions.end([one for one in self.sessions.of(user.name) if one.id != session])
        return await self.sessions.renew(session)

    async def speak(self, name: str, language: Language) -> User:
        """Note in which language a user reads. Raises NotFound, NoStorage."""
        return await self._change(name, lambda one: msgspec.structs.replace(one, language=language))

    async def _set_password(self, name: str, hashed: str, kind: Password, instead_of: str = "") -> User:
        def changed(one: User) -> User:
            if instead_of and not hmac.compare_digest(one.hash, instead_of):
                raise SignedOut("the password was changed meanwhile; sign in again")
            return msgspec.structs.replace(one, hash=hashed, password=kind, changed_s=self._now_s())

        return await self._change(name, changed)

    async def _change(self, name: str, change: Callable[[User], User]) -> User:
        def changed(users: dict[str, User]) -> User:
            if key(name) not in users:
                raise NotFound(f"there is no user {name}")
            return change(users[key(name)])

        return await self._commit(name, changed)

    async def _commit(self, name: str, change: Callable[[dict[str, User]], Left]) -> Left:
        # Whoever asked may go away meanwhile: what is being written comes into force all the same
        return await asyncio.shield(asyncio.ensure_future(self._commit_alone(name, change)))

    async def _commit_alone(self, name: str, change: Callable[[dict[str, User]], Left]) -> Left:
        """Put a user in the place of the one of this name, or none; in force once it is on the disk."""
        async with self._one_at_a_time:
            user = change(self._users)
            after = {other: one for other, one in self._users.items() if other != key(name)}
            if user is not None:
                after[key(name)] = user
            await asyncio.wrap_future(self._working.submit(self._store.save, list(after.values())))
            self._users = after
            return user

    def _now_s(self) -> float:
        return self._clock.wall_s()

    def _note(self, what: str, user: str, by: By, detail: str = "") -> None:
        self.note(Entry(self._now_s(), what, user, by.who, by.address, detail))


def _check_agent(role: RoleName, agent: str) -> None:
    if (role == "agent") != bool(agent):
        rule = "an agent's number is right for the role agent" if role == "agent" else "only the role agent has one"
        raise BadRequest(problems=[Problem("agent", agent, rule)])


def _check_admins(users: dict[str, User], name: str, role: str) -> None:
    """Refuse to take the last admin's role."""
    admins = [one for one in users.values() if one.role == "admin"]
    if role != "admin" and [one.name for one in admins] == [name]:
        raise LastAdmin(f"{name} is the only admin; make another one first")


def _role(user: User) -> str:
    return f"{user.role} {user.agent}".strip()

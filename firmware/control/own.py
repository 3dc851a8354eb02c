"""`session.*` and `own.*`: signing in and out, and what everybody may change about themselves.

What binds a connection to a session (`session.resume`) and asks for rights (`session.may`) is firmware.control.session.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from firmware.config.values import Language
from firmware.control.methods import Asker, Role, method
from firmware.control.user import UserView, by, view
from firmware.errors import NotFound, SignedOut
from firmware.records.audit import Audit
from firmware.users.users import Users

Typed = Annotated[str, Meta(max_length=200)]  # what a person typed into a field, or pasted there by mistake
Address = Annotated[str, Meta(max_length=64)]
SessionId = Annotated[str, Meta(max_length=32)]


class Opened(msgspec.Struct, frozen=True):
    """A new session's token, and whose it is."""

    token: str
    user: UserView


class Renewed(msgspec.Struct, frozen=True):
    """The token that the session has from now on."""

    token: str


class SessionView(msgspec.Struct, frozen=True):
    """A session as its user sees it; `own` marks the one that asks."""

    id: str
    address: str
    opened_s: float
    used_s: float
    own: bool


class OwnMethods:
    """What can be asked by whoever signs in, and is signed in."""

    def __init__(self, users: Users, audit: Audit) -> None:
        self._users, self._audit = users, audit

    @method("session.open", Role.NEWCOMER)
    async def open(self, name: Typed, password: Typed, address: Address = "") -> Opened:
        """Sign somebody in who is at `address`, and return what `session.resume` takes."""
        token, user = await self._users.sign_in(name, password, address)
        await self._audit.kept()
        return Opened(token, view(user))

    @method("session.close", Role.NEWCOMER)
    async def close(self, session: Asker) -> None:
        """Sign out: end the session of this connection."""
        await self._users.end_session(_session(session), by(session))
        await self._audit.kept()

    @method("session.list", Role.NEWCOMER)
    def mine(self, session: Asker) -> list[SessionView]:
        """Return one's own sessions, newest first."""
        own = _session(session)
        return [
            SessionView(one.id, one.address, one.opened_s, one.used_s, one.id == own)
            for one in self._users.sessions.of(session.who)
        ]

    @method("session.end", Role.NEWCOMER)
    async def end(self, session: Asker, id: SessionId) -> None:
        """End one of one's own sessions."""
        _session(session)
        if id not in [one.id for one in self._users.sessions.of(session.who)]:
            raise NotFound(f"there is no session {id}")
        await self._users.end_session(id, by(session))
        await self._audit.kept()

    @method("own.password", Role.NEWCOMER)
    async def password(self, session: Asker, password: Typed, former: Typed = "") -> Renewed:
        """Choose one's password; the other sessions end, and this one has another token from now on."""
        own = _session(session)
        token = await self._users.choose_password(session.who, former, password, own, by(session))
        await self._audit.kept()
        return Renewed(token)

    @method("own.language", Role.NEWCOMER)
    async def language(self, session: Asker, language: Language) -> UserView:
        """Choose the language one reads."""
        _session(session)
        return view(await self._users.speak(session.who, language))


def _session(session: Asker) -> str:
    if not session.session:
        raise SignedOut("nobody is signed in on this connection; session.resume comes first")
    return session.session

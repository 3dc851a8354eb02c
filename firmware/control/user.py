"""`user.*`: who may sign in, as what; and what was noted of all that."""

from typing import Annotated

import msgspec
from msgspec import Meta

from firmware.config.candidate import Candidates
from firmware.config.configuration import Configuration
from firmware.config.values import Language
from firmware.control.methods import Asker, Role, method
from firmware.errors import BadRequest, Problem
from firmware.records.audit import Audit, NumberedEntry
from firmware.users.by import By
from firmware.users.user import RoleName, User, UserName
from firmware.users.users import Users

AnyName = Annotated[str, Meta(min_length=1, max_length=64)]  # of somebody who is there, or not
AgentNumber = Annotated[str, Meta(pattern=r"^([0-9]{2,8})?\Z", description="an agent's number, or nothing")]


class UserView(msgspec.Struct, frozen=True):
    """A user as others see them; `password` is setup, given or own, times are Unix seconds, 0 for never."""

    name: str
    role: str
    language: str
    agent: str
    password: str
    created_s: float
    changed_s: float
    signed_in_s: float


class Given(msgspec.Struct, frozen=True):
    """A user and the one-time password to be told to them: it is shown now and never again."""

    user: UserView
    password: str


class UserMethods:
    """What can be asked of the users."""

    def __init__(self, users: Users, audit: Audit, configuration: Configuration, candidates: Candidates) -> None:
        self._users, self._audit, self._configuration = users, audit, configuration
        self._candidates = candidates

    @method("user.list", Role.ADMIN)
    def everyone(self) -> list[UserView]:
        """Return all users by name."""
        return [view(user) for user in self._users.all()]

    @method("user.add", Role.ADMIN)
    async def add(
        self, session: Asker, name: UserName, role: RoleName, language: Language | None = None, agent: AgentNumber = ""
    ) -> Given:
        """Make a user, who reads the box's language unless told otherwise, and a one-time password for them."""
        self._check_agent(agent)
        spoken = language or self._configuration.config.box.language
        user, password = await self._users.add(name, role, spoken, agent, by(session))
        await self._audit.kept()
        return Given(view(user), password)

    @method("user.remove", Role.ADMIN)
    async def remove(self, session: Asker, name: AnyName) -> None:
        """Remove a user, who is signed out everywhere; what they were about to change in the settings goes too."""
        await self._users.remove(name, by(session))
        await self._candidates.discard(name)
        await self._audit.kept()

    @method("user.role", Role.ADMIN)
    async def role(self, session: Asker, name: AnyName, role: RoleName, agent: AgentNumber = "") -> UserView:
        """Give a user another role; they must sign in again."""
        self._check_agent(agent)
        user = await self._users.change_role(name, role, agent, by(session))
        await self._audit.kept()
        return view(user)

    @method("user.password", Role.ADMIN)
    async def password(self, session: Asker, name: AnyName) -> Given:
        """Make a new one-time password for a user, in place of the one they have; they must sign in again."""
        password = await self._users.give_password(name, by(session))
        await self._audit.kept()
        return Given(view(self._users.get(name)), password)

    @method("user.set_up", Role.ADMIN)
    async def set_up(self) -> dict[str, str]:
        """Make the first user and a one-time password; both are "" once the box has been set up."""
        password = await self._users.set_up()
        await self._audit.kept()
        return {"name": "admin" if password else "", "password": password}

    @method("user.audit", Role.ADMIN)
    async def audit(
        self, limit: Annotated[int, Meta(ge=1, le=500)] = 50, before: Annotated[int, Meta(ge=0)] | None = None
    ) -> list[NumberedEntry]:
        """Return who signed in or was refused, and who changed whom, newest first; `before` a number, if given."""
        return await self._audit.page(limit, before)

    def _check_agent(self, agent: str) -> None:
        numbers = [one.number for one in self._configuration.config.agents]
        if agent and agent not in numbers:
            raise BadRequest(problems=[Problem("agent", agent, f"one of {', '.join(sorted(numbers))} is right")])


def by(session: Asker) -> By:
    """Return who asks, as the audit has it."""
    return By(session.who, session.address)


def view(user: User) -> UserView:
    """Return a user as others see them: all but the hash."""
    return UserView(
        user.name, user.role, user.language, user.agent, str(user.password), user.created_s, user.changed_s,
        user.signed_in_s,
    )  # fmt: skip

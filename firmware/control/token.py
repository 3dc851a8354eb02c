"""`token.*`: what other programs may ask, and as what. What binds a connection to one is firmware.control.session."""

from typing import Annotated

import msgspec
from msgspec import Meta

from firmware.config.configuration import Configuration
from firmware.control.methods import Asker, Role, method
from firmware.control.user import AgentNumber, AnyName, by
from firmware.errors import BadRequest, Problem
from firmware.records.audit import Audit
from firmware.users.tokens import Token, Tokens
from firmware.users.user import RoleName, UserName

Days = Annotated[int, Meta(ge=1, le=3650, description="1 to 3650 days")]


class TokenView(msgspec.Struct, frozen=True):
    """A token as others see it; times are Unix seconds, 0 for never. `agent`: whom alone it speaks for, "" for all."""

    name: str
    role: str
    agent: str
    by: str
    created_s: float
    expires_s: float
    used_s: float
    used_from: str


class Created(msgspec.Struct, frozen=True):
    """A token, and what its holder shows: it is told now and never again."""

    token: TokenView
    secret: str


class TokenMethods:
    """What can be asked of the tokens."""

    def __init__(self, tokens: Tokens, audit: Audit, configuration: Configuration) -> None:
        self._tokens, self._audit, self._configuration = tokens, audit, configuration

    @method("token.list", Role.ADMIN)
    def everything(self) -> list[TokenView]:
        """Return all tokens by name, also those that have expired."""
        return [token_view(token) for token in self._tokens.all()]

    @method("token.create", Role.ADMIN)
    async def create(
        self, session: Asker, name: UserName, role: RoleName, agent: AgentNumber = "", expires_days: Days | None = None
    ) -> Created:
        """Make a token with a role; with the role agent it may speak for one agent alone. Its secret is told once."""
        self._check_agent(role, agent)
        token, shown = await self._tokens.create(name, role, agent, expires_days, by(session))
        await self._audit.kept()
        return Created(token_view(token), shown)

    @method("token.revoke", Role.ADMIN)
    async def revoke(self, session: Asker, name: AnyName) -> None:
        """Make a token void at once; what is open with it is cut."""
        await self._tokens.revoke(name, by(session))
        await self._audit.kept()

    def _check_agent(self, role: str, agent: str) -> None:
        if agent and role != "agent":
            raise BadRequest(problems=[Problem("agent", agent, "only a token with the role agent has one")])
        numbers = [one.number for one in self._configuration.config.agents]
        if agent and agent not in numbers:
            raise BadRequest(problems=[Problem("agent", agent, f"one of {', '.join(sorted(numbers))} is right")])


def token_view(token: Token) -> TokenView:
    """Return a token as others see it: all but the hash."""
    return TokenView(
        token.name, token.role, token.agent, token.by, token.created_s, token.expires_s, token.used_s, token.used_from
    )

"""The stage behind the feature codes: agents log in and out, are ready or not, by their telephone's keys."""

from collections.abc import Awaitable, Callable

import msgspec

from drivers.link.messages import Prompt
from firmware.agents.agent import Agent
from firmware.agents.errors import Elsewhere, NoSuchAgent, NoSuchReason, NotLoggedIn
from firmware.agents.roster import Roster
from firmware.calls.call import Call
from firmware.calls.destination import Destination
from firmware.config.schema import Config
from firmware.errors import NoStorage, Refused
from firmware.prompts import catalogue

# What is said instead of the confirmation; the first class that fits
REFUSALS: tuple[tuple[type[Refused], str], ...] = (
    (NoSuchAgent, "agent-unknown"),
    (NoSuchReason, "reason-unknown"),
    (NotLoggedIn, "agent-not-logged-in"),
    (Elsewhere, "agent-elsewhere"),
    (Refused, "not-allowed"),
)
MOST_DIGITS = 8


class FeatureStage:
    """Does what a feature code says and confirms it in words. Only telephones of the box have features."""

    def __init__(
        self, roster: Roster, config: Callable[[], Config], committed: Callable[[], Awaitable[None]]
    ) -> None:
        """`committed` returns when all that has happened is on disk; it raises NoStorage when it cannot be."""
        self._roster, self._config, self._committed = roster, config, committed

    async def run(self, call: Call, destination: Destination) -> Destination | None:
        """Act, say what became of it, and end. After a restart it is said, not done again: the node is the prompt."""
        await call.caller.answer()
        prompt = destination.node
        if not prompt:
            prompt = await self._do(call, destination.name)
            call.enter(msgspec.structs.replace(destination, node=prompt))
        try:
            await self._committed()    # a person's act is confirmed only when no power cut can undo it
        except NoStorage:
            prompt = "fault"
        await call.caller.play(*self._sounds(call, prompt))
        return Destination("hangup")

    async def _do(self, call: Call, digits: str) -> str:
        """Act and return the prompt to be said."""
        kind, _, extension = call.source.partition(":")
        if kind != "extension":
            return "not-allowed"
        features = self._config().features
        try:
            if digits.startswith(features.login):
                return await self._login(call, extension, digits.removeprefix(features.login))
            agent = self._roster.at(extension)
            if agent is None:
                return "agent-not-logged-in"
            if digits == features.logout:
                return _said(self._roster.logout(agent.number), "agent-logged-out")
            if digits == features.ready:
                return _said(self._roster.ready(agent.number), "agent-ready")
            if digits.startswith(features.not_ready):
                return self._not_ready(agent, digits.removeprefix(features.not_ready))
        except Refused as error:
            return next(prompt for kind_of, prompt in REFUSALS if isinstance(error, kind_of))
        return "number-not-possible"

    async def _login(self, call: Call, extension: str, number: str) -> str:
        if not number:
            own = [agent.number for agent in self._config().agents if agent.extension == extension]
            number = own[0] if len(own) == 1 else await self._ask_number(call)
        self._roster.login(number, extension)
        return "agent-logged-in"

    async def _ask_number(self, call: Call) -> str:
        """Ask who it is, where a telephone is nobody's own."""
        await call.caller.play(*self._sounds(call, "enter-agent"), barge_in=True)
        return await call.caller.collect(max_digits=MOST_DIGITS)

    def _not_ready(self, agent: Agent, key: str) -> str:
        reasons = self._config().reasons
        if key and key not in reasons:
            return "reason-unknown"
        return _said(self._roster.not_ready(agent.number, reasons.get(key, "")), "agent-not-ready")

    def _sounds(self, call: Call, name: str) -> list[Prompt]:
        return catalogue.sounds(name, call.variables.get("language") or self._config().box.language)


def _said(agent: Agent, done: str) -> str:
    """Return what is said: in a call the agent's wish has to wait."""
    return "agent-not-ready-later" if agent.wish else done

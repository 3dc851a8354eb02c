"""The stage in which a caller hears a greeting and chooses by keys."""

import asyncio
import logging
from collections.abc import Callable, Sequence

import msgspec

from drivers.link.causes import TEMPORARY_FAILURE
from drivers.link.messages import Prompt
from firmware.calls.call import Call
from firmware.calls.destination import Destination
from firmware.config.schema import Choice, Config, Flow
from firmware.events import Kind
from firmware.prompts import catalogue

log = logging.getLogger(__name__)

GREETING, NOTICE, MENU = "greeting", "notice", "menu"
NODES = (GREETING, NOTICE, MENU)
MOST_ROUNDS = 30    # of a menu, whatever is pressed: a line that never hangs up and sounds like keys must end too


class FlowStage:
    """Serves the callers of all flows: greeting, recording notice, then the menu until a key is chosen.

    A key ends the greeting and the menu, and counts as the choice; the notice is always heard to its end. A caller
    who presses nothing, or nothing right, hears the menu `repeats` times more and then goes to `no_key`.
    """

    def __init__(self, config: Callable[[], Config]) -> None:
        self._config = config

    async def run(self, call: Call, destination: Destination) -> Destination | None:
        """Return where the caller chose to go. After a restart, go on at the node, and greet nobody twice."""
        flow = next((flow for flow in self._config().flows if flow.name == destination.name), None)
        if flow is None:
            log.error("call %s: there is no flow %r any more", call.id, destination.name)
            return Destination("hangup", str(TEMPORARY_FAILURE))
        call.variables.setdefault("language", self._config().box.language)
        await call.caller.answer()
        if not destination.node and flow.greeting:
            self._enter(call, flow, GREETING)
            await call.caller.play(*self._sounds(call, flow.greeting), barge_in=bool(flow.keys))
        if destination.node != MENU and flow.notice:
            self._enter(call, flow, NOTICE)
            await call.caller.play(*self._sounds(call, flow.notice))
            call.variables["noticed"] = "yes"    # a queue need not say it again
        self._enter(call, flow, MENU)
        return await self._menu(call, flow)

    async def _menu(self, call: Call, flow: Flow) -> Destination:
        failed = 0
        for _ in range(MOST_ROUNDS):
            key = await self._ask(call, flow)
            choice = flow.keys.get(key)
            if flow.keys:
                call.log(Kind.IVR_CHOICE, flow=flow.name, digits=key, outcome=_outcome(key, choice))
            if choice is not None:
                if choice.language:
                    call.variables["language"] = choice.language
                if choice.to != "repeat":
                    return _onward(call, choice.to)
                self._enter(call, flow, MENU)    # perhaps in another language
                continue
            failed += 1
            if failed > flow.repeats or not flow.keys:
                break
            if key:
                await call.caller.play(*self._sounds(call, flow.wrong), barge_in=True)
        return _onward(call, flow.no_key)

    async def _ask(self, call: Call, flow: Flow) -> str:
        """Say the menu and return the key pressed meanwhile or in `wait_s` after it, "" for none."""
        menu = self._sounds(call, flow.menu)
        if not flow.keys:
            await call.caller.play(*menu)
            return ""
        saying = asyncio.ensure_future(call.caller.play(*menu, barge_in=True))
        try:
            # Asked for while the menu is said: who knows it need not hear it, nor press twice
            await asyncio.sleep(0)
            return await call.caller.collect(max_digits=1, first_s=flow.wait_s, until="")
        finally:
            saying.cancel()

    def _enter(self, call: Call, flow: Flow, node: str) -> None:
        call.log(Kind.IVR_NODE, flow=flow.name, node=node)
        call.enter(msgspec.structs.replace(call.destination, node=node, variables=dict(call.variables)))

    def _sounds(self, call: Call, names: Sequence[str]) -> list[Prompt]:
        return catalogue.all_sounds(names, call.variables["language"])


def _outcome(key: str, choice: Choice | None) -> str:
    if choice is None:
        return "wrong" if key else "none"
    return "repeat" if choice.to == "repeat" else "chosen"


def _onward(call: Call, name: str) -> Destination:
    return msgspec.structs.replace(Destination.named(name), variables=dict(call.variables))

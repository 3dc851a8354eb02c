"""`line.*` and `extension.list`: what is plugged in, and what it does now."""

from collections.abc import Mapping

import msgspec

from firmware.agents.roster import Roster
from firmware.calls.call import Call
from firmware.calls.gateway import Gateway
from firmware.calls.leg import LegState
from firmware.config.configuration import Configuration
from firmware.control.methods import Role, method


class LineView(msgspec.Struct, frozen=True):
    """An analog line: state idle, ringing, in_use, fault, or unknown without a gateway; the call on it, or ""."""

    number: int
    name: str
    did: str
    state: str
    call: str


class ExtensionView(msgspec.Struct, frozen=True):
    """A telephone: whether it is registered, and who is logged in at it."""

    number: str
    name: str
    registered: bool
    agent: str


class LineMethods:
    """What can be asked of lines and telephones."""

    def __init__(
        self, configuration: Configuration, gateway: Gateway, roster: Roster, calls: Mapping[str, Call]
    ) -> None:
        self._configuration, self._gateway, self._roster, self._calls = configuration, gateway, roster, calls

    @method("line.list", Role.VIEWER)
    def lines(self) -> list[LineView]:
        """Return all lines by number."""
        busy = _calls_on_lines(self._calls)
        known = self._gateway.lines if self._gateway.connected else {}
        return [
            LineView(line.number, line.name, line.did, known.get(line.number, "unknown"), busy.get(line.number, ""))
            for line in sorted(self._configuration.config.lines, key=lambda line: line.number)
        ]

    @method("extension.list", Role.VIEWER)
    def extensions(self) -> list[ExtensionView]:
        """Return all extensions by number."""
        there = self._roster.telephones.registered
        views = []
        for extension in sorted(self._configuration.config.extensions, key=lambda one: one.number):
            agent = self._roster.at(extension.number)
            views.append(
                ExtensionView(
                    extension.number, extension.name, extension.number in there, agent.number if agent else ""
                )
            )
        return views


def _calls_on_lines(calls: Mapping[str, Call]) -> dict[int, str]:
    found: dict[int, str] = {}
    for call in calls.values():
        for leg in call.legs.values():
            place = call.source if leg is call.caller else leg.target
            kind, _, rest = place.partition(":")
            number = rest.partition(":")[0]
            if kind == "line" and number.isdecimal() and leg.state is not LegState.ENDED:
                found[int(number)] = call.id
    return found

"""Calls that came by a digital span and go out by it again: the carrier is asked to join the two itself.

A channel is a carrier's to use twice over while the box sits between two who are both outside. Where the trunk group
says so the carrier joins them (ETSI EN 300 369-1), and both channels are free; else they talk on through the box. What
is talked after that counts in no limit of minutes, so calls stay that have a limit of their own.
"""

from collections.abc import Callable, Mapping

from firmware.calls.call import Call
from firmware.calls.leg import Leg, LegState
from firmware.config.schema import Config
from firmware.config.spans import channels
from firmware.events import Event, Kind
from firmware.pbx.limits import Limits

# After each of them two may be alone with each other
MOMENTS = (Kind.BRIDGE_JOINED, Kind.HOLD_ENDED, Kind.RECORDING_ENDED, Kind.LEG_ENDED, Kind.CONSULTED)


class HandBack:
    """Follows events, and asks the carrier once for each two. `calls` are all calls in progress."""

    def __init__(
        self, limits: Limits, config: Callable[[], Config], calls: Callable[[], Mapping[str, Call]]
    ) -> None:
        self._limits, self._config, self._calls = limits, config, calls
        self._asked: dict[str, frozenset[str]] = {}     # by call, which legs

    def follow(self, event: Event) -> None:
        """Learn from one event."""
        if event.kind is Kind.CALL_ENDED:
            self._asked.pop(event.call, None)
        call = self._calls().get(event.call) if event.kind in MOMENTS else None
        if call is not None and call.bridge != self._asked.get(call.id) and self._may(call):
            self._asked[call.id] = call.bridge
            one, other = (call.legs[leg] for leg in sorted(call.bridge, key=int))
            call.hand_back(one, other)

    def _may(self, call: Call) -> bool:
        """Tell whether two outside are alone in a call, and nothing here needs to know when their talk ends."""
        pair = [call.legs[leg] for leg in call.bridge]
        if len(pair) != 2 or call.over or call.emergency or call.consultation is not None or call.transferred:
            return False
        if any(one.state is not LegState.ENDED for one in call.legs.values() if one.id not in call.bridge):
            return False
        if any(one.state is not LegState.ANSWERED or one.hanging_up or one.held or one.recording for one in pair):
            return False
        spans = [self._spans(call, one) for one in pair]
        return bool(spans[0] & spans[1]) and not self._limits.bounded(call.id)

    def _spans(self, call: Call, leg: Leg) -> set[int]:
        """Return the spans that a leg may be on, if what is on them is to be handed back."""
        kind, _, rest = call.party(leg).partition(":")
        name, config = rest.partition(":")[0], self._config()
        group = next((one for one in config.groups if one.name == name and one.hand_back), None)
        return {span for span, _ in channels(group, config.spans)} if kind == "trunk" and group is not None else set()

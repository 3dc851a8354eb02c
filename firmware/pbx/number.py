"""The stage that calls a number outside, through the lines and trunks the outgoing rules allow."""

import logging
from collections.abc import Callable, Iterator

import msgspec

from drivers.link.causes import (
    BEARER_CAPABILITY_NOT_AVAILABLE,
    DESTINATION_OUT_OF_ORDER,
    INVALID_NUMBER_FORMAT,
    NETWORK_OUT_OF_ORDER,
    NO_CIRCUIT_AVAILABLE,
    RECOVERY_ON_TIMER_EXPIRY,
    SWITCHING_EQUIPMENT_CONGESTION,
    TEMPORARY_FAILURE,
    USER_BUSY,
)
from firmware import emergency, routing
from firmware.calls.call import Call
from firmware.calls.destination import Destination
from firmware.calls.leg import Leg, Purpose
from firmware.config.destinations import goes_out_by
from firmware.config.schema import Config
from firmware.events import AlarmName, Kind, alarm_data
from firmware.pbx import conversation
from firmware.pbx.bearers import Bearers, Way

log = logging.getLogger(__name__)

RING_S = 120.0
# The way failed, not the one called: another way may do. Whoever is busy or refuses is not called again by another.
WAY_FAILED = frozenset({
    DESTINATION_OUT_OF_ORDER, NO_CIRCUIT_AVAILABLE, NETWORK_OUT_OF_ORDER, TEMPORARY_FAILURE,
    SWITCHING_EQUIPMENT_CONGESTION, BEARER_CAPABILITY_NOT_AVAILABLE, RECOVERY_ON_TIMER_EXPIRY,
})


class NumberStage:
    """Calls outside. Emergency numbers need no rule: they go by whatever is free, and raise an alarm."""

    def __init__(self, bearers: Bearers, config: Callable[[], Config]) -> None:
        self._bearers, self._config = bearers, config

    async def run(self, call: Call, destination: Destination) -> Destination | None:
        """Try one way after another, talk, and return None, or the end with its cause.

        The node tells the ways tried so far, so a restart goes on where it was.
        """
        config, digits = self._config(), destination.name
        help_number = emergency.called(digits, config.box.country, routing.outside_prefixes(config))
        ways = self._ways(digits, help_number, config)
        tried = destination.node.split(",") if destination.node else []
        if help_number and not tried:
            detail = f"{call.source} called {help_number}"
            call.log(Kind.ALARM, **alarm_data(AlarmName.EMERGENCY_CALL, call.source, raised=True, detail=detail))
        leg = self._surviving(call, tried)
        cause = INVALID_NUMBER_FORMAT if ways is None else NO_CIRCUIT_AVAILABLE
        while True:
            if leg is None:
                way = next((way for way in ways or () if way.name not in tried), None)
                if way is None:
                    return await conversation.explain(call, cause, config.box.language)
                tried.append(way.name)
                call.enter(msgspec.structs.replace(call.destination, node=",".join(tried)))
                leg = call.dial(way.target, Purpose.OUTSIDE, timeout_s=RING_S, caller_number=way.shown)
            try:
                answered = await conversation.ring(call, leg)
            except BaseException:    # the caller has gone
                leg.hang_up()
                raise
            if answered:
                return await conversation.talk(call, leg)
            cause = leg.cause or TEMPORARY_FAILURE
            if cause not in WAY_FAILED:
                prompt = "not-available" if cause == USER_BUSY else ""    # the other prompt speaks of an extension
                return await conversation.explain(call, cause, config.box.language, prompt)
            log.info("call %s: %s failed with cause %d", call.id, leg.target, cause)
            leg = None

    def _ways(self, digits: str, help_number: str, config: Config) -> Iterator[Way] | None:
        """Return the ways out, None when no rule lets the number out."""
        if help_number:
            return self._bearers.emergency_ways(help_number)
        rule = next((rule for rule in config.outgoing if goes_out_by(rule, digits)), None)
        return self._bearers.ways(rule, digits) if rule else None

    def _surviving(self, call: Call, tried: list[str]) -> Leg | None:
        """Return the leg that an earlier exchange dialled, if it lived to; also one that has ended meanwhile."""
        living = call.live_legs(Purpose.OUTSIDE)
        past = [leg for leg in call.legs.values() if tried and leg.target.startswith(f"{tried[-1]}:")]
        return next(reversed(living or past), None)

"""The stage that calls a number outside, through the lines and trunks the outgoing rules allow."""

import logging
from collections.abc import Callable, Iterator, Mapping

import msgspec

from drivers.link.causes import (
    BEARER_CAPABILITY_NOT_AVAILABLE,
    CALL_REJECTED,
    DESTINATION_OUT_OF_ORDER,
    INVALID_NUMBER_FORMAT,
    NETWORK_OUT_OF_ORDER,
    NO_CIRCUIT_AVAILABLE,
    PREEMPTION,
    RECOVERY_ON_TIMER_EXPIRY,
    SWITCHING_EQUIPMENT_CONGESTION,
    TEMPORARY_FAILURE,
    USER_BUSY,
)
from drivers.link.messages import Wrong
from firmware import emergency
from firmware.calls.call import Call
from firmware.calls.destination import Destination
from firmware.calls.leg import Leg, LegState, Purpose
from firmware.config.destinations import goes_out_by
from firmware.config.dialling import outside_prefixes
from firmware.config.schema import Config, Outgoing
from firmware.events import AlarmName, Kind, alarm_data
from firmware.pbx import conversation, preemption, rights
from firmware.pbx.bearers import Bearers, Way
from firmware.pbx.limits import Limits
from firmware.reach import reach

log = logging.getLogger(__name__)

RING_S = 120.0
FREED_S = 4.0  # within it a line that was taken away can be dialled on: the office wants it on-hook for a second
# The way failed, not the one called: another way may do. Whoever is busy or refuses is not called again by another.
WAY_FAILED = frozenset({
    DESTINATION_OUT_OF_ORDER, NO_CIRCUIT_AVAILABLE, NETWORK_OUT_OF_ORDER, TEMPORARY_FAILURE,
    SWITCHING_EQUIPMENT_CONGESTION, BEARER_CAPABILITY_NOT_AVAILABLE, RECOVERY_ON_TIMER_EXPIRY,
})
# What the caller is told when we end the leg outside: it was taken away, or a daily limit was reached
TAKEN = {PREEMPTION: "gave-way", CALL_REJECTED: "limit-reached"}


class NumberStage:
    """Calls outside, who has the right to and while the day's limits last.

    Emergency numbers need neither, nor a rule: they go by whatever is free, else another call gives way, else a line is
    tried that another telephone seems to have; they raise an alarm. `calls` are all calls in progress.
    """

    def __init__(
        self, bearers: Bearers, limits: Limits, config: Callable[[], Config], calls: Callable[[], Mapping[str, Call]]
    ) -> None:
        self._bearers, self._limits, self._config, self._calls = bearers, limits, config, calls

    async def run(self, call: Call, destination: Destination) -> Destination | None:
        """Try one way after another, talk, and return None, or the end with its cause.

        The node tells the ways tried so far, so a restart goes on where it was: what was allowed stays allowed.
        """
        config, digits = self._config(), destination.name
        tried = destination.node.split(",") if destination.node else []
        if number := emergency.called(digits, config.box.country, outside_prefixes(config)):
            self._tell_of_emergency(call, number)
            return await self._call(
                call, tried, lambda: self._bearers.emergency_ways(number, rights.asker(call)),
                lambda: self._bearers.last_ways(number),
            )
        rule = next((rule for rule in config.outgoing if goes_out_by(rule, digits)), None)
        if rule is None:
            return await conversation.explain(call, INVALID_NUMBER_FORMAT, config.box.language)
        if not tried and (reason := self._refusal(call, digits, rule)):
            return await self._refuse(call, reason)
        return await self._call(
            call, tried, lambda: self._bearers.ways(rule, digits, rights.asker(call)),
            held=lambda: self._bearers.held_by_telephones(rule),
        )

    def end(self, call_id: str, leg_id: str, reason: str) -> None:
        """End a leg outside because a daily limit is reached."""
        call = self._calls().get(call_id)
        leg = call.legs.get(leg_id) if call is not None else None
        if call is None or leg is None or leg.state is LegState.ENDED or leg.hanging_up:
            return
        call.log(Kind.OUTSIDE_REFUSED, leg_id, by=rights.asker(call), number=leg.target, reason=reason)
        preemption.take_away(call, leg, CALL_REJECTED)

    # ---- whether it may be called ------------------------------------------------------------------------------------

    def _refusal(self, call: Call, digits: str, rule: Outgoing) -> str:
        """Return why the digits are not let out; if they are, count them, and return ""."""
        config, by = self._config(), rights.asker(call)
        sent = rule.prepend + digits[rule.strip :]
        far = reach(sent, config.box.country, config.box.area_code)
        reason = rights.refusal(config, by, digits, rule, far) or self._limits.refusal(by, far)
        if reason:
            log.warning("call %s: %s asked for %s, refused: %s", call.id, by or call.source, sent, reason)
            call.log(Kind.OUTSIDE_REFUSED, by=by, number=sent, reason=reason)
            return reason
        call.log(
            Kind.OUTSIDE_ALLOWED, by=by, number=sent, distance=str(far.distance), special=far.special,
            after_hours=self._limits.after_hours(),
        )
        return ""

    async def _refuse(self, call: Call, reason: str) -> Destination | None:
        """Say why not, to those who can do something about it; a stranger is told that nobody is there."""
        prompt = "limit-reached" if reason.startswith("limit:") else "not-permitted"
        prompt = prompt if call.source.startswith("extension:") else "not-available"
        return await conversation.tell(call, CALL_REJECTED, self._config().box.language, prompt)

    # ---- the call ----------------------------------------------------------------------------------------------------

    async def _call(
        self, call: Call, tried: list[str], ways: Callable[[], Iterator[Way]],
        last_ways: Callable[[], Iterator[Way]] = lambda: iter(()), held: Callable[[], bool] = lambda: False,
    ) -> Destination | None:
        """Try `ways`, and for help `last_ways`; `held` tells whether other telephones have all the lines."""
        language = self._config().box.language
        leg, cause = self._surviving(call, tried), NO_CIRCUIT_AVAILABLE
        resorted: set[str] = set()  # to last ways; one may have been tried before, and was refused

        def untried() -> Iterator[Way]:
            return (way for way in ways() if way.name not in tried)

        def elsewhere(cause: int) -> bool:
            return (cause in WAY_FAILED or bool(call.emergency)) and next(untried(), None) is not None

        while True:
            if leg is None:
                way = next(untried(), None)
                if way is None and call.emergency:
                    way = await self._freed_way(call, tried, untried)
                if way is None and call.emergency:
                    way = next((way for way in last_ways() if way.name not in resorted), None)
                    resorted |= {way.name} if way else set()
                if way is None and call.emergency:
                    return await conversation.tell(call, cause, language, "lines-busy")
                if way is None and cause == NO_CIRCUIT_AVAILABLE and held():    # in words: they may hang it up
                    return await conversation.tell(call, cause, language, "lines-held")
                if way is None:
                    return await conversation.explain(call, cause, language)
                tried.append(way.name)
                call.enter(msgspec.structs.replace(call.destination, node=",".join(tried)))
                # The name a telephone gives itself is for those inside
                leg = call.dial(
                    way.target, Purpose.OUTSIDE, timeout_s=RING_S, caller_number=way.shown, caller_name=""
                )
            try:
                answered = await conversation.ring(call, leg, elsewhere)
            except BaseException:    # the caller has gone
                leg.hang_up()
                raise
            if answered:
                following = await conversation.talk(call, leg)
                return await self._explain_taken(call, leg, language) if following is None else following
            if _taken(leg):
                return await self._explain_taken(call, leg, language)
            cause = leg.cause or TEMPORARY_FAILURE
            if cause not in WAY_FAILED and not call.emergency:    # for help every way is tried
                prompt = "not-available" if cause == USER_BUSY else ""    # the other prompt speaks of an extension
                return await conversation.explain(call, cause, language, prompt)
            log.info("call %s: %s failed with cause %d", call.id, leg.target, cause)
            leg = None

    async def _freed_way(self, call: Call, tried: list[str], ways: Callable[[], Iterator[Way]]) -> Way | None:
        """Take lines away from other calls until one can be dialled on; None when there is nothing left to take."""
        wanted = self._bearers.names() - set(tried)
        while (victim := preemption.victim(self._calls().values(), wanted)) is not None:
            log.warning("call %s: gives %s to emergency call %s", victim.call.id, victim.bearer, call.id)
            preemption.preempt(victim, call)
            way = await self._bearers.freed(ways, FREED_S)
            if way is not None:
                return way
        return None

    async def _explain_taken(self, call: Call, leg: Leg, language: str) -> Destination | None:
        """Tell who talked with a leg that we ended why; None when it ended otherwise, or the call goes on elsewhere."""
        if not _taken(leg) or leg is call.caller or call.transferred is not None:
            return None
        cause = leg.cause or PREEMPTION
        return await conversation.tell(call, cause, language, TAKEN[cause])

    def _tell_of_emergency(self, call: Call, number: str) -> None:
        """Raise the alarm, once a call."""
        if not call.emergency:
            by = f"extension:{extension}" if (extension := rights.asker(call)) else call.source
            call.log(Kind.EMERGENCY, number=number, by=by)
            wrong = Wrong("called-for-help", {"by": by, "number": number})
            call.log(Kind.ALARM, **alarm_data(AlarmName.EMERGENCY_CALL, by, raised=True, wrong=wrong))

    def _surviving(self, call: Call, tried: list[str]) -> Leg | None:
        """Return the leg that an earlier exchange dialled, if it lived to; also one that has ended meanwhile."""
        living = call.live_legs(Purpose.OUTSIDE)
        past = [leg for leg in call.legs.values() if tried and leg.target.startswith(f"{tried[-1]}:")]
        return next(reversed(living or past), None)


def _taken(leg: Leg) -> bool:
    return leg.state is LegState.ENDED and leg.ended_by == "exchange" and leg.cause in TAKEN

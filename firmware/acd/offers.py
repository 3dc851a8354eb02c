"""Ringing agents for one waiting caller, until one answers."""

import asyncio
import logging

from drivers.link.causes import (
    CALL_REJECTED,
    NO_ANSWER,
    NO_USER_RESPONDING,
    NORMAL_CLEARING,
    RECOVERY_ON_TIMER_EXPIRY,
    USER_BUSY,
)
from drivers.link.messages import ToExtension
from firmware.acd.waiting import WaitingCaller
from firmware.agents.agent import MISSED, OFFERED, REFUSED, UNREACHABLE
from firmware.agents.roster import Roster
from firmware.calls.call import Call
from firmware.calls.leg import CannotConnect, Leg, LegState, Purpose
from firmware.config.schema import Queue

log = logging.getLogger(__name__)
SLACK_S = 5.0    # the gateway ends the ringing; if it says nothing for so long after, we do


def reason_of(cause: int | None) -> str:
    """Return why an agent did not take an offer, by the cause their telephone ended with."""
    if cause in (NO_ANSWER, NO_USER_RESPONDING, RECOVERY_ON_TIMER_EXPIRY):
        return MISSED
    return REFUSED if cause in (USER_BUSY, CALL_REJECTED, NORMAL_CLEARING) else UNREACHABLE


class Offers:
    """The telephones that ring for a caller. Each ends by an answer, the ring time, a refusal, or by `release`.

    Who answers first has the caller; the waiting is over when the two hear each other.
    """

    def __init__(self, call: Call, caller: WaitingCaller, queue: Queue, roster: Roster) -> None:
        self._call, self._caller, self._queue, self._roster = call, caller, queue, roster
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self, group: asyncio.TaskGroup) -> None:
        """Ring within this group of tasks; go on with those whom an earlier exchange let ring.

        Also for a caller who seems to be new here: an exchange may die after it dialled, before it wrote that it did.
        """

        def ring(number: str, leg: Leg | None = None) -> None:
            self._caller.offers[number] = leg
            self._tasks.append(group.create_task(self._ring(number, leg)))

        self._caller.ring = ring
        adopted = set()
        for leg in self._call.live_legs(Purpose.AGENT):
            if self._roster.adopt(leg.agent, self._call.id, self._queue.acw_s, OFFERED):
                adopted.add(leg.agent)
                ring(leg.agent, leg)
            else:
                leg.hang_up()
        for agent in self._roster.of_call(self._call.id):
            if agent.number not in adopted:
                self._conclude(agent.number)

    def stop(self) -> None:
        """Wait for nobody any more; `release` lets the telephones be silent."""
        for task in self._tasks:
            task.cancel()

    def release(self, winner: Leg | None = None) -> None:
        """Let nothing ring any longer for this caller; agents but the winner's go back to what they were."""
        for leg in self._call.live_legs(Purpose.AGENT):
            if leg is not winner:
                leg.hang_up()
        for agent in self._roster.of_call(self._call.id):
            if winner is None or agent.number != winner.agent:
                self._roster.withdraw(agent.number, self._call.id)

    async def _ring(self, number: str, leg: Leg | None) -> None:
        try:
            if not self._roster.is_offered(number, self._call.id):
                return    # logged out before the telephone could ring
            if leg is None:
                target = ToExtension(self._roster.get(number).extension)
                leg = self._call.dial(target, Purpose.AGENT, number, timeout_s=self._queue.ring_timeout_s)
                self._caller.offers[number] = leg
            if await self._answered(leg) and self._roster.is_offered(number, self._call.id):
                if self._caller.taken():
                    leg.hang_up()
                    self._roster.withdraw(number, self._call.id)
                    return
                if await self._join(leg):
                    self._caller.finish(leg)
                    return
                if self._call.caller.state is LegState.ENDED:
                    return    # hung up that instant, which is not the agent's fault: see `release`
            leg.hang_up(NO_ANSWER)
            self._roster.missed(number, self._call.id, reason_of(leg.cause))
        finally:
            del self._caller.offers[number]
            if not self._caller.served and not self._caller.offers:
                self._caller.finish(None)    # the last chance is gone

    async def _join(self, leg: Leg) -> bool:
        """Let caller and agent hear each other; False if the agent hung up that instant, and the caller waits on."""
        self._caller.free.clear()
        if self._queue.record:
            self._call.record()    # first, so that not a word is lost
        try:
            await self._call.connect(leg)
        except CannotConnect as error:
            log.error("%s", error)
        if leg.id in self._call.bridge:
            return True
        self._caller.free.set()
        self._call.stop_record()
        return False

    async def _answered(self, leg: Leg) -> bool:
        try:
            async with asyncio.timeout(self._queue.ring_timeout_s + SLACK_S):
                return await leg.wait_answered()
        except TimeoutError:
            log.warning("call %s: leg %s rang for longer than it was told to", self._call.id, leg.id)
            return False

    def _conclude(self, number: str) -> None:
        """Say what became of an offer whose leg ended while there was no exchange."""
        ended = [leg for leg in self._call.legs.values() if leg.agent == number]
        if ended and ended[-1].ended_by != "exchange":
            self._roster.missed(number, self._call.id, reason_of(ended[-1].cause))
        else:
            self._roster.withdraw(number, self._call.id)

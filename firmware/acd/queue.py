"""The stage in which a caller waits for an agent and talks with one."""

import asyncio
import logging
from collections.abc import Callable

import msgspec

from drivers.link.causes import TEMPORARY_FAILURE, USER_BUSY
from firmware.acd import hold
from firmware.acd.dispatcher import Dispatcher
from firmware.acd.offers import Offers
from firmware.acd.waiting import WaitingCaller
from firmware.agents.agent import TALKING
from firmware.agents.roster import Roster
from firmware.calls.call import Call
from firmware.calls.destination import Destination
from firmware.calls.leg import CannotConnect, Leg, LegState, Purpose
from firmware.config.schema import Config, Queue
from firmware.events import Kind
from firmware.prompts import catalogue

log = logging.getLogger(__name__)
WAITING_NODE, TALKING_NODE = "waiting", "talking"
NOTICE = "recording-notice"


class QueueStage:
    """Serves the callers of all queues.

    The overflow is where a caller goes at once if `max_waiting` wait already; after `max_wait_s`, when no new agent is
    rung, though those whose telephones ring then may still answer; when nobody at all was logged in for
    UNATTENDED_S (time enough to change desks, or to come in the morning); and when the queue is taken away.
    """

    def __init__(self, dispatcher: Dispatcher, roster: Roster, config: Callable[[], Config]) -> None:
        self._dispatcher, self._roster, self._config = dispatcher, roster, config

    async def run(self, call: Call, destination: Destination) -> Destination | None:
        """Wait, talk, and return None; or the overflow. After a restart, go on with the place or the talk."""
        queue = self._dispatcher.queue(destination.name)
        if destination.node == TALKING_NODE:
            return await self._resume_talk(call, queue or Queue(name=destination.name))
        if queue is None:
            log.error("call %s: there is no queue %r any more", call.id, destination.name)
            return Destination("hangup", str(TEMPORARY_FAILURE))
        fresh = destination.node != WAITING_NODE
        if fresh:
            waiting = len(self._dispatcher.waiting(queue.name))
            if call.consultation is None:    # who asks an agent something is no caller of the queue
                call.log(Kind.QUEUE_ENTERED, queue=queue.name, position=waiting + 1)
            if waiting >= queue.max_waiting:
                _tell_left(call, queue.name, "overflowed", 0.0)
                return await self._overflow(call, queue, "queue-full")
            call.enter(msgspec.structs.replace(destination, node=WAITING_NODE))
        return await self._wait(call, queue, destination.since_s, fresh)

    async def _wait(self, call: Call, queue: Queue, since_s: float, fresh: bool) -> Destination | None:
        loop = asyncio.get_running_loop()
        began = loop.time() - max(0.0, call.plant.clock.wall_s() - since_s)    # the wall may be set meanwhile
        caller = WaitingCaller(call.id, queue.name, since_s)
        offers = Offers(call, caller, queue, self._roster)
        outcome = "abandoned"
        self._dispatcher.enter(caller)
        try:
            async with asyncio.TaskGroup() as group:
                offers.begin(group)
                await call.caller.answer()
                await self._notice(call, queue)
                caller.served = True
                self._dispatcher.wake()
                music = group.create_task(
                    hold.entertain(call, caller, self._dispatcher, hold.language(call, self._config()), queue, fresh)
                )
                leg, late = await self._end_of_wait(caller, began + queue.max_wait_s - loop.time())
                music.cancel()
                offers.stop()
            outcome = "answered" if leg is not None else "timed_out" if late else "overflowed"
        finally:
            self._dispatcher.leave(caller)
            if call.fax and outcome == "abandoned":
                outcome = "overflowed"    # sent elsewhere, by rule
            _tell_left(call, queue.name, outcome, loop.time() - began)
            if outcome != "answered":
                offers.release()
        if leg is None:
            regret = "waited-too-long" if outcome == "timed_out" else "no-agents"
            return await self._overflow(call, self._dispatcher.queue(queue.name) or queue, regret)
        call.enter(msgspec.structs.replace(call.destination, node=TALKING_NODE))
        offers.release(winner=leg)
        self._roster.answered(leg.agent, call.id)
        return await self._talk(call, leg)

    async def _notice(self, call: Call, queue: Queue) -> None:
        """Tell a caller who was not told yet that the talk will be recorded (a flow sets the variable too)."""
        if queue.record and not call.variables.get("noticed") and call.consultation is None:
            await call.caller.play(*catalogue.sounds(NOTICE, hold.language(call, self._config())))
            call.variables["noticed"] = "yes"
            call.enter(call.destination)

    async def _end_of_wait(self, caller: WaitingCaller, left_s: float) -> tuple[Leg | None, bool]:
        """Return the answered leg, or None when there is nothing to wait for, and whether it was the longest wait."""
        await asyncio.wait({caller.end}, timeout=max(0.0, left_s))
        late = not caller.end.done()
        caller.served = False
        if not caller.offers:
            caller.finish(None)
        return await caller.end, late

    async def _overflow(self, call: Call, queue: Queue, regret: str) -> Destination:
        """Return where the queue sends whom it does not serve; who is hung up is told why."""
        if queue.overflow != "hangup":
            return Destination.named(queue.overflow)
        if call.caller.state is LegState.OFFERED and not call.source.startswith("line:"):
            return Destination("hangup", str(USER_BUSY))
        await call.caller.answer()    # a line knows no other way to be refused
        await call.caller.play(*catalogue.sounds(regret, hold.language(call, self._config())))
        return Destination("hangup")

    async def _talk(self, call: Call, leg: Leg) -> Destination | None:
        """Let the two talk until one hangs up; a transfer goes on elsewhere, still recorded."""
        try:
            await call.talk(leg)
        except CannotConnect as error:
            log.error("%s", error)
            return Destination("hangup", str(TEMPORARY_FAILURE))
        finally:
            # An agent who transfers the caller may get them back, one who asks somebody goes on with them
            if leg is not call.transferor and not _asks(call, leg.agent):
                if not call.stays(leg):    # the caller may have transferred the agent
                    leg.hang_up()
                self._roster.ended(leg.agent, call.id)
        return None

    async def _resume_talk(self, call: Call, queue: Queue) -> Destination | None:
        """Go on with the talk that an earlier exchange began; if it is over, so is the visit."""
        legs = call.live_legs(Purpose.AGENT)
        talking = next((leg for leg in legs if leg.state is LegState.ANSWERED), None)
        for leg in legs:
            if leg is not talking:
                leg.hang_up()
        for agent in self._roster.of_call(call.id):
            if (talking is None or agent.number != talking.agent) and not _asks(call, agent.number):
                self._roster.withdraw(agent.number, call.id)
                self._roster.ended(agent.number, call.id)
        if talking is None:
            return None
        self._roster.adopt(talking.agent, call.id, queue.acw_s, TALKING)
        if queue.record:
            call.record()
        return await self._talk(call, talking)


def _tell_left(call: Call, queue: str, outcome: str, wait_s: float) -> None:
    """Log how the caller left the queue, if it was told that they came to it."""
    if call.waiting is not None:
        call.log(Kind.QUEUE_LEFT, queue=queue, outcome=outcome, wait_s=wait_s)


def _asks(call: Call, agent: str) -> bool:
    """Tell whether the agent asks somebody about the caller, and is in the call for that."""
    return call.consultation is not None and call.consultation.leg.agent == agent

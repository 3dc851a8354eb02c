"""`queue.*`: the waiting lists as they are now."""

from collections.abc import Mapping

import msgspec

from firmware.acd.dispatcher import Dispatcher
from firmware.acd.live import LiveQueues, QueueStatus
from firmware.calls.call import Call
from firmware.control.methods import Role, method


class Waiting(msgspec.Struct, frozen=True):
    """Someone who waits, since a Unix time."""

    call: str
    number: str
    caller_name: str
    since_s: float


class QueueView(QueueStatus, frozen=True, kw_only=True):
    """A queue's numbers, its agents by number, and who waits in it, longest first."""

    members: list[str]
    longest_since_s: float | None
    callers: list[Waiting]


class QueueMethods:
    """What can be asked of the queues."""

    def __init__(self, queues: LiveQueues, dispatcher: Dispatcher, calls: Mapping[str, Call]) -> None:
        self._queues, self._dispatcher, self._calls = queues, dispatcher, calls

    @method("queue.list", Role.VIEWER)
    def table(self) -> list[QueueView]:
        """Return all queues in the configuration's order."""
        return [self._view(status) for status in self._queues.table()]

    def _view(self, status: QueueStatus) -> QueueView:
        callers = [self._waiting(one.call, one.since_s) for one in self._dispatcher.waiting(status.name)]
        longest = min((caller.since_s for caller in callers), default=None)
        queue = self._dispatcher.queue(status.name)
        members = list(queue.agents) if queue is not None else []
        return QueueView(**msgspec.structs.asdict(status), members=members, longest_since_s=longest, callers=callers)

    def _waiting(self, call_id: str, since_s: float) -> Waiting:
        call = self._calls.get(call_id)
        return Waiting(call_id, call.number if call else "", call.caller_name if call else "", since_s)

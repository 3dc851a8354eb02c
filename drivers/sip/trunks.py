"""Whether trunks are there: by their answers to the edge's OPTIONS, and where we register by that."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence

from drivers.alarms import Alarms
from drivers.link.messages import AlarmName, SipTrunk, Wrong
from drivers.sip.edge.rpc import Edge, EdgeError

log = logging.getLogger(__name__)
EVERY_S = 5.0
REGISTERED_S = 20.0  # so long a registration may take


class Trunks:
    """Looks at all trunks every few seconds; one that is not there is an alarm."""

    def __init__(self, edge: Edge, alarms: Alarms, registered: Callable[[], Collection[str]]) -> None:
        """`registered` are the names of trunks that have taken our registration, each after `trunk:`."""
        self._edge, self._alarms, self._registered = edge, alarms, registered
        self._trunks: tuple[SipTrunk, ...] = ()
        self._unresolved: frozenset[str] = frozenset()

    def provision(self, trunks: Sequence[SipTrunk], resolved: Mapping[str, Sequence[str]]) -> None:
        """Look at these from now on."""
        for gone in {trunk.name for trunk in self._trunks} - {trunk.name for trunk in trunks}:
            self._alarms.forget(AlarmName.TRUNK_LOST, f"trunk:{gone}")
        self._trunks = tuple(trunks)
        self._unresolved = frozenset(trunk.name for trunk in trunks if not resolved.get(trunk.name))

    async def watch(self) -> None:
        """Look until cancelled. An edge that does not answer says nothing of trunks; it has an alarm of its own."""
        while True:
            await asyncio.sleep(EVERY_S)
            trunks = self._trunks
            try:
                there = await asyncio.to_thread(self._edge.trunks_there) if trunks else {}
            except EdgeError as error:
                log.info("trunks are not known: %s", error)
                continue
            if trunks is self._trunks:
                for number, trunk in enumerate(trunks, 1):
                    self._say(trunk, there.get(number, True))

    def _say(self, trunk: SipTrunk, there: bool) -> None:
        subject, host = f"trunk:{trunk.name}", trunk.host
        registered = subject in self._registered()
        if trunk.name in self._unresolved and not registered:  # the edge knows SRV records, too
            self._alarms.say(AlarmName.TRUNK_LOST, subject, Wrong("name-unknown", {"host": host}))
        elif not there:
            self._alarms.say(AlarmName.TRUNK_LOST, subject, Wrong("no-answer", {"host": host}))
        elif trunk.register and not registered:
            self._alarms.say(AlarmName.TRUNK_LOST, subject, Wrong("not-registered", {"host": host}), REGISTERED_S)
        else:
            self._alarms.say(AlarmName.TRUNK_LOST, subject, None)

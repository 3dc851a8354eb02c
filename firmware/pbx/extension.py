"""The stage in which a telephone of the box rings for a caller, and the two talk."""

from collections.abc import Callable

import msgspec

from drivers.link.causes import SUBSCRIBER_ABSENT, UNALLOCATED_NUMBER, USER_BUSY
from drivers.link.messages import ToExtension
from firmware.agents.roster import Roster
from firmware.calls.call import Call
from firmware.calls.destination import Destination
from firmware.calls.leg import Leg, LegState, Purpose
from firmware.config import extensions
from firmware.config.schema import Config
from firmware.pbx import conversation

RING_S = 45.0
CALLED = "called"


class ExtensionStage:
    """Calls extensions. A telephone in use is busy, but for a second call with call waiting; a PBX says of its own."""

    def __init__(self, roster: Roster, config: Callable[[], Config]) -> None:
        self._roster, self._config = roster, config

    async def run(self, call: Call, destination: Destination) -> Destination | None:
        """Ring, talk, and return None, or the end with its cause. After a restart, ring or talk on."""
        extension, config = destination.name, self._config()
        leg = self._surviving(call, extension, ended=destination.node == CALLED)
        if leg is None:
            cause = self._obstacle(extension, config)
            if cause:
                return await conversation.explain(call, cause, config.box.language)
            call.enter(msgspec.structs.replace(destination, node=CALLED))
            leg = call.dial(ToExtension(extension), Purpose.EXTENSION, timeout_s=RING_S)
        try:
            answered = await conversation.ring(call, leg)
        except BaseException:    # the caller has gone
            leg.hang_up()
            raise
        if answered:
            return await conversation.talk(call, leg)
        return await conversation.explain(call, leg.cause or SUBSCRIBER_ABSENT, config.box.language)

    def _obstacle(self, extension: str, config: Config) -> int:
        """Return why the telephone cannot be rung (Q.850), 0 if it can."""
        entry = extensions.find(config, extension)
        if entry is None:
            return UNALLOCATED_NUMBER
        telephones = self._roster.telephones
        second = entry.call_waiting and telephones.takes_another(extension)
        if not entry.group and telephones.in_use(extension) and not second:
            return USER_BUSY
        return 0 if self._roster.there(extension) else SUBSCRIBER_ABSENT

    def _surviving(self, call: Call, extension: str, ended: bool) -> Leg | None:
        """Return the leg that an earlier exchange dialled, if it lived to; also one that has `ended` meanwhile."""
        target = f"extension:{extension}"
        living = [leg for leg in call.live_legs(Purpose.EXTENSION) if leg.target == target]
        past = [leg for leg in call.legs.values() if leg.target == target and leg.state is LegState.ENDED]
        return next(reversed(living or past * ended), None)

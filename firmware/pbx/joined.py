"""The stage in which a caller talks with somebody who is in the call already: whom a consultation brought."""

from collections.abc import Callable

from drivers.link.causes import NORMAL_CLEARING
from firmware.calls.call import Call
from firmware.calls.destination import Destination
from firmware.calls.leg import LegState
from firmware.config.schema import Config
from firmware.pbx import conversation


class JoinedStage:
    """Connects caller and leg; nobody has to be rung."""

    def __init__(self, config: Callable[[], Config]) -> None:
        self._config = config

    async def run(self, call: Call, destination: Destination) -> Destination | None:
        """Talk, and return None, or the end with its cause where the leg has gone. After a restart, talk on."""
        leg = call.legs.get(destination.name)
        if leg is None or leg.state is not LegState.ANSWERED:
            cause = (leg.cause if leg is not None else 0) or NORMAL_CLEARING
            return await conversation.explain(call, cause, self._config().box.language)
        return await conversation.talk(call, leg)

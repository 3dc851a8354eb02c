"""The stage of a call that is not ours: it rings on a line that something else answers."""

from firmware.calls.call import Call
from firmware.calls.destination import Destination


class ElsewhereStage:
    """Leaves a call ringing until it is taken elsewhere, or its caller gives up: a record of it is all there will be.

    A fax, a card terminal, a lift or an alarm shares the line; who answers there the box does not learn.
    """

    async def run(self, call: Call, destination: Destination) -> Destination | None:
        """Return None once the line rings no more. After a restart there is nothing to go on with but that."""
        await call.caller.wait_ended()
        return None

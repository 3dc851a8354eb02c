"""What a waiting caller hears: music, and now and then their position."""

import asyncio

from firmware.acd.dispatcher import Dispatcher
from firmware.acd.waiting import WaitingCaller
from firmware.calls.call import Call
from firmware.config.schema import Config, Queue
from firmware.prompts import catalogue

LONG_S = 86400.0


async def entertain(
    call: Call, caller: WaitingCaller, dispatcher: Dispatcher, language: str, queue: Queue, announce: bool
) -> None:
    """Play until cancelled: the position (at once if `announce`, then every `announce_every_s`), music between.

    With `announce_every_s` 0 the position is said once, on entry. Nothing begins while an agent is being connected.
    """
    while True:
        await caller.free.wait()
        queue = dispatcher.queue(queue.name) or queue
        if announce:
            await call.caller.play(*catalogue.queue_position(dispatcher.position(caller), language))
            await caller.free.wait()    # what ended the announcement may have been an agent
        call.caller.start_playing(*catalogue.sounds(queue.music, language), loop=True)
        await asyncio.sleep(queue.announce_every_s or LONG_S)
        announce = queue.announce_every_s > 0


def language(call: Call, config: Config) -> str:
    """Return what the caller speaks: what they chose, else the box's first language."""
    return call.variables.get("language") or config.box.language

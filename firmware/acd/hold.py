"""What a waiting caller hears: music, and now and then their position."""

import asyncio
from collections.abc import Callable

from firmware.calls.call import Call
from firmware.config.schema import Queue
from firmware.prompts import catalogue

LONG_S = 86400.0


async def entertain(
    call: Call, language: str, queue: Callable[[], Queue], position: Callable[[], int], announce: bool
) -> None:
    """Play until cancelled: the position (at once if `announce`, then every `announce_every_s`), music between.

    With `announce_every_s` 0 the position is said once, on entry.
    """
    while True:
        if announce:
            await call.caller.play(*catalogue.queue_position(position(), language))
        call.caller.start_playing(*catalogue.sounds(queue().music, language), loop=True)
        await asyncio.sleep(queue().announce_every_s or LONG_S)
        announce = queue().announce_every_s > 0

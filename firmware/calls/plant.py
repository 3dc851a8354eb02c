"""What every call stands in: clock, bus, gateway, and what other rooms know that a call must ask."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.link.causes import CALL_REJECTED
from drivers.link.messages import Sound
from firmware.calls.destination import Destination
from firmware.calls.gateway import Gateway
from firmware.clock import Clock
from firmware.events import Bus

if TYPE_CHECKING:
    from firmware.calls.call import Call
    from firmware.calls.state import CallState


@dataclass
class Plant:
    """What every call stands in. `hold_music` is what a caller on hold hears; `ended` is told of a closed call."""

    clock: Clock
    bus: Bus
    gateway: Gateway
    home: Path
    hold_music: Callable[["CallState"], Sound | None] = lambda call: None
    # Where a transfer to a number goes (`hangup` and its cause if it may not), and how long a recording is that nobody
    # closed, by the file itself
    internal: Callable[["CallState", str], Destination] = lambda call, number: Destination("hangup", str(CALL_REJECTED))
    # Where a call goes on that is a fax, None where it stays
    fax: Callable[["CallState"], Destination | None] = lambda call: None
    recorded_s: Callable[[Path], float] = lambda path: 0.0
    position: Callable[["CallState"], int] = lambda call: 1  # in the queue it waits in
    ended: Callable[["Call"], None] = lambda call: None

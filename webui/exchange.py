"""The pages' way to the rest of the box: the exchange's live picture, and the supervisor's word on all programs."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from firmware.control.client import Client
from firmware.errors import Unavailable
from webui.picture import Picture, Program, picture_of

ORDER = ("exchange", "gateway", "edge", "proxy", "web", "office")  # as people ask for them; others follow
SILENT_S = 15.0  # a living exchange tells a picture every few seconds


def pictures() -> Iterator[Picture]:
    """Connect and yield each picture as it comes, the first at once. Raises Unavailable when the exchange is silent."""
    with Client() as client:
        client.call("session.lower", role="viewer")  # these pages only look; whoever broke into them could do no more
        for news in client.subscribe("live", wake_s=SILENT_S):
            if news is None:
                raise Unavailable(f"the exchange has told nothing for {SILENT_S:g} s")
            yield picture_of(news[1])


def programs() -> tuple[Program, ...]:
    """Return what the supervisor says of the box's programs, most asked for first; nothing where it says nothing."""
    path = Path(os.environ.get("BUSYHOUR_HOME") or "var").resolve() / "run/programs.json"
    try:
        told: Any = msgspec.json.decode(path.read_bytes())
        found = msgspec.convert(told["programs"], list[Program])
    except (OSError, KeyError, TypeError, msgspec.MsgspecError):
        return ()
    return tuple(sorted(found, key=lambda program: (*ORDER, program.name).index(program.name)))

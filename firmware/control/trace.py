"""What `span.trace` and `line.trace` return."""

from typing import Annotated

import msgspec
from msgspec import Meta

from drivers.link.messages import Signal
from firmware.lines.traces import Traces

After = Annotated[int, Meta(ge=0, description="only messages newer than this one")]


class TraceView(msgspec.Struct, frozen=True):
    """What passed on a span or a line, oldest first; `last` is the number of the newest there is."""

    number: int
    last: int
    messages: list[Signal]


async def traced(traces: Traces, kind: str, number: int, after: int) -> TraceView:
    """Return what passed at a place after one message; all that is known where it began anew. Raises as Traces does."""
    messages = await traces.trace(f"{kind}:{number}")
    last = messages[-1].number if messages else 0
    return TraceView(number, last, [one for one in messages if one.number > after or after > last])

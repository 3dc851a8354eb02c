"""`watch`: a picture redrawn in place until any key; what has not changed is not sent again."""

import contextlib
from collections.abc import Callable
from typing import Any

from firmware.console import show, span
from firmware.console.output import Output
from firmware.console.table import clip
from firmware.errors import BusyhourError

EVERY_S = 1.0
CLEAR, PLACE, TO_END = "\x1b[2J", "\x1b[{row};1H", "\x1b[K"  # VT100: ED, CUP, EL
Draw = Callable[[Any, dict[str, Any]], Output]


def watch(draw: Draw) -> Callable[[Any, list[str]], None]:
    """Return the command that shows what `draw` makes of the live picture."""

    def run(session: Any, arguments: list[str]) -> None:
        terminal = session.terminal
        drawn: list[str] = []
        terminal.write(CLEAR)
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                rows, columns = terminal.size()
                lines = [clip(line, columns - 1) for line in _picture(session, draw, rows)]
                for row in range(max(len(lines), len(drawn))):
                    line = lines[row] if row < len(lines) else ""
                    if row >= len(drawn) or drawn[row] != line:
                        terminal.write(PLACE.format(row=row + 1) + line + TO_END)
                terminal.write(PLACE.format(row=min(len(lines) + 1, rows)))
                drawn = lines
                terminal.drain()  # a slow line shows fewer pictures, never older ones
                if terminal.key(EVERY_S):
                    break
        terminal.write("\n")

    return run


def _picture(session: Any, draw: Draw, rows: int) -> list[str]:
    title = session.say("watch.title", time=show.clock())
    try:
        lines = list(draw(session, session.ask("live")).lines())
    except BusyhourError as error:
        lines = [session.reason(error)]
    most = rows - 3
    return [title, *(lines if len(lines) <= most else [*lines[: most - 1], f"... +{len(lines) - most + 1}"])]


WATCHED: dict[str, Draw] = {
    "calls": show.draw_calls, "lines": show.draw_lines, "queues": show.draw_queues, "spans": span.draw_spans,
}  # fmt: skip

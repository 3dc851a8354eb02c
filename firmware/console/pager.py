"""Output a page at a time: --More-- waits for a key; Enter is one more line, q or Ctrl-C the end, any other a page."""

from collections.abc import Iterable

from firmware.console.terminal import Terminal, width

MORE = "--More--"


def page(terminal: Terminal, lines: Iterable[str]) -> None:
    """Show lines, waiting where a screen is full. Raises HangUp."""
    rows, columns = terminal.size()
    left = rows - 1
    for line in lines:
        takes = max(1, -(-width(line) // columns))
        if left < takes:
            left = _more(terminal, rows)
            if not left:
                return
        terminal.write(line + "\n")
        left -= takes


def _more(terminal: Terminal, rows: int) -> int:
    """Return how many rows may follow; 0 for none."""
    terminal.write(MORE)
    try:
        key = terminal.key()
    except KeyboardInterrupt:
        key = "q"
    terminal.write("\r" + " " * len(MORE) + "\r")
    return 0 if key in "qQ" else 1 if key in "\r\n" else rows - 1

"""The line being typed: editing, history by arrow keys, Tab, and ? for what may come next."""

from collections.abc import Callable, Sequence
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.data_structures import Size
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output

from firmware.console.grammar import Offer
from firmware.console.terminal import Terminal

LONGEST = 1000  # characters; what is typed beyond is not taken
LONGEST_KEY = 32  # characters of the sequence that a key sends
MOST_SHOWN = 60


class BoundedParser(Vt100Parser):
    """Takes noise that looks like a key which never ends for what it is.

    At each character of a sequence all of it is looked through, and once more for each that it is then taken apart
    into: three thousand digits would cost seconds of the processor.
    """

    _tail = ""

    def feed(self, data: str) -> None:
        """Take what came, but the digits that no key has."""
        super().feed("".join(filter(self._is_of_a_key, data)))

    def _is_of_a_key(self, character: str) -> bool:
        goes_on = self._tail.startswith("\x1b[") and character in "0123456789;"
        if goes_on and len(self._tail) == LONGEST_KEY:
            return False
        self._tail = (self._tail if goes_on else self._tail[-1:] if character == "[" else "") + character
        return True


class PlainOutput(Vt100_Output):
    """Only what a VT100 knows, and few bytes: at 9600 baud each key is echoed within a moment."""

    def enable_bracketed_paste(self) -> None:
        """Send nothing."""

    def disable_bracketed_paste(self) -> None:
        """Send nothing."""

    def hide_cursor(self) -> None:
        """Send nothing."""

    def show_cursor(self) -> None:
        """Send nothing."""

    def reset_cursor_key_mode(self) -> None:
        """Send nothing."""

    def reset_attributes(self) -> None:
        """Send nothing: no attribute is ever set."""


class Editor:
    """Asks for lines. `offer` tells what may come where the cursor is, or in a sentence why nothing may."""

    def __init__(self, terminal: Terminal, offer: Callable[[str], Offer | str]) -> None:
        self._terminal, self._offer = terminal, offer
        # The descriptor stays the terminal's
        source = open(terminal.file, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
        target = open(terminal.file, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
        keyboard = Vt100Input(source)
        keyboard.vt100_parser = BoundedParser(keyboard.vt100_parser.feed_key_callback)
        self._prompt: PromptSession[str] = PromptSession(
            input=keyboard,
            output=PlainOutput(
                target, self._size, term="vt100", default_color_depth=ColorDepth.DEPTH_1_BIT, enable_cpr=False
            ),
            history=InMemoryHistory(),
            key_bindings=self._keys(),
            complete_while_typing=False,
        )
        self._prompt.app.key_processor.before_key_press += lambda _: terminal.touch()
        self._prompt.app.ttimeoutlen = 0.1  # a lone Escape; at 9600 baud the keys of a sequence come 1 ms apart

    def line(self, prompt: str) -> str:
        """Return a line. Raises KeyboardInterrupt for Ctrl-C, EOFError for Ctrl-D on an empty line or a hang-up."""
        return self._prompt.prompt(prompt).encode("utf-8", "replace").decode()

    def _size(self) -> Size:
        rows, columns = self._terminal.size()
        return Size(rows=rows, columns=columns)

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()
        full = Condition(lambda: len(self._prompt.default_buffer.text) >= LONGEST)
        in_quotes = Condition(lambda: self._prompt.default_buffer.document.text_before_cursor.count('"') % 2 == 1)

        @keys.add(Keys.Any, filter=full)
        @keys.add("?", filter=full)
        def _(event: KeyPressEvent) -> None:
            """What is too long is noise; a bell for each character of it would be more of that."""

        @keys.add("c-s")
        @keys.add("c-q")
        def _(event: KeyPressEvent) -> None:
            """A terminal's flow control is no command."""

        @keys.add("?", filter=~in_quotes & ~full)
        def _(event: KeyPressEvent) -> None:
            self._show(event, self._offer(event.current_buffer.document.text_before_cursor))

        @keys.add("tab")
        def _(event: KeyPressEvent) -> None:
            buffer = event.current_buffer
            offered = self._offer(buffer.document.text_before_cursor)
            if isinstance(offered, str):
                self._show(event, offered)
                return
            names = [name for name, _ in offered.options if not name.isupper()]
            common = _common(names)
            if len(common) > len(offered.begun) or len(names) == 1:
                end = " " if len(names) == 1 and common[-1] not in "[." else ""
                buffer.insert_text(common[len(offered.begun) :] + end)
            else:
                self._show(event, offered)

        return keys

    def _show(self, event: KeyPressEvent, offered: Offer | str) -> None:
        """Print help above the line, which is then drawn again."""
        lines = [offered] if isinstance(offered, str) else _help(offered)
        run_in_terminal(lambda: self._terminal.write("".join(f"{one}\n" for one in lines)))




def _common(names: Sequence[str]) -> str:
    """Return how all names begin."""
    first, last = min(names, default=""), max(names, default="")
    same = next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), None)
    return first if same is None else first[:same]


def _help(offered: Offer) -> Sequence[str]:
    options: list[Any] = offered.options[:MOST_SHOWN]
    wide = max((len(name) for name, _ in options), default=0)
    lines = [f"  {name:<{wide}}  {why}".rstrip() for name, why in options]
    if offered.ends:
        lines.append("  <Enter>")
    if len(offered.options) > MOST_SHOWN:
        lines.append(f"  ... +{len(offered.options) - MOST_SHOWN}")
    return lines

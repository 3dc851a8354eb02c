"""The terminal a session speaks on, serial line or not: its modes, its size, keys in, text out, idle and hang-up."""

import contextlib
import fcntl
import os
import select
import signal
import sys
import termios
from types import FrameType
from typing import Any

from prompt_toolkit.utils import get_cwidth

ROWS, COLUMNS = 24, 80  # of a VT100, for lines that do not know
TO_END = "\x1b[K"  # VT100: EL
LONGEST_LINE = 200  # bytes of an answer
LFLAG, IFLAG, OFLAG, CC = 3, 0, 1, 6  # places in what tcgetattr returns


class HangUp(Exception):
    """Nobody is at the other end any more."""


class Terminal:
    """A tty in a session's hands: keys come one by one, unechoed; Ctrl-C is KeyboardInterrupt; output waits its turn.

    After `idle_s` without a key the process says so and ends, whatever it is doing.
    """

    def __init__(self, file: int, idle_s: float, goodbye: str) -> None:
        """Raises OSError (termios.error) when `file` is no terminal."""
        self.file, self._idle_s, self._goodbye = file, idle_s, goodbye
        self._before = termios.tcgetattr(file)
        modes: list[Any] = termios.tcgetattr(file)
        modes[LFLAG] = modes[LFLAG] & ~(termios.ICANON | termios.ECHO | termios.IEXTEN) | termios.ISIG
        modes[IFLAG] = modes[IFLAG] & ~(termios.ICRNL | termios.INLCR | termios.IGNCR) | termios.IXON | termios.IXOFF
        modes[OFLAG] |= termios.OPOST | termios.ONLCR
        modes[CC][termios.VMIN], modes[CC][termios.VTIME] = 1, 0
        modes[CC][termios.VINTR] = b"\x03"
        modes[CC][termios.VSUSP] = modes[CC][termios.VQUIT] = b"\0"  # off: there is no shell below to come back to
        termios.tcsetattr(file, termios.TCSADRAIN, modes)
        signal.signal(signal.SIGALRM, self._idle)
        self.touch()

    def own(self) -> None:
        """Make it the controlling terminal of this process, which leads a session: hang-up and Ctrl-C come from it."""
        fcntl.ioctl(self.file, termios.TIOCSCTTY, 0)

    def leave(self) -> None:
        """Give it back as it was found, once all is out."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        with contextlib.suppress(termios.error):  # it is gone
            termios.tcsetattr(self.file, termios.TCSADRAIN, self._before)

    def touch(self) -> None:
        """Note that somebody is there."""
        signal.setitimer(signal.ITIMER_REAL, self._idle_s)

    def _idle(self, number: int, frame: FrameType | None) -> None:
        """End at once: whoever left may have stopped the line, so nothing here may wait for it."""
        os.set_blocking(self.file, False)
        with contextlib.suppress(OSError, termios.error):
            os.write(self.file, f"\r\n{self._goodbye}\r\n".encode())
            termios.tcsetattr(self.file, termios.TCSANOW, self._before)
        os._exit(0)

    def size(self) -> tuple[int, int]:
        """Return rows and columns."""
        try:
            columns, rows = os.get_terminal_size(self.file)
        except OSError:
            return ROWS, COLUMNS
        return rows or ROWS, columns or COLUMNS

    def write(self, text: str) -> None:
        """Send text, as fast as the line takes it. Raises HangUp."""
        left = memoryview(text.encode("utf-8", "replace"))
        try:
            while left:
                left = left[os.write(self.file, left) :]
        except OSError as error:
            raise HangUp(str(error)) from error

    def drain(self) -> None:
        """Return when everything is out. Raises HangUp."""
        try:
            termios.tcdrain(self.file)
        except termios.error as error:
            raise HangUp(str(error)) from error

    def key(self, timeout_s: float | None = None) -> str:
        """Return the next byte as a character, "" when none came in time. Raises HangUp, KeyboardInterrupt."""
        try:
            if not select.select([self.file], [], [], timeout_s)[0]:
                return ""
            byte = os.read(self.file, 1)
        except OSError as error:
            raise HangUp(str(error)) from error
        if not byte:
            raise HangUp("end of input")
        self.touch()
        return byte.decode("latin-1")

    def discard(self) -> None:
        """Forget what was typed and not read yet."""
        with contextlib.suppress(termios.error):
            termios.tcflush(self.file, termios.TCIFLUSH)

    def ask(self, prompt: str) -> str | None:
        """Ask for a line; None for Ctrl-D on an empty one. Raises HangUp, KeyboardInterrupt."""
        return self._typed(prompt, shown=True)

    def secret(self, prompt: str) -> str | None:
        """Ask for a line that is not shown; None for Ctrl-D on an empty one. Raises HangUp, KeyboardInterrupt."""
        return self._typed(prompt, shown=False)

    def _typed(self, prompt: str, *, shown: bool) -> str | None:
        self.write(prompt)
        typed = bytearray()
        while (key := self.key()) not in "\r\n":
            if key == "\x04" and not typed:
                return None
            if key in "\x7f\x08":
                while typed and typed.pop() & 0xC0 == 0x80:  # all bytes of one character, RFC 3629
                    pass
            elif key == "\x15":
                typed.clear()
            elif key >= " " and len(typed) < LONGEST_LINE:
                typed += key.encode("latin-1")
            if shown:
                self.write(f"\r{prompt}{printable(typed.decode('utf-8', 'ignore'))}{TO_END}")
        self.write("\n")
        return typed.decode("utf-8", "replace")


def width(text: str) -> int:
    """Return how many places a text takes."""
    return get_cwidth(text)


def printable(text: str) -> str:
    """Return a text that does nothing to the terminal: callers' names and logs may hold anything."""
    return "".join(char if char.isprintable() else "?" for char in text.expandtabs(8))


def stdin_is_terminal() -> bool:
    """Whether this program was started on a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()

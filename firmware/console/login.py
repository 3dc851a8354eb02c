"""The way in: a password, the waiting after wrong ones, and what to do where none is set."""

import time
from collections.abc import Callable
from pathlib import Path

from firmware.console.lockout import Lockout
from firmware.console.password import BadPassword, Password
from firmware.console.terminal import Terminal
from firmware.console.words import Say

UNKEPT_S = 5.0  # each try takes so long where wrong ones cannot be kept on the disk
TRIES = 10  # then the line is given up; the next connection begins with the waiting


class Login:
    """Asks until somebody may come in. The password may be set here only by who is on the box itself already."""

    def __init__(
        self, terminal: Terminal, home: Path, say: Say, *, may_set: bool, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._terminal, self._say, self._may_set, self._wait = terminal, say, may_set, wait
        self._password, self._lockout = Password(home), Lockout(home)

    def run(self) -> bool:
        """Return whether somebody is in; else the line is to be given up. Raises HangUp."""
        for _ in range(TRIES):
            try:
                if not self._password.is_set():
                    if not self._may_set:
                        self._tell("login.unset")
                        return False
                    if not self._choose():
                        return False
                    continue
                entered = self._ask()
            except KeyboardInterrupt:
                self._terminal.write("\n")
                continue
            if entered is None:
                return False
            if entered:
                return True
        return False

    def _ask(self) -> bool | None:
        """Ask once: True for the right password, None for who wants to go."""
        if left_s := self._lockout.left_s():
            self._tell("login.locked", seconds=str(round(left_s + 0.5)))
            self._wait(left_s)
            self._terminal.discard()
        given = self._terminal.secret(self._say("login.password"))
        if not given:
            return None if given is None else False
        try:
            self._lockout.count()
        except OSError:
            self._tell("login.unkept", seconds=f"{UNKEPT_S:.0f}")
            self._wait(UNKEPT_S)
        try:
            right = self._password.opens(given)
        except (OSError, BadPassword) as error:
            self._terminal.write(f"{error}\n")
            return False
        if not right:
            self._tell("login.wrong")
            return False
        self._forgive()
        return True

    def _forgive(self) -> None:
        try:
            self._lockout.forgive()
        except OSError as error:
            self._terminal.write(f"{error}\n")

    def _choose(self) -> bool:
        """Let the first one in choose the password; whether it is set then."""
        self._tell("login.first")
        first = self._terminal.secret(self._say("login.new"))
        if first is None:
            return False
        second = self._terminal.secret(self._say("login.again"))
        try:
            if first != second:
                self._tell("login.different")
            else:
                self._password.set(first)
                self._tell("login.set")
        except (OSError, BadPassword) as error:
            self._terminal.write(f"{error}\n")
            return not isinstance(error, OSError)
        return True

    def _tell(self, key: str, **places: str) -> None:
        self._terminal.write(self._say(key, **places) + "\n")

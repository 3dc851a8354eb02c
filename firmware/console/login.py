"""The way in: an admin's name and password, or the console's own; the waiting after wrong ones."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from firmware.console.lockout import Lockout
from firmware.console.password import BadPassword, Password
from firmware.console.terminal import Terminal
from firmware.console.words import Say
from firmware.control.client import SOCKET, Client
from firmware.errors import BusyhourError, TooManyTries, Unavailable, WrongPassword

UNKEPT_S = 5.0  # each try takes so long where wrong ones cannot be kept on the disk
TRIES = 10  # then the line is given up; the next connection begins with the waiting
LOOK_S = 1.0
FROM = "console"  # where the exchange's audit says that somebody signed in


class Entered(NamedTuple):
    """Who came in. With the console's own password nobody in particular: neither name nor session."""

    name: str = ""
    token: str = ""


class Login:
    """Asks until somebody may come in.

    An admin gives name and password, which the exchange knows. The console's own password, asked for without a name,
    works with the exchange dead too; the first one may be set here only by who is on the box itself already.
    """

    def __init__(
        self, terminal: Terminal, home: Path, say: Say, *, may_set: bool, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._terminal, self._home, self._say, self._may_set, self._wait = terminal, home, say, may_set, wait
        self._password, self._lockout = Password(home), Lockout(home)

    def run(self) -> Entered | None:
        """Return who is in, None when the line is to be given up. Raises HangUp."""
        for _ in range(TRIES):
            try:
                if self._may_set and not self._password.is_set():
                    if not self._choose():
                        return None
                    continue
                name = self._terminal.ask(self._say("login.name"))
                if name is None:
                    return None
                if not name and not self._password.is_set():
                    self._tell("login.unset")
                    return None
                if (entered := self._try(name.strip())) is not None:
                    return entered
            except KeyboardInterrupt:
                self._terminal.write("\n")
        return None

    def _try(self, name: str) -> Entered | None:
        """Ask for a password once and look at it."""
        if left_s := self._lockout.left_s():
            self._tell("login.locked", seconds=str(round(left_s + 0.5)))
            while left_s := self._lockout.left_s():  # an admin may let the console try again
                self._wait(min(left_s, LOOK_S))
            self._terminal.discard()
        given = self._terminal.secret(self._say("login.password"))
        if not given:
            return None
        try:
            self._lockout.count()
        except OSError:
            self._tell("login.unkept", seconds=f"{UNKEPT_S:.0f}")
            self._wait(UNKEPT_S)
        try:
            return self._admin(name, given) if name else self._nobody(given)
        except (WrongPassword, TooManyTries) as error:
            self._tell("login.wrong" if isinstance(error, WrongPassword) else "login.held", why=str(error))
        except Unavailable as error:
            self._forgive()  # nobody has looked at it
            self._tell("login.dead", why=str(error))
        except (OSError, BadPassword, BusyhourError) as error:
            self._terminal.write(f"{error}\n")
        return None

    def _nobody(self, given: str) -> Entered:
        """Raises WrongPassword, BadPassword, OSError."""
        if not self._password.opens(given):
            raise WrongPassword("wrong password")
        self._forgive()
        return Entered()

    def _admin(self, name: str, given: str) -> Entered | None:
        """Raises WrongPassword, TooManyTries, Unavailable and whatever else the exchange refuses with."""
        with Client(self._home / SOCKET) as exchange:
            opened: dict[str, Any] = exchange.call("session.open", name=name, password=given, address=FROM)
            self._forgive()
            user, token = opened["user"], str(opened["token"])
            exchange.call("session.resume", token=token)
            if user["role"] != "admin":
                exchange.call("session.close")
                self._tell("login.not_admin", name=user["name"])
                return None
            if user["password"] != "own":  # noqa: S105
                token = self._choose_own(exchange, given)
        return Entered(user["name"], token)

    def _choose_own(self, exchange: Client, given: str) -> str:
        """Let who came with a one-time password choose their own; return the session's token from then on."""
        self._tell("login.one_time")
        while True:
            chosen = self._twice()
            if chosen is None:
                continue
            try:
                return str(exchange.call("own.password", password=chosen, former=given)["token"])
            except BusyhourError as error:
                if not error.code.startswith("password-"):
                    raise
                self._terminal.write(f"{error}\n")

    def _forgive(self) -> None:
        try:
            self._lockout.forgive()
        except OSError as error:
            self._terminal.write(f"{error}\n")

    def _choose(self) -> bool:
        """Let the first one in choose the console's password; whether there is any hope that it can be set."""
        self._tell("login.first")
        try:
            chosen = self._twice()
            if chosen is not None:
                self._password.set(chosen)
                self._tell("login.set")
        except EOFError:
            return False
        except (OSError, BadPassword) as error:
            self._terminal.write(f"{error}\n")
            return not isinstance(error, OSError)
        return True

    def _twice(self) -> str | None:
        return chosen_password(self._terminal, self._say)

    def _tell(self, key: str, **places: str) -> None:
        self._terminal.write(self._say(key, **places) + "\n")


def chosen_password(terminal: Terminal, say: Say) -> str | None:
    """Ask for a new password twice; None when the two differ. Raises EOFError for Ctrl-D, HangUp."""
    first = terminal.secret(say("login.new"))
    if first is None:
        raise EOFError
    if terminal.secret(say("login.again")) != first:
        terminal.write(say("login.different") + "\n")
        return None
    return first

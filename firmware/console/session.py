"""One technician's session: in by a password, then line after line until Ctrl-D, `exit`, hang-up or idleness."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from firmware import rules
from firmware.console import commands, configure
from firmware.console.candidate import Candidate
from firmware.console.editor import Editor
from firmware.console.grammar import Misspelt, Offer, Word, offer, parse, parts, split
from firmware.console.login import Entered, Login
from firmware.console.output import FILTERS, Output, through
from firmware.console.pager import page
from firmware.console.terminal import Terminal, printable
from firmware.console.words import Say
from firmware.control.client import SOCKET, TIMEOUT_S, Client
from firmware.errors import BusyhourError, Problem, SignedOut, Unavailable

GLANCE_S = 2.0  # completion does not wait long for the exchange


class Session:
    """What a command finds: the terminal, the words, the exchange, the candidate being edited if there is one."""

    def __init__(self, terminal: Terminal, home: Path, *, may_set_password: bool) -> None:
        self.terminal, self.home = terminal, home
        self.say = Say("en")
        self.candidate: Candidate | None = None
        self.who = Entered()
        self._may_set_password = may_set_password
        self._over = False

    @property
    def columns(self) -> int:
        """Return how wide the terminal is."""
        return self.terminal.size()[1]

    @property
    def roots(self) -> tuple[Word, ...]:
        """Return the words a line may begin with now."""
        return commands.ROOTS if self.candidate is None else configure.ROOTS

    @contextlib.contextmanager
    def exchange(self, timeout_s: float = TIMEOUT_S) -> Iterator[Client]:
        """Give a connection, anew each time: the exchange may have died and come back meanwhile. Raises Unavailable.

        It acts for whoever came in by name. Raises SignedOut when their session is over, by time or by somebody.
        """
        with Client(self.home / SOCKET, timeout_s) as exchange:
            if self.who.token:
                exchange.call("session.resume", token=self.who.token)
            yield exchange

    def ask(self, method: str, **params: Any) -> Any:
        """Return what the exchange answers; raises its errors, and Unavailable."""
        with self.exchange() as exchange:
            return exchange.call(method, **params)

    def glance(self, method: str) -> Any:
        """Return what the exchange answers at once, an empty list when it does not: for help, not for truth."""
        try:
            with self.exchange(GLANCE_S) as exchange:
                return exchange.call(method)
        except BusyhourError:
            return []

    def agrees(self, key: str, **places: str) -> bool:
        """Ask a question whose answer is y or anything else."""
        self.terminal.write(self.say(key, **places) + " [y/N] ")
        key_ = self.terminal.key()
        self.terminal.write(f"{printable(key_)}\n")
        return key_ in "yY"

    def leave(self) -> None:
        """End after this line."""
        self._over = True

    def run(self) -> None:
        """Serve to the end. Raises HangUp, EOFError."""
        who = Login(self.terminal, self.home, self.say, may_set=self._may_set_password).run()
        if who is None:
            return
        self.who = who
        try:
            self._serve()
        finally:
            self._sign_out()

    def _sign_out(self) -> None:
        if self.who.token:
            with contextlib.suppress(BusyhourError):  # it is over already, or ends by its own time
                self.ask("session.close")

    def _serve(self) -> None:
        editor = Editor(self.terminal, self._offer)
        self._tell(self.say("welcome"))
        while not self._over:
            try:
                line = editor.line("busyhour>" if self.candidate is None else "busyhour(config)#")
                self.carry_out(line)
            except KeyboardInterrupt:
                self._tell("^C")
            except EOFError:
                self.leave()
        self._tell(self.say("bye"))

    def carry_out(self, text: str) -> None:
        """Carry out a line and show its answer, or why not."""
        first, *filters = parts(split(text)[0])
        if not first and not filters:
            return
        try:
            run, arguments = parse(first, self.roots)
            output: Output | None = run(self, arguments)
            if output is not None:
                output = through(output, filters)
                self._show(output)
        except Misspelt as error:
            self._tell(self.say(error.key, **error.places))
        except SignedOut:
            self._tell(self.say("bye.signed_out"))
            self.leave()
        except BusyhourError as error:
            self._tell(self.reason(error))
        except OSError as error:
            self._tell(f"{error.filename or ''}: {error.strerror or error}".removeprefix(": "))

    def reason(self, error: BusyhourError) -> str:
        """Return why something was refused: every problem with path, value and what would be right."""
        if isinstance(error, Unavailable):
            return self.say("exchange.dead", why=str(error))
        problems: list[Problem] = getattr(error, "problems", None) or []
        return "\n".join(rules.told(one, self.say.language) for one in problems) or str(error)

    def _show(self, output: Output) -> None:
        lines = [printable(line) for line in output.lines()]
        if output.paged:
            page(self.terminal, lines)
        else:
            self.terminal.write("".join(f"{line}\n" for line in lines))

    def _tell(self, text: str) -> None:
        for line in text.split("\n"):
            self.terminal.write(printable(line) + "\n")

    def _offer(self, text: str) -> Offer | str:
        """Return what may come where the cursor is: words, arguments, or what may be done behind a bar."""
        tokens, _ = split(text)
        behind_bar = len(parts(tokens)) > 1
        try:
            return offer(text, FILTERS if behind_bar else self.roots, self, self.say)
        except Misspelt as error:
            return self.say(error.key, **error.places)
        except BusyhourError as error:
            return self.reason(error)



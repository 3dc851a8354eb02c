"""What a technician does when somebody is locked out, or the box changes hands: passwords and the factory state."""

from collections.abc import Iterator
from typing import Any

from firmware.console import programs
from firmware.console.login import chosen_password
from firmware.console.output import Output
from firmware.console.password import BadPassword, Password
from firmware.errors import Refused

SPELT = "ERASE"


def users(session: Any, before: list[str], begun: str) -> Iterator[tuple[str, str]]:
    """Yield the users with their roles."""
    for one in session.glance("user.list"):
        yield one["name"], one["role"]


def user(session: Any, arguments: list[str]) -> Output:
    """Give a user a new one-time password for the page."""
    given = session.ask("user.password", name=arguments[0])
    name, password = given["user"]["name"], given["password"]
    return Output({"name": name, "password": password}, [session.say("password.given", name=name, password=password)])


def console(session: Any, arguments: list[str]) -> Output:
    """Choose the console's own password."""
    try:
        chosen = chosen_password(session.terminal, session.say)
        if chosen is None:
            return Output({"set": False}, [])
        Password(session.home).set(chosen)
    except EOFError:
        return Output({"set": False}, [])
    except BadPassword as error:
        raise Refused(str(error)) from error
    return Output({"set": True}, [session.say("login.set")])


def factory(session: Any, arguments: list[str]) -> Output:
    """Have the supervisor erase everything, after two confirmations."""
    if not Password(session.home).is_set():
        raise Refused(session.say("factory.no_password"))
    counts = session.glance("status")
    calls = str(counts["calls"]) if counts else "?"
    left = Output({"reset": False}, [session.say("factory.left")])
    if not session.agrees("factory.erases", calls=calls):
        return left
    if session.terminal.ask(session.say("factory.spell", word=SPELT)) != SPELT:
        return left
    session.terminal.write(session.say("factory.begins") + "\n")
    session.terminal.drain()  # before the supervisor is asked: it ends this program too
    programs.factory_reset(session.home)
    session.leave()
    return Output({"reset": True})

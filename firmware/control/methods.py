"""The table of all that can be asked of the exchange: name, right and typed parameters of every method.

A noun is a class whose methods are marked with `@method("queue.list", Role.VIEWER)`. The parameters of a marked
method, with their annotations and defaults, are those of the request; one called `session` is given the asking session.
Whoever serves the table (the socket, later REST) needs nothing else.
"""

import inspect
from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple, TypeVar, get_type_hints

import msgspec

from firmware.config import shape
from firmware.errors import BadRequest, NotAllowed, NotFound


class Role(IntEnum):
    """What a session may do: everything up to its own role. A newcomer must choose a password first."""

    NEWCOMER = 0
    VIEWER = 1
    AGENT = 2
    SUPERVISOR = 3
    ADMIN = 4

    def __str__(self) -> str:
        """Return the name as it is written in requests."""
        return self.name.lower()


class Asker(msgspec.Struct):
    """Who asks: a name for the records, and the role; for somebody signed in also the session, and from where.

    `agent` is the number of the agent that a user is; whoever has none speaks for all.
    """

    who: str
    role: Role
    session: str = ""
    address: str = ""
    agent: str = ""


class Entry(NamedTuple):
    """One method: who may call it, the struct of its parameters, and what carries it out."""

    role: Role
    params: type[msgspec.Struct]
    wants_session: bool
    function: Callable[..., Any]


Function = TypeVar("Function", bound=Callable[..., Any])


def method(name: str, role: Role) -> Callable[[Function], Function]:
    """Mark a noun's method as one that can be asked for, from `role` up."""

    def mark(function: Function) -> Function:
        function.control_method = (name, role)  # type: ignore[attr-defined]
        return function

    return mark


class Methods:
    """All methods by name."""

    def __init__(self, *nouns: object) -> None:
        self._entries: dict[str, Entry] = {}
        for noun in nouns:
            self.add(noun)

    def add(self, noun: object) -> None:
        """Take in all marked methods of an object."""
        for _, function in inspect.getmembers(noun, inspect.ismethod):
            marked = getattr(function, "control_method", None)
            if marked is not None:
                name, role = marked
                if name in self._entries:
                    raise ValueError(f"method {name} is there twice")
                self._entries[name] = _entry(name, role, function)

    def names(self) -> list[str]:
        """Return the names of all methods."""
        return sorted(self._entries)

    def entry(self, name: str) -> Entry:
        """Return one method; raises NotFound."""
        try:
            return self._entries[name]
        except KeyError:
            raise NotFound(f"there is no method {name!r}; there are: {', '.join(self.names())}") from None

    def may(self, asker: Asker, name: str) -> Entry:
        """Return a method that somebody has a right to. Raises NotFound, NotAllowed."""
        entry = self.entry(name)
        need(asker, name, entry.role)
        return entry

    async def call(self, asker: Asker, name: str, params: Any) -> Any:
        """Carry out a method for somebody and return its result.

        Raises NotFound, NotAllowed, BadRequest with every wrong parameter, and whatever the method refuses with.
        """
        entry = self.may(asker, name)
        if problems := shape.problems(params, entry.params):
            raise BadRequest(problems=problems)
        given = msgspec.structs.asdict(msgspec.convert(params, entry.params))
        result = entry.function(session=asker, **given) if entry.wants_session else entry.function(**given)
        return await result if inspect.isawaitable(result) else result


def need(asker: Asker, what: str, role: Role) -> None:
    """Raise NotAllowed when somebody has less than a role."""
    if asker.role < role:
        raise NotAllowed(f"{what} needs the role {role}; {asker.who} has {asker.role}", needs=str(role))


def _entry(name: str, role: Role, function: Callable[..., Any]) -> Entry:
    hints = get_type_hints(function, include_extras=True)
    parameters = inspect.signature(function).parameters
    fields: list[Any] = []
    for key, parameter in parameters.items():
        if key == "session":
            continue
        if parameter.default is inspect.Parameter.empty:
            fields.append((key, hints[key]))
        else:
            fields.append((key, hints[key], parameter.default))
    params = msgspec.defstruct(name.replace(".", "_"), fields, kw_only=True, forbid_unknown_fields=True, frozen=True)
    return Entry(role, params, "session" in parameters, function)

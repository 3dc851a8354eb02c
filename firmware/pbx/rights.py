"""Who may call what outside: the rights and permissions of the extension that asks for a call."""

from firmware.calls.call import Call
from firmware.config import extensions
from firmware.config.destinations import destinations
from firmware.config.schema import Config, Outgoing
from firmware.reach import Distance, Reach

# How far each of the rights reaches
REACHES: dict[str, tuple[Distance, ...]] = {
    "internal": (),
    "local": (Distance.LOCAL,),
    "national": (Distance.LOCAL, Distance.NATIONAL),
    "international": (Distance.LOCAL, Distance.NATIONAL, Distance.INTERNATIONAL),
}


def asker(call: Call) -> str:
    """Return the extension that asks for a call outside, "" where a caller was sent out by the configuration.

    Of a transfer that is who transferred, of a consultation who asks: a stranger gets no further than the one who sends
    them.
    """
    by = call.sent_by.target if call.sent_by is not None else ""
    kind, _, number = (by or call.source).partition(":")
    return number if kind == "extension" else ""


def refusal(config: Config, extension: str, digits: str, rule: Outgoing, reach: Reach) -> str:
    """Return why the digits may not be called, "" if they may: `rights:international`, `permission:boss`, `unasked`.

    `extension` is who asks for it; without one, only what a route, menu or queue names goes out.
    """
    if not extension:
        named = any(destination == f"number:{digits}" for _, destination in destinations(config))
        return "" if named else "unasked"
    known = extensions.find(config, extension)
    if known is None or reach.distance not in REACHES[known.rights]:
        return f"rights:{reach.distance}"
    for permission in (reach.special, rule.permission):
        if permission and permission not in known.permissions:
            return f"permission:{permission}"
    return ""

"""Another name for an entry, and for it wherever the configuration names it."""

from collections.abc import Callable, Iterator
from typing import Any

# How a destination, a source or a way names an entry of a list: `queue:service`, `trunk:carrier`
KINDS = {"queues": "queue", "flows": "flow", "extensions": "extension", "lines": "line", "trunks": "trunk"}


def rename(document: dict[str, Any], noun: str, former: str, name: str) -> None:
    """Write `name` wherever a whole plain document names an entry of a list as `former`; the entry itself is left."""
    for holder, key in _places(document, noun):
        value = holder[key]
        if noun in ("agents", "hours") or (noun == "extensions" and key == "extension"):
            holder[key] = name if value == former else value
        elif value == f"{KINDS[noun]}:{former}":
            holder[key] = f"{KINDS[noun]}:{name}"


def _places(document: dict[str, Any], noun: str) -> Iterator[tuple[Any, Any]]:
    """Yield every value that may name an entry of a list, as what holds it and its key there."""
    if noun in ("queues", "flows", "extensions"):
        yield from _destinations(document)
    if noun == "extensions":
        yield from ((agent, "extension") for agent in document["agents"])
    if noun == "agents":
        yield from _each(document["queues"], lambda queue: queue["agents"])
    if noun == "hours":
        yield from ((route, "hours") for route in document["routes"])
        yield document["limits"], "hours"
    if noun in ("lines", "trunks"):
        yield from ((route, "source") for route in document["routes"])
        yield from _each(document["outgoing"], lambda rule: rule["via"])


def _destinations(document: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    for route in document["routes"]:
        yield from ((route, key) for key in ("to", "otherwise"))
    for flow in document["flows"]:
        yield flow, "no_key"
        yield from ((choice, "to") for choice in flow["keys"].values())
    yield from ((queue, "overflow") for queue in document["queues"])


def _each(entries: list[Any], of: Callable[[Any], list[Any]]) -> Iterator[tuple[Any, Any]]:
    for entry in entries:
        values = of(entry)
        yield from ((values, place) for place in range(len(values)))

"""Another name for an entry, and for it wherever the configuration names it."""

from collections.abc import Callable, Iterator
from typing import Any

# How a destination, a source or a way names an entry of a list: `queue:service`, `trunk:carrier`
KINDS = {
    "queues": "queue", "flows": "flow", "extensions": "extension", "lines": "line",
    "trunks": "trunk", "groups": "trunk",
}  # fmt: skip


def rename(document: dict[str, Any], noun: str, former: str, name: str) -> None:
    """Write `name` wherever a whole plain document names an entry of a list as `former`; the entry itself is left."""
    for holder, key in _bare(document, noun):
        holder[key] = name if holder[key] == former else holder[key]
    for holder, key in _with_kind(document, noun):
        if holder[key] == f"{KINDS[noun]}:{former}":
            holder[key] = f"{KINDS[noun]}:{name}"
    if noun == "spans":
        for holder, key in _each(document["groups"], lambda group: group["channels"]):
            number, colon, some = holder[key].partition(":")
            holder[key] = f"{name}{colon}{some}" if number == former else holder[key]


def _bare(document: dict[str, Any], noun: str) -> Iterator[tuple[Any, Any]]:
    """Yield every value that is an entry's name alone, since nothing else may be named there: holder and key."""
    if noun == "extensions":
        yield from ((agent, "extension") for agent in document["agents"])
    if noun == "groups":
        yield from ((extension, "group") for extension in document["extensions"])
    if noun == "agents":
        yield from _each(document["queues"], lambda queue: queue["agents"])
    if noun == "queues":
        yield from _each(document["dispositions"], lambda disposition: disposition["queues"])
    if noun == "hours":
        yield from ((route, "hours") for route in document["routes"])
        yield document["limits"], "hours"


def _with_kind(document: dict[str, Any], noun: str) -> Iterator[tuple[Any, Any]]:
    """Yield every value that names an entry with its kind, as `queue:service`: holder and key."""
    if noun in ("queues", "flows", "extensions"):
        yield from _destinations(document)
    if noun in ("lines", "trunks", "groups"):
        yield from ((route, "source") for route in document["routes"])
        yield from _each(document["outgoing"], lambda rule: rule["via"])


def _destinations(document: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    for route in document["routes"]:
        yield from ((route, key) for key in ("to", "otherwise"))
    for flow in document["flows"]:
        yield flow, "no_key"
        yield from ((choice, "to") for choice in flow["keys"].values())
    yield from ((queue, "overflow") for queue in document["queues"])
    yield document["box"], "fax"
    yield from ((line, "fax") for line in document["lines"])


def _each(entries: list[Any], of: Callable[[Any], list[Any]]) -> Iterator[tuple[Any, Any]]:
    for entry in entries:
        values = of(entry)
        yield from ((values, place) for place in range(len(values)))

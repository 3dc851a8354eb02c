"""A configuration being edited: values found and changed by path, by no other knowledge than the exchange's outline.

Paths are those of `busyhour config history`: `queues[service].acw_s`; entries are named as the box names them.
"""

import copy
import difflib
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from firmware.errors import BadRequest, Problem

HIDDEN = "***"
PATH = re.compile(r"[^.\[\]]+(\[[^\]]*\]|\.[^.\[\]]+)*\.?")
STEP = re.compile(r"\[([^\]]*)\]|\.?([^.\[\]]+)")
LAST = re.compile(r"^(.*?)([.\[]?)([^.\[\]]*)$", re.DOTALL)
ENTRY = re.compile(r"^(\w+)\[(\d+)\](.*)$", re.DOTALL)
Outline = dict[str, Any]
CONVERT: dict[str, Callable[[str], Any]] = {"boolean": lambda text: text == "true", "integer": int, "number": float}


class Place(NamedTuple):
    """Where a path leads: what is there, what holds it under which key, and its node of the outline."""

    value: Any
    holder: Any
    key: Any
    node: Outline


class Candidate:
    """A plain document made from revision `base`."""

    def __init__(self, shown: dict[str, Any], outline: Outline) -> None:
        self.base: int = shown["revision"]["number"]
        self.document: dict[str, Any] = shown["config"]
        self.outline = outline
        self._original = copy.deepcopy(self.document)

    @property
    def changed(self) -> bool:
        """Whether anything was edited."""
        return bool(self.document != self._original)

    def with_value(self, path: str, text: str) -> dict[str, Any]:
        """Return the document with a value set; entries that are not there yet are made. Raises BadRequest."""
        document = copy.deepcopy(self.document)
        place = find(document, self.outline, path, make=True)
        place.holder[place.key] = _value(path, text, place.node)
        return document

    def without(self, path: str) -> dict[str, Any]:
        """Return the document without a value, which then is its default, or without an entry. Raises BadRequest."""
        document = copy.deepcopy(self.document)
        place = find(document, self.outline, path)
        present = place.key < len(place.holder) if isinstance(place.holder, list) else place.key in place.holder
        if not present:
            raise _wrong(path, None, "it is not there already")
        del place.holder[place.key]
        return document


def find(document: Any, outline: Outline, path: str, *, make: bool = False) -> Place:
    """Return where a path leads. With `make`, what holds the value is there afterwards. Raises BadRequest."""
    place = Place(document, None, None, outline)
    if not PATH.fullmatch(path):
        raise _wrong(path, path, "a path such as queues[service].acw_s is right")
    for match in STEP.finditer(path):
        if make and place.holder is not None and place.value is None:
            place = place._replace(value=[] if place.node["kind"] == "list" else {})
            place.holder[place.key] = place.value
        kind, bracket, key = place.node["kind"], match[1], match[2]
        if kind == "list" and bracket is not None:
            place = _entry(place, bracket, path, make=make)
        elif kind == "object" and key is not None:
            place = _child(place, key, path)
        elif kind == "map" and key is not None:
            place = Place((place.value or {}).get(key), place.value, key, place.node["item"])
        else:
            raise _wrong(path, match.group(), _inside(place.node))
    return place


def _inside(node: Outline) -> str:
    rules = {"list": "an entry in brackets is right here", "object": "a key is right here: ", "map": "a key is right"}
    return rules.get(node["kind"], "nothing is inside this value") + ", ".join(node.get("keys", ()))


def _child(place: Place, key: str, path: str) -> Place:
    keys = place.node["keys"]
    if key not in keys:
        near = difflib.get_close_matches(key, keys, 1)
        rule = f"unknown key{f'; perhaps {near[0]}' if near else ''}; right are {', '.join(keys)}"
        raise _wrong(path, key, rule, "unknown-key", {"there": list(keys)})
    return Place((place.value or {}).get(key), place.value, key, keys[key])


def _entry(place: Place, name: str, path: str, *, make: bool) -> Place:
    entries, node = place.value or [], place.node["item"]
    identity = place.node.get("identity")
    if not identity:
        if not name.isascii() or not name.isdigit() or int(name) > len(entries):
            raise _wrong(path, name, f"a place from 0 to {len(entries)} is right")
        if make and int(name) == len(entries):
            entries.append({} if node["kind"] == "object" else None)
        return Place(entries[int(name)] if int(name) < len(entries) else None, entries, int(name), node)
    for index, entry in enumerate(entries):
        if str(entry.get(identity)) == name:
            return Place(entry, entries, index, node)
    if not make:
        there = ", ".join(str(entry.get(identity)) for entry in entries)
        raise _wrong(path, name, f"there is none; there is {there or 'nothing'}")
    entries.append({identity: _value(f"{path}.{identity}", name, node["keys"][identity])})
    return Place(entries[-1], entries, len(entries) - 1, node)


def _value(path: str, text: str, node: Outline) -> Any:
    kind, rule = node["kind"], node.get("rule", "")
    if node.get("nullable") and text == "none":
        return None
    if kind == "list" and node["item"]["kind"] not in ("object", "list", "map"):
        return [_value(f"{path}[{place}]", word, node["item"]) for place, word in enumerate(text.split())]
    if kind in ("object", "list", "map"):
        raise _wrong(path, text, "this holds more than one value; set them one by one: " + _inside(node))
    choices = node.get("choices")
    if choices and text not in choices:
        raise _wrong(path, text, f"{rule} is right", node.get("code", ""), node.get("facts"))
    try:
        return CONVERT.get(kind, str)(text)
    except ValueError:
        raise _wrong(path, text, f"{rule} is right", node.get("code", ""), node.get("facts")) from None


def paths(document: Any, outline: Outline, begun: str) -> Iterator[tuple[str, str]]:
    """Yield how a path that was begun may go on, up to its next step, and what is right there."""
    match = LAST.match(begun)
    base, separator = (match[1], match[2]) if match else ("", "")
    try:
        place = find(document, outline, base) if base else Place(document, None, None, outline)
    except BadRequest:
        return
    node = place.node
    if node["kind"] == "list" and separator == "[":
        identity, more = node.get("identity"), "." if node["item"]["kind"] == "object" else ""
        for index, entry in enumerate(place.value or []):
            name = entry.get(identity) if identity else index
            title = (entry.get("title") or entry.get("name") or "") if isinstance(entry, dict) else str(entry)
            yield f"{base}[{name}]{more}", str(title)
    elif node["kind"] in ("object", "map") and separator != "[":
        keys: dict[str, Outline] = node.get("keys") or dict.fromkeys(
            [*(place.value or {}), *node.get("choices", ())], node.get("item", {})
        )
        for key, child in keys.items():
            more = {"object": ".", "map": "."}.get(child["kind"], "")
            if child["kind"] == "list" and child["item"]["kind"] == "object":
                more = "["
            yield (f"{base}.{key}" if base else key) + more, child.get("rule", "")


def flat(value: Any, node: Outline, path: str = "") -> Iterator[str]:
    """Yield a document, or a part, as lines `path = value`, in its own order."""
    kind = node["kind"]
    if kind in ("object", "map") and value:
        for key, one in value.items():
            child = node["keys"].get(key) if kind == "object" else node["item"]
            yield from flat(one, child or {"kind": "text"}, f"{path}.{key}" if path else key)
    elif kind == "list" and node["item"]["kind"] == "object" and value:
        for index, entry in enumerate(value):
            name = entry.get(node["identity"], index) if node.get("identity") else index
            yield from flat(entry, node["item"], f"{path}[{name}]")
    else:
        yield f"{path} = {HIDDEN if path.endswith('.secret') and value else shown(value)}"


def shown(value: Any) -> str:
    """Return a value as `set` takes it."""
    if isinstance(value, list | dict):
        return " ".join(shown(one) for one in value) or '""'
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value) or '""'


def named(document: Any, outline: Outline, problem: Problem) -> Problem:
    """Return a problem whose path names the entry as this console does: by name or number, not by its place."""
    match = ENTRY.match(problem.path)
    if match is None:
        return problem
    noun, index, rest = match[1], int(match[2]), match[3]
    identity, entries = outline["keys"].get(noun, {}).get("identity"), document.get(noun) or []
    if not identity or index >= len(entries) or identity not in entries[index]:
        return problem
    return msgspec.structs.replace(problem, path=f"{noun}[{entries[index][identity]}]{rest}")


def _wrong(path: str, value: Any, rule: str, code: str = "", facts: dict[str, Any] | None = None) -> BadRequest:
    shown = HIDDEN if path.endswith(".secret") and value else value
    return BadRequest(problems=[Problem(path, shown, rule, code, facts or {})])

"""From a plain document to typed structs: every value that does not fit is named, not only the first."""

import difflib
import types
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from firmware.errors import Problem

MOST = 100  # problems told at once; who has more has brought the wrong file
HIDDEN = "***"  # stands for a secret in whatever is shown
SECRETS = ("secret", "password", "former", "token")  # keys whose values are never told again


def problems(document: Any, kind: Any, path: str = "") -> list[Problem]:
    """Return what keeps a document from being a `kind` (a struct class or any annotation); empty when it is one."""
    found: list[Problem] = []
    for problem in _walk(document, kind, path):
        found.append(problem)
        if len(found) == MOST:
            break
    return found


class Rule(NamedTuple):
    """What values an annotation allows: in words, and as a stable code with the facts that fill it."""

    text: str
    code: str
    facts: dict[str, Any] = {}


def describe(kind: Any) -> str:
    """Return in words what values an annotation allows: `a whole number from 1 to 960`."""
    return rule(kind).text


def rule(kind: Any) -> Rule:
    """Return what values an annotation allows; a field that describes itself brings its code in its Meta's extra."""
    kind, metas = _peel(kind)
    for meta in reversed(metas):
        if meta.description:
            facts = dict(meta.extra or {})
            named = facts.pop("code", "") or {int: "whole-number", float: "number"}.get(kind, "")
            return Rule(meta.description, named, facts or _bounds(metas))
    origin = get_origin(kind)
    if origin is Literal:
        there = [str(value) for value in get_args(kind)]
        return Rule("one of " + ", ".join(there), "one-of", {"there": there})
    if origin in (Union, types.UnionType):
        some = [rule(one) for one in get_args(kind)]
        return some[0]._replace(text=" or ".join(one.text for one in some))
    if kind is type(None):
        return Rule("null", "null")
    if origin is list or kind is list:
        return Rule("a list" + ("" if not metas else _length(metas, "entries")), "list")
    if kind in (int, float):
        text = "a whole number" if kind is int else "a number"
        return Rule(text + _range(metas), text.removeprefix("a ").replace(" ", "-"), _bounds(metas))
    if kind is bool:
        return Rule("true or false", "boolean")
    if kind is str:
        return Rule("text" + _length(metas), "text", _bounds(metas))
    return Rule("an object with keys", "object")


def key_path(path: str, key: str) -> str:
    """Return the path of a key within the object at `path`."""
    if not key.isprintable() or not key or set(key) & set('.[]" '):
        return f"{path}[{msgspec.json.encode(key).decode()}]"
    return f"{path}.{key}" if path else key


def _walk(value: Any, kind: Any, path: str) -> Iterator[Problem]:
    bare, _ = _peel(kind)
    origin = get_origin(bare)
    if isinstance(value, dict) and (whole := _struct_or_none(bare)):
        yield from _walk_struct(value, whole, path)
    elif isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        yield from _walk_struct(value, bare, path)
    elif origin is list and isinstance(value, list):
        (item,) = get_args(bare)
        before = _gather(_walk(one, item, f"{path}[{index}]") for index, one in enumerate(value))
        yield from before
        if not before:
            yield from _leaf(value, kind, path)
    elif origin is dict and isinstance(value, dict):
        key_kind, value_kind = get_args(bare)
        for key, one in value.items():
            if not _fits(key, key_kind):
                right = rule(key_kind)
                yield Problem(
                    key_path(path, key), key, f"{right.text} is right for a key here", right.code, right.facts
                )
            yield from _walk(one, value_kind, key_path(path, key))
    else:
        yield from _leaf(value, kind, path)


def _struct_or_none(kind: Any) -> type[msgspec.Struct] | None:
    """Return the struct of an annotation that allows it or nothing."""
    if get_origin(kind) not in (Union, types.UnionType):
        return None
    some = [one for one in get_args(kind) if one is not type(None)]
    return some[0] if len(some) == 1 and isinstance(some[0], type) and issubclass(some[0], msgspec.Struct) else None


def _walk_struct(value: Any, kind: type[msgspec.Struct], path: str) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield Problem(path or "document", value, "an object with keys is right", "object")
        return
    hints = _hints(kind)
    for key, one in value.items():
        if key in hints:
            yield from _walk(one, hints[key], key_path(path, key))
        else:
            near = difflib.get_close_matches(key, hints, 1)
            meant = f"; perhaps {near[0]}" if near else ""
            shown = HIDDEN if key in SECRETS else one
            known = f"unknown key{meant}; right are {', '.join(hints)}"
            yield Problem(key_path(path, key), shown, known, "unknown-key", {"there": list(hints)})
    for field in msgspec.structs.fields(kind):
        if field.required and field.name not in value:
            right = f"missing; {describe(hints[field.name])} is right"
            yield Problem(key_path(path, field.name), None, right, "missing")


def _leaf(value: Any, kind: Any, path: str) -> Iterator[Problem]:
    if not _fits(value, kind):
        shown = HIDDEN if path.rpartition(".")[2] in SECRETS else value
        right = rule(kind)
        yield Problem(path or "document", shown, f"{right.text} is right", right.code, right.facts)


def _fits(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def _gather(walks: Iterator[Iterator[Problem]]) -> list[Problem]:
    found: list[Problem] = []
    for walk in walks:
        found.extend(walk)
        if len(found) >= MOST:
            break
    return found


@cache
def _hints(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _peel(kind: Any) -> tuple[Any, list[Meta]]:
    metas: list[Meta] = []
    while get_origin(kind) is Annotated:
        kind, *more = get_args(kind)
        metas = [*more, *metas]
    return kind, metas


def _bounds(metas: list[Meta]) -> dict[str, Any]:
    """Return the least and the most: of a number, or of characters."""
    found: dict[str, Any] = {}
    for meta in metas:
        least = meta.ge if meta.ge is not None else meta.min_length
        most = meta.le if meta.le is not None else meta.max_length
        found |= {name: value for name, value in (("least", least), ("most", most)) if value is not None}
    return found


def _range(metas: list[Meta]) -> str:
    low = next((meta.ge for meta in metas if meta.ge is not None), None)
    high = next((meta.le for meta in metas if meta.le is not None), None)
    if low is not None and high is not None:
        return f" from {low} to {high}"
    return f" of at least {low}" if low is not None else f" up to {high}" if high is not None else ""


def _length(metas: list[Meta], of: str = "characters") -> str:
    low = next((meta.min_length for meta in metas if meta.min_length is not None), None)
    high = next((meta.max_length for meta in metas if meta.max_length is not None), None)
    return (f" of at least {low}" if low else "") + (f" up to {high} {of}" if high else "")

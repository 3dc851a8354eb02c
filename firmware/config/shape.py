"""From a plain document to typed structs: every value that does not fit is named, not only the first."""

import difflib
import types
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

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


def describe(kind: Any) -> str:
    """Return in words what values an annotation allows: `a whole number from 1 to 960`."""
    kind, metas = _peel(kind)
    for meta in reversed(metas):
        if meta.description:
            return meta.description
    origin = get_origin(kind)
    if origin is Literal:
        return "one of " + ", ".join(str(value) for value in get_args(kind))
    if origin in (Union, types.UnionType):
        return " or ".join(describe(one) for one in get_args(kind))
    if kind is type(None):
        return "null"
    if origin is list or kind is list:
        return "a list" + ("" if not metas else _length(metas))
    if kind in (int, float):
        return ("a whole number" if kind is int else "a number") + _range(metas)
    if kind is bool:
        return "true or false"
    if kind is str:
        return "text" + _length(metas)
    return "an object with keys"


def key_path(path: str, key: str) -> str:
    """Return the path of a key within the object at `path`."""
    if not key.isprintable() or not key or set(key) & set('.[]" '):
        return f"{path}[{msgspec.json.encode(key).decode()}]"
    return f"{path}.{key}" if path else key


def _walk(value: Any, kind: Any, path: str) -> Iterator[Problem]:
    bare, _ = _peel(kind)
    origin = get_origin(bare)
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
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
                yield Problem(key_path(path, key), key, f"{describe(key_kind)} is right for a key here")
            yield from _walk(one, value_kind, key_path(path, key))
    else:
        yield from _leaf(value, kind, path)


def _walk_struct(value: Any, kind: type[msgspec.Struct], path: str) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield Problem(path or "document", value, "an object with keys is right")
        return
    hints = _hints(kind)
    for key, one in value.items():
        if key in hints:
            yield from _walk(one, hints[key], key_path(path, key))
        else:
            near = difflib.get_close_matches(key, hints, 1)
            meant = f"; perhaps {near[0]}" if near else ""
            yield Problem(key_path(path, key), one, f"unknown key{meant}; right are {', '.join(hints)}")
    for field in msgspec.structs.fields(kind):
        if field.required and field.name not in value:
            yield Problem(key_path(path, field.name), None, f"missing; {describe(hints[field.name])} is right")


def _leaf(value: Any, kind: Any, path: str) -> Iterator[Problem]:
    if not _fits(value, kind):
        shown = HIDDEN if path.rpartition(".")[2] in SECRETS else value
        yield Problem(path or "document", shown, f"{describe(kind)} is right")


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


def _range(metas: list[Meta]) -> str:
    low = next((meta.ge for meta in metas if meta.ge is not None), None)
    high = next((meta.le for meta in metas if meta.le is not None), None)
    if low is not None and high is not None:
        return f" from {low} to {high}"
    return f" of at least {low}" if low is not None else f" up to {high}" if high is not None else ""


def _length(metas: list[Meta]) -> str:
    low = next((meta.min_length for meta in metas if meta.min_length is not None), None)
    high = next((meta.max_length for meta in metas if meta.max_length is not None), None)
    return (f" of at least {low}" if low else "") + (f" up to {high} characters" if high else "")

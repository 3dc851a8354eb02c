"""One configuration's changes carried over to another one: two people's edits joined, value by value."""

from typing import Any, NamedTuple

from firmware.config.numbering import IDENTITIES
from firmware.config.shape import key_path

GONE: Any = object()  # stands for a key or an entry that is not there


class Merged(NamedTuple):
    """A plain document with both sides' changes, and the paths that both changed, each in another way: `mine` won."""

    document: dict[str, Any]
    conflicts: list[str]


def merge(base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]) -> Merged:
    """Return `theirs` with what `mine` changed since `base`.

    Entries of the lists of nouns are known by name or number; where they stand follows `mine` if it changed the order.
    """
    conflicts: list[str] = []
    document = _merge(base, mine, theirs, "", conflicts)
    return Merged(document, conflicts)


def _merge(base: Any, mine: Any, theirs: Any, path: str, conflicts: list[str]) -> Any:
    if mine in (base, theirs):
        return theirs
    if theirs == base:
        return mine
    if path in IDENTITIES:
        return _merge_entries(path, base, mine, theirs, conflicts)
    if isinstance(mine, dict) and isinstance(theirs, dict):
        before = base if isinstance(base, dict) else {}
        keys = [*theirs, *(key for key in mine if key not in theirs)]
        found = {
            key: _merge(
                before.get(key, GONE), mine.get(key, GONE), theirs.get(key, GONE), key_path(path, key), conflicts
            )
            for key in keys
        }
        return {key: one for key, one in found.items() if one is not GONE}
    conflicts.append(path)
    return mine


def _merge_entries(
    noun: str, base: list[Any], mine: list[Any], theirs: list[Any], conflicts: list[str]
) -> list[dict[str, Any]]:
    old, own, other = ({entry[IDENTITIES[noun]]: entry for entry in entries} for entries in (base, mine, theirs))
    # Their order, unless ours is another one than it was; what only one side has stands after what it stood after there
    mine_moved = [key for key in old if key in own] != [key for key in own if key in old]
    first, second = (own, other) if mine_moved else (other, own)
    order = list(first)
    for place, key in enumerate(second):
        if key not in first:
            before = list(second)[place - 1] if place else None
            order.insert(order.index(before) + 1 if before in order else 0, key)
    found = [
        _merge(old.get(key, GONE), own.get(key, GONE), other.get(key, GONE), f"{noun}[{key}]", conflicts)
        for key in order
    ]
    return [entry for entry in found if entry is not GONE]

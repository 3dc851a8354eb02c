"""One entry of a configuration put in, renamed or taken out: in a plain document whose shape is right."""

import copy
from collections.abc import Mapping
from typing import Any

from firmware.config.numbering import IDENTITIES
from firmware.config.rename import rename
from firmware.config.vault import SECRETIVE, WITH_SECRETS
from firmware.errors import BadRequest, Exists, NotFound


def within(document: dict[str, Any], noun: str, name: str) -> Any:
    """Return what an editor sees of a noun, or of an entry of its list: all but its secret; None for a new one."""
    if noun in IDENTITIES and not name:
        return None
    seen = document[noun][place_of(document[noun], noun, name)] if noun in IDENTITIES else document[noun]
    return {key: value for key, value in seen.items() if key != "secret"}


def with_entry(
    document: dict[str, Any], noun: str, name: str, value: Any, secrets: Mapping[tuple[str, str], str]
) -> str:
    """Put a noun, or an entry of its list, in a document, and return its path there.

    `name` is the entry's name until now, "" for a new one; a new name is written wherever the former one stood.
    `secrets` are those in force, by noun and name: one that was not typed anew goes with the entry to its new name.
    Raises Exists, NotFound, BadRequest.
    """
    if noun not in IDENTITIES:
        kept = document[noun].get("secret") if noun in SECRETIVE and isinstance(value, dict) else None
        document[noun] = {"secret": kept} | value if kept and not value.get("secret") else value
        return noun
    if not isinstance(value, dict):
        raise BadRequest(f"an entry of {noun} is an object with keys")
    entries, new = document[noun], str(value.get(IDENTITIES[noun], ""))
    if new != name and any(str(entry[IDENTITIES[noun]]) == new for entry in entries):
        raise Exists(f"there is an entry {new} of {noun} already", noun=noun, name=new)
    if not name:
        entries.append(value)
        return f"{noun}[{len(entries) - 1}]"
    place = place_of(entries, noun, name)
    if noun in WITH_SECRETS and not value.get("secret"):
        kept = entries[place].get("secret") or (secrets.get((noun, name)) if new != name else "")
        value = value | {"secret": kept or ""}
    entries[place] = value
    if new != name:
        rename(document, noun, name, new)
    return f"{noun}[{place}]"


def removed(document: dict[str, Any], noun: str, name: str) -> dict[str, Any]:
    """Return a document without an entry. Raises NotFound."""
    changed = copy.deepcopy(document)
    del changed[noun][place_of(changed[noun], noun, name)]
    return changed


def place_of(entries: list[dict[str, Any]], noun: str, name: str) -> int:
    """Return the place of an entry in its list. Raises NotFound."""
    for place, entry in enumerate(entries):
        if str(entry[IDENTITIES[noun]]) == name:
            return place
    raise NotFound(f"there is no entry {name} of {noun}", noun=noun, name=name)

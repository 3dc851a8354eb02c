"""What is different between two configurations, in words."""

from collections.abc import Iterator
from typing import Any

import msgspec

from firmware.config.numbering import IDENTITIES
from firmware.config.schema import Config
from firmware.config.shape import HIDDEN, key_path


class Difference(msgspec.Struct, frozen=True):
    """One value that changed; `before` or `after` is null where the thing was not there. Secrets are never shown."""

    path: str
    before: Any
    after: Any

    def __str__(self) -> str:
        """Return it as one line for a person."""
        if self.before is None:
            return f"{self.path}: new" + ("" if isinstance(self.after, dict) else f", {_shown(self.after)}")
        if self.after is None:
            return f"{self.path}: gone"
        return f"{self.path}: {_shown(self.before)} -> {_shown(self.after)}"


def differences(before: Config, after: Config) -> list[Difference]:
    """Return what changed, in the order of the configuration; entries of lists are known by name or number."""
    return list(_differences(msgspec.to_builtins(before), msgspec.to_builtins(after), ""))


def _differences(before: Any, after: Any, path: str) -> Iterator[Difference]:
    if before == after:
        return
    if path in IDENTITIES:
        yield from _of_list(path, before, after)
    elif isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from _differences(before.get(key), after.get(key), key_path(path, key))
    elif path.endswith(".secret"):
        yield Difference(path, HIDDEN, HIDDEN)
    else:
        yield Difference(path, _bare(before), _bare(after))


def _of_list(noun: str, before: list[Any], after: list[Any]) -> Iterator[Difference]:
    identity = IDENTITIES[noun]
    old = {entry[identity]: entry for entry in before}
    new = {entry[identity]: entry for entry in after}
    for key in [*old, *(key for key in new if key not in old)]:
        yield from _differences(old.get(key), new.get(key), f"{noun}[{key}]")
    old_order, new_order = [key for key in old if key in new], [key for key in new if key in old]
    if old_order != new_order:
        yield Difference(f"order of {noun}", old_order, new_order)


def _bare(value: Any) -> Any:
    return value | {"secret": HIDDEN} if isinstance(value, dict) and value.get("secret") else value


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return msgspec.json.encode(value).decode() if value != "" else "nothing"

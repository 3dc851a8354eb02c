"""The shape of a configuration as plain data, for editors that know nothing of ours: keys, kinds, rules."""

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from firmware.config.numbering import IDENTITIES
from firmware.config.schema import Config
from firmware.config.shape import rule


class Node(msgspec.Struct, frozen=True, omit_defaults=True):
    """What may stand at a place.

    `kind` is object (with `keys`), list (of `item`), map (from keys by `rule` to `item`), or a value's: text, integer,
    number, boolean. `rule` says in words what is right, `code` and `facts` say it as a Problem does, `choices` lists it
    where it can be listed. `identity` is the key by which entries of a list are known, `nullable` allows null.
    `default` is what holds where the key is left out, if it may be.
    """

    kind: str
    rule: str = ""
    code: str = ""
    facts: dict[str, Any] = {}
    keys: dict[str, "Node"] = {}
    item: "Node | None" = None
    identity: str = ""
    choices: list[str] = []
    nullable: bool = False
    default: Any = None


def outline() -> Node:
    """Return the shape of a whole configuration."""
    return _node(Config, "")


def _node(kind: Any, path: str) -> Node:
    bare = kind
    while get_origin(bare) is Annotated:
        bare = get_args(bare)[0]
    origin = get_origin(bare)
    if origin in (Union, types.UnionType):
        (some,) = (one for one in get_args(bare) if one is not type(None))
        return msgspec.structs.replace(_node(some, path), nullable=True)
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        hints = get_type_hints(bare, include_extras=True)
        keys = {key: _node(hints[key], f"{path}.{key}" if path else key) for key in bare.__struct_fields__}
        for field in msgspec.structs.fields(bare):
            if not field.required:
                default = field.default_factory() if field.default is msgspec.NODEFAULT else field.default
                keys[field.name] = msgspec.structs.replace(keys[field.name], default=msgspec.to_builtins(default))
        return Node("object", keys=keys)
    if origin is list:
        return _ruled("list", kind, item=_node(get_args(bare)[0], path), identity=IDENTITIES.get(path, ""))
    if origin is dict:
        key, value = get_args(bare)
        names = [str(one) for one in get_args(key)] if get_origin(key) is Literal else []
        return _ruled("map", key, item=_node(value, path), choices=names)
    choices = list(get_args(bare)) if origin is Literal else ["true", "false"] if bare is bool else []
    return _ruled({bool: "boolean", int: "integer", float: "number"}.get(bare, "text"), kind, choices=choices)


def _ruled(name: str, kind: Any, **more: Any) -> Node:
    text, code, facts = rule(kind)
    return Node(name, text, code, facts, **more)

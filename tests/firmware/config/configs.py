"""Configurations for tests: any document whose shape is right, made from the schema itself."""

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import strategies as st

SOME_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)


def documents(kind: Any, constraints: tuple[msgspec.Meta, ...] = ()) -> st.SearchStrategy[Any]:
    """Return a strategy for plain values that an annotation of the schema allows."""
    origin = get_origin(kind)
    if origin is Annotated:
        inner, *metas = get_args(kind)
        return documents(inner, tuple(metas))
    if origin is Literal:
        return st.sampled_from(get_args(kind))
    if origin in (Union, types.UnionType):
        return st.one_of(*(documents(one) for one in get_args(kind)))
    if origin is list:
        least = max((meta.min_length or 0 for meta in constraints), default=0)
        return st.lists(documents(*get_args(kind)), min_size=least, max_size=3)
    if origin is dict:
        key, value = get_args(kind)
        return st.dictionaries(documents(key), documents(value), max_size=3)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = get_type_hints(kind, include_extras=True)
        fields = msgspec.structs.fields(kind)
        return st.fixed_dictionaries(
            {field.name: documents(hints[field.name]) for field in fields if field.required},
            optional={field.name: documents(hints[field.name]) for field in fields if not field.required},
        )
    low = next((meta.ge for meta in constraints if meta.ge is not None), 0)
    high = next((meta.le for meta in constraints if meta.le is not None), 1000)
    if kind is str:
        pattern = next((meta.pattern for meta in constraints if meta.pattern), None)
        longest = next((meta.max_length for meta in constraints if meta.max_length), 12)
        return st.from_regex(pattern) if pattern else SOME_TEXT.map(lambda text: text[:longest])
    return {
        int: st.integers(low, high),
        float: st.floats(low, high, allow_nan=False),
        bool: st.booleans(),
        type(None): st.none(),
    }[kind]

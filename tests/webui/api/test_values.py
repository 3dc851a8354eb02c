"""From text to values."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webui.api.problem import Trouble
from webui.api.values import DEEPEST, parsed, value_of

NUMBER = {"type": "number"}
WHOLE = {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]}


@pytest.mark.parametrize(
    ("text", "schema", "value"),
    [
        ("12", WHOLE, 12), ("-3", {"type": "integer"}, -3), ("1.5", NUMBER, 1.5), ("7", NUMBER, 7.0),
        ("true", {"type": "boolean"}, True), ("false", {"type": "boolean"}, False),
        ("201", {"type": "string"}, "201"), ("viewer", {"enum": ["viewer"]}, "viewer"), ("12", {}, "12"),
    ],
)  # fmt: skip
def test_a_text_becomes_what_is_asked_for(text, schema, value):
    assert value_of(text, schema) == value
    assert type(value_of(text, schema)) is type(value)


@pytest.mark.parametrize("text", ["", " 1", "1_0", "١", "0x1", "1e3", "+1", "9" * 16, "1\n", "True", "inf", "nan"])
def test_what_is_no_number_stays_a_text_and_is_refused_as_one(text):
    for schema in (WHOLE, {"type": "boolean"}, NUMBER):
        assert value_of(text, schema) == text


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(
    st.characters(exclude_categories=["Cs"])), lambda inner: st.lists(inner) | st.dictionaries(st.text(
        st.characters(exclude_categories=["Cs"])), inner), max_leaves=8))  # fmt: skip
def test_every_document_of_json_is_read_as_it_is(document):
    assert parsed(json.dumps(document).encode()) == document


@given(st.binary(max_size=60))
def test_no_bytes_whatever_do_more_than_be_refused(data):
    with contextlib.suppress(Trouble):
        parsed(data)


def test_depth_is_counted_exactly():
    assert parsed(b"[" * DEEPEST + b"]" * DEEPEST)
    with pytest.raises(Trouble):
        parsed(b"[" * (DEEPEST + 1) + b"1" + b"]" * (DEEPEST + 1))

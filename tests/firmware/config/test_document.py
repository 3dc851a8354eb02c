"""JSON is read so that nothing is lost or taken for something else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.config.document import LARGEST_BYTES, read, write
from firmware.errors import BadConfig

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(st.characters(exclude_categories=("Cs",))), inside),
    max_leaves=10,
)


@given(VALUES)
def test_what_is_written_is_read_again(value):
    assert read(write(value).encode()) == value


@pytest.mark.parametrize(
    ("text", "path", "said"),
    [
        (b'{"box": {"name": "a", "name": "b"}}', "ours.json: name", "each key once"),
        (b'{\n "box": oops}', "ours.json", "line 2, column 9"),
        (b'{"box": {', "ours.json", "line 1, column 10"),
        (b"", "ours.json", "JSON is right"),
        (b'{"box": "\xff"}', "ours.json", "UTF-8 is right; byte 9"),
        (b'{"wait": NaN}', "ours.json", "JSON is right"),
        (b'{"wait": Infinity}', "ours.json", "JSON is right"),
        (b'{"name": "\\ud800"}', "ours.json", "JSON is right"),
        (b"[" * 100_000, "ours.json", "nested too deep"),
        (b"[" + b"9" * 10_000 + b"]", "ours.json", "JSON is right"),
        (b" " * (LARGEST_BYTES + 1), "ours.json", f"up to {LARGEST_BYTES} bytes"),
    ],
)
def test_what_is_no_document_is_refused_with_its_place(text, path, said):
    with pytest.raises(BadConfig) as refused:
        read(text, "ours.json")
    (problem,) = refused.value.problems
    assert problem.path == path
    assert said in problem.rule


def test_a_byte_order_mark_does_no_harm():
    assert read(b"\xef\xbb\xbf{}") == {}


def test_chinese_stays_readable():
    assert "客户服务" in write({"title": "客户服务"})

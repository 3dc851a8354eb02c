"""The shape of a document agrees with the schema, and every place that does not fit is named."""

import copy

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware.config import factory, shape
from firmware.config.schema import Config
from tests.examples import examples
from tests.firmware.config.configs import documents

CONFIGS = documents(Config)
BROKEN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=5),
    st.just([]),
    st.just({}),
    st.just([[]]),
    st.just({"x": 1}),
    st.just("201\n"),
    st.just("*" * 99),
)


def places(value, path=()):
    """Yield where every value within a document lies."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from places(one, (*path, key))


def with_value(document, path, value):
    changed = copy.deepcopy(document)
    inside = changed
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    return changed


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=examples(60))
@given(CONFIGS)
def test_every_document_of_the_schema_has_no_problem_of_shape_and_comes_back_as_it_was(document):
    assert shape.problems(document, Config) == []
    config = msgspec.convert(document, Config)
    assert msgspec.convert(msgspec.to_builtins(config), Config) == config
    assert msgspec.json.decode(msgspec.json.encode(config), type=Config) == config


@settings(deadline=None, max_examples=examples(150))
@given(st.data())
def test_problems_are_found_exactly_where_the_schema_does_not_fit(data):
    document = msgspec.to_builtins(factory.build())
    path = data.draw(st.sampled_from([path for path in places(document) if path]))
    document = with_value(document, path, data.draw(BROKEN))
    try:
        msgspec.convert(document, Config)
        fits = True
    except msgspec.ValidationError:
        fits = False
    assert (shape.problems(document, Config) == []) == fits


@given(
    st.recursive(BROKEN, lambda inside: st.lists(inside) | st.dictionaries(st.text(max_size=8), inside), max_leaves=8)
)
def test_any_rubbish_is_told_in_words(document):
    for problem in shape.problems(document, Config):
        assert problem.path
        assert str(problem)


@pytest.mark.parametrize(
    ("path", "key", "right"),
    [
        ("", "box", "box"),
        ("box", "name", "box.name"),
        ("flows[0].keys", "*", "flows[0].keys.*"),
        ("box", "a.b", 'box["a.b"]'),
        ("box", "", 'box[""]'),
        ("box", "x\n", 'box["x\\n"]'),
    ],
)
def test_a_path_can_be_read_whatever_the_key(path, key, right):
    assert shape.key_path(path, key) == right

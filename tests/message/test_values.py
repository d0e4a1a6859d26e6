import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.message import copy_json, excerpt, same_json

_leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
_json = st.recursive(_leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
_anything = st.recursive(
    _leaves | st.binary() | st.floats() | st.datetimes() | st.just(object),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text() | st.integers(), inner),
)


@pytest.mark.parametrize(
    ("one", "other"), [(1, True), (0, False), ([1], [True]), ({"a": 0}, {"a": False}), ("1", 1), (None, 0), ([], {})]
)
def test_same_json_keeps_types_apart(one: Any, other: Any) -> None:
    assert not same_json(one, other)
    assert not same_json(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, 1.0), (float("nan"), float("nan")), ([1, (2,)], [1.0, [2]]), ({"a": 1, "b": 2}, {"b": 2, "a": 1})],
)
def test_same_json_takes_numbers_and_lists_as_json_does(one: Any, other: Any) -> None:
    assert same_json(one, other)


@given(_json)
def test_same_json_agrees_with_what_is_written(value: Any) -> None:
    assert same_json(value, json.loads(json.dumps(value)))


@given(_json)
def test_copy_json_is_the_same_and_shares_nothing_that_can_change(value: Any) -> None:
    copied = copy_json(value)
    assert same_json(copied, value)
    if isinstance(value, (list, dict)):
        assert copied is not value


def test_copy_json_copies_at_every_depth() -> None:
    original = {"a": [{"b": 1}], "c": bytearray(b"x")}
    copied = copy_json(original)
    copied["a"][0]["b"] = 2
    assert original["a"] == [{"b": 1}]
    assert copied["c"] == b"x"


@given(_anything, st.integers(20, 300))
def test_excerpt_is_json_and_small(value: Any, size: int) -> None:
    shown = orjson.dumps(excerpt(value, size), option=orjson.OPT_PASSTHROUGH_DATETIME)
    # Escapes and brackets come on top; what counts is that it does not grow with the value.
    assert len(shown) < 12 * size + 600


def test_excerpt_shows_small_values_as_they_are() -> None:
    value = {"a": [1, 2.5, None, True, "x"]}
    assert excerpt(value) == value


def test_excerpt_cuts_what_nests_deeply() -> None:
    value: Any = 1
    for _ in range(1_000):
        value = [value]
    assert len(json.dumps(excerpt(value))) < 100


def test_excerpt_says_how_much_it_left_out() -> None:
    assert excerpt(list(range(100)), 20) == [0, 1, 2, "… 97 more"]
    assert excerpt({str(number): number for number in range(100)}, 20) == {"0": 0, "1": 1, "…": "98 more"}
    assert excerpt(b"\x00" * 100, 20)["bytes"] == 100

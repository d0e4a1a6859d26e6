import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.expressions import MISSING
from flowengine.testing.matching import compare, compare_message, faults, given_value

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_characters="$", exclude_categories=["Cs"])), inner)
    ),
    max_leaves=8,
)


def differences(expected: Any, got: Any) -> list[str]:
    return [str(one) for one in compare(expected, got, "it")]


@given(JSON)
def test_value_is_like_itself(value: Any) -> None:
    assert not differences(value, value)
    assert not differences({"$exact": value}, value)
    assert not list(faults(value))


@given(JSON, JSON)
def test_value_is_unlike_any_other(one: Any, other: Any) -> None:
    assert bool(differences(one, other)) == bool(differences({"$exact": one}, other))
    assert bool(differences(one, other)) == bool(differences(other, one))


@given(JSON)
def test_value_is_unlike_nothing(value: Any) -> None:
    assert differences(value, MISSING)
    assert differences({"$exact": value}, MISSING)


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        ({"$any": True}, None),
        ({"$type": "number"}, 1.5),
        ({"$type": "integer"}, 1),
        ({"$type": "text"}, ""),
        ({"$type": "boolean"}, False),
        ({"$type": "object"}, {}),
        ({"$type": "list"}, []),
        ({"$type": "null"}, None),
        ({"$type": "bytes"}, b""),
        ({"$regex": "^a.c$"}, "abc"),
        ({"$regex": "b"}, "abc"),
        ({"$approx": 0.3}, 0.1 + 0.2),
        ({"$approx": 21, "within": 0.5}, 21.5),
        ({"$contains": "b"}, "abc"),
        ({"$contains": [3, {"$type": "text"}]}, [1, "a", 3]),
        ({"$contains": {"a": {"b": 1}}}, {"a": {"b": 1, "c": 2}, "d": 3}),
        ({"$contains": {"a": [1]}}, {"a": [1], "b": 2}),
        ({"$contains": {"b": {"$missing": True}}}, {"a": 1}),
        ({"$bytes": "AP8="}, b"\x00\xff"),
        ({"$exact": {"$any": True}}, {"$any": True}),
        ([{"$any": True}, 2], (1, 2)),
        (1, 1.0),
    ],
)
def test_matcher_takes(expected: Any, got: Any) -> None:
    assert not list(faults(expected))
    assert not differences(expected, got)


@pytest.mark.parametrize(
    ("expected", "got", "says"),
    [
        ({"$any": True}, MISSING, "it: missing, but anything was expected"),
        ({"$missing": True}, 0, "it: not expected: 0"),
        ({"$type": "number"}, True, "it: expected of the type number, got true"),
        ({"$type": "integer"}, 1.0, "it: expected of the type integer, got 1.0"),
        ({"$type": "text"}, MISSING, "it: expected of the type text, got nothing"),
        ({"$regex": "^b"}, "abc", 'it: expected a text that matches ^b, got "abc"'),
        ({"$regex": "1"}, 1, "it: expected a text that matches 1, got 1"),
        ({"$approx": 1}, 1.01, "it: expected 1 within 1e-06, got 1.01"),
        ({"$approx": 1}, math.nan, 'it: expected 1 within 1e-06, got "nan"'),
        ({"$contains": "x"}, "abc", 'it: expected something that contains "x", got "abc"'),
        ({"$contains": "x"}, ["x"], 'it: expected something that contains "x", got ["x"]'),
        ({"$contains": [1]}, [2], "it: holds nothing like 1: [2]"),
        ({"$contains": {"a": {"b": 1}}}, {"a": {"b": 2}}, "it.a.b: expected 1, got 2"),
        ({"$contains": {"a": {"b": 1}}}, {}, 'it.a: expected something that contains {"b":1}, got nothing'),
        ({"$contains": {"a": 1}}, {}, "it.a: missing: 1"),
        ({"$contains": {"a": [1]}}, {"a": [1, 2]}, "it.a[1]: not expected: 2"),
        ({"$bytes": "AP8="}, "AP8=", 'it: expected the bytes 00ff, got "AP8="'),
        ({"a b": 1}, {"a b": 2}, 'it["a b"]: expected 1, got 2'),
        ([1, 2], [1], "it[1]: missing: 2"),
        ([1], {"0": 1}, 'it: expected [1], got {"0":1}'),
        (True, 1, "it: expected true, got 1"),
        ("a" * 80 + "b", "a" * 80 + "c", 'it: from character 81, expected …"aaaaaaaaaab", got …"aaaaaaaaaac"'),
    ],
)
def test_matcher_refuses(expected: Any, got: Any, says: str) -> None:
    assert differences(expected, got) == [says]


def test_message_has_fields_that_are_not_looked_at() -> None:
    assert not list(compare_message({"payload": 1}, {"payload": 1, "topic": "a"}, "it"))
    assert list(compare_message({"$exact": {"payload": 1}}, {"payload": 1, "topic": "a"}, "it"))


def test_given_value_has_bytes() -> None:
    assert given_value({"a": [{"$bytes": "AP8="}], "$id": 1}) == {"a": [b"\x00\xff"], "$id": 1}

"""The comparisons of a switch; the numbers are the cases of Node-RED that they answer to."""

import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.expressions import MISSING, RegexError, compile_regex, conditions
from flowengine.expressions.conditions import OPERATORS, TypeName, passing

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=5,
)


@pytest.mark.parametrize(
    ("value", "other", "expected"),
    [
        (5, 5, True),
        (5, 5.0, True),
        (5, "5", False),  # case 1, differs on purpose: types are kept apart
        (1, True, False),
        (0, False, False),
        ("a", "a", True),
        (None, None, True),
        (None, MISSING, False),
        (MISSING, MISSING, True),
        ([1, True], [1, True], True),
        ([1], [True], False),
        ({"a": 1, "b": [2]}, {"b": [2], "a": 1.0}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        (math.nan, math.nan, False),
    ],
)
def test_equal_keeps_types_apart(value: Any, other: Any, expected: bool) -> None:
    assert conditions.equal(value, other) is expected
    assert conditions.equal(other, value) is expected
    assert conditions.not_equal(value, other) is not expected


@given(value=json_values)
def test_every_value_equals_itself(value: Any) -> None:
    assert conditions.equal(value, value)


@given(value=json_values, other=json_values)
def test_order_is_total_within_a_type_and_absent_between_types(value: Any, other: Any) -> None:
    outcomes = [
        conditions.less(value, other),
        conditions.more(value, other),
        conditions.at_most(value, other) and conditions.at_least(value, other),
    ]
    numbers = all(conditions.is_type(item, "number") for item in (value, other))
    texts = isinstance(value, str) and isinstance(other, str)
    assert sum(outcomes) == (1 if numbers or texts else 0)


@pytest.mark.parametrize(
    ("value", "bound", "other", "expected"),
    [
        (5, 1, 10, True),
        (5, 10, 1, True),  # case 2: bounds in either order
        (1, 1, 10, True),
        (10, 10, 1, True),
        (11, 1, 10, False),
        ("m", "a", "z", True),  # case 2: text too
        ("m", "z", "a", True),
        ("5", 1, 10, False),
        (None, None, None, False),
        (math.nan, 1, 10, False),
        (True, 0, 2, False),
    ],
)
def test_between(value: Any, bound: Any, other: Any, expected: bool) -> None:
    assert conditions.between(value, bound, other) is expected


@pytest.mark.parametrize(
    ("value", "text", "expected"),
    [
        ("boiler 7", "7", True),
        ("boiler 7", 7, True),  # case 3: values become text
        (1234, "23", True),
        ([1, 2], "1, 2", True),
        ({"a": 1}, '"a"', True),
        (True, "ru", True),
        (b"abc", "b", True),
        ("abc", "d", False),
        (None, "null", False),
        (MISSING, "", False),
    ],
)
def test_contains(value: Any, text: Any, expected: bool) -> None:
    assert conditions.contains(value, text) is expected


def test_matches_honours_case_and_takes_text_of_any_value() -> None:
    assert conditions.matches("Boiler", compile_regex("^boil", ignore_case=True))  # case 3
    assert not conditions.matches("Boiler", compile_regex("^boil"))
    assert conditions.matches(1234, compile_regex("^12"))
    assert not conditions.matches(None, compile_regex(""))
    assert not conditions.matches(MISSING, compile_regex(""))


def test_compile_regex_returns_the_same_pattern_for_the_same_text() -> None:
    assert compile_regex("a") is compile_regex("a")
    assert isinstance(compile_regex("a"), re.Pattern)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("a(b", 1, 2), ("[a", 1, 1), ("a\n*b\n(", 3, 1), ("a{99999999999}", 1, 1), ("a" * 1001, 1, 1001)],
)
def test_compile_regex_reports_the_place(text: str, line: int, column: int) -> None:
    with pytest.raises(RegexError) as caught:
        compile_regex(text)
    assert caught.value.code == "regex"
    assert (caught.value.line, caught.value.column) == (line, column)


def test_true_and_false_take_no_other_value() -> None:
    assert [value for value in (True, False, 1, 0, "true", None) if conditions.is_true(value)] == [True]
    assert [repr(value) for value in (True, False, 1, 0, "", None) if conditions.is_false(value)] == ["False"]


@pytest.mark.parametrize("value", [None, MISSING])
def test_null_and_missing_are_both_null(value: Any) -> None:  # case 5
    assert conditions.is_null(value)
    assert not conditions.is_not_null(value)


@pytest.mark.parametrize("value", [0, "", False, [], {}])
def test_whatever_is_there_is_not_null(value: Any) -> None:
    assert not conditions.is_null(value)
    assert conditions.is_not_null(value)


@pytest.mark.parametrize(
    ("values", "empty", "not_empty"),
    [
        (["", [], {}, b""], True, False),
        (["a", [0], {"a": None}, b"a"], False, True),
        ([None, MISSING, 0, 5, False, True], False, False),  # case 6: false for both
    ],
)
def test_empty_is_about_what_can_hold_something(values: list[Any], empty: bool, not_empty: bool) -> None:
    for value in values:
        assert conditions.is_empty(value) is empty
        assert conditions.is_not_empty(value) is not_empty


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("a", {"text"}),
        ('{"a": 1}', {"text", "json-text"}),
        ("5", {"text", "json-text"}),
        ("[" * 5000, {"text"}),
        (5, {"number"}),
        (5.5, {"number"}),
        (math.nan, set()),  # case 7: NaN is no number
        (True, {"boolean"}),
        ([], {"list"}),
        ({}, {"object"}),
        (b"", {"bytes"}),
        (None, {"null"}),
        (MISSING, {"missing"}),
    ],
)
def test_is_type(value: Any, names: set[TypeName]) -> None:
    every: list[TypeName] = [
        "text", "number", "boolean", "list", "object", "bytes", "json-text", "null", "missing",
    ]  # fmt: skip
    assert {name for name in every if conditions.is_type(value, name)} == names


@pytest.mark.parametrize(
    ("value", "key", "expected"),
    [
        ({"a": None}, "a", True),
        ({"a": 1}, "b", False),
        (None, "a", False),  # case 8
        (MISSING, "a", False),
        ({"1": 1}, 1, False),
        ("abc", "a", False),
        (["a"], "a", False),
    ],
)
def test_has_key(value: Any, key: Any, expected: bool) -> None:
    assert conditions.has_key(value, key) is expected


def test_passing_runs_rules_in_order() -> None:  # case 4
    def rule(bound: int) -> Any:
        return lambda value: conditions.more(value, bound)

    rules = [rule(10), rule(5), None, rule(1), None]
    assert passing(11, rules, stop_at_first=False) == [0, 1, 3]
    assert passing(11, rules, stop_at_first=True) == [0]
    assert passing(3, rules, stop_at_first=False) == [2, 3]
    assert passing(0, rules, stop_at_first=False) == [2]
    assert passing(0, [], stop_at_first=False) == []  # case 12


def test_operators_take_their_number_of_operands() -> None:
    operands: dict[str, list[Any]] = {"matches": [re.compile("5")], "type": ["number"]}
    for name, operator in OPERATORS.items():
        arguments = operands.get(name, [5] * operator.operands)
        assert len(arguments) == operator.operands
        assert operator.test(5, *arguments) in {True, False}

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from flowengine.expressions import MISSING, EvaluationError, Scope, TypedValue

adapter: TypeAdapter[Any] = TypeAdapter(TypedValue)
MESSAGE = {"payload": {"t": 21.5, "none": None, "list": [1, 2]}, "topic": "b1"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def evaluate(written: Any, scope: Scope) -> Any:
    return adapter.validate_python(written).compile()(MESSAGE, scope)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"path": "$.payload.t"}, 21.5),
        ({"path": "payload.t"}, 21.5),
        ({"path": "$.payload.none"}, None),
        ({"path": "$.payload.missing"}, MISSING),
        ({"path": "$.payload.list[*]"}, 1),
        ({"jsonata": "payload.t * 2"}, 43),
        ({"jsonata": "payload.missing"}, MISSING),
        ({"env": "PLANT"}, "north"),
        ({"env": "NONE"}, MISSING),
        ({"state": "count"}, 1),
        ({"state": "count", "scope": "flow"}, 2),
        ({"state": "count", "scope": "global"}, 3),
        ({"state": "none"}, MISSING),
        ({"template": "Tank {{ topic }}"}, "Tank b1"),
        ({"literal": {"path": "$.payload"}}, {"path": "$.payload"}),
    ],
)
def test_value_comes_from_where_its_key_says(written: Any, expected: Any, scope: Scope) -> None:
    assert evaluate(written, scope) == expected


@given(value=json_values)
def test_literal_keeps_value_and_type(value: Any, scope: Scope) -> None:
    assert_same(evaluate({"literal": value}, scope), value)
    if not isinstance(value, dict):
        assert_same(evaluate(value, scope), value)


def assert_same(value: Any, expected: Any) -> None:
    assert type(value) is type(expected)
    assert value == expected


@pytest.mark.parametrize("written", [5, "5", True, None, [1, "$.payload"], 1.5])
def test_bare_value_stands_for_itself(written: Any, scope: Scope) -> None:
    assert_same(evaluate(written, scope), written)


@pytest.mark.parametrize(
    "written",
    [
        {"literal": [None, {"a": 1}]},
        {"path": "$.payload"},
        {"jsonata": "1"},
        {"env": "A"},
        {"state": "a", "scope": "flow"},
        {"template": "x"},
    ],
)
def test_value_is_written_back_as_it_was_read(written: Any) -> None:
    value = adapter.validate_python(written)
    assert adapter.dump_python(value) == written
    assert adapter.validate_python(value) == value


@pytest.mark.parametrize(
    ("written", "code", "message"),
    [
        ({"paht": "$.a"}, "typed-value", "exactly one of the keys literal, path, jsonata, env, state, template"),
        ({}, "typed-value", "exactly one of the keys"),
        ({"path": "$.a", "env": "A"}, "typed-value", "exactly one of the keys"),
        ({"path": "$.a", "extra": 1}, "extra_forbidden", "Extra inputs"),
        ({"path": 5}, "string_type", "string"),
        ({"env": ""}, "string_too_short", "at least 1"),
        ({"state": "a", "scope": "planet"}, "literal_error", "'node', 'flow' or 'global'"),
    ],
)
def test_malformed_value_is_refused(written: Any, code: str, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(written)
    (error,) = caught.value.errors()
    assert error["type"] == code
    assert message in error["msg"]


@pytest.mark.parametrize(
    ("written", "code", "line", "column"),
    [
        ({"path": "$.a["}, "json-path", 1, 5),
        ({"jsonata": "a\n ]"}, "jsonata", 2, 2),
        ({"template": "{a}\n{{ a b }}"}, "template", 2, 6),
    ],
)
def test_bad_expression_is_refused_with_its_place(written: Any, code: str, line: int, column: int) -> None:
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(written)
    (error,) = caught.value.errors()
    assert error["type"] == code
    place = error.get("ctx", {})
    assert (place["line"], place["column"]) == (line, column)


def test_failing_expression_raises_when_evaluated(scope: Scope) -> None:
    with pytest.raises(EvaluationError):
        evaluate({"template": "{{ missing }}"}, scope)


def test_json_schema_takes_bare_values_and_every_key() -> None:
    schema = adapter.json_schema()
    types = {option.get("type") for option in schema["anyOf"]}
    assert {"string", "number", "boolean", "array", "null"} <= types
    keys = {key for model in schema["$defs"].values() for key in model.get("properties", {})}
    assert {"literal", "path", "jsonata", "env", "state", "template"} <= keys

import math
from typing import Any

import pytest

from flowengine_nodes.iiot.registry.telemetry_rule import TelemetryRule
from flowengine_nodes.iiot.telemetry.errors import BadValueError
from flowengine_nodes.iiot.telemetry.transform import compile_transform


def transformed(value: Any, **transform: Any) -> Any:
    rule = TelemetryRule.model_validate({"path": "$", "field": "x", "transform": transform})
    for change in compile_transform(rule):
        value = value if change is None else change(value)
    return value


@pytest.mark.parametrize(
    ("transform", "value", "expected"),
    [
        ({}, [1], [1]),
        ({"type": "number"}, "21.5", 21.5),
        ({"type": "number", "decimal_comma": True}, "21,5", 21.5),
        ({"type": "integer"}, "21", 21),
        ({"type": "integer", "round": 0}, 21.5, 22),
        ({"type": "text"}, 21.5, "21.5"),
        ({"type": "text"}, True, "true"),
        ({"type": "text"}, {"a": [1]}, '{"a":[1]}'),
        ({"type": "boolean"}, "ON", True),
        ({"type": "boolean"}, 0, False),
        ({"type": "boolean"}, 1.0, True),
        ({"type": "time"}, 1_767_225_600_000, "2026-01-01 00:00:00"),
        ({"scale": 0.1}, "3", 0.3),
        ({"scale": 2, "offset": -1}, 10, 19.0),
        ({"unit": "°F", "to_unit": "°C"}, 212, 100.0),
        ({"scale": 0.1, "offset": -40, "unit": "°C", "to_unit": "K"}, 650, 298.15),
        ({"round": 2}, 2.675, 2.67),
        ({"round": -1}, 1234.5, 1230),
        ({"map": {"0": "off", "1": "on"}}, 1.0, "on"),
        ({"map": {"true": 5}}, True, 5),
        ({"map": {"a": 5}, "otherwise": 0}, "b", 0),
        ({"map": {"low": 1, "high": 2}, "scale": 50}, "high", 100.0),
        ({"map": {"open": True}}, "open", True),
    ],
)
def test_transform_makes_of_a_value_what_its_rule_says(transform: dict[str, Any], value: Any, expected: Any) -> None:
    result = transformed(value, **transform)
    assert result == pytest.approx(expected) if isinstance(expected, float) else result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("transform", "value", "code", "sentence"),
    [
        ({"type": "number"}, "warm", "not-a-number", "'warm' is no number"),
        ({"scale": 2}, True, "not-a-number", "True is no number"),
        ({"scale": 1e308}, 1e308, "not-finite", "is too large to be calculated with"),
        ({"type": "integer"}, 21.5, "not-whole", "21.5 is no whole number"),
        ({"round": 0}, 1e300, "too-large", "is too large for a whole number"),
        ({"type": "boolean"}, "maybe", "not-a-boolean", "'maybe' is neither true nor false"),
        ({"type": "boolean"}, 2, "not-a-boolean", "2 is neither true nor false"),
        ({"type": "time"}, "soon", "not-a-time", "'soon' is no time"),
        ({"type": "text"}, math.nan, "not-finite", "is no finite number"),
        ({"map": {"0": "off", "1": "on"}}, 2, "unmapped-value", "2 is none of 0, 1"),
    ],
)
def test_transform_refuses_a_value_with_the_reason(
    transform: dict[str, Any], value: Any, code: str, sentence: str
) -> None:
    with pytest.raises(BadValueError) as caught:
        transformed(value, **transform)
    assert caught.value.code == code
    assert sentence in str(caught.value)

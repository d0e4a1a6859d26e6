from typing import Any

import pytest

from flowengine_nodes.iiot.registry.telemetry_rule import Condition
from flowengine_nodes.iiot.telemetry.condition import Written, passes


@pytest.mark.parametrize(
    ("condition", "last", "value", "expected"),
    [
        ({"deadband": 0.5}, 20, 20.25, False),
        ({"deadband": 0.5}, 20, 19.5, True),
        ({"deadband": 0}, 20, 20, False),
        ({"deadband": 0}, 20, 20.0, False),
        ({"deadband": 0}, 20, 20.1, True),
        ({"deadband": 0}, "on", "on", False),
        ({"deadband": 0}, "on", "off", True),
        ({"deadband": 0}, True, 1, True),
        ({"deadband_percent": 10}, -200, -219, False),
        ({"deadband_percent": 10}, -200, -220, True),
        ({"deadband_percent": 10}, 0, 0, False),
        ({"deadband_percent": 10}, 0, 0.001, True),
    ],
)
def test_deadband_holds_back_what_has_not_moved(
    condition: dict[str, Any], last: Any, value: Any, expected: bool
) -> None:
    assert passes(Condition.model_validate(condition), Written(last, 0), value, 1) is expected


@pytest.mark.parametrize(("at", "expected"), [(109.9, False), (110, True), (95, False), (90, True)])
def test_interval_holds_back_what_comes_too_soon_even_if_a_clock_is_set_back(at: float, expected: bool) -> None:
    condition = Condition.model_validate({"min_interval": "10s"})
    assert passes(condition, Written(1, 100), 2, at) is expected


def test_both_conditions_must_hold() -> None:
    condition = Condition.model_validate({"min_interval": "10s", "deadband": 5})
    last = Written(1, 100)
    assert [passes(condition, last, value, at) for value, at in ((9, 101), (2, 120), (9, 120))] == [False, False, True]

from typing import Any

import pytest
from pydantic import ValidationError

from flowengine_nodes.iiot.registry.profile import Profile
from flowengine_nodes.iiot.registry.telemetry_rule import TelemetryRule


@pytest.mark.parametrize(
    ("rule", "place", "sentence"),
    [
        ({"path": "$.a["}, ("path",), "column 5: ends too early"),
        ({"field": "x a"}, ("field",), '"x a" is no name of a field'),
        ({"field": ""}, ("field",), "is no name of a field"),
        ({"model": "Stock Lot"}, ("model",), '"Stock Lot" is no name of a model'),
        ({"domain": [["a", "=", 1]]}, (), "a domain needs the model"),
        ({"model": "m", "domain": [["a", "=", "{x}"]]}, ("domain",), "there is no {x}"),
        ({"pick": "any"}, ("pick",), "Input should be"),
        ({"pick": "mean", "transform": {"type": "text"}}, (), "mean gives a number, but the type is text"),
        ({"transform": {"unit": "°C"}}, ("transform",), "unit and to_unit belong together"),
        ({"transform": {"unit": "°C", "to_unit": "bar"}}, ("transform",), "cannot be converted to bar"),
        ({"transform": {"scale": 0}}, ("transform",), "a scale of 0"),
        ({"transform": {"scale": float("inf")}}, ("transform", "scale"), "finite"),
        ({"transform": {"round": 1, "type": "text"}}, ("transform",), "need a number, but the type is text"),
        ({"transform": {"otherwise": 1}}, ("transform",), "otherwise has no meaning without a map"),
        ({"transform": {"colour": 1}}, ("transform", "colour"), "Extra inputs"),
        ({"condition": {"deadband": 1, "deadband_percent": 1}}, ("condition",), "not both"),
        ({"condition": {"deadband": -1}}, ("condition", "deadband"), "greater than or equal to 0"),
        ({"condition": {"min_interval": "soon"}}, ("condition", "min_interval"), "no length of time"),
    ],
)
def test_rule_refuses_what_is_wrong_with_its_place(rule: dict[str, Any], place: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Profile.model_validate(
            {"id": "p", "rules": [{"path": "$.ok", "field": "x"}, {"path": "$.a", "field": "x"} | rule]}
        )
    (problem,) = caught.value.errors()
    assert problem["loc"] == ("rules", 1, *place)
    assert sentence in problem["msg"]


def test_rule_is_the_same_when_written_and_read_again() -> None:
    rule = TelemetryRule.model_validate(
        {
            "path": "$.a[*].b",
            "pick": "max",
            "transform": {"map": {"1": 2, "off": False}, "otherwise": 0, "unit": "psi", "to_unit": "bar", "round": 2},
            "condition": {"deadband_percent": 5, "min_interval": "10s"},
            "model": "stock.lot",
            "domain": [["name", "=", "{serial}"]],
            "field": "x_a",
            "on_missing": "fail",
        }
    )
    assert TelemetryRule.model_validate(rule.model_dump(mode="json")) == rule
    assert rule.label == "x_a"

"""Case 46 of what a Node-RED user expects: the range node."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flowengine.testing import NodeHarness
from flowengine_nodes.function.range import Range, RangeConfig

PER_CENT = {"input": {"from": 4, "to": 20}, "output": {"from": 0, "to": 100}}
DOWN = {"input": {"from": 0, "to": 10}, "output": {"from": 100, "to": 0}}
ANGLE = {"input": {"from": 0, "to": 360}, "output": {"from": 0, "to": 360}}


async def mapped(config: dict[str, Any], payload: Any) -> tuple[str, Any]:
    async with NodeHarness(Range, config) as harness:
        sent = await harness.feed(payload=payload)
        assert harness.errors == []
        return sent[0].port, sent[0].fields["payload"]


@pytest.mark.parametrize(
    ("config", "outside", "payload", "expected"),
    [
        (PER_CENT, "extend", 12, 50),
        (PER_CENT, "extend", "12", 50),
        (PER_CENT, "extend", 24, 125),
        (PER_CENT, "clamp", 24, 100),
        (PER_CENT, "clamp", 0, 0),
        (DOWN, "extend", 2, 80),
        (DOWN, "clamp", 12, 0),
        ({"input": {"from": 10, "to": 0}, "output": {"from": 0, "to": 100}}, "clamp", 11, 0),
        (ANGLE, "wrap", 370, 10),
        (ANGLE, "wrap", -10, 350),
        (PER_CENT, "stop", 20, 100),
    ],
)
async def test_range_maps(config: dict[str, Any], outside: str, payload: Any, expected: float) -> None:
    assert await mapped({**config, "outside": outside}, payload) == ("out", pytest.approx(expected))


async def test_range_stops_what_is_outside_at_a_port_of_its_own_unchanged() -> None:
    assert await mapped({**PER_CENT, "outside": "stop"}, "3.9") == ("outside", "3.9")


async def test_range_rounds() -> None:
    assert await mapped({**PER_CENT, "digits": 1}, 7) == ("out", 18.8)


@pytest.mark.parametrize(
    ("payload", "code"), [("warm", "not-a-number"), (True, "not-a-number"), (float("inf"), "not-a-number")]
)
async def test_range_fails_on_what_is_no_number(payload: Any, code: str) -> None:
    async with NodeHarness(Range, PER_CENT) as harness:
        assert await harness.feed(payload=payload) == []
        assert await harness.feed() == []
        assert [error.code for error in harness.errors] == [code, "missing-value"]


def test_range_refuses_an_input_without_a_width() -> None:
    with pytest.raises(ValidationError, match="starts where it ends"):
        RangeConfig.model_validate({"input": {"from": 1, "to": 1}, "output": {"from": 0, "to": 1}})


@given(st.floats(-1e6, 1e6))
async def test_range_clamp_never_leaves_the_output(value: float) -> None:
    _, result = await mapped({**DOWN, "outside": "clamp"}, value)
    assert 0 <= result <= 100

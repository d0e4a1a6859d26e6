"""Case 47 of what a Node-RED user expects, for the filter node."""

from typing import Any

import pytest
from pydantic import ValidationError

from flowengine.testing import NodeHarness
from flowengine_nodes.function.filter import Filter, FilterConfig


async def passed(config: dict[str, Any], *payloads: Any) -> list[Any]:
    async with NodeHarness(Filter, config) as harness:
        for payload in payloads:
            harness.receive(payload if isinstance(payload, dict) else {"payload": payload})
        assert harness.errors == []
        assert harness.account.settled == len(payloads)
        return [sent.fields["payload"] for sent in harness.take()]


@pytest.mark.parametrize(
    ("payloads", "expected"),
    [
        ([1, 1, 2, 1], [1, 2, 1]),
        ([1, 1.0, True, "1"], [1, True, "1"]),
        ([[1, {"a": 1}], [1, {"a": 1}], [1, {"a": True}]], [[1, {"a": 1}], [1, {"a": True}]]),
        ([None, None, 0], [None, 0]),
        ([float("inf"), float("inf")], [float("inf")]),
    ],
)
async def test_filter_passes_what_is_not_the_same_json(payloads: list[Any], expected: list[Any]) -> None:
    assert await passed({}, *payloads) == expected


async def test_filter_takes_nan_as_equal_to_itself() -> None:
    assert len(await passed({}, float("nan"), float("nan"))) == 1


async def test_filter_watches_each_key_apart() -> None:
    messages = [{"topic": topic, "payload": 1} for topic in ("a", "b", "a")]
    assert await passed({}, *messages) == [1, 1]
    assert await passed({"key": None}, *messages) == [1]
    assert await passed({"key": "$.unit"}, {"payload": 1, "unit": 1}, {"payload": 1, "unit": 2}) == [1, 1]


async def test_filter_may_stop_the_first_value() -> None:
    assert await passed({"first": "stop"}, 1, 1, 2) == [2]


async def test_filter_deadband_passes_the_band_and_more_from_the_last_that_passed() -> None:
    assert await passed({"mode": "deadband", "band": 2}, 10, 11, 12, 13, 9) == [10, 12, 9]


async def test_filter_deadband_may_compare_with_the_last_seen() -> None:
    config = {"mode": "deadband", "band": 2, "compare_with": "seen"}
    assert await passed(config, 10, 11, 12, 13, 15) == [10, 15]


async def test_filter_deadband_in_per_cent_of_the_last() -> None:
    assert await passed({"mode": "deadband", "band": 10, "percent": True}, 100, 109, 110, 120, 121) == [100, 110, 121]
    assert await passed({"mode": "deadband", "band": 10, "percent": True}, -100, -105, -110) == [-100, -110]


async def test_filter_narrowband_keeps_spikes_out_of_the_last_that_passed_or_was_seen() -> None:
    assert await passed({"mode": "narrowband", "band": 2}, 10, 50, 12, 15) == [10, 12]
    seen = {"mode": "narrowband", "band": 2, "compare_with": "seen"}
    assert await passed(seen, 10, 50, 51, 12) == [10, 51]


async def test_filter_takes_text_that_is_a_number() -> None:
    assert await passed({"mode": "deadband", "band": 1}, "10", "10.5", 11) == ["10", 11]


@pytest.mark.parametrize("value", ["warm", True, None, {"a": 1}, float("nan")])
async def test_filter_with_a_band_needs_a_number(value: Any) -> None:
    async with NodeHarness(Filter, {"mode": "deadband", "band": 1}) as harness:
        assert await harness.feed({"payload": value}) == []
        assert [error.code for error in harness.errors] == ["not-a-number"]


async def test_filter_fails_where_the_value_is_missing() -> None:
    async with NodeHarness(Filter, {"path": "$.payload.level"}) as harness:
        assert await harness.feed(payload=1) == []
        assert [error.code for error in harness.errors] == ["missing-value"]


async def test_filter_reset_forgets_one_key_or_all() -> None:
    a, b, reset = {"topic": "a", "payload": 1}, {"topic": "b", "payload": 1}, {"reset": True, "payload": 0}
    assert await passed({}, a, b, {**reset, "topic": "a"}, a, b) == [1, 1, 1]
    assert await passed({}, a, b, reset, a, b) == [1, 1, 1, 1]


async def test_filter_forgets_the_key_known_longest_when_there_are_too_many() -> None:
    messages = [{"topic": topic, "payload": 1} for topic in ("a", "b", "c", "b", "a")]
    assert await passed({"keys": 2}, *messages) == [1, 1, 1, 1]


@pytest.mark.parametrize("remember", [True, False])
async def test_filter_remembers_across_a_restart_if_told(remember: bool) -> None:
    async with NodeHarness(Filter, {"remember": remember}) as harness:
        await harness.feed(payload=1, topic="a")
        await harness.feed(payload=1, topic="b")
        await harness.feed(reset=True, topic="b")
        await harness.restart()
        assert bool(await harness.feed(payload=1, topic="a")) is not remember
        assert await harness.feed(payload=1, topic="b") != []


def test_filter_needs_a_band_for_a_band() -> None:
    with pytest.raises(ValidationError, match="needs a 'band'"):
        FilterConfig.model_validate({"mode": "deadband"})

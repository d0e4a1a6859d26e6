from typing import Any

import pytest

from flowengine_nodes.iiot.registry.reading import Reading
from flowengine_nodes.iiot.telemetry.failure import Failure
from flowengine_nodes.iiot.telemetry.readings import Measured, take_apart

NOW = 1_767_225_600.0  # 2026-01-01T00:00:00Z


def readings(document: Any, given: float | None = None, **config: Any) -> list[Measured]:
    failures: list[Failure] = []
    found = take_apart(document, Reading.model_validate(config), NOW, failures, given)
    assert failures == []
    return found


def refused(document: Any, **config: Any) -> list[str]:
    failures: list[Failure] = []
    take_apart(document, Reading.model_validate(config), NOW, failures)
    return [failure.code for failure in failures]


def test_payload_is_one_reading_of_its_arrival_unless_the_profile_says_more() -> None:
    assert readings([{"t": 1}]) == [Measured([{"t": 1}], NOW)]


@pytest.mark.parametrize(
    ("batch", "document"),
    [
        ("$", [{"n": 1}, {"n": 2}]),
        ("$.readings", {"readings": [{"n": 1}, {"n": 2}]}),
        ("$.channels[*].values", {"channels": [{"values": [{"n": 1}]}, {"values": [{"n": 2}]}]}),
    ],
)
def test_batch_is_taken_apart(batch: str, document: Any) -> None:
    assert [one.reading for one in readings(document, batch=batch)] == [{"n": 1}, {"n": 2}]


def test_object_in_the_place_of_a_list_is_one_reading() -> None:
    assert readings({"n": 1}, batch="$") == [Measured({"n": 1}, NOW)]
    assert readings([], batch="$") == []


@pytest.mark.parametrize("document", [{}, {"readings": 5}, 5, None, {"readings": None}])
def test_payload_without_readings_is_refused(document: Any) -> None:
    assert refused(document, batch="$.readings") == ["no-readings"]


def test_readings_come_the_oldest_first_and_the_payloads_order_decides_between_equals() -> None:
    document = [{"t": NOW - 1, "n": 1}, {"t": NOW - 2, "n": 2}, {"n": 3}, {"t": NOW - 1, "n": 4}]
    assert [one.reading["n"] for one in readings(document, batch="$", time="$.t")] == [2, 1, 4, 3]


@pytest.mark.parametrize(
    ("config", "at", "expected"),
    [
        ({}, NOW - 3600, Measured({"t": NOW - 3600}, NOW - 3600)),
        ({}, NOW + 60, Measured({"t": NOW + 60}, NOW + 60)),
        ({}, NOW + 61, Measured({"t": NOW + 61}, NOW, NOW + 61)),
        ({"on_future": "keep"}, NOW + 61, Measured({"t": NOW + 61}, NOW + 61)),
        ({"max_ahead": "0s"}, NOW + 1, Measured({"t": NOW + 1}, NOW, NOW + 1)),
        ({}, 0, Measured({"t": 0}, 0)),
        ({"max_age": "1h", "on_too_old": "arrival"}, NOW - 3601, Measured({"t": NOW - 3601}, NOW, NOW - 3601)),
        ({"max_age": "1h", "on_too_old": "refuse"}, NOW - 3600, Measured({"t": NOW - 3600}, NOW - 3600)),
    ],
)
def test_times_in_past_and_future_are_taken_as_the_profile_says(
    config: dict[str, Any], at: float, expected: Measured
) -> None:
    assert readings({"t": at}, time="$.t", **config) == [expected]


@pytest.mark.parametrize(
    ("config", "reading", "code"),
    [
        ({"on_future": "refuse"}, {"t": NOW + 61}, "future-time"),
        ({"max_age": "1h", "on_too_old": "refuse"}, {"t": NOW - 3601}, "old-time"),
        ({}, {"t": "soon"}, "not-a-time"),
        ({"on_missing_time": "refuse"}, {}, "no-time"),
        ({"on_missing_time": "refuse"}, {"t": None}, "no-time"),
    ],
)
def test_reading_with_a_time_that_cannot_be_is_refused_alone(config: dict[str, Any], reading: Any, code: str) -> None:
    failures: list[Failure] = []
    settings = Reading.model_validate({"batch": "$", "time": "$.t", **config})
    assert take_apart([reading, {"t": NOW}], settings, NOW, failures) == [Measured({"t": NOW}, NOW)]
    assert [failure.code for failure in failures] == [code]


def test_time_of_the_codec_counts_where_the_reading_has_none() -> None:
    assert readings({"n": 1}, given=NOW - 5) == [Measured({"n": 1}, NOW - 5)]
    assert readings({"n": 1}, given=NOW + 500) == [Measured({"n": 1}, NOW, NOW + 500)]
    assert readings({"t": NOW - 9}, given=NOW - 5, time="$.t")[0].at == NOW - 9

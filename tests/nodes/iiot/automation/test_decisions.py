import re
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flowengine_nodes.iiot.automation.comparing import holds
from flowengine_nodes.iiot.automation.event import Event, EventError
from flowengine_nodes.iiot.automation.interlock import objection
from flowengine_nodes.iiot.automation.params import PlaceholderError, filled, placeholders
from flowengine_nodes.iiot.automation.times import due_times, next_time
from flowengine_nodes.iiot.automation.watch import FRESH, telemetry_seen, threshold_seen
from flowengine_nodes.iiot.registry.automation import (
    AutomationRule,
    Comparing,
    CronTrigger,
    EventTrigger,
    Interlock,
    TelemetryTrigger,
    ThresholdTrigger,
)
from flowengine_nodes.iiot.registry.device import Device, Lifecycle, Presence

HOT = ThresholdTrigger(kind="threshold", path="$.t", above=80, hysteresis=5)  # type: ignore[arg-type]  # text is compiled
COLD = ThresholdTrigger(kind="threshold", path="$.t", below=5, hysteresis=1)  # type: ignore[arg-type]  # likewise
DEVICE = Device(id="d", serial="s", profile="p", lifecycle=Lifecycle.ACTIVE, firmware="1.0")


def fired(trigger: ThresholdTrigger, values: list[Any], every: float = 1.0) -> list[int]:
    watch, places = FRESH, []
    for number, value in enumerate(values):
        seen = threshold_seen(trigger, watch, {"t": value}, number * every)
        watch = seen.watch
        if seen.fires:
            places.append(number)
    return places


def test_threshold_is_set_off_when_crossed_and_again_after_it_came_back() -> None:
    assert fired(HOT, [79, 80, 81, 90, 76, 81, 75, 80.5]) == [2, 7]
    assert fired(COLD, [6, 5, 4, 5.5, 4, 6, 4.9]) == [2, 6]


def test_threshold_overlooks_what_is_no_number() -> None:
    assert fired(HOT, [None, "90", True, float("nan"), [90], 90]) == [5]


def test_threshold_may_have_to_hold() -> None:
    patient = ThresholdTrigger(kind="threshold", path="$.t", above=80, hold="10s")  # type: ignore[arg-type]  # likewise
    assert fired(patient, [81] * 12) == [10]
    assert fired(patient, [81] * 9 + [79] + [81] * 12) == [20]


@given(st.lists(st.floats(0, 160)))
def test_threshold_is_never_set_off_twice_without_coming_back_in_between(values: list[float]) -> None:
    places = fired(HOT, values)
    assert all(values[place] > 80 for place in places)
    for one, other in pairwise(places):
        assert any(value <= 75 for value in values[one:other])


def test_conditions_set_off_when_they_begin_to_hold() -> None:
    trigger = TelemetryTrigger.model_validate(
        {"kind": "telemetry", "when": [{"path": "$.a", "op": "gt", "value": 1}, {"path": "$.b", "value": "on"}]}
    )
    watch, fires = FRESH, []
    for reading in ({"a": 2}, {"a": 2, "b": "on"}, {"a": 3, "b": "on"}, {"a": 0, "b": "on"}, {"a": 2, "b": "on"}):
        seen = telemetry_seen(trigger, watch, reading, 0.0)
        watch = seen.watch
        fires.append(seen.fires)
    assert fires == [False, True, False, False, True]


@pytest.mark.parametrize(
    ("op", "value", "good", "bad"),
    [
        ("eq", 5, 5.0, "5"),
        ("ne", 5, 6, 5),
        ("lt", 5, 4, 5),
        ("le", 5, 5, 6),
        ("gt", "b", "c", "b"),
        ("ge", 5, 5, True),
        ("in", [1, "a"], "a", 2),
        ("between", [1, 3], 3, 4),
        ("between", [1, 3], 1, None),
        ("exists", True, 0, ...),
        ("exists", False, ..., 0),
    ],
)
def test_comparison_holds_for_what_it_says_only(op: str, value: Any, good: Any, bad: Any) -> None:
    comparing = Comparing.model_validate({"path": "$.x", "op": op, "value": value})
    assert holds(comparing, {} if good is ... else {"x": good})
    assert not holds(comparing, {} if bad is ... else {"x": bad})


def test_comparison_with_what_is_not_there_does_not_hold() -> None:
    for op in ("ne", "lt", "eq"):
        assert not holds(Comparing.model_validate({"path": "$.x", "op": op, "value": 1}), {"y": 1})


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_params_take_values_whole_and_never_paste(value: Any) -> None:
    assert filled({"a": "{value}", "b": ["{value}"], "c": "x {value}"}, {"value": value}) == {
        "a": value,
        "b": [value],
        "c": "x {value}",
    }


def test_params_want_only_values_that_there_are() -> None:
    with pytest.raises(PlaceholderError, match=r"\{threshold\}"):
        filled({"a": "{threshold}"}, {"value": 1})
    assert placeholders({"a": "{value}", "b": [{"c": "{event.state}"}], "d": "{not one}"}) == {"value", "event.state"}


NOW = 1000.0
KNOWN = Presence(device="d", online=True, telemetry_at=NOW - 10, telemetry={"speed": 0, "door": "shut"})


@pytest.mark.parametrize(
    ("interlock", "presence", "says"),
    [
        ({}, None, None),
        ({"online": True}, KNOWN, None),
        ({"online": True}, None, "must be online, and is unknown"),
        ({"online": False}, KNOWN, "must be offline, and is online"),
        ({"firmware": ["2.0"]}, KNOWN, "firmware 1.0 is none of 2.0"),
        ({"telemetry": [{"path": "$.speed", "value": 0}]}, KNOWN, None),
        ({"telemetry": [{"path": "$.speed", "value": 1}]}, KNOWN, r"\$.speed is not eq 1"),
        ({"telemetry": [{"path": "$.lid", "value": 0}]}, KNOWN, r"\$.lid is not eq 0"),
        ({"telemetry": [{"path": "$.speed", "value": 0}]}, None, "nothing is known"),
        ({"telemetry": [{"path": "$.speed", "value": 0}], "telemetry_age": "5s"}, KNOWN, "10 s old"),
    ],
)
def test_interlock_lets_pass_only_what_is_known_to_be_so(
    interlock: dict[str, Any], presence: Presence | None, says: str | None
) -> None:
    said = objection(Interlock.model_validate(interlock), DEVICE, presence, NOW)
    if says is None:
        assert said is None
    else:
        assert said is not None
        assert re.search(says, said)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_times_are_those_of_their_zone_in_summer_and_in_winter() -> None:
    trigger = CronTrigger(kind="cron", cron="30 9 * * *", time_zone="Europe/Berlin")
    assert next_time(trigger, at("2026-01-10T00:00")) == at("2026-01-10T08:30")
    assert next_time(trigger, at("2026-07-10T00:00")) == at("2026-07-10T07:30")


def test_times_that_were_missed_count_as_one() -> None:
    trigger = CronTrigger(kind="cron", cron="0 * * * *")
    due, upcoming = due_times(trigger, at("2026-01-01T00:00"), at("2026-03-01T12:20"))
    assert (due, upcoming) == (at("2026-03-01T12:00"), at("2026-03-01T13:00"))
    assert due_times(trigger, at("2026-03-01T12:00"), at("2026-03-01T12:59")) == (None, at("2026-03-01T13:00"))


def test_event_is_read_and_fits_its_triggers() -> None:
    event = Event.read({"event": "write", "model": "maintenance.equipment", "id": 7, "values": {"state": "broken"}})
    when = {"kind": "event", "model": "maintenance.equipment", "when": [{"path": "$.state", "value": "broken"}]}
    assert event.sets_off(EventTrigger.model_validate(when))
    assert not event.sets_off(EventTrigger.model_validate(when | {"event": "create"}))
    assert not event.sets_off(EventTrigger.model_validate(when | {"model": "res.partner"}))


@pytest.mark.parametrize(
    ("payload", "location"),
    [
        ([], ""),
        ({"values": 1, "device": "d"}, "values"),
        ({"model": "m", "id": "7"}, "id"),
        ({"model": "m"}, "id"),
        ({"values": {}}, "device"),
        ({"device": 7}, "device"),
    ],
)
def test_event_that_is_none_is_refused_with_its_place(payload: Any, location: str) -> None:
    with pytest.raises(EventError) as caught:
        Event.read(payload)
    assert caught.value.location == location


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ({"trigger": {"kind": "threshold", "path": "$.t", "above": 1, "below": 0}}, "trigger"),
        ({"trigger": {"kind": "threshold", "path": "$.t["}}, "path"),
        ({"trigger": {"kind": "cron", "cron": "61 * * * *"}}, "cron"),
        ({"trigger": {"kind": "tide"}}, "trigger"),
        ({"trigger": {"kind": "telemetry", "when": []}}, "when"),
        ({"interlock": {"telemetry": [{"path": "$.x", "op": "in", "value": 1}]}}, "interlock"),
    ],
)
def test_rule_that_makes_no_sense_is_refused_with_its_place(rule: dict[str, Any], place: str) -> None:
    whole = {"id": "r", "trigger": {"kind": "event"}, "command": {"action": "a"}} | rule
    with pytest.raises(ValidationError) as caught:
        AutomationRule.model_validate(whole)
    assert place in {str(part) for error in caught.value.errors() for part in error["loc"]}

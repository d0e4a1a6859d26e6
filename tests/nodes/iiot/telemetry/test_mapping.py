import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonpath_ng.ext.parser import parse as library_parse

from flowengine_nodes.iiot.registry.device import BusinessObject
from flowengine_nodes.iiot.registry.profile import Profile
from flowengine_nodes.iiot.registry.roster import Member
from flowengine_nodes.iiot.telemetry.counts import Counts
from flowengine_nodes.iiot.telemetry.failure import Failure
from flowengine_nodes.iiot.telemetry.mapping import DeviceMapping, Mapping

EQUIPMENT = BusinessObject("maintenance.equipment", 7)

names = st.sampled_from(["a", "b", "c-d", "x_1", "where", "é", "a b"])
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=3))
readings = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=15,
)
segments = st.lists(names | st.integers(-3, 3), min_size=1, max_size=3)


def mapping(*rules: dict[str, Any], business: BusinessObject | None = EQUIPMENT) -> DeviceMapping:
    profile = Profile.model_validate({"id": "p", "rules": [{"field": f"x_{n}"} | rule for n, rule in enumerate(rules)]})
    return Mapping(profile, Counts()).of(Member("d1", profile, business, takes_part=True, serial="S1"))


def written(device: DeviceMapping, reading: Any, at: float = 0.0) -> list[dict[str, Any]] | None:
    failures: list[Failure] = []
    writes = device.apply(reading, at, failures)
    assert failures == []
    return writes


def failed(device: DeviceMapping, reading: Any) -> list[Failure]:
    failures: list[Failure] = []
    device.apply(reading, 0.0, failures)
    return failures


@given(keys=segments, reading=readings)
def test_simple_path_maps_what_jsonpath_ng_finds(keys: list[str | int], reading: Any) -> None:
    path = "$" + "".join(f"[{key}]" if isinstance(key, int) else f"['{key}']" for key in keys)
    found = [match.value for match in library_parse(path).find(reading)]
    expected = None
    if found and found[0] is not None:
        expected = [{"model": "maintenance.equipment", "id": 7, "values": {"x_0": found[0]}}]
    assert written(mapping({"path": path}), reading) == expected


@given(reading=st.dictionaries(names, readings, max_size=5))
def test_every_value_is_written_or_missing(reading: dict[str, Any]) -> None:
    device = mapping(*({"path": f"$['{name}']"} for name in ["a", "b", "c-d"]))
    expected = {f"x_{n}": reading[name] for n, name in enumerate(["a", "b", "c-d"]) if reading.get(name) is not None}
    assert written(device, reading) == ([{"model": EQUIPMENT.model, "id": 7, "values": expected}] if expected else None)


def test_values_for_the_same_records_are_one_write() -> None:
    lot = {"model": "stock.lot", "domain": [["name", "=", "{serial}"], ["ref", "=", "{device}/x"]]}
    device = mapping({"path": "$.a"}, {"path": "$.b"} | lot, {"path": "$.c"}, {"path": "$.d"} | lot)
    assert written(device, {"a": 1, "b": 2, "c": 3, "d": 4}) == [
        {"model": "maintenance.equipment", "id": 7, "values": {"x_0": 1, "x_2": 3}},
        {"model": "stock.lot", "domain": [["name", "=", "S1"], ["ref", "=", "d1/x"]], "values": {"x_1": 2, "x_3": 4}},
    ]
    assert written(device, {"d": 4}) == [
        {"model": "stock.lot", "domain": [["name", "=", "S1"], ["ref", "=", "d1/x"]], "values": {"x_3": 4}}
    ]


def test_domain_that_names_the_value_is_a_write_of_its_own() -> None:
    lot = {"path": "$.lot", "model": "stock.lot", "domain": [["name", "=", "{value}"], ["x", "=", "{device}"]]}
    assert written(mapping(lot, lot), {"lot": "L7"}) == [
        {"model": "stock.lot", "domain": [["name", "=", "L7"], ["x", "=", "d1"]], "values": {"x_0": "L7"}},
        {"model": "stock.lot", "domain": [["name", "=", "L7"], ["x", "=", "d1"]], "values": {"x_1": "L7"}},
    ]
    assert failed(mapping(lot | {"pick": "all"}), {"lot": [1]})[0].code == "no-target"


def test_rule_of_the_business_objects_model_needs_no_domain() -> None:
    assert written(mapping({"path": "$", "model": EQUIPMENT.model}), 5) == [
        {"model": EQUIPMENT.model, "id": 7, "values": {"x_0": 5}}
    ]


def test_rules_that_name_the_business_objects_model_or_not_are_one_write() -> None:
    device = mapping({"path": "$.a"}, {"path": "$.b", "model": EQUIPMENT.model}, {"path": "$.a"})
    assert written(device, {"a": 5, "b": 6}) == [
        {"model": EQUIPMENT.model, "id": 7, "values": {"x_0": 5, "x_2": 5, "x_1": 6}}
    ]


def test_domains_that_differ_in_kind_are_different_records() -> None:
    device = mapping(*({"path": "$", "model": "m", "domain": [["a", "=", value]]} for value in (1, True)))
    writes = written(device, 5)
    assert writes is not None
    assert [write["values"] for write in writes] == [{"x_0": 5}, {"x_1": 5}]


@pytest.mark.parametrize(
    ("rule", "business", "sentence"),
    [
        ({}, None, "d1 has no business object, and the rule has no domain"),
        ({"model": "m"}, None, "d1 has no business object, and the rule has no domain"),
        ({"model": "m"}, EQUIPMENT, "d1 stands for a maintenance.equipment, not for a m, and the rule has no domain"),
    ],
)
def test_value_without_a_record_to_go_to_fails(
    rule: dict[str, Any], business: BusinessObject | None, sentence: str
) -> None:
    device = mapping({"path": "$"} | rule, {"path": "$"} | rule, business=business)
    assert failed(device, 1) == [Failure("x_0", "no-target", sentence), Failure("x_1", "no-target", sentence)]


@pytest.mark.parametrize(
    ("pick", "value"),
    [
        ("first", 3),
        ("last", 5),
        ("min", 1),
        ("max", 5),
        ("sum", 13),
        ("mean", 3.25),
        ("count", 4),
        ("all", [3, 4, 1, 5]),
    ],
)
def test_pick_takes_lists_apart_however_deep_and_skips_null(pick: str, value: Any) -> None:
    reading = {"channels": [{"v": [3, [4, None]]}, {"v": [[[1]]]}, {"v": 5}, {"w": 6}]}
    assert written(mapping({"path": "$.channels[*].v", "pick": pick}), reading) == [
        {"model": EQUIPMENT.model, "id": 7, "values": {"x_0": value}}
    ]
    assert written(mapping({"path": "$.nothing[*]", "pick": pick}), reading) is None


def test_pick_makes_a_number_of_each_value_and_converts_the_result() -> None:
    rule = {"path": "$", "pick": "mean", "transform": {"decimal_comma": True, "unit": "°F", "to_unit": "°C"}}
    assert written(mapping(rule), ["212,0", "32"]) == [{"model": EQUIPMENT.model, "id": 7, "values": {"x_0": 50.0}}]
    every = rule | {"pick": "all"}
    assert written(mapping(every), ["212", "32"]) == [{"model": EQUIPMENT.model, "id": 7, "values": {"x_0": [100, 0]}}]
    assert failed(mapping(rule), [1, "warm"]) == [Failure("x_0", "not-a-number", "'warm' is no number")]


def test_several_values_are_an_error_where_one_is_wanted() -> None:
    assert failed(mapping({"path": "$[*]"}), [1, 2])[0].code == "several-values"
    assert written(mapping({"path": "$[*]"}), [1]) == [{"model": EQUIPMENT.model, "id": 7, "values": {"x_0": 1}}]
    assert written(mapping({"path": "$"}), [1, 2]) == [{"model": EQUIPMENT.model, "id": 7, "values": {"x_0": [1, 2]}}]


def test_missing_value_is_ignored_or_fails_as_the_rule_says() -> None:
    device = mapping({"path": "$.a", "on_missing": "fail", "name": "Needed"}, {"path": "$.b"})
    missing = Failure("Needed", "missing-value", "the value is missing")
    assert failed(device, {"b": 1}) == failed(device, {"a": None}) == failed(device, []) == [missing]
    assert written(mapping({"path": "$.a"}), {"b": 1}) is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, [1, [math.nan]], {"a": {"b": math.inf}}])
@pytest.mark.parametrize("rule", [{}, {"condition": {"deadband": 0}}])
def test_what_json_cannot_say_is_refused_and_the_rest_is_written(value: Any, rule: dict[str, Any]) -> None:
    device = mapping({"path": "$.a"} | rule, {"path": "$.b"})
    failures: list[Failure] = []
    assert device.apply({"a": value, "b": 1}, 0.0, failures) == [
        {"model": EQUIPMENT.model, "id": 7, "values": {"x_1": 1}}
    ]
    assert [failure.code for failure in failures] == ["not-finite"]


def test_path_that_fails_on_the_data_is_a_failure_of_its_rule() -> None:
    device = mapping({"path": "$.a.`parent`.`parent`.`parent`"}, {"path": "$.a"})
    failures: list[Failure] = []
    writes = device.apply({"a": 1}, 0.0, failures)
    assert writes == [{"model": EQUIPMENT.model, "id": 7, "values": {"x_1": 1}}]
    assert [failure.rule for failure in failures] == ["x_0"]


def test_values_held_back_are_matched_but_not_written() -> None:
    device = mapping({"path": "$.a", "condition": {"deadband": 1}}, {"path": "$.b", "condition": {"deadband": 1}})
    assert written(device, {"a": 1, "b": 1}) == [{"model": EQUIPMENT.model, "id": 7, "values": {"x_0": 1, "x_1": 1}}]
    assert written(device, {"a": 1.5, "b": 2}) == [{"model": EQUIPMENT.model, "id": 7, "values": {"x_1": 2}}]
    assert written(device, {"a": 1.5}) == []


def test_inactive_rule_is_not_applied() -> None:
    assert written(mapping({"path": "$.a", "active": False}), {"a": 1}) is None

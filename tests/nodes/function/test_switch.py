"""Cases 1 to 12 of what a Node-RED user expects of the switch node."""

from typing import Any

import pytest
from pydantic import ValidationError

from flowengine.testing import NodeHarness
from flowengine_nodes.function.switch import Switch, SwitchConfig

MISSING = object()


async def ports(rules: list[dict[str, Any]], payload: Any = MISSING, **more: Any) -> list[str]:
    fields = more if payload is MISSING else {"payload": payload, **more}
    config: dict[str, Any] = {key: more.pop(key) for key in ("value", "stop_at_first") if key in more}
    async with NodeHarness(Switch, {"rules": rules, **config}) as harness:
        sent = await harness.feed(fields)
        assert harness.errors == []
        assert harness.account.settled == 1
        return [port for port, _ in sent]


async def matches(when: str, payload: Any = MISSING, **rule: Any) -> bool:
    fields = rule.pop("fields", {})
    return bool(await ports([{"when": when, "port": "yes", **rule}], payload, **fields))


@pytest.mark.parametrize(
    ("payload", "value", "equal"),
    [
        (5, 5, True),
        ("5", 5, True),
        (5, "5", True),
        ("5.0", 5, True),
        (" 5 ", 5, True),
        ("a", "a", True),
        ("5.0", "5", False),
        ("", 0, False),
        ("five", 5, False),
        (True, 1, False),
        (1, True, False),
        ("true", True, False),
        (None, 0, False),
        (None, None, True),
        ([1], [1], True),
        ([1], [True], False),
        ("1_000", 1000, False),
    ],
)
async def test_switch_eq_compares_loosely(payload: Any, value: Any, equal: bool) -> None:
    assert await matches("eq", payload, value=value) is equal
    assert await matches("neq", payload, value=value) is not equal


@pytest.mark.parametrize(
    ("payload", "value", "below"),
    [
        (1, 2, True),
        (2, 1, False),
        ("9", 10, True),
        ("10", "9", True),
        (True, 2, False),
        (None, 5, False),
        ("x", 5, False),
    ],
)
async def test_switch_lt_compares_numbers_and_texts(payload: Any, value: Any, below: bool) -> None:
    assert await matches("lt", payload, value=value) is below
    assert await matches("gt", value, value=payload) is below


async def test_switch_lte_and_gte_include_the_value() -> None:
    assert await matches("lte", 5, value=5)
    assert await matches("gte", "5", value=5)
    assert not await matches("lte", float("nan"), value=5)
    assert not await matches("gte", float("nan"), value=5)


@pytest.mark.parametrize(("start", "end"), [(1, 3), (3, 1), ("1", "3"), ("c", "a")])
async def test_switch_between_takes_bounds_in_either_order_and_texts(start: Any, end: Any) -> None:
    inside = "b" if start == "c" else 2
    outside = "x" if start == "c" else 4
    assert await matches("between", inside, **{"from": start, "to": end})
    assert await matches("between", start, **{"from": start, "to": end})
    assert not await matches("between", outside, **{"from": start, "to": end})


@pytest.mark.parametrize(
    ("payload", "part", "found"),
    [("abc", "b", True), (1234, 23, True), ({"a": 1}, '"a"', True), (None, "null", False), (True, "ru", True)],
)
async def test_switch_contains_takes_values_as_text(payload: Any, part: Any, found: bool) -> None:
    assert await matches("contains", payload, value=part) is found


async def test_switch_regex_takes_values_as_text_and_may_ignore_case() -> None:
    assert await matches("regex", 1234, regex="^12")
    assert await matches("regex", "ALARM", regex="alarm", ignore_case=True)
    assert not await matches("regex", "ALARM", regex="alarm")


async def test_switch_else_matches_only_where_no_rule_before_did() -> None:
    rules: list[dict[str, Any]] = [
        {"when": "eq", "value": 1, "port": "one"},
        {"when": "else", "port": "other"},
        {"when": "lt", "value": 10, "port": "small"},
    ]
    assert await ports(rules, 1) == ["one", "small"]
    assert await ports(rules, 2) == ["other", "small"]
    assert await ports(rules, 1, stop_at_first=True) == ["one"]
    assert await ports(rules, 2, stop_at_first=True) == ["other"]


async def test_switch_sends_a_message_once_by_a_port_that_rules_share() -> None:
    rules: list[dict[str, Any]] = [{"when": "lt", "value": 5, "port": "odd"}, {"when": "eq", "value": 1, "port": "odd"}]
    assert await ports(rules, 1) == ["odd"]
    async with NodeHarness(Switch, {"rules": rules}) as harness:
        assert list(harness.node.outputs) == ["odd"]


async def test_switch_null_matches_null_and_a_missing_value() -> None:
    assert await matches("null", None)
    assert await matches("null")
    assert not await matches("null", 0)
    assert await matches("not-null", 0)
    assert not await matches("not-null")


@pytest.mark.parametrize("value", ["", [], {}, b""])
async def test_switch_empty_is_true_only_of_what_can_be_empty(value: Any) -> None:
    assert await matches("empty", value)
    assert not await matches("not-empty", value)


@pytest.mark.parametrize("value", [None, 0, False, MISSING])
async def test_switch_neither_empty_nor_full_is_what_has_no_size(value: Any) -> None:
    assert not await matches("empty", value)
    assert not await matches("not-empty", value)


@pytest.mark.parametrize(
    ("kind", "yes", "no"),
    [
        ("text", "a", 1),
        ("number", 1.5, "1"),
        ("number", 0, float("nan")),
        ("number", 0, True),
        ("boolean", False, 0),
        ("list", [], {}),
        ("object", {}, []),
        ("bytes", b"", ""),
        ("json", '{"a": 1}', "{a: 1}"),
        ("json", "1", 1),
        ("null", None, 0),
        ("missing", MISSING, None),
    ],
)
async def test_switch_type_knows_every_type(kind: str, yes: Any, no: Any) -> None:
    assert await matches("type", yes, type=kind)
    assert not await matches("type", no, type=kind)


@pytest.mark.parametrize(("payload", "key"), [(None, "a"), (MISSING, "a"), ({"1": 2}, 1), ("a", "a"), ({"a": 1}, "b")])
async def test_switch_has_key_needs_an_object_and_a_text(payload: Any, key: Any) -> None:
    assert not await matches("has-key", payload, key=key)
    assert await matches("has-key", {"a": None}, key="a")


async def test_switch_true_and_false_match_nothing_else() -> None:
    assert await matches("true", True)
    assert not await matches("true", 1)
    assert await matches("false", False)
    assert not await matches("false", 0)


async def test_switch_previous_compares_with_the_message_before_first_with_null() -> None:
    rules: list[dict[str, Any]] = [{"when": "eq", "previous": True, "port": "same"}, {"when": "else", "port": "new"}]
    async with NodeHarness(Switch, {"rules": rules}) as harness:
        seen = [port for value in (None, 1, "1", 2) for port, _ in await harness.feed(payload=value)]
    assert seen == ["same", "new", "same", "new"]


@pytest.mark.parametrize(
    ("rule", "chosen"),
    [
        ({"when": "head", "count": 2}, [0, 1]),
        ({"when": "tail", "count": 2}, [2, 3]),
        ({"when": "index", "from": 1, "to": 2}, [1, 2]),
    ],
)
async def test_switch_picks_parts_of_a_sequence(rule: dict[str, Any], chosen: list[int]) -> None:
    async with NodeHarness(Switch, {"rules": [{**rule, "port": "part"}]}) as harness:
        for index in range(4):
            harness.receive(payload=index, parts={"id": "s", "index": index, "count": 4})
        assert [sent.fields["payload"] for sent in harness.take()] == chosen


async def test_switch_parts_rule_fails_where_there_are_no_parts() -> None:
    async with NodeHarness(Switch, {"rules": [{"when": "head", "count": 1, "port": "part"}]}) as harness:
        await harness.feed(payload=1)
        assert [error.code for error in harness.errors] == ["no-parts"]


async def test_switch_sends_nothing_when_a_rule_fails() -> None:
    rules: list[dict[str, Any]] = [
        {"when": "not-null", "port": "a"},
        {"when": "jsonata", "jsonata": "payload + 1 > 0", "port": "b"},
    ]
    async with NodeHarness(Switch, {"rules": rules}) as harness:
        assert await harness.feed(payload="x") == []
        assert [error.code for error in harness.errors] == ["expression-failed"]


async def test_switch_jsonata_matches_only_true() -> None:
    assert await matches("jsonata", 5, jsonata="payload > 4")
    assert not await matches("jsonata", 5, jsonata="payload")


@pytest.mark.parametrize(
    "rule",
    [
        {"when": "jsonata", "jsonata": "payload +", "port": "a"},
        {"when": "regex", "regex": "(", "port": "a"},
        {"when": "equals", "value": 1, "port": "a"},
        {"when": "eq", "value": 1},
    ],
)
def test_switch_refuses_a_bad_rule_before_anything_runs(rule: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SwitchConfig.model_validate({"rules": [rule]})


async def test_switch_without_rules_sends_nothing_and_is_done() -> None:
    assert await ports([], 1) == []


async def test_switch_looks_at_any_value() -> None:
    rules: list[dict[str, Any]] = [{"when": "eq", "value": {"path": "$.limit"}, "port": "at-limit"}]
    assert await ports(rules, 3, value={"jsonata": "payload * 2"}, limit=6) == ["at-limit"]

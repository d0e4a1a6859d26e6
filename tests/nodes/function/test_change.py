"""Cases 13 to 22 of what a Node-RED user expects of the change node."""

from typing import Any

import pytest
from pydantic import ValidationError

from flowengine.testing import Failed, NodeHarness
from flowengine_nodes.function.change import Change, ChangeConfig


async def changed(rules: list[dict[str, Any]], **fields: Any) -> Any:
    async with NodeHarness(Change, {"rules": rules}, env={"PLANT": "north"}) as harness:
        sent = await harness.feed(**fields)
        assert harness.errors == []
        assert [port for port, _ in sent] == ["out"]
        return dict(sent[0].fields)


async def failure(rules: list[dict[str, Any]], **fields: Any) -> Failed:
    async with NodeHarness(Change, {"rules": rules}) as harness:
        assert await harness.feed(**fields) == []
        return harness.errors[0]


async def test_change_set_makes_missing_parents() -> None:
    assert await changed([{"set": "$.payload.a.b.c", "to": 1}], topic="t") == {
        "topic": "t",
        "payload": {"a": {"b": {"c": 1}}},
    }


@pytest.mark.parametrize("scalar", [5, "text", True])
async def test_change_set_refuses_to_write_below_a_scalar(scalar: Any) -> None:
    assert (await failure([{"set": "$.payload.level", "to": 1}], payload=scalar)).code == "path-write"


async def test_change_set_from_a_missing_value_deletes_the_target_and_creates_nothing() -> None:
    rules: list[dict[str, Any]] = [
        {"set": "$.payload.a", "to": {"path": "$.nothing"}},
        {"set": "$.b.c", "to": {"path": "$.nothing.at.all"}},
    ]
    assert await changed(rules, payload={"a": 1, "x": 2}) == {"payload": {"x": 2}}


async def test_change_set_from_null_sets_null() -> None:
    assert await changed([{"set": "$.payload", "to": {"path": "$.n"}}], payload=1, n=None) == {
        "payload": None,
        "n": None,
    }


@pytest.mark.parametrize("literal", [5, "5", None, True, [1], {"literal": {"path": "$.x"}}])
async def test_change_set_takes_literals_of_every_type(literal: Any) -> None:
    expected = literal["literal"] if isinstance(literal, dict) else literal
    result = await changed([{"set": "$.payload", "to": literal}])
    assert result["payload"] == expected
    assert type(result["payload"]) is type(expected)


async def test_change_in_a_text_replaces_every_part_and_keeps_text() -> None:
    result = await changed([{"change": "$.payload", "from": "1", "to": 2}], payload="a1b1")
    assert result["payload"] == "a2b2"


@pytest.mark.parametrize("new", [7, False, "seven", None, {"literal": {"a": 1}}])
async def test_change_of_a_whole_text_takes_the_new_type(new: Any) -> None:
    result = await changed([{"change": "$.payload", "from": "on", "to": new}], payload="on")
    assert result["payload"] == (new["literal"] if isinstance(new, dict) else new)


@pytest.mark.parametrize(
    ("value", "wanted", "expected"),
    [(5, 5, "new"), (5.0, 5, "new"), (5, "5", 5), ("5", 5, "5"), (True, True, "new"), (1, True, 1), (15, 5, 15)],
)
async def test_change_of_a_number_or_boolean_needs_the_same_type(value: Any, wanted: Any, expected: Any) -> None:
    result = await changed([{"change": "$.payload", "from": wanted, "to": "new"}], payload=value)
    assert result["payload"] == expected
    assert type(result["payload"]) is type(expected)


@pytest.mark.parametrize(
    ("pattern", "to", "value", "expected"),
    [
        (r"(\w+)/(\w+)", "$2/$1", "a/b", "b/a"),
        (r"(?P<first>\w+)/", "$<first>-$&$$", "a/b", "a-a/$b"),
        (r"(x)?b", "[$1]", "b", "[]"),
        (r"b", "$9 $<none>", "b", "$9 $<none>"),
        (r"b", r"\1", "b", r"\1"),
        (r"B", "c", "b", "b"),
    ],
)
async def test_change_by_regex_puts_groups_in(pattern: str, to: str, value: str, expected: str) -> None:
    result = await changed([{"change": "$.payload", "from": pattern, "to": to, "regex": True}], payload=value)
    assert result["payload"] == expected


async def test_change_by_regex_may_ignore_case_and_come_from_the_message() -> None:
    rule = {"change": "$.payload", "from": {"path": "$.re"}, "to": "c", "regex": True, "ignore_case": True}
    assert (await changed([rule], payload="aB", re="b"))["payload"] == "ac"
    assert (await failure([rule], payload="aB", re="(")).code == "regex"


async def test_change_by_regex_leaves_what_is_no_text() -> None:
    result = await changed([{"change": "$.payload", "from": "5", "to": "6", "regex": True}], payload=5)
    assert result["payload"] == 5


@pytest.mark.parametrize("bad", ["(", 5])
def test_change_refuses_a_bad_regex_before_anything_runs(bad: Any) -> None:
    with pytest.raises(ValidationError, match=r"from|\("):
        ChangeConfig.model_validate({"rules": [{"change": "$.payload", "from": bad, "to": "", "regex": True}]})


@pytest.mark.parametrize(
    "rule",
    [{"change": "$.payload.x", "from": 1, "to": 2}, {"delete": "$.payload.x.y"}, {"move": "$.x", "to": "$.payload"}],
)
async def test_change_of_something_missing_leaves_the_message_as_it_is(rule: dict[str, Any]) -> None:
    assert await changed([rule], payload={"a": 1}) == {"payload": {"a": 1}}


@pytest.mark.parametrize(
    ("move", "to", "expected"),
    [
        ("$.payload", "$.payload", {"payload": {"a": 1}}),
        ("$.payload", "$.payload.inner", {"payload": {"inner": {"a": 1}}}),
        ("$.payload.a", "$.payload", {"payload": 1}),
        ("$.payload.a", "$.b.c", {"payload": {}, "b": {"c": 1}}),
    ],
)
async def test_change_moves_to_itself_into_its_child_and_up_to_its_parent(move: str, to: str, expected: Any) -> None:
    assert await changed([{"move": move, "to": to}], payload={"a": 1}) == expected


async def test_change_rules_run_in_order_each_seeing_the_last() -> None:
    rules: list[dict[str, Any]] = [
        {"set": "$.payload", "to": "a"},
        {"change": "$.payload", "from": "a", "to": "b"},
        {"move": "$.payload", "to": "$.topic"},
        {"set": "$.payload.copy", "to": {"path": "$.topic"}},
        {"delete": "$.old"},
    ]
    assert await changed(rules, old=1) == {"topic": "b", "payload": {"copy": "b"}}


async def test_change_never_changes_what_it_was_given_or_copied() -> None:
    original = {"a": {"x": 1}}
    rules: list[dict[str, Any]] = [
        {"set": "$.payload.b", "to": {"path": "$.payload.a"}},
        {"set": "$.payload.b.x", "to": 2},
    ]
    result = await changed(rules, payload=original)
    assert result["payload"] == {"a": {"x": 1}, "b": {"x": 2}}
    assert original == {"a": {"x": 1}}


async def test_change_reads_variables_state_and_computations() -> None:
    rules: list[dict[str, Any]] = [
        {"store": "last", "to": {"path": "$.payload"}},
        {"set": "$.plant", "to": {"env": "PLANT"}},
        {"set": "$.twice", "to": {"jsonata": "payload * 2"}},
        {"set": "$.last", "to": {"state": "last", "scope": "flow"}},
        {"set": "$.text", "to": {"template": "{{ payload }} bar"}},
    ]
    assert await changed(rules, payload=4) == {
        "payload": 4, "plant": "north", "twice": 8, "last": 4, "text": "4 bar",
    }  # fmt: skip


async def test_change_keeps_what_it_stores_across_a_restart() -> None:
    rules: list[dict[str, Any]] = [
        {"set": "$.before", "to": {"state": "last", "scope": "flow"}},
        {"store": "last", "to": {"path": "$.payload"}},
    ]
    async with NodeHarness(Change, {"rules": rules}) as harness:
        assert [sent.fields for sent in await harness.feed(payload=1)] == [{"payload": 1}]
        await harness.restart()
        assert [sent.fields for sent in await harness.feed(payload=2)] == [{"payload": 2, "before": 1}]


async def test_change_paths_may_depend_on_the_message_on_both_sides() -> None:
    rules: list[dict[str, Any]] = [{"set": "$.out[$.topic]", "to": {"path": "$.payload[$.topic]"}}]
    assert (await changed(rules, topic="t", payload={"t": 3}))["out"] == {"t": 3}


@pytest.mark.parametrize("rule", [{}, {"set": "$.a", "delete": "$.b", "to": 1}, {"sett": "$.a", "to": 1}])
def test_change_says_what_a_rule_may_be(rule: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="exactly one of the keys set, change, delete, move, store"):
        ChangeConfig.model_validate({"rules": [rule]})

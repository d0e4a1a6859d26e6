import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.expressions import Draft, Path, PathWriteError, compile_path
from flowengine.node import NodeScope
from flowengine.testing import NodeHarness
from flowengine_nodes.function.change import AnyRule, Change, ChangeConfig
from flowengine_nodes.function.rearrangement import Operation, compile_rearrangement

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
PATHS = st.sampled_from(["$.a", "$.b", "$.a.a", "$.a.b", "$.a.c", "$.a.b.c", "$.a.b.a", "$.b.a", "$.c.a.b", "$.c.a.c"])
RULES = st.one_of(
    st.fixed_dictionaries({"set": PATHS, "to": JSON.map(lambda value: {"literal": value})}),
    st.fixed_dictionaries({"set": PATHS, "to": st.fixed_dictionaries({"path": PATHS})}),
    st.fixed_dictionaries({"delete": PATHS}),
    st.fixed_dictionaries({"move": PATHS, "to": PATHS}),
)


class Unused(NodeScope):
    def __init__(self) -> None: ...


def parsed(rules: list[dict[str, Any]]) -> list[AnyRule]:
    return ChangeConfig.model_validate({"rules": rules}).rules


def by_draft(rules: list[AnyRule]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    compiled = [rule.compile(Unused()) for rule in rules]  # type: ignore[call-arg,arg-type]  # none of them keeps state

    def apply(fields: dict[str, Any]) -> dict[str, Any]:
        draft = Draft(fields)
        for rule in compiled:
            rule(draft)
        return draft.fields

    return apply


def operations(rules: list[AnyRule]) -> list[Operation]:
    return [rule.operation() for rule in rules]  # type: ignore[misc,union-attr]  # each of them has one


@given(st.dictionaries(st.sampled_from("abc"), JSON), st.lists(RULES, max_size=6))
def test_rearrangement_does_what_a_draft_does_and_changes_nothing_it_was_given(
    fields: dict[str, Any], rules: list[dict[str, Any]]
) -> None:
    ours = parsed(rules)
    slow = by_draft(ours)
    before = copy.deepcopy((fields, rules))
    fast = compile_rearrangement(operations(ours), slow)
    try:
        expected = slow(fields)
    except PathWriteError:
        with pytest.raises(PathWriteError):
            fast(fields)
    else:
        made = fast(fields)
        assert made == expected
        assert repr(made) == repr(expected), "the order of fields, and 1 and True, are to be the same"
        assert made is not fields
    assert (fields, rules) == before


def never(fields: dict[str, Any]) -> dict[str, Any]:
    raise AssertionError(f"the slow way was taken for {fields}")


MAPPING: list[dict[str, Any]] = [
    {"set": "$.payload.site", "to": "plant-1"},
    {"set": "$.payload.condition", "to": {"path": "$.payload.state"}},
    {"move": "$.payload.temperature", "to": "$.payload.values.temperature"},
    {"move": "$.payload.humidity", "to": "$.payload.values.humidity"},
    {"delete": "$.topic"},
]


@pytest.mark.parametrize(
    "payload", [{"state": "on", "temperature": 1, "humidity": 2}, {}, {"state": ["on"], "temperature": {"now": 1}}]
)
def test_rearrangement_of_objects_needs_no_slow_way(payload: dict[str, Any]) -> None:
    rules = parsed(MAPPING)
    fields = {"payload": payload, "topic": "t"}
    assert compile_rearrangement(operations(rules), never)(fields) == by_draft(rules)(fields)


def test_rearrangement_does_not_change_a_value_that_is_seen_in_two_places() -> None:
    rules = parsed(
        [
            {"set": "$.a.b.c", "to": 1},
            {"set": "$.b", "to": {"path": "$.a"}},
            {"set": "$.a.b.c", "to": 2},
            {"move": "$.b", "to": "$.c.a"},
            {"set": "$.c.a.b.c", "to": 3},
        ]
    )
    made = compile_rearrangement(operations(rules), never)({})
    assert made == {"a": {"b": {"c": 2}}, "c": {"a": {"b": {"c": 3}}}}


def test_rearrangement_takes_the_literal_of_a_rule_for_no_object_of_its_own() -> None:
    literal: dict[str, Any] = {}
    rules = parsed([{"set": "$.a", "to": {"literal": literal}}, {"set": "$.a.b", "to": 1}])
    apply = compile_rearrangement(operations(rules), never)
    assert [apply({}), apply({})] == [{"a": {"b": 1}}] * 2
    assert literal == {}


@pytest.mark.parametrize("rule", [{"set": "$.a[0]", "to": 1}, {"delete": "$..a"}, {"move": "$.x[$.y]", "to": "$.z"}])
def test_rearrangement_leaves_paths_with_more_than_names_to_the_slow_way(rule: dict[str, Any]) -> None:
    assert compile_rearrangement(operations(parsed([rule])), never) is never


def test_rearrangement_takes_no_text_of_a_user_for_code() -> None:
    name = '"]; raise SystemExit #'
    path = compile_path(f"$['{name}'].x")
    assert isinstance(path, Path)
    rules = parsed([{"set": path.text, "to": '" + exit() + "'}])
    assert compile_rearrangement(operations(rules), never)({}) == {name: {"x": '" + exit() + "'}}


async def test_change_goes_on_alike_when_it_has_become_busy() -> None:
    async with NodeHarness(Change, {"rules": MAPPING}) as harness:
        given_payload = {"state": "on", "temperature": 1, "humidity": 2}
        seen = [await harness.feed(payload=given_payload, topic="t") for _ in range(100)]
        texts = {repr([dict(sent.fields) for sent in one]) for one in seen}
        assert len(texts) == 1
        await harness.feed(payload="text")
        assert [error.code for error in harness.errors] == ["path-write"]

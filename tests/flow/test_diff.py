"""Differences between two versions of a flow, and three brought together."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.flow.diff import ABSENT, Change, ChangeKind, Conflict, FlowDifference, diff_flows, merge_flows
from flowengine.flow.document import FlowDocument


def flow(nodes: dict[str, Any] | None = None, **fields: Any) -> FlowDocument:
    return FlowDocument.model_validate({"flowengine": 1, "id": "f", "nodes": nodes or {}, **fields})


A = {"type": "mqtt-in", "config": {"topic": "x", "qos": 1}, "wires": {"out": ["b"]}}
B = {"type": "debug"}
random_flows = st.from_type(FlowDocument)


def apply(document: FlowDocument, difference: FlowDifference) -> FlowDocument:
    value = document.model_dump(mode="json", by_alias=True)
    for change in difference.changes:
        parent = value
        for key in change.path[:-1]:
            parent = parent[key]
        if change.after is ABSENT:
            del parent[change.path[-1]]
        else:
            parent[change.path[-1]] = change.after
    return FlowDocument.model_validate(value)


def test_diff_names_nodes_that_came_went_and_changed() -> None:
    before = flow({"a": A, "b": B, "c": B})
    after = flow({"a": {**A, "config": {"topic": "y", "retain": True}, "wires": {}}, "b": B, "d": B})
    nodes = diff_flows(before, after).nodes
    assert {id_: node.kind for id_, node in nodes.items()} == {
        "a": ChangeKind.CHANGED,
        "c": ChangeKind.REMOVED,
        "d": ChangeKind.ADDED,
    }
    assert nodes["a"].changes == (
        Change(("config", "qos"), 1, ABSENT),
        Change(("config", "retain"), ABSENT, True),
        Change(("config", "topic"), "x", "y"),
        Change(("wires", "out"), ["b"], ABSENT),
    )
    assert nodes["a"].touches("config")
    assert nodes["a"].touches("type", "wires")
    assert not nodes["a"].touches("type", "disabled")


def test_diff_tells_what_changed_outside_of_nodes() -> None:
    before = flow(env={"A": "1", "B": "2"}, groups={"g": {"name": "G"}})
    after = flow(env={"A": "1", "B": "3"}, groups={"g": {"name": "H"}}, errors={"then": "drop"})
    difference = diff_flows(before, after)
    assert [change.path for change in difference.elsewhere] == [("env", "B"), ("errors",), ("groups", "g", "name")]
    assert difference.nodes == {}


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, 1.0), (0, False), ([1], [True]), (None, 0), ("1", 1)])
def test_diff_keeps_json_types_apart(one: Any, other: Any) -> None:
    difference = diff_flows(
        flow({"a": {"type": "t", "config": {"v": one}}}), flow({"a": {"type": "t", "config": {"v": other}}})
    )
    assert [change.path for change in difference.changes] == [("nodes", "a", "config", "v")]


def test_diff_ignores_order_of_keys_and_defaults_written_out() -> None:
    before = flow({"a": {"type": "t", "config": {"x": 1, "y": {"p": 1, "q": 2}}}})
    after = flow({"a": {"config": {"y": {"q": 2, "p": 1}, "x": 1}, "type": "t", "name": "", "disabled": False}})
    assert not diff_flows(before, after)


def test_diff_is_data() -> None:
    difference = diff_flows(flow({"a": A}), flow({"a": {**A, "config": {"topic": None, "qos": 1}}, "b": B}))
    assert [change.as_dict() for change in difference.changes] == [
        {"path": ["nodes", "a", "config", "topic"], "kind": "changed", "before": "x", "after": None},
        {
            "path": ["nodes", "b"],
            "kind": "added",
            "after": json.loads(flow({"b": B}).nodes["b"].model_dump_json()),
        },
    ]


@given(before=random_flows, after=random_flows)
@settings(max_examples=60, deadline=None)
def test_diff_holds_everything_that_differs(before: FlowDocument, after: FlowDocument) -> None:
    assert apply(before, diff_flows(before, after)) == after
    assert not diff_flows(before, before.model_copy(deep=True))


def test_merge_brings_together_what_does_not_meet() -> None:
    base = flow({"a": A, "b": B}, env={"X": "1"})
    mine = flow({"a": {**A, "config": {"topic": "y", "qos": 1}}, "b": B, "c": B}, env={"X": "1"})
    theirs = flow({"a": {**A, "config": {"topic": "x", "qos": 2}}}, env={"X": "1", "Y": "2"}, name="N")
    merge = merge_flows(base, mine, theirs)
    assert merge.conflicts == ()
    assert merge.document == flow(
        {"a": {**A, "config": {"topic": "y", "qos": 2}}, "c": B}, env={"X": "1", "Y": "2"}, name="N"
    )


@pytest.mark.parametrize(
    ("mine", "theirs", "conflict"),
    [
        (
            {"a": {**A, "config": {"topic": "y", "qos": 1}}},
            {"a": {**A, "config": {"topic": "z", "qos": 1}}},
            Conflict(("nodes", "a", "config", "topic"), "x", "y", "z"),
        ),
        (
            {"a": {**A, "wires": {}}},
            {"a": {**A, "wires": {"out": ["c"]}}},
            Conflict(("nodes", "a", "wires", "out"), ["b"], ABSENT, ["c"]),
        ),
    ],
)
def test_merge_takes_mine_where_both_changed_and_says_so(mine: Any, theirs: Any, conflict: Conflict) -> None:
    merge = merge_flows(flow({"a": A}), flow(mine), flow(theirs))
    assert merge.conflicts == (conflict,)
    assert merge.document == flow(mine)


def test_merge_reports_a_node_that_one_removed_and_the_other_changed() -> None:
    base, changed = flow({"a": A, "b": B}), flow({"a": {**A, "name": "A"}, "b": B})
    removed = flow({"b": B})
    for mine, theirs in ((removed, changed), (changed, removed)):
        merge = merge_flows(base, mine, theirs)
        assert [conflict.path for conflict in merge.conflicts] == [("nodes", "a")]
        assert merge.document == mine


def test_merge_reports_a_node_that_both_added_differently() -> None:
    merge = merge_flows(flow(), flow({"a": A}), flow({"a": B}))
    (conflict,) = merge.conflicts
    assert conflict.path == ("nodes", "a")
    assert "base" not in conflict.as_dict()
    assert conflict.as_dict()["theirs"]["type"] == "debug"
    assert merge_flows(flow(), flow({"a": A}), flow({"a": A})).conflicts == ()


@given(base=random_flows, other=random_flows)
@settings(max_examples=40, deadline=None)
def test_merge_of_one_side_is_that_side(base: FlowDocument, other: FlowDocument) -> None:
    for merge in (merge_flows(base, base, other), merge_flows(base, other, base), merge_flows(base, other, other)):
        assert merge.document == other
        assert merge.conflicts == ()

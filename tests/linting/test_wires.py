"""Wires: both ends exist, none is drawn twice; and what the shape of a flow tells."""

from typing import Any

import pytest

from tests.linting.workshop import Workshop

SHOW = {"type": "debug"}


def tick(*targets: str, port: str = "out") -> dict[str, Any]:
    return {"type": "inject", "wires": {port: list(targets)}}


def node(type_: str, *targets: str, **more: Any) -> dict[str, Any]:
    return {"type": type_, "wires": {"out": list(targets)}} | more


def facts(workshop: Workshop, nodes: dict[str, Any], **more: Any) -> list[tuple[str, str | None, str | None]]:
    return [(problem.code, problem.node, problem.field) for problem in workshop.nodes(nodes, **more).problems]


def test_port_that_is_not_there_is_told_with_those_that_are(workshop: Workshop) -> None:
    (problem,) = workshop.nodes({"tick": tick("show", port="oout"), "show": SHOW}).errors
    assert (problem.code, problem.field, problem.hint) == ("unknown-port", "wires.oout", 'did you mean "out"?')
    (problem,) = workshop.nodes({"tick": tick("show"), "show": SHOW | {"wires": {"out": ["show"]}}}).errors
    assert problem.hint == "it has no output ports"


def test_ports_follow_the_configuration_where_they_depend_on_it(workshop: Workshop) -> None:
    switch = {"type": "switch", "config": {"rules": ["low", "high"]}, "wires": {"high": ["show"], "other": ["show"]}}
    (problem,) = workshop.nodes({"tick": tick("s"), "s": switch, "show": SHOW}).problems
    assert (problem.code, problem.field) == ("unknown-port", "wires.other")
    assert problem.hint == "its ports are low, high"


def test_ports_are_not_judged_while_the_configuration_is_wrong(workshop: Workshop) -> None:
    switch = {"type": "switch", "config": {"rules": 5}, "wires": {"high": ["show"]}}
    assert facts(workshop, {"tick": tick("s"), "s": switch, "show": SHOW}) == [("wrong-type", "s", "rules")]


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("nobody", "unknown-target"),
        ("other", "wire-to-source"),
        ("catch", "wire-to-source"),
        ("show.left", "unknown-input"),
    ],
)
def test_wire_that_leads_nowhere_is_told_at_its_place(workshop: Workshop, target: str, code: str) -> None:
    nodes = {"tick": tick("show", target), "other": tick("show"), "catch": node("catch", "show"), "show": SHOW}
    assert facts(workshop, nodes) == [(code, "tick", "wires.out[1]")]


def test_disabled_node_takes_its_wires_with_it(workshop: Workshop) -> None:
    nodes = {"tick": tick("a"), "a": node("change", "b", disabled=True), "b": SHOW}
    assert facts(workshop, nodes) == [("wire-to-disabled", "tick", "wires.out[0]"), ("unreachable-node", "b", None)]


def test_row_of_nodes_that_nothing_reaches_is_told_once_at_its_head(workshop: Workshop) -> None:
    nodes = {
        "tick": tick("show"),
        "a": node("change", "b"),
        "b": node("change", "c"),
        "c": node("delay", "show"),
        "show": SHOW,
        "round": node("delay", "trip"),
        "trip": node("change", "round"),
        "alone": SHOW,
    }
    problems = workshop.nodes(nodes).problems
    assert [(problem.node, problem.message) for problem in problems] == [
        ("a", "no message can get to the node, nor to the 2 behind it"),
        ("round", "no message can get to the node, nor to the one behind it"),
        ("alone", "no message can get to the node"),
    ]
    assert {problem.code for problem in problems} == {"unreachable-node"}


def test_listener_needs_no_wire_in(workshop: Workshop) -> None:
    assert facts(workshop, {"catch": node("catch", "show"), "show": SHOW}) == []


def test_circle_is_told_at_the_wire_that_closes_it_with_its_whole_way(workshop: Workshop) -> None:
    nodes = {"tick": tick("b"), "b": node("change", "c"), "c": node("change", "a", "b"), "a": node("change", "b")}
    (problem,) = workshop.nodes(nodes).problems
    assert (problem.code, problem.node, problem.field) == ("cycle-without-queue", "a", "wires.out[0]")
    assert problem.message.endswith("a → b → c → a")


def test_node_that_feeds_itself_is_a_circle(workshop: Workshop) -> None:
    nodes = {"tick": tick("a"), "a": node("change", "a")}
    assert facts(workshop, nodes) == [("cycle-without-queue", "a", "wires.out[0]")]


@pytest.mark.parametrize("resting", [node("delay", "a"), node("http-request", "a", config={"url": "u"})])
def test_circle_is_fine_where_messages_rest(workshop: Workshop, resting: dict[str, Any]) -> None:
    result = workshop.nodes({"tick": tick("a"), "a": node("change", "rest"), "rest": resting})
    assert result.problems == ()


def test_wires_in_a_circle_are_deferred_unless_a_stage_cuts_them(workshop: Workshop) -> None:
    nodes = {"tick": tick("a"), "a": node("change", "rest"), "rest": node("delay", "a")}
    deferred = workshop.nodes(nodes).plans["example"].deferred
    assert {(wire.source, wire.target) for wire in deferred} == {("a", "rest"), ("rest", "a")}
    nodes["rest"] = node("http-request", "a", config={"url": "u"})
    assert not workshop.nodes(nodes).plans["example"].deferred


@pytest.mark.parametrize(
    ("type_", "config", "useless"),
    [
        ("change", {}, True),
        ("inject", {}, True),
        ("http-in", {"path": "/"}, True),
        ("http-request", {"url": "u"}, False),
        ("delay", {}, False),
        ("debug", {}, False),
    ],
)
def test_node_is_useless_only_if_it_surely_is(
    workshop: Workshop, type_: str, config: dict[str, Any], *, useless: bool
) -> None:
    last = {"type": type_, "config": config}
    begin = {} if type_ in {"inject", "http-in"} else {"tick": tick("last")}
    assert workshop.codes(begin | {"last": last}) == (["useless-node"] if useless else [])


def test_flow_of_disabled_nodes_is_empty(workshop: Workshop) -> None:
    assert facts(workshop, {"tick": {"type": "inject", "disabled": True}}) == [("empty-flow", None, "nodes")]


def test_group_names_each_node_of_the_flow_at_most_once(workshop: Workshop) -> None:
    groups = {"one": {"nodes": ["tick", "gone"]}, "two": {"nodes": ["show", "tick"]}}
    assert facts(workshop, {"tick": tick("show"), "show": SHOW}, groups=groups) == [
        ("bad-group", None, "groups.one.nodes[1]"),
        ("bad-group", None, "groups.two.nodes[1]"),
    ]

"""Who is in a group with a node that listens."""

from typing import Any

from tests.linting.workshop import Workshop

NODES: dict[str, Any] = {
    "tick": {"type": "inject", "wires": {"out": ["show"]}},
    "show": {"type": "debug"},
    "catch": {"type": "catch", "wires": {"out": ["show"]}},
}


def test_listener_knows_the_nodes_of_its_group_and_others_do_not(workshop: Workshop) -> None:
    result = workshop.nodes(NODES, groups={"g": {"nodes": ["tick", "catch"]}})
    nodes = result.plans["example"].nodes
    assert nodes["catch"].company == {"tick", "catch"}
    assert nodes["tick"].company == frozenset()


def test_listener_follows_its_group_when_that_changes(workshop: Workshop) -> None:
    workshop.nodes(NODES)
    before = workshop.nodes(NODES, groups={"g": {"nodes": ["tick", "catch"]}}).plans["example"]
    after = workshop.nodes(NODES, groups={"g": {"nodes": ["tick", "show", "catch"]}}).plans["example"]
    assert after.nodes["catch"].company == {"tick", "show", "catch"}
    assert after.nodes["show"] == before.nodes["show"]


def test_listener_inside_a_subflow_knows_its_group_there(workshop: Workshop) -> None:
    subflow = {
        "inputs": {"in": {"targets": ["show"]}},
        "env": {"NAME": ""},
        "groups": {"g": {"nodes": ["catch", "show"]}},
        "nodes": {
            "show": {"type": "debug"},
            "catch": {"type": "catch", "wires": {"out": ["log"]}},
            "log": {"type": "debug"},
        },
    }
    use = {
        "tick": {"type": "inject", "wires": {"out": ["sub"]}},
        "sub": {"type": "subflow:inner", "config": {"NAME": "x"}},
    }
    result = workshop.lint({"inner.flow.json": subflow, "example.flow.json": {"nodes": use}})
    assert result.plans["example"].nodes["sub/catch"].company == {"catch", "show"}

from typing import Any

import pytest

from flowengine.flow.environment import Environment
from flowengine.flow.folder import read_folder
from flowengine.linting import Linter, LintResult
from flowengine.registry import Registry, load_node_packs
from tests.linting.workshop import Workshop


@pytest.fixture(scope="module")
def linter() -> Linter:
    registry = Registry()
    load_node_packs(registry)
    return Linter(registry)


def lint(linter: Linter, workshop: Workshop, flows: dict[str, Any]) -> LintResult:
    workshop.write({f"{id_}.flow.json": {"nodes": nodes} for id_, nodes in flows.items()})
    return linter.lint(read_folder(workshop.path), Environment())


def exit_to(*names: str) -> dict[str, Any]:
    return {"type": "link-out", "config": {"to": list(names)}}


def entrance(name: str, target: str) -> dict[str, Any]:
    return {"type": "link-in", "config": {"name": name}, "wires": {"out": [target]}}


def test_circle_over_links_within_a_flow_is_found(linter: Linter, workshop: Workshop) -> None:
    result = lint(linter, workshop, {"a": {"in": entrance("again", "out"), "out": exit_to("again")}})
    (problem,) = (one for one in result.problems if one.code == "cycle-without-queue")
    assert (problem.flow, problem.node) == ("a", "out")
    assert "a/in → a/out → a/in" in problem.message
    assert result.broken == {"a"}
    assert result.plans == {}


def test_circle_over_links_between_flows_stops_one_of_them(linter: Linter, workshop: Workshop) -> None:
    change = {"type": "change", "wires": {"out": ["out"]}}
    flows = {
        "a": {"in": entrance("to-a", "change"), "change": change, "out": exit_to("to-b")},
        "b": {"in": entrance("to-b", "out"), "out": exit_to("to-a")},
        "c": {"tick": {"type": "inject", "wires": {"out": ["out"]}}, "out": exit_to("to-a")},
    }
    result = lint(linter, workshop, flows)
    assert [one.code for one in result.problems] == ["cycle-without-queue"]
    assert len(result.broken) == 1
    assert "c" in result.plans


def test_circle_over_links_in_which_messages_rest_is_fine(linter: Linter, workshop: Workshop) -> None:
    delay = {"type": "delay", "wires": {"out": ["out"]}}
    flows = {"a": {"in": entrance("again", "wait"), "wait": delay, "out": exit_to("again")}}
    assert lint(linter, workshop, flows).problems == ()


def test_links_without_a_circle_are_fine(linter: Linter, workshop: Workshop) -> None:
    show = {"type": "debug"}
    flows = {
        "a": {"tick": {"type": "inject", "wires": {"out": ["out"]}}, "out": exit_to("to-b", "nowhere")},
        "b": {"in": entrance("to-b", "show"), "show": show},
    }
    assert lint(linter, workshop, flows).problems == ()


def test_circle_over_links_inside_a_subflow_is_found(linter: Linter, workshop: Workshop) -> None:
    workshop.write(
        {
            "send.flow.json": {"inputs": {"in": {"targets": ["out"]}}, "nodes": {"out": exit_to("again")}},
            "use.flow.json": {"nodes": {"in": entrance("again", "send"), "send": {"type": "subflow:send"}}},
        }
    )
    result = linter.lint(read_folder(workshop.path), Environment())
    (problem,) = (one for one in result.problems if one.code == "cycle-without-queue")
    assert (problem.flow, problem.node) == ("use", "send")

"""Lint again and again: the answer is that of a first time, and what did not change stays the same object."""

import copy
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.flow.document import FlowDocument
from flowengine.flow.document_file import FLOW_SUFFIX, read_file
from flowengine.flow.environment import Environment
from flowengine.flow.folder import read_folder
from flowengine.linting import Linter, LintResult, lint
from tests.linting.workshop import Workshop, setting


def chain(length: int, **configs: Any) -> dict[str, Any]:
    nodes: dict[str, Any] = {"tick": {"type": "inject", "wires": {"out": ["n-0"]}}}
    for number in range(length):
        id_ = f"n-{number}"
        target = f"n-{number + 1}" if number + 1 < length else "show"
        nodes[id_] = {"type": "change", "config": configs.get(f"n_{number}", {}), "wires": {"out": [target]}}
    return {"nodes": nodes | {"show": {"type": "debug"}}}


def test_lint_once_is_the_same_as_a_linter(workshop: Workshop) -> None:
    result = workshop.lint({"a.flow.json": chain(3, n_1={"path": "$["})})
    assert workshop.folder is not None
    assert lint(workshop.folder, workshop.registry, workshop.environment) == result


def test_only_the_node_that_changed_is_planned_anew(workshop: Workshop) -> None:
    files = {"a.flow.json": chain(5), "b.flow.json": chain(5)}
    before = workshop.lint(files)
    after = workshop.lint({"a.flow.json": chain(5, n_2={"zone": "x"})})
    assert after.plans["b"] is before.plans["b"]
    old, new = before.plans["a"], after.plans["a"]
    assert [id_ for id_ in new.nodes if new.nodes[id_] is not old.nodes[id_]] == ["n-2"]
    assert new.wires is old.wires
    assert new.deferred is old.deferred


def test_nodes_inside_an_instance_stay_the_same_when_another_node_changes(workshop: Workshop) -> None:
    part = {
        "inputs": {"in": {"targets": ["a"]}},
        "outputs": {"out": {"sources": ["a"]}},
        "nodes": {"a": {"type": "change"}},
    }
    flow = chain(2)
    flow["nodes"]["n-1"] = {"type": "subflow:part", "wires": {"out": ["show"]}}
    before = workshop.lint({"part.flow.json": part, "main.flow.json": flow})
    flow["nodes"]["n-0"]["config"] = {"zone": "x"}
    after = workshop.lint({"main.flow.json": flow})
    assert after.plans["main"].nodes["n-1/a"] is before.plans["main"].nodes["n-1/a"]
    part["nodes"]["a"]["config"] = {"zone": "y"}  # type: ignore[index]  # literals
    last = workshop.lint({"part.flow.json": part})
    assert setting(last.plans["main"].nodes["n-1/a"], "zone") == "y"


def test_places_follow_when_lines_move(workshop: Workshop) -> None:
    flow = chain(3, n_1={"path": "$["})
    (before,) = workshop.lint({"a.flow.json": flow}).errors
    (after,) = workshop.lint({"a.flow.json": {"description": "more", "nodes": flow["nodes"]}}).errors
    assert before.line is not None
    assert after.line == before.line + 1


def test_one_changed_document_is_checked_against_the_rest(workshop: Workshop, tmp_path: Path) -> None:
    part = {"inputs": {"in": {"targets": ["show"]}}, "nodes": {"show": {"type": "debug"}}}
    flow = {"nodes": {"tick": {"type": "inject", "wires": {"out": ["p"]}}, "p": {"type": "subflow:part"}}}
    workshop.lint({"part.flow.json": part, "main.flow.json": flow})
    draft = tmp_path / "drafts" / "part.flow.json"
    draft.parent.mkdir()
    draft.write_text(json.dumps({"flowengine": 1, "id": "part"} | part | {"inputs": {"on": {"targets": ["show"]}}}))
    file = read_file(FlowDocument, draft, FLOW_SUFFIX)
    assert workshop.folder is not None
    result = workshop.linter.lint_document(file, workshop.folder, workshop.environment)
    assert result.broken == frozenset()
    flow["nodes"]["tick"]["wires"]["out"] = ["p.in"]  # type: ignore[index]  # literals
    workshop.lint({"main.flow.json": flow})
    result = workshop.linter.lint_document(file, workshop.folder, workshop.environment)
    assert [(problem.code, problem.flow) for problem in result.errors] == [("unknown-input", "main")]
    assert workshop.lint().broken == frozenset()


def test_flow_that_was_broken_for_a_moment_is_not_planned_anew(workshop: Workshop) -> None:
    before = workshop.lint({"a.flow.json": chain(3)})
    assert workshop.lint({"a.flow.json": '{"flowengine": 1'}).broken == {"a"}
    after = workshop.lint({"a.flow.json": chain(3)})
    assert all(node is before.plans["a"].nodes[id_] for id_, node in after.plans["a"].nodes.items())


def test_flow_that_is_deleted_is_forgotten(workshop: Workshop) -> None:
    workshop.lint({"a.flow.json": chain(1), "b.flow.json": chain(1)})
    (workshop.path / "a.flow.json").unlink()
    result = workshop.lint()
    assert set(result.plans) == {"b"}


START: dict[str, Any] = {
    "part": {
        "env": {"FIELD": "", "MODE": "set"},
        "inputs": {"in": {"targets": ["x"]}},
        "outputs": {"out": {"sources": ["y"]}},
        "nodes": {
            "x": {"type": "change", "config": {"path": "$.${FIELD}"}, "wires": {"out": ["y"]}},
            "y": {"type": "switch", "config": {"rules": ["out"]}},
        },
    },
    "a": {
        "env": {"NAME": "payload"},
        "nodes": {
            "tick": {"type": "inject", "wires": {"out": ["p", "in"]}},
            "p": {"type": "subflow:part", "config": {"FIELD": "${NAME}"}, "wires": {"out": ["s"]}},
            "s": {"type": "switch", "config": {"rules": ["low", "high"]}, "wires": {"low": ["show"], "high": ["p"]}},
            "show": {"type": "debug"},
            "in": {"type": "http-request", "config": {"url": "u", "server": "one"}},
        },
    },
    "b": {
        "groups": {"g": {"nodes": ["ask"], "env": {"SITE": "here"}}},
        "nodes": {
            "ask": {"type": "http-in", "config": {"path": "/${SITE}"}, "wires": {"out": ["show"]}},
            "show": {"type": "debug"},
        },
    },
    "c": {
        "nodes": {
            "ask": {"type": "http-in", "config": {"path": "/${SITE}"}, "wires": {"out": ["show"]}},
            "show": {"type": "debug"},
        },
    },
    "resources": {"resources": {"one": {"type": "odoo-server", "config": {"url": "http://${SITE}"}}}},
}

texts = st.sampled_from(["payload", "[", "${NAME}", "${SITE}", "${GONE}", "set", "here", "one", ""])
EDITS = st.sampled_from(
    [
        ("part", "env", "FIELD"),
        ("part", "env", "MODE"),
        ("part", "nodes", "x", "config", "path"),
        ("part", "nodes", "y", "config", "rules"),
        ("part", "nodes", "y", "type"),
        ("part", "inputs", "in", "targets"),
        ("a", "nodes", "p", "type"),
        ("a", "nodes", "p", "config", "FIELD"),
        ("a", "nodes", "p", "disabled"),
        ("a", "nodes", "s", "wires", "low"),
        ("a", "nodes", "s", "config", "rules"),
        ("a", "nodes", "in", "config", "server"),
        ("a", "env", "NAME"),
        ("b", "nodes", "ask", "config", "path"),
        ("b", "groups", "g", "env", "SITE"),
        ("b", "disabled"),
        ("c", "nodes", "show", "disabled"),
        ("resources", "resources", "one", "type"),
        ("resources", "resources", "one", "config", "url"),
    ]
)
LISTS = st.lists(st.sampled_from(["p", "s", "show", "x", "y", "low", "high", "out", "ghost"]), max_size=2)
TYPES = st.sampled_from(["subflow:part", "subflow:a", "subflow:gone", "change", "switch", "odoo-server", "nothing"])


def value_for(path: tuple[str, ...]) -> st.SearchStrategy[Any]:
    match path[-1]:
        case "rules" | "targets" | "low":
            return LISTS
        case "type":
            return TYPES
        case "disabled":
            return st.booleans()
    return texts


edits = st.lists(
    EDITS.flatmap(lambda path: st.tuples(st.just(path), value_for(path)))
    | st.tuples(st.just(("environment",)), st.sampled_from([{"SITE": "north"}, {"SITE": "["}, {}])),
    min_size=1,
    max_size=6,
)


def fresh(workshop: Workshop) -> LintResult:
    return Linter(workshop.registry).lint(read_folder(workshop.path), workshop.environment)


@given(edits=edits)
@settings(max_examples=80, deadline=None)
def test_lint_after_any_changes_is_the_lint_of_a_first_time(edits: list[tuple[tuple[str, ...], Any]]) -> None:
    with TemporaryDirectory() as folder:
        workshop = Workshop(Path(folder))
        state = copy.deepcopy(START)
        workshop.lint({_file(id_): document for id_, document in state.items()})
        for path, value in edits:
            if path == ("environment",):
                workshop.environment = Environment(value)
                result = workshop.lint()
            else:
                part = state
                for key in path[:-1]:
                    part = part.setdefault(key, {})
                part[path[-1]] = value
                result = workshop.lint({_file(path[0]): state[path[0]]})
            again = fresh(workshop)
            assert list(map(str, result.problems)) == list(map(str, again.problems))
            assert result == again


def _file(id_: str) -> str:
    return "resources.json" if id_ == "resources" else f"{id_}.flow.json"

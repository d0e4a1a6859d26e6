"""Instances of subflows: checked with what they give, laid open in the plan, told of once."""

from typing import Any

import pytest

from tests.linting.workshop import Workshop, setting

PART = {
    "env": {"FIELD": "", "MODE": "set"},
    "inputs": {"in": {"targets": ["first"]}},
    "outputs": {"good": {"sources": ["second"]}, "bad": {"sources": ["catch.out"]}},
    "nodes": {
        "first": {"type": "change", "config": {"path": "$.${FIELD}"}, "wires": {"out": ["second"]}},
        "second": {"type": "change", "config": {"mode": "${MODE}"}},
        "catch": {"type": "catch"},
    },
}
SHOW = {"type": "debug"}


def using(config: dict[str, Any], target: str = "part", **ports: list[str]) -> dict[str, Any]:
    wires = ports or {"good": ["show"], "bad": ["show"]}
    return {
        "nodes": {
            "tick": {"type": "inject", "wires": {"out": [target]}},
            "part": {"type": "subflow:part", "config": config, "wires": wires},
            "show": SHOW,
        }
    }


def test_instance_is_laid_open_with_ids_below_its_own(workshop: Workshop) -> None:
    result = workshop.lint({"part.flow.json": PART, "main.flow.json": using({"FIELD": "payload"})})
    assert result.problems == ()
    plan = result.plans["main"]
    assert set(plan.nodes) == {"tick", "show", "part/first", "part/second", "part/catch"}
    assert all(id_ == node.id for id_, node in plan.nodes.items())
    assert {tuple(wire) for wire in plan.wires} == {
        ("tick", "out", "part/first"),
        ("part/first", "out", "part/second"),
        ("part/second", "out", "show"),
        ("part/catch", "out", "show"),
    }
    first = plan.nodes["part/first"]
    assert setting(first, "path").text == "$.payload"
    assert first.env == {"SITE": "north", "FIELD": "payload", "MODE": "set"}


def test_instance_by_named_input_is_the_same_as_by_its_only_one(workshop: Workshop) -> None:
    plans = [
        workshop.lint({"part.flow.json": PART, "main.flow.json": using({"FIELD": "a"}, target)}).plans["main"]
        for target in ("part", "part.in")
    ]
    assert plans[0] == plans[1]


def test_wire_to_the_only_input_twice_is_a_duplicate(workshop: Workshop) -> None:
    flow = using({"FIELD": "a"})
    flow["nodes"]["tick"]["wires"]["out"] = ["part", "part.in"]
    (problem,) = workshop.lint({"part.flow.json": PART, "main.flow.json": flow}).problems
    assert problem.code == "duplicate-wire"


def test_values_of_an_instance_are_numbers_and_booleans_too(workshop: Workshop) -> None:
    part = PART | {"nodes": {**PART["nodes"], "second": {"type": "change", "config": {"zone": "${MODE}"}}}}  # type: ignore[dict-item]  # literals
    for given, text in ((5, "5"), (True, "true"), ("x", "x"), (1.5, "1.5")):
        files = {"part.flow.json": part, "main.flow.json": using({"FIELD": "a", "MODE": given})}
        node = workshop.lint(files).plans["main"].nodes["part/second"]
        assert setting(node, "zone") == text
    result = workshop.lint({"main.flow.json": using({"FIELD": "a", "MODE": ["x"]})})
    assert [(problem.code, problem.field) for problem in result.problems] == [("wrong-type", "MODE")]


def test_what_an_instance_gives_wrong_is_told_at_the_value_it_gives(workshop: Workshop) -> None:
    result = workshop.lint({"part.flow.json": PART, "main.flow.json": using({"FIELD": "[", "MODE": "sett"})})
    assert {(problem.flow, problem.node, problem.field, problem.code) for problem in result.problems} == {
        ("main", "part", "FIELD", "json-path"),
        ("main", "part", "MODE", "bad-value"),
    }
    wrong = next(problem for problem in result.problems if problem.field == "MODE")
    assert wrong.message == "in its node \"second\" (change), mode: must be 'set' or 'delete'"


def test_problem_inside_a_subflow_is_told_once_at_its_own_file(workshop: Workshop) -> None:
    part = PART | {"nodes": {**PART["nodes"], "second": {"type": "change", "config": {"mode": "x"}}}}  # type: ignore[dict-item]  # literals
    files = {"part.flow.json": part}
    files |= {f"main-{number}.flow.json": using({"FIELD": "a"}) for number in range(3)}
    found = [(problem.code, problem.flow) for problem in workshop.lint(files).problems]
    assert found.count(("bad-value", "part")) == 1
    assert [code for code, flow in found if flow != "part"] == ["broken-subflow"] * 3


def test_subflow_whose_needed_variables_are_not_known_is_not_judged_by_itself(workshop: Workshop) -> None:
    assert workshop.lint({"part.flow.json": PART}).problems == ()


@pytest.mark.parametrize(
    ("config", "found"),
    [
        ({}, ("missing-subflow-variable", "FIELD", None)),
        ({"FIELD": "a", "MDOE": "set"}, ("unknown-subflow-variable", "MDOE", 'did you mean "MODE"?')),
        ({"FIELD": "${GONE}"}, ("missing-variable", "FIELD", None)),
    ],
)
def test_instance_gives_what_the_subflow_needs_and_no_more(
    workshop: Workshop, config: dict[str, Any], found: tuple[str, str, str | None]
) -> None:
    (problem,) = workshop.lint({"part.flow.json": PART, "main.flow.json": using(config)}).problems
    assert (problem.code, problem.field) == found[:2]
    assert found[2] is None or problem.hint == found[2]


def test_unknown_ports_of_an_instance_are_told(workshop: Workshop) -> None:
    flow = using({"FIELD": "a"}, "part.inn", goood=["show"])
    result = workshop.lint({"part.flow.json": PART, "main.flow.json": flow})
    assert {problem.code for problem in result.errors} == {"unknown-input", "unknown-port"}


def test_ports_of_a_subflow_are_checked_at_its_own_file(workshop: Workshop) -> None:
    part = {
        "inputs": {"in": {"targets": ["gone", "catch", "a"]}},
        "outputs": {"out": {"sources": ["gone", "a.what", "show", "a", "a.out"]}},
        "nodes": {"catch": {"type": "catch"}, "a": {"type": "change"}, "show": SHOW},
    }
    problems = workshop.lint({"part.flow.json": part}).errors
    assert [(problem.code, problem.field) for problem in problems] == [
        ("unknown-target", "inputs.in.targets[0]"),
        ("wire-to-source", "inputs.in.targets[1]"),
        ("unknown-target", "outputs.out.sources[0]"),
        ("unknown-port", "outputs.out.sources[1]"),
        ("unknown-port", "outputs.out.sources[2]"),
        ("duplicate-wire", "outputs.out.sources[4]"),
    ]


def test_recursion_is_told_at_every_use_that_is_part_of_it(workshop: Workshop) -> None:
    def containing(*ids: str) -> dict[str, Any]:
        nodes = {f"n-{id_}": {"type": f"subflow:{id_}"} for id_ in ids}
        return {"inputs": {"in": {"targets": list(nodes)}}, "nodes": nodes}

    leaf = {"inputs": {"in": {"targets": ["show"]}}, "nodes": {"show": SHOW}}
    files = {"a.flow.json": containing("b", "leaf"), "b.flow.json": containing("c"), "c.flow.json": containing("a")}
    result = workshop.lint(files | {"leaf.flow.json": leaf, "user.flow.json": containing("a")})
    assert [(problem.code, problem.flow, problem.node) for problem in result.errors] == [
        ("subflow-recursion", "a", "n-b"),
        ("subflow-recursion", "b", "n-c"),
        ("subflow-recursion", "c", "n-a"),
        ("broken-subflow", "user", "n-a"),
    ]
    assert workshop.lint({"c.flow.json": containing("leaf")}).errors == ()


def test_subflows_within_subflows_pass_values_on(workshop: Workshop) -> None:
    outer = {
        "env": {"NAME": ""},
        "inputs": {"in": {"targets": ["inner"]}},
        "outputs": {"out": {"sources": ["inner.good"]}},
        "nodes": {"inner": {"type": "subflow:part", "config": {"FIELD": "payload.${NAME}"}}},
    }
    flow = {
        "nodes": {
            "tick": {"type": "inject", "wires": {"out": ["x", "y"]}},
            "x": {"type": "subflow:outer", "config": {"NAME": "one"}, "wires": {"out": ["show"]}},
            "y": {"type": "subflow:outer", "config": {"NAME": "two"}, "wires": {"out": ["show"]}},
            "show": SHOW,
        }
    }
    result = workshop.lint({"part.flow.json": PART, "outer.flow.json": outer, "main.flow.json": flow})
    assert result.problems == ()
    nodes = result.plans["main"].nodes
    assert {id_: setting(nodes[f"{id_}/inner/first"], "path").text for id_ in "xy"} == {
        "x": "$.payload.one",
        "y": "$.payload.two",
    }
    assert ("x/inner/second", "out", "show") in {tuple(wire) for wire in result.plans["main"].wires}
    flow["nodes"]["y"]["config"]["NAME"] = "["  # type: ignore[index]  # literals
    (problem,) = workshop.lint({"main.flow.json": flow}).problems
    assert (problem.node, problem.field, problem.code) == ("y", "NAME", "json-path")


def test_circle_through_an_instance_is_told_in_the_flow_that_draws_it(workshop: Workshop) -> None:
    flow = using({"FIELD": "a"}, good=["part", "show"])
    (problem,) = workshop.lint({"part.flow.json": PART, "main.flow.json": flow}).errors
    assert (problem.code, problem.flow, problem.field) == ("cycle-without-queue", "main", "wires.good[0]")


def test_circle_inside_a_subflow_is_told_at_the_subflow(workshop: Workshop) -> None:
    turning = {
        "inputs": {"in": {"targets": ["a"]}},
        "nodes": {"a": {"type": "change", "wires": {"out": ["b"]}}, "b": {"type": "change", "wires": {"out": ["a"]}}},
    }
    flow = {"nodes": {"tick": {"type": "inject", "wires": {"out": ["t"]}}, "t": {"type": "subflow:turning"}}}
    result = workshop.lint({"turning.flow.json": turning, "main.flow.json": flow})
    assert [(problem.code, problem.flow) for problem in result.errors] == [
        ("broken-subflow", "main"),
        ("cycle-without-queue", "turning"),
    ]


def test_secret_that_an_instance_writes_out_is_refused(workshop: Workshop) -> None:
    part = {
        "env": {"TOKEN": ""},
        "inputs": {"in": {"targets": ["a"]}},
        "outputs": {"out": {"sources": ["a"]}},
        "nodes": {"a": {"type": "change", "config": {"rules": [{"path": "$", "token": "${TOKEN}"}]}}},
    }
    for text, codes in (("hunter2", ["secret-literal"]), ("${SITE}", []), ("${SITE}x", ["secret-literal"])):
        flow = {
            "nodes": {
                "tick": {"type": "inject", "wires": {"out": ["p"]}},
                "p": {"type": "subflow:part", "config": {"TOKEN": text}, "wires": {"out": ["show"]}},
                "show": SHOW,
            }
        }
        result = workshop.lint({"part.flow.json": part, "main.flow.json": flow})
        assert [problem.code for problem in result.problems] == codes


def test_subflow_that_appears_changes_or_breaks_is_seen_by_its_users(workshop: Workshop) -> None:
    main = {"main.flow.json": using({"FIELD": "a"})}
    assert {problem.code for problem in workshop.lint(main).errors} == {"unknown-subflow"}
    assert set(workshop.lint({"part.flow.json": PART}).plans) == {"main"}
    broken = workshop.lint({"part.flow.json": "{"})
    assert {problem.code for problem in broken.errors} == {"json-syntax", "broken-subflow"}
    renamed = PART | {"outputs": {"fine": {"sources": ["second"]}}}
    assert {problem.code for problem in workshop.lint({"part.flow.json": renamed}).errors} == {"unknown-port"}


def test_recursion_that_comes_and_goes_is_seen_by_all_in_it(workshop: Workshop) -> None:
    def containing(*ids: str) -> dict[str, Any]:
        nodes: dict[str, Any] = {f"n-{id_}": {"type": f"subflow:{id_}"} for id_ in ids} | {"show": SHOW}
        return {"inputs": {"in": {"targets": list(nodes)}}, "nodes": nodes}

    files = {"a.flow.json": containing("b"), "b.flow.json": containing("c"), "c.flow.json": containing()}
    for _ in range(2):
        assert workshop.lint(files | {"c.flow.json": containing()}).errors == ()
        turning = workshop.lint({"c.flow.json": containing("a")})
        assert {problem.flow: problem.code for problem in turning.errors} == dict.fromkeys("abc", "subflow-recursion")

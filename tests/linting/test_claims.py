"""What only one node of all flows may have."""

from typing import Any

from tests.linting.workshop import Workshop


def asking(*paths: str, **more: Any) -> dict[str, Any]:
    nodes = {
        f"ask-{number}": {"type": "http-in", "config": {"path": path}, "wires": {"out": ["show"]}}
        for number, path in enumerate(paths)
    }
    return {"nodes": nodes | {"show": {"type": "debug"}}} | more


def test_first_flow_keeps_what_it_claims_and_the_other_gives_way(workshop: Workshop) -> None:
    result = workshop.lint({"b.flow.json": asking("/x"), "a.flow.json": asking("/x")})
    (problem,) = result.problems
    assert (problem.code, problem.flow, problem.node) == ("claimed-twice", "b", "ask-0")
    assert problem.message == 'the HTTP route "GET /x" is taken by the node "ask-0" of the flow "a"'
    assert set(result.plans) == {"a"}
    assert result.broken == {"b"}


def test_flow_that_gives_way_holds_nothing_back_from_others(workshop: Workshop) -> None:
    result = workshop.lint(
        {"a.flow.json": asking("/x"), "b.flow.json": asking("/x", "/y"), "c.flow.json": asking("/y")}
    )
    assert set(result.plans) == {"a", "c"}


def test_flow_that_does_not_run_claims_nothing(workshop: Workshop) -> None:
    broken = asking("/x")
    broken["nodes"]["bad"] = {"type": "nothing"}
    files = {"a.flow.json": broken, "b.flow.json": asking("/x", disabled=True), "c.flow.json": asking("/x")}
    assert set(workshop.lint(files).plans) == {"c"}


def test_two_nodes_of_one_flow_clash(workshop: Workshop) -> None:
    (problem,) = workshop.lint({"a.flow.json": asking("/x", "/x")}).problems
    assert (problem.code, problem.node) == ("claimed-twice", "ask-1")


def test_two_instances_of_a_subflow_clash_unless_a_variable_tells_them_apart(workshop: Workshop) -> None:
    part = {
        "env": {"PATH": ""},
        "outputs": {"out": {"sources": ["ask"]}},
        "nodes": {"ask": {"type": "http-in", "config": {"path": "/${PATH}"}}},
    }

    def using(one: str, two: str) -> dict[str, Any]:
        nodes: dict[str, Any] = {
            id_: {"type": "subflow:part", "config": {"PATH": path}, "wires": {"out": ["show"]}}
            for id_, path in (("first", one), ("second", two))
        }
        return {"nodes": nodes | {"show": {"type": "debug"}}}

    (problem,) = workshop.lint({"part.flow.json": part, "a.flow.json": using("x", "x")}).problems
    assert (problem.code, problem.node) == ("claimed-twice", "second")
    assert workshop.lint({"a.flow.json": using("x", "y")}).problems == ()

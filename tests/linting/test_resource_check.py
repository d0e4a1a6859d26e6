"""Resources, and every reference to one."""

from typing import Any

import pytest

from tests.linting.workshop import Workshop

MAIN = {"type": "mqtt-broker", "config": {"host": "h"}}


def reading(broker: Any, **more: Any) -> dict[str, Any]:
    node = {"type": "mqtt-in", "config": {"broker": broker, "topic": "t"}, "wires": {"out": ["show"]}} | more
    return {"nodes": {"in": node, "show": {"type": "debug"}}}


def test_missing_resource_suggests_one_of_a_fitting_type(workshop: Workshop) -> None:
    resources = {"main": MAIN, "mainn": {"type": "odoo-server", "config": {"url": "u"}}}
    result = workshop.lint({"resources.json": {"resources": resources}, "a.flow.json": reading("maim")})
    (problem,) = result.errors
    assert (problem.code, problem.field, problem.hint) == ("missing-resource", "broker", 'did you mean "main"?')


def test_reference_left_blank_is_an_error_but_an_empty_default_is_none(workshop: Workshop) -> None:
    (problem,) = workshop.lint({"a.flow.json": reading("")}).errors
    assert problem.message == "no resource is chosen"
    workshop.write({"a.flow.json": {"nodes": {}}})
    result = workshop.lint({"resources.json": {"resources": {"one": {"type": "registry"}}}})
    assert result.errors == ()


def test_broken_resource_is_told_at_its_own_place_and_where_it_is_used(workshop: Workshop) -> None:
    resources = {"bad": {"type": "mqtt-broker", "config": {"port": 1}}, "main": MAIN}
    result = workshop.lint(
        {
            "resources.json": {"resources": resources},
            "a.flow.json": reading("bad"),
            "b.flow.json": reading("main"),
        }
    )
    assert [(problem.code, problem.node) for problem in result.problems] == [
        ("broken-resource", "in"),
        ("missing-field", "bad"),
    ]
    assert set(result.plans) == {"b"}
    assert set(result.resources) == {"main"}


def test_resource_that_refers_to_a_broken_one_is_broken_too(workshop: Workshop) -> None:
    resources = {
        "one": {"type": "registry", "config": {"fallback": "two"}},
        "two": {"type": "registry", "config": {"fallback": "three"}},
        "three": {"type": "registry", "config": {"fallback": "gone"}},
    }
    result = workshop.lint({"resources.json": {"resources": resources}})
    assert {problem.node: problem.code for problem in result.errors} == {
        "one": "broken-resource",
        "two": "broken-resource",
        "three": "missing-resource",
    }
    assert result.resources == {}


def test_resources_in_a_circle_are_each_told_once(workshop: Workshop) -> None:
    resources = {
        "one": {"type": "registry", "config": {"fallback": "two"}},
        "two": {"type": "registry", "config": {"fallback": "one"}},
        "own": {"type": "registry", "config": {"fallback": "own"}},
        "tail": {"type": "registry", "config": {"fallback": "one"}},
    }
    result = workshop.lint({"resources.json": {"resources": resources}})
    assert [(problem.node, problem.code) for problem in result.errors] == [
        ("one", "resource-cycle"),
        ("two", "resource-cycle"),
        ("own", "resource-cycle"),
        ("tail", "broken-resource"),
    ]


def test_unreadable_resources_break_only_the_flows_that_need_one(workshop: Workshop) -> None:
    result = workshop.lint(
        {
            "resources.json": "{",
            "a.flow.json": reading("main"),
            "b.flow.json": {"nodes": {"tick": {"type": "inject", "wires": {"out": ["s"]}}, "s": {"type": "debug"}}},
        }
    )
    assert {problem.code for problem in result.problems} == {"json-syntax", "broken-resource"}
    assert set(result.plans) == {"b"}


def test_unknown_type_of_a_resource_suggests_a_resource(workshop: Workshop) -> None:
    (problem,) = workshop.lint({"resources.json": {"resources": {"a": {"type": "mqtt-borker"}}}}).errors
    assert (problem.code, problem.hint) == ("unknown-node-type", 'did you mean "mqtt-broker"?')


@pytest.mark.parametrize("flow", [{"disabled": True}, {}])
@pytest.mark.parametrize("node", [{"disabled": True}, {}])
def test_resource_is_used_even_by_what_is_disabled(
    workshop: Workshop, flow: dict[str, Any], node: dict[str, Any]
) -> None:
    workshop.write({"resources.json": {"resources": {"main": MAIN}}})
    result = workshop.lint({"a.flow.json": reading("main", **node) | flow})
    assert "unused-resource" not in {problem.code for problem in result.problems}


def test_resource_may_be_used_by_a_file_that_cannot_be_read(workshop: Workshop) -> None:
    result = workshop.lint({"resources.json": {"resources": {"main": MAIN}}, "a.flow.json": "{"})
    assert [problem.code for problem in result.problems] == ["json-syntax"]


def test_default_of_a_resource_field_is_a_reference_too(workshop: Workshop) -> None:
    node = {"type": "http-request", "config": {"url": "u", "server": "gone"}}
    nodes = {"tick": {"type": "inject", "wires": {"out": ["a"]}}, "a": node}
    assert workshop.codes(nodes) == ["missing-resource"]
    assert workshop.codes(nodes | {"a": {"type": "http-request", "config": {"url": "u"}}}) == []


def test_resource_that_is_added_later_mends_the_flow(workshop: Workshop) -> None:
    assert not workshop.lint({"a.flow.json": reading("main")}).plans
    assert workshop.lint({"resources.json": {"resources": {"main": MAIN}}}).plans.keys() == {"a"}
    assert not workshop.lint({"resources.json": {"resources": {}}}).plans

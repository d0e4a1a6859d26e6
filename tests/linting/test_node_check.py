"""What lint says of one node: its type, its configuration, its stage options."""

import json
from typing import Any

import pytest

from flowengine.flow.problem import Problem
from flowengine.node import Config, Field, Message, Node, Output, StagePlan, node_type
from tests.linting.workshop import Workshop

TICK = {"type": "inject", "wires": {"out": ["a"]}}
SHOW = {"type": "debug"}


def change(**config: Any) -> dict[str, Any]:
    return {"tick": TICK, "a": {"type": "change", "config": config, "wires": {"out": ["show"]}}, "show": SHOW}


def only(problems: tuple[Problem, ...]) -> Problem:
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


def test_problem_names_file_line_node_field_and_code(workshop: Workshop) -> None:
    workshop.lint({"resources.json": {"resources": {"main": {"type": "mqtt-broker", "config": {"host": "h"}}}}})
    problem = only(
        workshop.lint(
            {
                "boiler.flow.json": """{
                  "flowengine": 1,
                  "id": "boiler",
                  "nodes": {
                    "read-meter": {
                      "type": "mqtt-in",
                      "config": {
                        "broker": "main",
                        "topic": "telemetry/#/data"
                      },
                      "wires": {"out": ["show"]}
                    },
                    "show": {"type": "debug"}
                  }
                }"""
            }
        ).problems
    )
    file = workshop.path / "boiler.flow.json"
    assert (
        str(problem)
        == f"{file}:9: node \"read-meter\" (mqtt-in) \u203a topic: '#' must be the last level [topic-filter]"
    )
    text = file.read_text().split("\n")[8]
    assert problem.column == text.index("#") + 1


def test_problem_of_an_expression_has_the_column_inside_it_past_escapes(workshop: Workshop) -> None:
    problem = only(workshop.nodes(change(path='$.payload["a"] b')).errors)
    assert problem.code == "json-path"
    assert problem.field == "path"
    line = (workshop.path / "example.flow.json").read_text().split("\n")[(problem.line or 0) - 1]
    assert json.loads(line.strip().removeprefix('"path": ')) == '$.payload["a"] b'
    assert problem.column is not None
    assert problem.column > line.index('\\"a') + 1


def test_problem_of_a_value_with_a_variable_stands_at_its_beginning(workshop: Workshop) -> None:
    problem = only(workshop.nodes(change(path="$.${SITE}[")).errors)
    line = (workshop.path / "example.flow.json").read_text().split("\n")[(problem.line or 0) - 1]
    assert problem.column == line.index('"$.') + 1


@pytest.mark.parametrize(
    ("config", "field", "message", "hint"),
    [
        ({"mode": "sett"}, "mode", "must be 'set' or 'delete'", None),
        ({"mdoe": "set"}, "mdoe", "there is no such field", 'did you mean "mode"?'),
        ({"value": "x"}, "value", 'must be a number or a list, not "x"', None),
        ({"value": [{"paht": "$"}]}, "value[0].path", "the field is missing", None),
        ({"rules": [{"path": "$"}, {}]}, "rules[1].path", "the field is missing", None),
        ({"rules": {}}, "rules", "must be a list, not an object", None),
        ({"zone": None}, "zone", "must be a text, not null", None),
    ],
)
def test_invalid_config_is_told_in_plain_words(
    workshop: Workshop, config: dict[str, Any], field: str, message: str, hint: str | None
) -> None:
    problems = [problem for problem in workshop.nodes(change(**config)).errors if problem.field == field]
    assert [(problem.message, problem.hint) for problem in problems] == [(message, hint)]


def test_every_wrong_field_is_told_at_once(workshop: Workshop) -> None:
    codes = workshop.codes(change(path="$[", mode="x", zone=1, other=2))
    assert sorted(codes) == ["bad-value", "json-path", "unknown-field", "wrong-type"]


def test_unknown_node_type_suggests_a_type_for_flows_and_not_a_resource(workshop: Workshop) -> None:
    problem = only(workshop.nodes({"tick": TICK | {"type": "inejct"}, "a": SHOW}).problems)
    assert (problem.code, problem.field, problem.hint) == ("unknown-node-type", "type", 'did you mean "inject"?')
    problem = only(workshop.nodes({"tick": {"type": "mqtt-brokr"}}).problems)
    assert problem.hint == "`flowengine nodes` lists the node types"


def test_unknown_node_type_raises_no_further_problems_of_its_wires(workshop: Workshop) -> None:
    nodes = {"x": {"type": "who-knows", "wires": {"a": ["y"], "b": ["show"]}}, "y": {"type": "nobody"}, "show": SHOW}
    assert workshop.codes(nodes) == ["unknown-node-type", "unknown-node-type"]


def test_broken_flow_has_no_plan_and_stops_no_other(workshop: Workshop) -> None:
    result = workshop.lint(
        {
            "bad.flow.json": {"nodes": change(path="$[")},
            "torn.flow.json": '{"flowengine": 1,',
            "good.flow.json": {"nodes": change()},
        }
    )
    assert set(result.plans) == {"good"}
    assert result.broken == {"bad", "torn"}
    assert {problem.code for problem in result.errors} == {"json-path", "json-syntax"}
    assert [problem.code for problem in result.of_file(str(workshop.path / "bad.flow.json"))] == ["json-path"]


def test_disabled_flow_and_subflow_are_checked_but_not_planned(workshop: Workshop) -> None:
    result = workshop.lint(
        {
            "off.flow.json": {"disabled": True, "nodes": change()},
            "part.flow.json": {"inputs": {"in": {"targets": ["show"]}}, "nodes": {"show": SHOW}},
        }
    )
    assert (result.problems, result.plans, result.broken) == ((), {}, frozenset())


def test_plan_holds_validated_configs_variables_and_stages(workshop: Workshop) -> None:
    result = workshop.lint(
        {
            "resources.json": {"resources": {"erp": {"type": "odoo-server", "config": {"url": "http://${SITE}"}}}},
            "example.flow.json": {
                "env": {"HOST": "inner"},
                "groups": {"g": {"nodes": ["ask"], "env": {"HOST": "group"}}},
                "errors": {"then": "drop"},
                "nodes": {
                    "tick": {"type": "inject", "name": "Tick", "wires": {"out": ["ask"]}},
                    "ask": {
                        "type": "http-request",
                        "config": {"url": "http://${HOST}/${SITE}", "server": "erp"},
                        "stage": {"queue": 5, "outbox": True, "linger": "2s", "order": "$.payload.id"},
                    },
                },
            },
        }
    )
    assert result.problems == ()
    plan = result.plans["example"]
    ask = plan.nodes["ask"]
    assert ask.config.model_dump() == {"url": "http://group/north", "server": "erp"}
    assert ask.stage == StagePlan(workers=2, queue=5, order="$.payload.id", outbox=True, linger=2.0)
    assert ask.resources == {"erp"}
    assert ask.env == {"SITE": "north", "HOST": "group"}
    assert plan.nodes["tick"].env == {"SITE": "north", "HOST": "inner"}
    assert plan.nodes["tick"].name == "Tick"
    assert [tuple(wire) for wire in plan.wires] == [("tick", "out", "ask")]
    assert plan.errors.then == "drop"
    assert plan.env == {"HOST": "inner"}
    assert result.resources["erp"].config.model_dump() == {"url": "http://north"}


def test_stage_options_turn_off_what_a_node_type_chose(workshop: Workshop) -> None:
    stage = {"order": "", "workers": 1}
    nodes = {"tick": TICK, "a": {"type": "http-request", "config": {"url": "u"}, "stage": stage}}
    assert workshop.nodes(nodes).plans["example"].nodes["a"].stage == StagePlan(workers=1, order="")


def test_stage_order_that_is_no_json_path_is_told_with_its_column(workshop: Workshop) -> None:
    nodes = {"tick": TICK, "a": {"type": "http-request", "config": {"url": "u"}, "stage": {"order": "$["}}}
    problem = only(workshop.nodes(nodes).problems)
    assert (problem.code, problem.field) == ("json-path", "stage.order")


def test_disabled_node_is_neither_checked_nor_planned(workshop: Workshop) -> None:
    nodes = {
        "tick": TICK,
        "a": {"type": "change", "disabled": True, "config": {"path": "$["}, "wires": {"gone": ["nowhere"]}},
    }
    result = workshop.nodes(nodes)
    assert [(problem.code, problem.node) for problem in result.problems] == [("wire-to-disabled", "tick")]
    assert set(result.plans["example"].nodes) == {"tick"}


def test_node_type_whose_code_fails_is_told_without_a_traceback(workshop: Workshop) -> None:
    nodes = {"tick": TICK, "a": {"type": "switch", "config": {"rules": ["explode"]}, "wires": {"x": ["show"]}}}
    problem = only(workshop.nodes(nodes | {"show": SHOW}).problems)
    assert problem.code == "node-type-failure"
    assert problem.message == "the node type switch failed on it: RuntimeError: no such rule"


def test_node_type_whose_validator_or_schema_fails_is_told_without_a_traceback(workshop: Workshop) -> None:
    class Odd:
        pass

    class StrangeConfig(Config, arbitrary_types_allowed=True):
        odd: Odd | None = Field(None, description="A type without a schema.")

    @node_type("strange", category="test")
    class Strange(Node[StrangeConfig]):
        """Have a field that cannot be described."""

        out = Output("The message.")

        def receive(self, message: Message) -> None:
            pass

    workshop.registry.add(Strange)
    codes = workshop.codes({"tick": TICK, "a": {"type": "strange", "wires": {"out": ["show"]}}, "show": SHOW})
    assert codes == ["node-type-failure"]


def test_type_that_is_added_to_the_registry_is_seen_by_the_next_lint(workshop: Workshop) -> None:
    nodes = {"tick": TICK, "a": {"type": "late"}}
    assert workshop.codes(nodes) == ["unknown-node-type"]

    @node_type("late", category="test")
    class Late(Node[Config]):
        """Come late."""

        def receive(self, message: Message) -> None:
            pass

    workshop.registry.add(Late)
    assert workshop.codes(nodes) == []

"""Secrets: never in a document, never in a sentence, and looked up again each time."""

from typing import Any

import pytest

from flowengine.errors import FlowEngineError
from flowengine.flow.environment import Environment
from tests.linting.workshop import Workshop, setting

NODES: dict[str, Any] = {"tick": {"type": "inject", "wires": {"out": ["show"]}}, "show": {"type": "debug"}}


def broker(**config: Any) -> dict[str, Any]:
    return {
        "resources.json": {"resources": {"main": {"type": "mqtt-broker", "config": {"host": "h"} | config}}},
        "example.flow.json": {
            "nodes": {
                "in": {
                    "type": "mqtt-in",
                    "config": {"broker": "main", "topic": "t"},
                    "wires": {"out": ["show"]},
                },
                "show": {"type": "debug"},
            }
        },
    }


@pytest.mark.parametrize("text", ["hunter2", "${A}x", "${A:-hunter2}", "${A}${A}", "$${A}"])
def test_secret_literal_is_refused_however_it_is_written(workshop: Workshop, text: str) -> None:
    workshop.environment = Environment({"A": "a"})
    result = workshop.lint(broker(password=text))
    assert [problem.code for problem in result.errors] == ["broken-resource", "secret-literal"]
    assert result.errors[1].field == "password"
    assert not result.plans
    assert "hunter2" not in "".join(map(str, result.problems))


@pytest.mark.parametrize("text", ["", "${A}", "${A:-}", "${secret:mqtt}"])
def test_secret_reference_is_taken(workshop: Workshop, text: str) -> None:
    workshop.environment = Environment({"A": "a"})
    workshop.secrets = {"mqtt": "a"}.__getitem__
    result = workshop.lint(broker(password=text))
    assert result.problems == ()
    assert setting(result.resources["main"], "password") == ("a" if text else "")


def test_secret_literal_is_found_inside_lists(workshop: Workshop) -> None:
    rules = [{"path": "$", "token": "${SITE}"}, {"path": "$", "token": "plain"}]
    nodes = {
        "tick": {"type": "inject", "wires": {"out": ["a"]}},
        "a": {"type": "change", "config": {"rules": rules}, "wires": {"out": ["show"]}},
        "show": {"type": "debug"},
    }
    (problem,) = workshop.nodes(nodes).problems
    assert (problem.code, problem.field) == ("secret-literal", "rules[1].token")


def test_secret_is_refused_that_stands_in_the_variables_of_the_flow(workshop: Workshop) -> None:
    nodes = {
        "tick": {"type": "inject", "wires": {"out": ["a"]}},
        "a": {
            "type": "change",
            "config": {"rules": [{"path": "$", "token": "${TOKEN}"}]},
            "wires": {"out": ["show"]},
        },
        "show": {"type": "debug"},
    }
    (problem,) = workshop.nodes(nodes, env={"TOKEN": "hunter2"}).problems
    assert problem.code == "secret-literal"
    assert "TOKEN" in problem.message
    workshop.environment = Environment({"TOKEN": "x"})
    assert workshop.codes(nodes) == []


def test_value_of_a_secret_is_never_shown(workshop: Workshop) -> None:
    workshop.secrets = {"topic": "hunter2/#/x"}.__getitem__
    nodes = {
        "in": {
            "type": "mqtt-in",
            "config": {"broker": "main", "topic": "${secret:topic}"},
            "wires": {"out": ["show"]},
        },
        "show": {"type": "debug"},
    }
    workshop.write(broker())
    (problem,) = workshop.nodes(nodes).problems
    assert (problem.code, problem.field) == ("topic-filter", "topic")
    assert problem.message == "what the reference stands for is not allowed here"


def test_secret_that_changes_is_seen_by_the_next_lint(workshop: Workshop) -> None:
    class MissingError(FlowEngineError):
        code = "missing-secret"

        def __str__(self) -> str:
            return "there is none"

    def nothing(name: str) -> str:
        raise MissingError

    workshop.secrets = nothing
    result = workshop.lint(broker(password="${secret:mqtt}"))
    assert {problem.code for problem in result.problems} == {"missing-secret", "broken-resource"}
    workshop.secrets = {"mqtt": "one"}.__getitem__
    assert setting(workshop.lint().resources["main"], "password") == "one"
    workshop.secrets = {"mqtt": "two"}.__getitem__
    assert setting(workshop.lint().resources["main"], "password") == "two"


def test_secret_of_a_node_that_changes_is_seen_by_the_next_lint(workshop: Workshop) -> None:
    nodes = {"tick": NODES["tick"] | {"config": {"payload": "${secret:x}"}}, "show": NODES["show"]}
    for text in ("one", "two"):
        workshop.secrets = {"x": text}.__getitem__
        result = workshop.nodes(nodes)
        assert setting(result.plans["example"].nodes["tick"], "payload") == text


def test_key_of_the_store_is_seen_by_no_node(workshop: Workshop) -> None:
    workshop.environment = Environment({"FLOWENGINE_SECRET_KEY": "k", "A": "a"})
    assert workshop.nodes(NODES).plans["example"].nodes["tick"].env == {"A": "a"}
    assert workshop.codes(
        {"tick": NODES["tick"] | {"config": {"payload": "${FLOWENGINE_SECRET_KEY}"}}} | {"show": NODES["show"]}
    ) == ["missing-variable"]


def test_variable_that_changes_is_seen_by_the_next_lint(workshop: Workshop) -> None:
    nodes = {"tick": NODES["tick"] | {"config": {"payload": "${SITE}"}}, "show": NODES["show"]}
    assert setting(workshop.nodes(nodes).plans["example"].nodes["tick"], "payload") == "north"
    workshop.environment = Environment({"SITE": "south"})
    assert setting(workshop.lint().plans["example"].nodes["tick"], "payload") == "south"
    workshop.environment = Environment({})
    assert [problem.code for problem in workshop.lint().problems] == ["missing-variable"]

"""How a problem is told: on one line to people, as facts to programs."""

import pytest

from flowengine.flow.problem import DocumentError, Problem, Severity
from flowengine.flow.subject import Subject, field_text

TOPIC = Problem(
    code="topic-filter",
    message="'#' must be the last level",
    file="flows/boiler.flow.json",
    line=14,
    column=17,
    flow="boiler",
    node="read-meter",
    node_type="mqtt-in",
    field="topic",
)


def test_problem_reads_as_one_line() -> None:
    assert str(TOPIC) == (
        'flows/boiler.flow.json:14: node "read-meter" (mqtt-in) \u203a topic: '
        "'#' must be the last level [topic-filter]"
    )


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem(code="c", message="m"), "m [c]"),
        (Problem(code="c", message="m", file="f.json"), "f.json: m [c]"),
        (Problem(code="c", message="m", flow="f", node="n"), 'flow "f": node "n": m [c]'),
        (Problem(code="c", message="m", field="id", severity=Severity.WARNING), "warning: id: m [c]"),
        (Problem(code="c", message="a\nb\x1b[0m"), "a\\nb\\x1b[0m [c]"),
    ],
)
def test_problem_says_only_what_it_knows(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_problem_gives_its_facts_to_programs() -> None:
    assert TOPIC.as_dict() == {
        "code": "topic-filter",
        "message": "'#' must be the last level",
        "severity": "error",
        "file": "flows/boiler.flow.json",
        "line": 14,
        "column": 17,
        "flow": "boiler",
        "node": "read-meter",
        "node_type": "mqtt-in",
        "field": "topic",
    }


def test_document_error_tells_its_problems_in_the_order_of_the_lines() -> None:
    late = Problem(code="late", message="m", file="f", line=10)
    early = Problem(code="early", message="m", file="f", line=9)
    assert str(DocumentError([late, early])) == "f:9: m [early]\nf:10: m [late]"


def test_subject_names_the_field_of_a_node_as_its_form_does() -> None:
    document = {"id": "f", "nodes": {"a": {"type": "t"}, "b": 3}}
    assert Subject.of(document, ("nodes", "a", "config", "rules", 2, "value")) == ("f", "a", "t", "rules[2].value")
    assert Subject.of(document, ("nodes", "a", "wires", "out", 0)) == ("f", "a", "t", "wires.out[0]")
    assert Subject.of(document, ("nodes", "a", "config")) == ("f", "a", "t", "config")
    assert Subject.of(document, ("nodes", "b")) == ("f", "b", None, None)
    assert Subject.of(document, ("env", "A")) == ("f", None, None, "env.A")
    assert Subject.of([], ("nodes", "a")) == (None, "a", None, None)
    assert Subject.of({"resources": {"r": {"type": "t"}}}, ("resources", "r", "name")) == (None, "r", "t", "name")


def test_field_text_of_nothing_is_none() -> None:
    assert field_text(()) is None

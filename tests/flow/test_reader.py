"""From text to model: everything that is wrong is reported, at its place, in plain words."""

import json
from typing import Any

import pytest

from flowengine.flow.document import FlowDocument, LayoutDocument, ResourcesDocument
from flowengine.flow.identifier import BadIdError, Endpoint, check_id
from flowengine.flow.problem import DocumentError, Problem
from flowengine.flow.reader import Earlier, read_document
from flowengine.flow.source import Source


def problems_of(value: Any, model: Any = FlowDocument) -> tuple[Problem, ...]:
    with pytest.raises(DocumentError) as caught:
        read_document(model, Source(json.dumps(value, indent=2).encode(), file="f.flow.json"))
    return caught.value.problems


def test_read_document_reports_everything_that_is_wrong_at_once() -> None:
    value = {
        "flowengine": 1,
        "id": "Boiler",
        "nme": "Boiler",
        "errors": {"then": "explode"},
        "nodes": {
            "Read Meter": {"type": "mqtt-in"},
            "map": {"config": [], "wires": {"out": ["a.b.c"]}, "stage": {"workers": 0}},
        },
    }
    found = [(problem.code, problem.line, problem.node, problem.field) for problem in problems_of(value)]
    assert found == [
        ("bad-name", 3, None, "id"),
        ("unknown-field", 4, None, "nme"),
        ("bad-value", 6, None, "errors.then"),
        ("bad-name", 9, "Read Meter", None),
        ("missing-field", 12, "map", "type"),
        ("wrong-type", 13, "map", "config"),
        ("bad-name", 16, "map", "wires.out[0]"),
        ("out-of-range", 20, "map", "stage.workers"),
    ]


def flow(**fields: Any) -> dict[str, Any]:
    return {"flowengine": 1, "id": "f", **fields}


def node(**fields: Any) -> dict[str, Any]:
    return flow(nodes={"a": {"type": "t", **fields}})


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        (flow(id="-a"), "bad-name", '"-a" is not allowed: an id is lower-case letters, digits and hyphens'),
        (flow(id="a\n"), "bad-name", "is not allowed: an id is lower-case letters"),
        (flow(env={"A-B": "x"}), "bad-name", "a variable is letters, digits and '_'"),
        (flow(env={"A": 1}), "wrong-type", "must be a text, not a number"),
        (flow(disabled="yes"), "wrong-type", "must be true or false"),
        (flow(nodes=[]), "wrong-type", "must be an object, not a list"),
        (flow(nodes={"a": None}), "wrong-type", "must be an object, not null"),
        (flow(errors={"retry": {"initial": "1x"}}), "bad-value", "'1x' is no length of time"),
        (flow(errors={"retry": {"initial": "2m"}}), "bad-value", "'maximum' is shorter than 'initial'"),
        (flow(errors={"retry": {"attempts": True}}), "wrong-type", "must be a whole number, not true or false"),
        (flow(errors={"retry": {"attempts": 1.5}}), "wrong-type", "must be a whole number, not a number"),
        (node(type=""), "bad-value", "must not be empty"),
        (node(wires={"o.o": []}), "bad-name", "a port is letters, digits"),
        (node(wires={"out": "b"}), "wrong-type", "must be a list"),
        (node(wires={"out": ["b."]}), "bad-name", "write a node id, or a node id and a port"),
        (node(stage={"queue": 2_000_000}), "out-of-range", "must be at most 1000000"),
    ],
)
def test_read_document_says_what_is_wrong(value: Any, code: str, message: str) -> None:
    (problem,) = problems_of(value)
    assert problem.code == code
    assert message in problem.message


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (node(confg={}), 'did you mean "config"?'),
        (flow(errors={"retry": {"atempts": 1}}), 'did you mean "attempts"?'),
        (flow(groups={"g": {"node": []}}), 'did you mean "nodes"?'),
        (flow(errors={"retries": {}, "xyz": 1}), "the fields are retry, then"),
    ],
)
def test_read_document_suggests_a_field_for_one_that_is_unknown(value: Any, hint: str) -> None:
    assert hint in [problem.hint for problem in problems_of(value)]


@pytest.mark.parametrize("value", [[], "x", 3, None])
def test_read_document_refuses_what_is_no_object(value: Any) -> None:
    (problem,) = problems_of(value)
    assert problem.code == "wrong-type"
    assert problem.message.startswith("a document is an object, not ")


@pytest.mark.parametrize("version", [2, "1", None, True, 0])
def test_read_document_refuses_another_format_version_and_looks_no_further(version: Any) -> None:
    (problem,) = problems_of({"id": "NO", "flowengine": version})
    assert (problem.code, problem.line, problem.field) == ("format-version", 3, "flowengine")


def test_read_document_reads_resources_and_layouts() -> None:
    resources = b'{"flowengine": 1, "resources": {"main": {"type": "mqtt-broker", "config": {"host": "h"}}}}'
    assert read_document(ResourcesDocument, Source(resources)).resources["main"].config == {"host": "h"}
    layout = b'{"$schema": "s", "flowengine": 1, "nodes": {"a": {"x": 1, "y": 2.5}}}'
    assert read_document(LayoutDocument, Source(layout)).nodes["a"].y == 2.5
    (problem,) = problems_of({"flowengine": 1, "nodes": {"a": {"x": 0, "y": 0, "colour": "red"}}}, LayoutDocument)
    assert problem.field == "colour"


def test_flow_is_a_subflow_when_it_has_ports() -> None:
    plain = read_document(FlowDocument, Source(json.dumps(flow()).encode()))
    assert not plain.is_subflow
    value = flow(inputs={"in": {"targets": ["a"]}}, outputs={"out": {"sources": ["a.out"], "description": "d"}})
    assert read_document(FlowDocument, Source(json.dumps(value).encode())).is_subflow


def test_endpoint_is_a_node_and_maybe_a_port() -> None:
    assert Endpoint.parse("a") == Endpoint("a")
    assert Endpoint.parse("a.out") == Endpoint("a", "out")
    assert [str(Endpoint("a")), str(Endpoint("a", "out"))] == ["a", "a.out"]


@pytest.mark.parametrize("name", ["", "A", "../a", "a/b", "a.b", "-a", "a\n", "é"])
def test_check_id_refuses_what_cannot_be_an_id(name: str) -> None:
    with pytest.raises(BadIdError, match="an id is lower-case letters, digits and hyphens"):
        check_id(name)


def test_reading_again_takes_unchanged_nodes_over_and_sees_true_become_one() -> None:
    def text(to: Any) -> Source:
        nodes = {"same": {"type": "debug"}, "other": {"type": "change", "config": {"to": to}}}
        return Source(json.dumps({"flowengine": 1, "id": "a", "nodes": nodes}).encode())

    source = text(to=True)
    before = read_document(FlowDocument, source)
    after = read_document(FlowDocument, text(to=1), Earlier(source.value, before))
    assert after.nodes["same"] is before.nodes["same"]
    assert after.nodes["other"].config["to"] is not True
    assert after == read_document(FlowDocument, text(to=1))

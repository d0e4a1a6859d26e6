"""The document of flow tests: events and ends say what they mean, or are refused with their place."""

import json
from typing import Any

import jsonschema
import pytest

from flowengine.flow.flow_test_document import FlowTestDocument
from flowengine.flow.format import format_document
from flowengine.flow.problem import DocumentError
from flowengine.flow.reader import read_document
from flowengine.flow.schema import document_schema
from flowengine.flow.source import Source

SCHEMA = jsonschema.Draft202012Validator(document_schema("flow-test"))
FULL: dict[str, Any] = {
    "flowengine": 1,
    "description": "All there is.",
    "env": {"SITE": "north"},
    "cases": [
        {
            "name": "does it all",
            "start": "2026-03-29T01:00:00+01:00",
            "env": {"SITE": "south"},
            "state": {"nodes": {"map": {"count": 1}}, "flow": {"mode": None}, "all": {"x": [1]}},
            "answers": {"ask": [{"message": {"payload": 1}, "port": "out", "times": None}]},
            "given": [
                {"from": "in", "message": {"payload": {"$bytes": "AA=="}}, "as": "it"},
                {"into": "part/map"},
                {"request": {"method": "POST", "path": "/x?a=1", "headers": {"a": "b"}, "body": {"n": 1}}, "as": "r"},
                {"duplicate": "it", "as": "again"},
                {"advance": "1m30s"},
                {"fault": "sink", "times": 2, "error": "permanent", "code": "x", "after": "1s", "taken": True},
                {"fault": "sink", "retry_after": "10s"},
                {"recover": "sink"},
                {"restart": True},
                {"expect": {"in_flight": 0}},
            ],
            "expect": {
                "messages": {"map.out": [{"payload": {"$any": True}}], "sink": []},
                "order": {"map.out": "any"},
                "counts": {"map": 1},
                "tries": {"sink": 0},
                "ends": {"it": "failed: bad-json", "again": "open"},
                "dead_letters": [],
                "outbox": {"sink": [{}]},
                "state": {"flow": {"mode": {"$missing": True}}},
                "statuses": {"map": {"$regex": "x"}},
                "responses": {"r": {"status": 200, "headers": {"a": "b"}, "body": {"$exact": None}}},
                "in_flight": 1,
            },
        }
    ],
}


def read(value: Any) -> FlowTestDocument:
    return read_document(FlowTestDocument, Source(json.dumps(value).encode()))


def test_document_has_one_form_and_is_read_back_from_it() -> None:
    document = read(FULL)
    text = format_document(document)
    assert json.loads(text) == FULL
    assert format_document(read(json.loads(text))) == text
    assert [error.message for error in SCHEMA.iter_errors(FULL)] == []


@pytest.mark.parametrize(
    ("event", "field", "message"),
    [
        ({}, "", "an event is exactly one of from, into, request, duplicate, advance, fault, recover, restart, expect"),
        ({"message": {}}, "", "it has none"),
        ({"from": "in", "into": "map"}, "", "it has from and into"),
        ({"advance": "1s", "as": "it"}, "", "'as' does not go with 'advance'"),
        ({"from": "in", "times": 2}, "", "'times' does not go with 'from'"),
        ({"fault": "sink", "error": "none"}, "", "needs 'after'"),
        ({"fault": "sink", "times": 0}, ".times", "must be at least 1"),
        ({"restart": False}, ".restart", "must be True"),
        ({"advance": "soon"}, ".advance", "'soon' is no length of time"),
        ({"form": "in"}, ".form", "there is no such field"),
        ({"from": "In"}, ".from", "write a node id"),
        ({"request": {"path": "x"}}, ".request.path", "must match"),
        ({"expect": {"ends": {"it": "acked"}}}, ".expect.ends.it", '"acked" is no end; write acknowledged'),
    ],
)
def test_event_that_makes_no_sense_is_refused(event: dict[str, Any], field: str, message: str) -> None:
    value = {"flowengine": 1, "cases": [{"name": "x", "given": [event], "expect": {"counts": {"a": 0}}}]}
    with pytest.raises(DocumentError) as refused:
        read(value)
    problem = refused.value.problems[0]
    assert problem.field == f"cases[0].given[0]{field}"
    assert message in problem.message


@pytest.mark.parametrize("start", ["2026-01-01", "2026-01-01T00:00:00", "now"])
def test_start_without_an_offset_is_refused(start: str) -> None:
    case = {"name": "x", "start": start, "expect": {"counts": {"a": 0}}}
    with pytest.raises(DocumentError, match=r"cases\[0\]\.start.*is no time with an offset"):
        read({"flowengine": 1, "cases": [case]})

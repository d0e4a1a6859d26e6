"""JSON Schemas of the documents agree with the models."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.flow.document import Document, FlowDocument, LayoutDocument, ResourcesDocument
from flowengine.flow.format import canonical_value
from flowengine.flow.problem import DocumentError
from flowengine.flow.reader import read_document
from flowengine.flow.schema import DOCUMENTS, document_schema
from flowengine.flow.source import Source

VALIDATORS = {kind: jsonschema.Draft202012Validator(document_schema(kind)) for kind in DOCUMENTS}


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_schema_is_a_schema(kind: str) -> None:
    jsonschema.Draft202012Validator.check_schema(document_schema(kind))


@pytest.mark.parametrize(
    ("kind", "model"), [("flow", FlowDocument), ("resources", ResourcesDocument), ("layout", LayoutDocument)]
)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_schema_takes_every_document(kind: str, model: type[Document], data: st.DataObject) -> None:
    value = canonical_value(data.draw(st.from_type(model)))
    assert [error.message for error in VALIDATORS[kind].iter_errors(value)] == []


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "A"},
        {"flowengine": 2},
        {"nme": "x"},
        {"nodes": {"A": {"type": "t"}}},
        {"nodes": {"a": {}}},
        {"nodes": {"a": {"type": ""}}},
        {"nodes": {"a": {"type": "t", "confg": {}}}},
        {"nodes": {"a": {"type": "t", "wires": {"out": ["a b"]}}}},
        {"nodes": {"a": {"type": "t", "wires": {"o o": []}}}},
        {"nodes": {"a": {"type": "t", "stage": {"workers": 0}}}},
        {"env": {"A-B": "x"}},
        {"env": {"A": 1}},
        {"errors": {"then": "explode"}},
        {"errors": {"retry": {"initial": "1x"}}},
        {"errors": {"retry": {"initial": ""}}},
    ],
)
def test_schema_and_model_refuse_the_same(fields: dict[str, Any]) -> None:
    value = {"flowengine": 1, "id": "f", **fields}
    assert not VALIDATORS["flow"].is_valid(value)
    with pytest.raises(DocumentError):
        read_document(FlowDocument, Source(json.dumps(value).encode()))


def test_schema_may_be_named_in_the_file() -> None:
    assert VALIDATORS["flow"].is_valid({"$schema": "../flow.schema.json", "flowengine": 1, "id": "f"})

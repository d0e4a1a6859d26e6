"""JSON Schemas of the documents, for editors that check and complete JSON."""

from collections.abc import Mapping
from typing import Any, Final

from flowengine.flow.document import Document, FlowDocument, LayoutDocument, ResourcesDocument
from flowengine.flow.flow_test_document import FlowTestDocument
from flowengine.flow.secrets import SecretsDocument

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

DOCUMENTS: Final[Mapping[str, type[Document]]] = {
    "flow": FlowDocument,
    "flow-test": FlowTestDocument,
    "layout": LayoutDocument,
    "resources": ResourcesDocument,
    "secrets": SecretsDocument,
}
"""The kinds of documents, by the name that `document_schema` knows them by."""


def document_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a kind of document; see `DOCUMENTS`."""
    schema = DOCUMENTS[kind].model_json_schema(by_alias=True)
    _close(schema)
    return {"$schema": DIALECT, **schema}


def _close(schema: Any) -> None:
    """Allow no keys in a map but those its pattern allows, as the models do."""
    if isinstance(schema, dict):
        if "patternProperties" in schema:
            schema["additionalProperties"] = False
        for part in schema.values():
            _close(part)
    elif isinstance(schema, list):
        for part in schema:
            _close(part)

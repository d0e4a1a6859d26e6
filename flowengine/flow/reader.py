"""From the text of a document to its model, with every problem at its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson
from pydantic import ValidationError

from flowengine.flow.document import Document, FlowDocument, NodeDocument
from flowengine.flow.fault import faults, kind_of
from flowengine.flow.migrations import FormatVersionError, migrate
from flowengine.flow.problem import DocumentError
from flowengine.flow.source import Source

D = TypeVar("D", bound=Document)


@dataclass(frozen=True, slots=True)
class Earlier(Generic[D]):
    """What a file held when it was read before.

    Args:
        value: Its JSON value.
        document: Its document.
    """

    value: Any
    document: D


def read_document(model: type[D], source: Source, earlier: Earlier[D] | None = None) -> D:
    """Check a parsed text against the model of its document, older versions of the format included.

    Args:
        model: The kind of document.
        source: The parsed text.
        earlier: What the file held before: nodes of a flow that did not change are taken from there, unchecked.

    Raises:
        DocumentError: The document is wrong; every problem is in it.
    """
    value = source.value
    if not isinstance(value, dict):
        message = f"a document is an object, not {kind_of(value)}"
        raise DocumentError([source.problem((), "wrong-type", message)])
    try:
        value = migrate(value)
    except FormatVersionError as error:
        raise DocumentError([source.problem(("flowengine",), error.code, str(error))]) from None
    known = _unchanged(value, earlier) if earlier is not None else {}
    try:
        if not known:
            return model.model_validate(value)
        nodes = value["nodes"]
        document = model.model_validate({**value, "nodes": {id_: nodes[id_] for id_ in nodes if id_ not in known}})
        assert isinstance(document, FlowDocument)
        return document.model_copy(update={"nodes": {id_: known.get(id_) or document.nodes[id_] for id_ in nodes}})
    except ValidationError as error:
        raise DocumentError(source.problem(*fault) for fault in faults(error, model)) from None


def _unchanged(value: dict[str, Any], earlier: Earlier[Any]) -> Mapping[str, NodeDocument]:
    """Return the nodes that are as they were, by id."""
    nodes = value.get("nodes")
    if not isinstance(earlier.document, FlowDocument) or not isinstance(nodes, dict):
        return {}
    before = earlier.value.get("nodes", {})
    documents = earlier.document.nodes
    dumps = orjson.dumps
    # As JSON, because to Python true is equal to 1.
    return {
        id_: documents[id_] for id_, node in nodes.items() if id_ in documents and dumps(before[id_]) == dumps(node)
    }

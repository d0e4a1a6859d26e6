"""Documents as they come in requests and leave in answers."""

from dataclasses import replace
from typing import Annotated, Any, Final, TypeVar

from pydantic import WithJsonSchema

from flowengine.flow.document import (
    FORMAT_VERSION,
    Document,
    FlowDocument,
    LayoutDocument,
    NodeDocument,
    ResourcesDocument,
)
from flowengine.flow.document_file import FLOW_SUFFIX, RESOURCES_NAME, DocumentFile
from flowengine.flow.problem import DocumentError
from flowengine.flow.reader import Earlier, read_document
from flowengine.flow.source import Source
from flowengine.runtime.workspace import Workspace
from flowengine.server.problem_response import ApiError

D = TypeVar("D", bound=Document)

SCHEMA_OF: Final = "x-schema-of"
"""Names the model that describes a value, without reading it with that model.

Documents have a reader of their own, which knows older formats and says where each problem is.
"""

FlowJson = Annotated[dict[str, Any], WithJsonSchema({SCHEMA_OF: FlowDocument.__name__})]
NodesJson = Annotated[
    dict[str, dict[str, Any] | None],
    WithJsonSchema(
        {"type": "object", "additionalProperties": {"anyOf": [{SCHEMA_OF: NodeDocument.__name__}, {"type": "null"}]}}
    ),
]
"""Nodes by id; null for one that is removed."""
LayoutJson = Annotated[dict[str, Any], WithJsonSchema({SCHEMA_OF: LayoutDocument.__name__})]
TestsJson = Annotated[dict[str, Any], WithJsonSchema({"type": "object", "additionalProperties": True})]
"""The tests of a flow; ``flowengine schema flow-test`` describes them."""
ResourcesJson = Annotated[dict[str, Any], WithJsonSchema({SCHEMA_OF: ResourcesDocument.__name__})]


def parse(model: type[D], value: dict[str, Any], earlier: Earlier[D] | None = None) -> D:
    """Read a document that came in a request.

    Args:
        model: The kind of document.
        value: The document.
        earlier: The document as it was before: what is unchanged is taken from there.

    Raises:
        ApiError: It is no such document; every problem is in it.
    """
    try:
        source = Source.of_value(value)
    except TypeError:
        raise ApiError(422, "too-deep", "the document is nested too deeply") from None
    except DocumentError as error:
        raise refused(error) from None
    try:
        return read_document(model, source, earlier)
    except DocumentError as error:
        raise refused(error) from None


def refused(error: DocumentError) -> ApiError:
    """Return the answer to a document that is wrong."""
    # The text that the lines count is not one that anybody has seen.
    problems = [replace(problem, line=None, column=None) for problem in error.problems]
    first = problems[0]
    location = ".".join(part for part in (first.node, first.field) if part)
    detail = {"problems": [problem.as_dict() for problem in problems]}
    return ApiError(422, error.code, str(first), location, detail)


def parse_flow(value: dict[str, Any], workspace: Workspace) -> DocumentFile[FlowDocument]:
    """Read a flow that came in a request, as if it were in its file.

    Raises:
        ApiError: It is no flow document.
    """
    id_ = value.get("id")
    before = workspace.folder.flows.get(id_) if isinstance(id_, str) else None
    earlier = None
    if before is not None and before.document is not None:
        earlier = Earlier(before.value, before.document)
    document = parse(FlowDocument, value, earlier)
    return DocumentFile(workspace.path / f"{document.id}{FLOW_SUFFIX}", document.id, document=document)


def parse_nodes(flow: str, value: dict[str, Any]) -> dict[str, NodeDocument]:
    """Read nodes of a flow that came in a request without the rest of it.

    Raises:
        ApiError: They are no nodes.
    """
    return parse(FlowDocument, {"flowengine": FORMAT_VERSION, "id": flow, "nodes": value}).nodes


def parse_resources(value: dict[str, Any], workspace: Workspace) -> DocumentFile[ResourcesDocument]:
    """Read resources that came in a request, as if they were in their file.

    Raises:
        ApiError: It is no such document.
    """
    document = parse(ResourcesDocument, value)
    return DocumentFile(workspace.path / RESOURCES_NAME, "resources", document=document)

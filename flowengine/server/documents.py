"""Documents as they come in requests and leave in answers."""

from dataclasses import replace
from typing import Annotated, Any, Final, TypeVar

import orjson
from pydantic import WithJsonSchema

from flowengine.flow.document import Document, FlowDocument, LayoutDocument, ResourcesDocument
from flowengine.flow.document_file import FLOW_SUFFIX, RESOURCES_NAME, DocumentFile
from flowengine.flow.problem import DocumentError
from flowengine.flow.reader import read_document
from flowengine.flow.source import Source
from flowengine.runtime.workspace import Workspace
from flowengine.server.problem_response import ApiError

D = TypeVar("D", bound=Document)

SCHEMA_OF: Final = "x-schema-of"
"""Names the model that describes a value, without reading it with that model.

Documents have a reader of their own, which knows older formats and says where each problem is.
"""

FlowJson = Annotated[dict[str, Any], WithJsonSchema({SCHEMA_OF: FlowDocument.__name__})]
LayoutJson = Annotated[dict[str, Any], WithJsonSchema({SCHEMA_OF: LayoutDocument.__name__})]
ResourcesJson = Annotated[dict[str, Any], WithJsonSchema({SCHEMA_OF: ResourcesDocument.__name__})]


def parse(model: type[D], value: dict[str, Any]) -> D:
    """Read a document that came in a request.

    Args:
        model: The kind of document.
        value: The document.

    Raises:
        ApiError: It is no such document; every problem is in it.
    """
    try:
        data = orjson.dumps(value)
    except TypeError:
        raise ApiError(422, "too-deep", "the document is nested too deeply") from None
    try:
        return read_document(model, Source(data))
    except DocumentError as error:
        # The text that the lines count is not one that anybody has seen.
        problems = [replace(problem, line=None, column=None) for problem in error.problems]
        first = problems[0]
        location = ".".join(part for part in (first.node, first.field) if part)
        detail = {"problems": [problem.as_dict() for problem in problems]}
        raise ApiError(422, error.code, str(first), location, detail) from None


def parse_flow(value: dict[str, Any], workspace: Workspace) -> DocumentFile[FlowDocument]:
    """Read a flow that came in a request, as if it were in its file.

    Raises:
        ApiError: It is no flow document.
    """
    document = parse(FlowDocument, value)
    return DocumentFile(workspace.path / f"{document.id}{FLOW_SUFFIX}", document.id, document=document)


def parse_resources(value: dict[str, Any], workspace: Workspace) -> DocumentFile[ResourcesDocument]:
    """Read resources that came in a request, as if they were in their file.

    Raises:
        ApiError: It is no such document.
    """
    document = parse(ResourcesDocument, value)
    return DocumentFile(workspace.path / RESOURCES_NAME, "resources", document=document)

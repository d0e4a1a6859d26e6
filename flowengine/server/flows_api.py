"""Flows on disk: read, saved, renamed, removed."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from flowengine.flow.document import FlowDocument
from flowengine.flow.document_file import DocumentFile
from flowengine.flow.problem import DocumentError, Problem, Severity
from flowengine.runtime.workspace import StaleFileError
from flowengine.server.access import Role
from flowengine.server.account_figures import AccountFigures
from flowengine.server.backend import Backend
from flowengine.server.documents import FlowJson, LayoutJson, NodesJson, parse_flow, parse_nodes, refused
from flowengine.server.endpoint import MIB, Call, Endpoint
from flowengine.server.model import Answer, Body, Query
from flowengine.server.problem_response import ApiError, not_found

FlowState = Literal["running", "starting", "stopping", "stopped", "broken", "disabled", "subflow", "not-deployed"]


class FlowSummary(Answer):
    """One flow of the list."""

    id: str
    name: str
    description: str
    state: FlowState
    """What the deployed flow does; for one that is not deployed, why."""
    reason: str
    """Why it is broken; else empty."""
    revision: str | None
    """Revision of the file; null for a flow that runs but is no longer on disk."""
    changed: bool
    """Whether the file is other than what is deployed."""
    errors: int
    """Problems on disk that will keep it from running."""
    warnings: int
    """Other problems."""
    nodes: int
    """How many nodes it has on disk."""
    account: AccountFigures | None
    """The books of the running flow."""


class FlowList(Answer):
    """All flows."""

    flows: list[FlowSummary]
    revision: str
    """Revision of everything on disk."""
    deployed: str
    """Revision of what is deployed: the base of the next deploy."""
    problems: list[Problem]
    """What is wrong in the folder beside the flows: resources, layouts, names."""


class FlowDetail(Answer):
    """One flow as it is on disk."""

    id: str
    revision: str
    """The base of the next change."""
    deployed: str | None
    """Revision of the flow as it was deployed; null if it was not."""
    document: FlowJson | None
    """The flow, defaults left out; null if the file is broken."""
    text: str | None
    """What is in a broken file; null if it is not broken."""
    layout: LayoutJson | None
    """Where its nodes stand; null if no layout is kept."""
    problems: list[Problem]
    """Everything that is wrong with it."""

    def as_json(self) -> dict[str, Any]:
        """Return the JSON value that is sent; the document is one already, and may be long."""
        return {**self.model_dump(mode="json", by_alias=True, exclude={"document"}), "document": self.document}


class SaveFlow(Body):
    """A flow to save."""

    base: str | None
    """Revision of the file that was changed; null for a new flow."""
    document: FlowJson


class ChangeNodes(Body):
    """Some nodes of a flow, other than they were."""

    base: str
    """Revision of the file that was changed."""
    nodes: NodesJson
    """Nodes that are new or changed, each whole, by id; null for one that was removed. All others stay."""


class SavedFlow(Answer):
    """A flow that was saved."""

    id: str
    revision: str
    """The base of the next change."""
    deployed: str | None
    """Revision of the flow as it was deployed; null if it was not."""
    problems: list[Problem]
    """Everything that is wrong with it."""


class RenameFlow(Body):
    """Another id for a flow."""

    base: str
    """Revision of the file."""
    id: str = Field(max_length=200)
    """The new id."""


class BasedOn(Query):
    """What a change is based on."""

    base: str
    """Revision of the file."""


async def list_flows(call: Call) -> FlowList:
    """List the flows, those on disk and those that run."""
    backend = call.backend
    folder = backend.workspace.folder
    problems: dict[str, list[Problem]] = defaultdict(list)
    for problem in backend.workspace.result.problems:
        problems[problem.file].append(problem)
    ids = sorted({*folder.flows, *backend.engine.flows, *backend.engine.broken})
    own = {id: problems.pop(str(file.path), []) for id, file in folder.flows.items()}
    return FlowList(
        flows=[_summary(backend, id, own.get(id, ())) for id in ids],
        revision=folder.revision,
        deployed=backend.engine.revision,
        problems=[problem for some in problems.values() for problem in some],
    )


async def get_flow(call: Call, flow: str) -> FlowDetail:
    """Return a flow with its layout and everything that is wrong with it."""
    file = call.backend.workspace.folder.flows.get(flow)
    if file is None:
        raise not_found("flow", flow)
    # Beside the loop, in which flows run; and whoever opens a flow will change it.
    await asyncio.to_thread(file.prepare)
    return _detail(call.backend, file)


async def put_flow(call: Call, flow: str, body: SaveFlow) -> FlowDetail:
    """Save a flow, new or changed; it runs at the next deploy.

    A flow with lint errors is saved all the same, so that nobody loses work; what is no flow document at all is
    refused with 422. Where the file is no longer the `base`, the answer is 409, with the file as it is now in
    `current`: what is needed to compare yours, theirs and the base.
    """
    workspace = call.backend.workspace
    file = parse_flow(body.document, workspace)
    if file.id != flow:
        raise ApiError(422, "wrong-id", f'the document has the id "{file.id}", the path "{flow}"', "document.id")
    assert file.document is not None
    try:
        saved = await workspace.save(file.document, body.base)
    except StaleFileError as error:
        raise _stale(call.backend, error) from None
    call.facts["revision"] = saved.revision
    return _detail(call.backend, saved)


async def change_nodes(call: Call, flow: str, body: ChangeNodes) -> SavedFlow:
    """Save a flow of which some nodes changed, without sending the others; it runs at the next deploy.

    A change of one node of a large flow is saved many times as fast as by sending the flow. What is no node is refused
    with 422, and so is a change of a broken file: save the whole flow then. Where the file is no longer the `base`, the
    answer is 409, as when a whole flow is saved.
    """
    check_flow_exists(call.backend, flow)
    written = parse_nodes(flow, {id: node for id, node in body.nodes.items() if node is not None})
    try:
        saved = await call.backend.workspace.change_nodes(flow, {id: written.get(id) for id in body.nodes}, body.base)
    except StaleFileError as error:
        raise _stale(call.backend, error) from None
    except DocumentError as error:
        raise refused(error) from None
    call.facts["revision"] = saved.revision
    return SavedFlow(
        id=saved.id,
        revision=saved.revision,
        deployed=_deployed_revision(call.backend, saved.id),
        problems=list(call.backend.workspace.result.of_file(str(saved.path))),
    )


async def delete_flow(call: Call, flow: str, query: BasedOn) -> None:
    """Remove a flow with its layout and its tests; it stops at the next deploy."""
    check_flow_exists(call.backend, flow)
    try:
        await call.backend.workspace.delete(flow, query.base)
    except StaleFileError as error:
        raise _stale(call.backend, error) from None


async def rename_flow(call: Call, flow: str, body: RenameFlow) -> FlowDetail:
    """Give a flow another id; flows that use it are not changed, and lint says which."""
    check_flow_exists(call.backend, flow)
    call.facts["id"] = body.id
    try:
        return _detail(call.backend, await call.backend.workspace.rename(flow, body.id, body.base))
    except StaleFileError as error:
        raise _stale(call.backend, error) from None


def check_flow_exists(backend: Backend, flow: str) -> None:
    """Check that a flow is on disk.

    Raises:
        ApiError: It is not.
    """
    if flow not in backend.workspace.folder.flows:
        raise not_found("flow", flow)


def layout_of(backend: Backend, flow: str) -> LayoutJson | None:
    """Return the layout of a flow, or ``None``."""
    file = backend.workspace.folder.layouts.get(flow)
    return file.value if file is not None else None


def _summary(backend: Backend, id: str, problems: Sequence[Problem]) -> FlowSummary:
    file = backend.workspace.folder.flows.get(id)
    document = file.document if file is not None else None
    running = backend.engine.flows.get(id)
    revision = file.revision if file is not None else None
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    return FlowSummary(
        id=id,
        name=document.name if document is not None else "",
        description=document.description if document is not None else "",
        state=_state(backend, id, document),
        reason=backend.engine.broken.get(id, ""),
        revision=revision,
        changed=revision != _deployed_revision(backend, id),
        errors=errors,
        warnings=len(problems) - errors,
        nodes=len(document.nodes) if document is not None else 0,
        account=AccountFigures.of(running.account) if running is not None else None,
    )


def _state(backend: Backend, id: str, document: FlowDocument | None) -> FlowState:
    running = backend.engine.flows.get(id)
    if running is not None:
        return running.state
    if id in backend.engine.broken:
        return "broken"
    if document is not None and document.is_subflow:
        return "subflow"
    return "disabled" if document is not None and document.disabled else "not-deployed"


def _deployed_revision(backend: Backend, id: str) -> str | None:
    deployed = backend.workspace.deployed
    file = deployed.flows.get(id) if deployed is not None else None
    return file.revision if file is not None else None


def _detail(backend: Backend, file: DocumentFile[FlowDocument]) -> FlowDetail:
    return FlowDetail(
        id=file.id,
        revision=file.revision,
        deployed=_deployed_revision(backend, file.id),
        document=file.value,
        text=None if file.document is not None else (file.data or b"").decode(errors="replace"),
        layout=layout_of(backend, file.id),
        problems=list(backend.workspace.result.of_file(str(file.path))),
    )


def _stale(backend: Backend, error: StaleFileError) -> ApiError:
    current = _detail(backend, error.file).model_dump(mode="json") if error.file is not None else None
    return ApiError(409, error.code, str(error), "base", {"base": error.base, "current": current})


ENDPOINTS = (
    Endpoint("GET", "/admin/api/flows", list_flows, "List the flows"),
    Endpoint("GET", "/admin/api/flows/{flow}", get_flow, "Show a flow"),
    Endpoint(
        "PUT",
        "/admin/api/flows/{flow}",
        put_flow,
        "Save a flow",
        role=Role.EDITOR,
        audit="save-flow",
        max_body=32 * MIB,
    ),
    Endpoint(
        "PATCH",
        "/admin/api/flows/{flow}",
        change_nodes,
        "Save some nodes of a flow",
        role=Role.EDITOR,
        audit="save-flow",
        max_body=32 * MIB,
    ),
    Endpoint("DELETE", "/admin/api/flows/{flow}", delete_flow, "Remove a flow", role=Role.EDITOR, audit="delete-flow"),
    Endpoint(
        "POST",
        "/admin/api/flows/{flow}/rename",
        rename_flow,
        "Give a flow another id",
        role=Role.EDITOR,
        audit="rename-flow",
    ),
)

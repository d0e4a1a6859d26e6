"""Resources: the config nodes that flows share, on disk and as they run."""

from typing import Final, Literal, Self

from flowengine.flow.format import canonical_value
from flowengine.flow.problem import Problem
from flowengine.node.context import Status
from flowengine.runtime.trial import try_resource
from flowengine.runtime.workspace import StaleFileError
from flowengine.server.access import Role
from flowengine.server.backend import Backend
from flowengine.server.documents import ResourcesJson, parse_resources
from flowengine.server.endpoint import MIB, Call, Endpoint
from flowengine.server.model import Answer, Body
from flowengine.server.problem_response import ApiError

Level = Literal["ok", "busy", "warning", "error", "idle"]
_LONGEST_TRIAL: Final = 10.0


class NodeStatus(Answer):
    """What a node or a resource shows of itself."""

    text: str
    level: Level
    is_value: bool = False
    """Whether the text is a value that somebody sent, and not words of the node."""

    @classmethod
    def of(cls, status: Status | None) -> Self | None:
        """Return the status of a node, where it has one."""
        return None if status is None else cls(text=status.text, level=status.level, is_value=status.is_value)


class ResourcesDetail(Answer):
    """The resources as they are on disk."""

    revision: str
    """The base of the next change."""
    document: ResourcesJson | None
    """The resources, defaults left out; null if the file is broken."""
    text: str | None
    """What is in a broken file; null if it is not broken."""
    problems: list[Problem]
    """Everything that is wrong with them."""


class SaveResources(Body):
    """Resources to save."""

    base: str
    """Revision that was changed."""
    document: ResourcesJson


class RunningResource(Answer):
    """A resource as it runs."""

    id: str
    type: str
    running: bool
    """Whether flows can use it."""
    status: NodeStatus | None
    problem: str
    """Why it could not start; else empty."""


class RunningResources(Answer):
    """The deployed resources."""

    resources: list[RunningResource]


class TryResource(Body):
    """A config node to try, among others that it may refer to."""

    document: ResourcesJson


class Tried(Answer):
    """What came of a trial."""

    level: Level
    """`busy` where there was no answer in time."""
    text: str
    """What the config node said of itself."""
    seconds: float
    """How long it took."""


async def get_resources(call: Call) -> ResourcesDetail:
    """Return the resources with everything that is wrong with them."""
    return _detail(call.backend)


async def put_resources(call: Call, body: SaveResources) -> ResourcesDetail:
    """Save the resources; they run at the next deploy.

    Where the file is no longer the `base`, the answer is 409, with the file as it is now in `current`.
    """
    file = parse_resources(body.document, call.backend.workspace)
    assert file.document is not None
    try:
        saved = await call.backend.workspace.save_resources(file.document, body.base)
    except StaleFileError as error:
        detail = {"base": error.base, "current": _detail(call.backend).model_dump(mode="json")}
        raise ApiError(409, error.code, str(error), "base", detail) from None
    call.subject = "resources"
    call.facts["revision"] = saved.revision
    return _detail(call.backend)


async def try_one(call: Call, id: str, body: TryResource) -> Tried:
    """Start a config node apart from what runs, wait at most ten seconds for what it says, and stop it again.

    It is tried as it is in the request, saved or not. Where it has errors, the answer is 422 with all of them.
    """
    workspace = call.backend.workspace
    file = parse_resources(body.document, workspace)
    result = await workspace.check_resources(file)
    if id not in result.resources:
        found = [one.as_dict() for one in result.errors if one.node == id and one.file == str(file.path)]
        said = found[0]["message"] if found else f'there is no config node "{id}" in the document'
        raise ApiError(422, "invalid-document", said, id, {"problems": found})
    report = await try_resource(id, result.resources, call.backend.engine.world.clock, _LONGEST_TRIAL)
    call.facts |= {"type": result.resources[id].type.name, "level": report.level}
    return Tried(level=report.level, text=report.text, seconds=report.seconds)


async def list_running_resources(call: Call) -> RunningResources:
    """List the deployed resources with their status."""
    running = call.backend.engine.resources
    return RunningResources(
        resources=[
            RunningResource(
                id=id,
                type=cell.planned.type.name,
                running=id not in running.problems,
                status=NodeStatus.of(cell.status),
                problem=running.problems.get(id, ""),
            )
            for id, cell in sorted(running.cells.items())
        ]
    )


def _detail(backend: Backend) -> ResourcesDetail:
    file = backend.workspace.folder.resources
    return ResourcesDetail(
        revision=file.revision,
        document=canonical_value(file.document) if file.document is not None else None,
        text=None if file.document is not None else (file.data or b"").decode(errors="replace"),
        problems=list(backend.workspace.result.of_file(str(file.path))),
    )


ENDPOINTS = (
    Endpoint("GET", "/admin/api/resources", get_resources, "Show the resources"),
    Endpoint(
        "PUT",
        "/admin/api/resources",
        put_resources,
        "Save the resources",
        role=Role.EDITOR,
        audit="save-resources",
        max_body=8 * MIB,
    ),
    Endpoint(
        "POST",
        "/admin/api/resources/{id}/try",
        try_one,
        "Try a config node before it is deployed",
        role=Role.EDITOR,
        audit="try-resource",
        max_body=8 * MIB,
    ),
    Endpoint("GET", "/admin/api/resources/running", list_running_resources, "List the deployed resources"),
)

"""Check, compare and deploy."""

from typing import Any

from pydantic import Field

from flowengine.flow.diff import Change, ChangeKind, diff_flows
from flowengine.flow.document import FlowDocument, ResourceDocument
from flowengine.flow.folder import FlowFolder
from flowengine.flow.problem import Problem, Severity
from flowengine.runtime import StaleRevisionError
from flowengine.runtime.workspace import Restart
from flowengine.server.access import Role
from flowengine.server.documents import FlowJson, ResourcesJson, parse_flow, parse_resources
from flowengine.server.endpoint import MIB, Call, Endpoint
from flowengine.server.model import Answer, Body
from flowengine.server.problem_response import ApiError


class CheckFlow(Body):
    """A flow to check."""

    document: FlowJson


class CheckResources(Body):
    """Resources to check."""

    document: ResourcesJson


class CheckResult(Answer):
    """What lint says of a document."""

    runs: bool
    """Whether it has no errors."""
    problems: list[Problem]


class Deploy(Body):
    """What to deploy: always everything on disk."""

    base: str | None = None
    """The deployed revision that the caller knows; null to deploy whatever is deployed now."""
    restart: Restart = "nodes"
    """What restarts: the `nodes` that changed, the `flows` that changed as a whole, or `all` flows and resources."""


class Deployed(Answer):
    """What a deploy did."""

    revision: str
    """What is deployed now."""
    started: list[str]
    """Flows that were not running before."""
    stopped: list[str]
    """Flows that are gone."""
    restarted: dict[str, list[str]]
    """For each flow that went on, the nodes in it that were started or restarted."""
    resources: list[str]
    """Resources that were started or restarted."""
    broken: dict[str, str]
    """Flows that do not run, with the reason."""
    seconds: float
    """How long it took."""


class PreviewDeploy(Body):
    """What would be deployed: everything on disk, and some flows as an editor holds them."""

    flows: list[FlowJson] = Field(default=[], max_length=1_000)
    restart: Restart = "nodes"


class ValueChange(Answer):
    """One value that differs."""

    path: list[str]
    """Where it stands, such as `["nodes", "a", "config", "topic"]`."""
    kind: ChangeKind
    before: Any
    """The old value; null too where it was not there."""
    after: Any
    """The new value; null too where it is not there."""


class FlowChange(Answer):
    """A flow that differs from what is deployed."""

    id: str
    kind: ChangeKind
    changes: list[ValueChange]
    """What differs; empty for a flow that was added, removed or is broken."""


class ResourceChange(Answer):
    """A resource that differs from what is deployed."""

    id: str
    kind: ChangeKind


class Difference(Answer):
    """What the next deploy would change."""

    base: str
    """What is deployed."""
    revision: str
    """What is on disk."""
    flows: list[FlowChange]
    resources: list[ResourceChange]


class Preview(Answer):
    """What a deploy would do."""

    flows: list[FlowChange]
    """What would change in the flows."""
    resources: list[ResourceChange]
    started: list[str]
    stopped: list[str]
    restarted: dict[str, list[str]]
    """For each running flow that goes on, the nodes that start or restart."""
    restarted_resources: list[str]
    problems: list[Problem]
    """What lint says of the flows that change."""


async def check_flow(call: Call, body: CheckFlow) -> CheckResult:
    """Check a flow that is not saved, among the others that are."""
    file = parse_flow(body.document, call.backend.workspace)
    result = await call.backend.workspace.check(file)
    return _result(result.of_file(str(file.path)))


async def check_resources(call: Call, body: CheckResources) -> CheckResult:
    """Check resources that are not saved."""
    file = parse_resources(body.document, call.backend.workspace)
    result = await call.backend.workspace.check_resources(file)
    return _result(result.of_file(str(file.path)))


async def deploy(call: Call, body: Deploy) -> Deployed:
    """Make what is on disk what runs; only what changed restarts, unless more is asked for.

    Flows with errors do not run; all others do. Where something else was deployed since `base`, the answer is 409,
    with what is deployed now in `current`, and what differs from it in `difference`.
    """
    workspace = call.backend.workspace
    try:
        report = await workspace.deploy(body.base, body.restart)
    except StaleRevisionError as error:
        detail = {
            "base": error.base,
            "current": error.current,
            "difference": _difference(call).model_dump(mode="json"),
        }
        raise ApiError(409, error.code, str(error), "base", detail) from None
    call.subject = report.revision
    call.facts |= {"started": report.started, "stopped": report.stopped, "restarted": sorted(report.restarted)}
    call.facts |= {"restart": body.restart} if body.restart != "nodes" else {}
    return Deployed(
        revision=report.revision,
        started=list(report.started),
        stopped=list(report.stopped),
        restarted={id: list(nodes) for id, nodes in report.restarted.items()},
        resources=list(report.resources),
        broken=dict(report.broken),
        seconds=report.seconds,
    )


async def preview_deploy(call: Call, body: PreviewDeploy) -> Preview:
    """Show what a deploy would change and restart if some flows were saved before; nothing is done."""
    workspace = call.backend.workspace
    files = [parse_flow(document, workspace) for document in body.flows]
    folder, result, report = await workspace.preview(files, body.restart)
    flows = _flow_changes(workspace.deployed, folder)
    changed = [str(folder.flows[change.id].path) for change in flows if change.id in folder.flows]
    return Preview(
        flows=flows,
        resources=_resource_changes(workspace.deployed, folder),
        started=list(report.started),
        stopped=list(report.stopped),
        restarted={id: list(nodes) for id, nodes in report.restarted.items()},
        restarted_resources=list(report.resources),
        problems=[problem for path in changed for problem in result.of_file(path)],
    )


async def show_difference(call: Call) -> Difference:
    """Compare what is on disk with what is deployed."""
    return _difference(call)


def _result(problems: tuple[Problem, ...]) -> CheckResult:
    return CheckResult(
        runs=not any(problem.severity is Severity.ERROR for problem in problems), problems=list(problems)
    )


def _difference(call: Call) -> Difference:
    workspace = call.backend.workspace
    before, after = workspace.deployed, workspace.folder
    return Difference(
        base=call.backend.engine.revision,
        revision=after.revision,
        flows=_flow_changes(before, after),
        resources=_resource_changes(before, after),
    )


def _flow_changes(before: FlowFolder | None, after: FlowFolder) -> list[FlowChange]:
    old = before.flows if before is not None else {}
    found = []
    for id in sorted({*old, *after.flows}):
        one, other = old.get(id), after.flows.get(id)
        if one is not None and other is not None:
            if one.revision != other.revision:
                changes = _changes(one.document, other.document)
                if one.document is not None and other.document is not None and not changes:
                    # Written otherwise, or held by an editor: the flow is the same.
                    continue
                found.append(FlowChange(id=id, kind=ChangeKind.CHANGED, changes=changes))
        else:
            kind = ChangeKind.ADDED if one is None else ChangeKind.REMOVED
            found.append(FlowChange(id=id, kind=kind, changes=[]))
    return found


def _changes(before: FlowDocument | None, after: FlowDocument | None) -> list[ValueChange]:
    if before is None or after is None:
        return []
    return [_value_change(change) for change in diff_flows(before, after).changes]


def _value_change(change: Change) -> ValueChange:
    facts = change.as_dict()
    return ValueChange(path=list(change.path), kind=change.kind, before=facts.get("before"), after=facts.get("after"))


def _resource_changes(before: FlowFolder | None, after: FlowFolder) -> list[ResourceChange]:
    old, new = _resources(before), _resources(after)
    kinds = {id: ChangeKind.REMOVED for id in old if id not in new}
    for id, resource in new.items():
        if id not in old:
            kinds[id] = ChangeKind.ADDED
        elif old[id] != resource:
            kinds[id] = ChangeKind.CHANGED
    return [ResourceChange(id=id, kind=kind) for id, kind in sorted(kinds.items())]


def _resources(folder: FlowFolder | None) -> dict[str, ResourceDocument]:
    document = folder.resources.document if folder is not None else None
    return document.resources if document is not None else {}


ENDPOINTS = (
    Endpoint("POST", "/admin/api/check/flow", check_flow, "Check a flow that is not saved", max_body=32 * MIB),
    Endpoint("POST", "/admin/api/check/resources", check_resources, "Check resources that are not saved"),
    Endpoint("POST", "/admin/api/deploy", deploy, "Deploy what is on disk", role=Role.EDITOR, audit="deploy"),
    Endpoint(
        "POST",
        "/admin/api/deploy/preview",
        preview_deploy,
        "Show what a deploy would do",
        max_body=64 * MIB,
    ),
    Endpoint("GET", "/admin/api/difference", show_difference, "Compare what is on disk with what is deployed"),
)

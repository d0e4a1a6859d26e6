"""What runs: the books and the counters of flows, messages put in by hand, restarts."""

from typing import Any

from pydantic import Field

from flowengine.runtime import RunningFlow
from flowengine.runtime.cell import Cell
from flowengine.runtime.outbox_stage import OutboxStage
from flowengine.runtime.stage import Stage
from flowengine.server.access import Role
from flowengine.server.account_figures import AccountFigures
from flowengine.server.endpoint import MIB, Call, Endpoint
from flowengine.server.model import Answer, Body
from flowengine.server.problem_response import ApiError, not_found
from flowengine.server.resources_api import NodeStatus


class StageFigures(Answer):
    """The queue and the workers of a node."""

    waiting: int
    """Messages in its queue; with an outbox, messages on their way into the store."""
    working: int
    """Messages that workers are at."""
    workers: int
    queue: int
    """Messages that may wait before the sources pause."""


class OutboxFigures(Answer):
    """What a node's outbox has done since the node started."""

    stored: int
    delivered: int
    buried: int
    """Became dead letters."""
    retried: int


class NodeFigures(Answer):
    """A node that runs."""

    id: str
    """Inside a subflow `instance/node`."""
    type: str
    received: int
    errors: int
    sent: dict[str, int]
    """By port."""
    status: NodeStatus | None
    stage: StageFigures | None
    outbox: OutboxFigures | None


class FlowFigures(Answer):
    """A flow that runs."""

    id: str
    state: str
    at: float
    """When the counters were read, in seconds since 1970."""
    account: AccountFigures
    held_back_by: list[str]
    """Why its sources pause: nodes whose queues are full, or words such as `deploy`."""
    nodes: list[NodeFigures]


class Injection(Body):
    """A message to put in by hand."""

    node: str
    """Id of the node."""
    port: str | None = None
    """Port to send it from; null for the node's input."""
    message: dict[str, Any] = Field(default={"payload": None})
    """The message's fields."""


class Injected(Answer):
    """A message that was put in."""

    message_id: str
    """Its trace can be asked for by this."""


class Restarted(Answer):
    """A flow that was restarted."""

    state: str
    """`running`, or `broken`."""
    reason: str
    """Why it is broken; else empty."""


async def get_figures(call: Call, flow: str) -> FlowFigures:
    """Return the books of a flow and the counters of its nodes, as they are now."""
    running = _running(call, flow)
    return FlowFigures(
        id=flow,
        state=running.state,
        at=running.world.clock.time(),
        account=AccountFigures.of(running.account),
        held_back_by=sorted(running.valve.closed_by),
        nodes=[_node(cell, running.stages.get(id)) for id, cell in running.cells.items()],
    )


async def inject(call: Call, flow: str, body: Injection) -> Injected:
    """Put a message into a node's input, or send it from one of its ports as if the node had."""
    running = _running(call, flow)
    if running.state != "running":
        raise ApiError(409, "flow-not-running", f'the flow "{flow}" is {running.state}; try again when it runs', flow)
    cell = running.cells.get(body.node)
    if cell is None or cell.node is None:
        raise ApiError(404, "unknown-node", f'the flow "{flow}" has no node "{body.node}"', "node")
    if body.port is None and not cell.planned.type.has_input:
        raise ApiError(422, "no-input", f'the node "{body.node}" takes no messages; name a port to send from', "port")
    if body.port is not None and body.port not in cell.node.outputs:
        ports = ", ".join(cell.node.outputs) or "none"
        raise ApiError(422, "unknown-port", f'the node "{body.node}" has no port "{body.port}"; it has {ports}', "port")
    delivery = running.inject(body.node, body.message, body.port)
    call.facts |= {"node": body.node, "port": body.port, "message_id": delivery.id}
    return Injected(message_id=delivery.id)


async def restart(call: Call, flow: str) -> Restarted:
    """Stop a flow, letting what is in flight finish, and start it again as it was deployed."""
    report = await call.backend.workspace.restart(flow)
    reason = report.broken.get(flow, "")
    return Restarted(state="broken" if reason else "running", reason=reason)


def _running(call: Call, flow: str) -> RunningFlow:
    running = call.backend.engine.flows.get(flow)
    if running is not None:
        return running
    reason = call.backend.engine.broken.get(flow)
    if reason is not None:
        raise ApiError(409, "flow-not-running", f'the flow "{flow}" does not run: {reason}', flow)
    if flow in call.backend.workspace.folder.flows:
        raise ApiError(409, "flow-not-running", f'the flow "{flow}" does not run; deploy it, or enable it', flow)
    raise not_found("flow", flow)


def _node(cell: Cell, stage: Stage | None) -> NodeFigures:
    outputs = cell.node.outputs if cell.node is not None else {}
    return NodeFigures(
        id=cell.id,
        type=cell.planned.type.name,
        received=cell.received,
        errors=cell.errors,
        sent={name: port.sent for name, port in outputs.items()},
        status=NodeStatus.of(cell.status),
        stage=_stage(stage) if stage is not None else None,
        outbox=_outbox(stage) if isinstance(stage, OutboxStage) else None,
    )


def _stage(stage: Stage) -> StageFigures:
    return StageFigures(
        waiting=stage.waiting, working=stage.working, workers=stage.plan.workers, queue=stage.plan.queue
    )


def _outbox(stage: OutboxStage) -> OutboxFigures:
    return OutboxFigures(stored=stage.stored, delivered=stage.delivered, buried=stage.buried, retried=stage.retried)


ENDPOINTS = (
    Endpoint("GET", "/admin/api/flows/{flow}/figures", get_figures, "Show the counters of a flow"),
    Endpoint(
        "POST",
        "/admin/api/flows/{flow}/inject",
        inject,
        "Put a message in by hand",
        role=Role.OPERATOR,
        audit="inject",
        max_body=8 * MIB,
    ),
    Endpoint(
        "POST",
        "/admin/api/flows/{flow}/restart",
        restart,
        "Restart a flow",
        role=Role.OPERATOR,
        audit="restart",
    ),
)

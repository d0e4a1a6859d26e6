"""State: the values that nodes and flows keep."""

from typing import Any, Protocol

import orjson
from pydantic import Field

from flowengine.message import excerpt
from flowengine.server.access import Role
from flowengine.server.endpoint import Call, Endpoint
from flowengine.server.model import Answer, Body, Query
from flowengine.server.problem_response import ApiError
from flowengine.storage import Scope


class StateValue(Answer):
    """A value of a scope."""

    key: str
    value: Any
    """The value, cut to a size."""
    size: int
    """Its size in bytes, as JSON."""


class StateList(Answer):
    """The values of a scope."""

    flow: str
    node: str
    values: list[StateValue]
    nodes: list[str]
    """Nodes of the flow that have values of their own; empty unless the scope is a flow's."""


class StateDetail(Answer):
    """One value, whole."""

    flow: str
    node: str
    key: str
    value: Any


class ScopeQuery(Query):
    """Whose values: a node's, a flow's, or everybody's."""

    flow: str = ""
    """The flow; empty for everybody's. Of a resource it is `resource:` and its id, and the node its id."""
    node: str = ""
    """The node; empty for the flow's."""
    size: int = Field(default=2_000, ge=20, le=100_000)
    """Most characters shown of a value."""


class ValueQuery(Query):
    """Which value."""

    key: str
    flow: str = ""
    node: str = ""


class SetValue(Body):
    """Another value."""

    value: Any


class _Values(Protocol):
    async def set(self, key: str, value: Any) -> None: ...

    async def delete(self, key: str) -> None: ...


async def list_values(call: Call, query: ScopeQuery) -> StateList:
    """List the values of a scope, as they are in the store."""
    state = call.backend.store.state
    nodes: list[str] = []
    if query.flow and not query.node:
        by_node = await state.load_flow(query.flow)
        values = by_node.pop("", {})
        nodes = sorted(by_node)
    else:
        values = await state.load(Scope(query.flow, query.node))
    return StateList(
        flow=query.flow,
        node=query.node,
        values=[
            StateValue(key=key, value=excerpt(value, query.size), size=len(orjson.dumps(value)))
            for key, value in sorted(values.items())
        ],
        nodes=nodes,
    )


async def get_value(call: Call, query: ValueQuery) -> StateDetail:
    """Return one value, whole, as it is in the store."""
    found = await call.backend.store.state.load(Scope(query.flow, query.node))
    if query.key not in found:
        raise _missing(query)
    return StateDetail(flow=query.flow, node=query.node, key=query.key, value=found[query.key])


async def put_value(call: Call, query: ValueQuery, body: SetValue) -> StateDetail:
    """Change a value that is there, in the store and in the node that runs here.

    Other processes on the same store, and nodes that have worked with the value, may hold the old one until they
    restart.
    """
    scope = Scope(query.flow, query.node)
    if query.key not in await call.backend.store.state.keys(scope):
        raise _missing(query)
    running = _running_values(call, query)
    if running is not None:
        await running.set(query.key, body.value)
    else:
        await call.backend.store.state.set(scope, query.key, body.value)
    call.subject = _subject(query)
    return StateDetail(flow=query.flow, node=query.node, key=query.key, value=body.value)


async def delete_value(call: Call, query: ValueQuery) -> None:
    """Remove a value from the store and from the node that runs here.

    Other processes on the same store, and nodes that have worked with the value, may hold it until they restart.
    """
    scope = Scope(query.flow, query.node)
    if query.key not in await call.backend.store.state.keys(scope):
        raise _missing(query)
    running = _running_values(call, query)
    if running is not None:
        await running.delete(query.key)
    else:
        await call.backend.store.state.delete(scope, query.key)
    call.subject = _subject(query)


def _subject(query: ValueQuery) -> str:
    return "/".join(part for part in (query.flow, query.node, query.key) if part)


def _running_values(call: Call, query: ValueQuery) -> _Values | None:
    engine = call.backend.engine
    if not query.flow:
        return engine.world.values
    cells = engine.flows[query.flow].cells if query.flow in engine.flows else engine.resources.cells
    if not query.node:
        node = next((cell.node for cell in cells.values() if cell.node is not None), None)
        return node.context.flow_state if node is not None and query.flow in engine.flows else None
    cell = cells.get(query.node)
    return cell.node.context.state if cell is not None and cell.node is not None else None


def _missing(query: ValueQuery) -> ApiError:
    whose = " of ".join(part for part in (query.node, query.flow) if part) or "all flows"
    return ApiError(404, "unknown-value", f'{whose} has no value "{query.key}"', "key")


ENDPOINTS = (
    Endpoint("GET", "/admin/api/state", list_values, "List the values of a scope"),
    Endpoint("GET", "/admin/api/state/value", get_value, "Show a value"),
    Endpoint("PUT", "/admin/api/state/value", put_value, "Change a value", role=Role.OPERATOR, audit="set-state"),
    Endpoint(
        "DELETE", "/admin/api/state/value", delete_value, "Remove a value", role=Role.OPERATOR, audit="delete-state"
    ),
)

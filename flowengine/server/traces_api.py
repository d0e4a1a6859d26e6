"""Traces: the way of single messages through a flow."""

import itertools
from typing import Any, Final, Literal

from pydantic import Field

from flowengine.message import excerpt
from flowengine.runtime import Trace
from flowengine.server.access import Role
from flowengine.server.endpoint import Call, Endpoint
from flowengine.server.model import Answer, Body, Query
from flowengine.server.problem_response import ApiError, not_found

_MOST_SEARCHED: Final = 1_000


class TraceSummary(Answer):
    """One message that was traced."""

    id: str
    """The message's id."""
    flow: str
    trace_id: str
    """The W3C trace among systems that it belongs to: 32 hexadecimal digits."""
    parent_id: str
    """The span that caused it, 16 hexadecimal digits; empty where nobody told one."""
    began: float
    """When it came in, in seconds since 1970."""
    outcome: Literal["", "settled", "dropped", "failed"]
    """How it ended; empty while it is on its way."""
    reason: str
    """Word code that goes with the outcome."""
    took: float
    """Seconds until it ended."""
    hops: int
    errors: int
    """Hops at which a node failed."""


class TraceList(Answer):
    """Traces, newest first."""

    traces: list[TraceSummary]


class ShownHop(Answer):
    """The message's arrival at a node, or its failure there."""

    node: str
    at: float
    """Seconds since the trace began."""
    message: Any
    """The fields as they arrived, cut to a size."""
    error: str
    """What the node said, when it failed."""
    code: str


class TraceDetail(TraceSummary):
    """A message's way."""

    way: list[ShownHop]
    cut: int
    """Hops that were not kept."""


class TracesQuery(Query):
    """Which traces."""

    flow: str | None = None
    limit: int = Field(default=50, ge=1, le=200)


class TraceQuery(Query):
    """How much of a trace."""

    size: int = Field(default=2_000, ge=20, le=100_000)
    """Most characters shown of a message at each hop."""


class Arrival(Answer):
    """A traced message as it came to a node."""

    trace: str
    """Id of the message that was traced."""
    at: float
    """When it came, in seconds since 1970."""
    message: Any
    """The fields as they arrived, cut to a size."""


class Arrivals(Answer):
    """Messages that came to a node, newest first."""

    arrivals: list[Arrival]


class ArrivalsQuery(Query):
    """At which node."""

    flow: str
    node: str
    """Inside a subflow `instance/node`."""
    limit: int = Field(default=10, ge=1, le=50)
    size: int = Field(default=2_000, ge=20, le=100_000)
    """Most characters shown of a message."""


class Follow(Body):
    """What to trace."""

    flow: str
    count: int = Field(default=1, ge=0, le=100)
    """How many of the next messages; 0 for no more."""


async def list_traces(call: Call, query: TracesQuery) -> TraceList:
    """List the newest traces."""
    found = call.backend.engine.world.traces.newest(query.flow, query.limit)
    return TraceList(traces=[TraceSummary(**_facts(trace)) for trace in found])


async def list_arrivals(call: Call, query: ArrivalsQuery) -> Arrivals:
    """List the newest messages that came to a node, of those that were traced."""
    found = (
        Arrival(trace=trace.id, at=trace.began + hop.at, message=excerpt(hop.fields, query.size))
        for trace in call.backend.engine.world.traces.newest(query.flow, _MOST_SEARCHED)
        for hop in reversed(trace.hops)
        if hop.node == query.node and not hop.code
    )
    return Arrivals(arrivals=list(itertools.islice(found, query.limit)))


async def get_trace(call: Call, id: str, query: TraceQuery) -> TraceDetail:
    """Return the way of one message."""
    world = call.backend.engine.world
    trace = world.traces.get(id)
    if trace is None and world.workers > 1:
        message = (
            f'worker {world.worker + 1} of {world.workers}, which answers, has no trace of the message "{id}": each '
            "keeps its own; ask again over a new connection, or run one worker to look for mistakes"
        )
        raise ApiError(404, "unknown-trace", message, id)
    if trace is None:
        raise ApiError(
            404, "unknown-trace", f'there is no trace of the message "{id}": only some are traced, and few kept', id
        )
    way = [
        ShownHop(node=hop.node, at=hop.at, message=excerpt(hop.fields, query.size), error=hop.error, code=hop.code)
        for hop in trace.hops
    ]
    return TraceDetail(**_facts(trace), way=way, cut=trace.cut)


async def follow(call: Call, body: Follow) -> None:
    """Trace the next messages of a flow."""
    if body.flow not in call.backend.engine.flows:
        raise not_found("flow", body.flow)
    call.backend.engine.world.traces.follow_next(body.flow, body.count)


def _facts(trace: Trace) -> dict[str, Any]:
    return {
        "id": trace.id,
        "flow": trace.flow,
        "trace_id": trace.context.trace_id,
        "parent_id": trace.context.span_id if trace.delivery.context is not None else "",
        "began": trace.began,
        "outcome": trace.outcome,
        "reason": trace.reason,
        "took": trace.took,
        "hops": len(trace.hops) + trace.cut,
        "errors": sum(bool(hop.code) for hop in trace.hops),
    }


ENDPOINTS = (
    Endpoint("GET", "/admin/api/traces", list_traces, "List the newest traces"),
    Endpoint("GET", "/admin/api/traces/arrivals", list_arrivals, "List traced messages that came to a node"),
    Endpoint("GET", "/admin/api/traces/{id}", get_trace, "Show the way of a message"),
    Endpoint("POST", "/admin/api/traces/follow", follow, "Trace the next messages of a flow", role=Role.OPERATOR),
)

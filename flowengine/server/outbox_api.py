"""The outbox: what waits for each sink."""

from typing import Any

from pydantic import Field

from flowengine.message import excerpt
from flowengine.server.access import Role
from flowengine.server.endpoint import Call, Endpoint
from flowengine.server.model import Answer, Query, RowId
from flowengine.server.stored_message import read_message


class SinkQueue(Answer):
    """What waits for one sink."""

    flow: str
    node: str
    pending: int
    due: int
    """Those that could be sent now; others wait for a retry, or behind one of their key."""
    oldest: float
    """Seconds since the oldest was stored."""


class SinkQueues(Answer):
    """The outbox of every sink that has something in it."""

    queues: list[SinkQueue]


class WaitingMessage(Answer):
    """A message that waits for its sink."""

    id: int
    key: str
    """Messages of one key are sent in order; empty for no order."""
    message: Any
    """Its fields, cut to a size."""
    created_at: float
    due_at: float
    """Not before this time; 0 for now; while it is being sent, the end of the lease."""
    attempts: int
    last_error: str
    claimed: bool
    """Whether it is being sent now."""


class WaitingMessages(Answer):
    """Messages of one sink, oldest first."""

    messages: list[WaitingMessage]
    next: int | None
    """The `after` of the next page; null at the end."""


class WaitingQuery(Query):
    """Which part of a queue."""

    after: RowId = 0
    """Only messages after this one."""
    limit: int = Field(default=50, ge=1, le=500)
    """How many at most."""
    size: int = Field(default=2_000, ge=20, le=100_000)
    """Most characters shown of a message."""


class Changed(Answer):
    """How many messages a change concerned."""

    count: int


async def list_queues(call: Call) -> SinkQueues:
    """List what waits for each sink."""
    counts = await call.backend.store.outbox.counts()
    return SinkQueues(queues=[SinkQueue(**one._asdict()) for one in counts])


async def list_waiting(call: Call, flow: str, node: str, query: WaitingQuery) -> WaitingMessages:
    """List the messages that wait for a sink; a node in a subflow is `instance/node`."""
    rows = await call.backend.store.outbox.list(flow, node, after=query.after, limit=query.limit)
    return WaitingMessages(
        messages=[
            WaitingMessage(
                id=row.id,
                key=row.key,
                message=excerpt(read_message(row.message), query.size),
                created_at=row.created_at,
                due_at=row.due_at,
                attempts=row.attempts,
                last_error=row.last_error or "",
                claimed=row.claimed,
            )
            for row in rows
        ],
        next=rows[-1].id if len(rows) == query.limit else None,
    )


async def hasten(call: Call, flow: str, node: str) -> Changed:
    """Try now what waits for a retry."""
    count = await call.backend.store.outbox.hasten(flow, node)
    call.facts["count"] = count
    return Changed(count=count)


async def drop_waiting(call: Call, flow: str, node: str) -> Changed:
    """Remove all messages that wait for a sink, for good; those that are being sent stay."""
    count = await call.backend.store.outbox.drop(flow, node)
    call.facts["count"] = count
    return Changed(count=count)


_SINK = "/admin/api/outbox/{flow}/{node:path}"
ENDPOINTS = (
    Endpoint("GET", "/admin/api/outbox", list_queues, "List what waits for each sink"),
    Endpoint("GET", _SINK, list_waiting, "List the messages that wait for a sink"),
    Endpoint("POST", _SINK, hasten, "Try now what waits for a retry", role=Role.OPERATOR, audit="hasten-outbox"),
    Endpoint("DELETE", _SINK, drop_waiting, "Drop what waits for a sink", role=Role.ADMIN, audit="drop-outbox"),
)

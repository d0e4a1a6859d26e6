"""The audit trail: who changed what, and when."""

from typing import Any

from pydantic import Field

from flowengine.server.endpoint import Call, Endpoint
from flowengine.server.model import Answer, Query, RowId


class ShownRecord(Answer):
    """One thing that somebody did."""

    id: int
    at: float
    """When, in seconds since 1970."""
    who: str
    what: str
    """The action, as a word."""
    subject: str
    """What it was done to."""
    detail: Any


class AuditTrail(Answer):
    """Records, newest first."""

    records: list[ShownRecord]
    next: int | None
    """The `before` of the next page; null at the end."""


class AuditQuery(Query):
    """Which records."""

    who: str | None = None
    what: str | None = None
    subject: str | None = None
    before: RowId | None = None
    """Only records before this one: the `next` of the page before."""
    limit: int = Field(default=50, ge=1, le=500)


async def list_audit(call: Call, query: AuditQuery) -> AuditTrail:
    """List what was done, newest first."""
    records = await call.backend.store.audit.list(
        who=query.who, what=query.what, subject=query.subject, before=query.before, limit=query.limit
    )
    return AuditTrail(
        records=[ShownRecord(**record._asdict()) for record in records],
        next=records[-1].id if len(records) == query.limit else None,
    )


ENDPOINTS = (Endpoint("GET", "/admin/api/audit", list_audit, "List what was done"),)

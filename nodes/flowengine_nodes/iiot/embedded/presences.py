"""When devices were last heard of, stored behind."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection, case, func, select, update

from flowengine.node import Database
from flowengine_nodes.iiot.embedded.device_rows import device, presence, presence_of
from flowengine_nodes.iiot.embedded.revision import raise_revision
from flowengine_nodes.iiot.embedded.schema import inserting
from flowengine_nodes.iiot.registry.device import Lifecycle, Presence
from flowengine_nodes.iiot.registry.roster import Heard

# SQLite takes 32,766 values in a statement.
_MANY = 10_000

Rows = Sequence[Mapping[str, Any]]


def rows_of_heard(heard: Mapping[str, Heard]) -> Rows:
    """Return what a roster has heard, as rows."""
    return [
        {
            "device": id,
            "online": one.online,
            "since": one.since,
            "seen_at": one.seen_at,
            "telemetry_at": one.telemetry_at,
            "telemetry": None if one.telemetry is None else one.telemetry.decode(),
        }
        for id, one in heard.items()
    ]


def rows_of_presences(presences: Sequence[Presence]) -> Rows:
    """Return presences as rows."""
    return [
        {
            "device": one.device,
            "online": one.online,
            "since": one.since,
            "seen_at": one.seen_at,
            "telemetry_at": one.telemetry_at,
            "telemetry": None if one.telemetry is None else orjson.dumps(one.telemetry).decode(),
        }
        for one in presences
    ]


def read_presences(connection: Connection, ids: Sequence[str]) -> dict[str, Presence]:
    """Return when devices were last heard of, within a transaction."""
    found = {}
    for some in _portions(ids):
        query = select(presence).where(presence.c.device.in_(some))
        found.update({row.device: presence_of(row) for row in connection.execute(query)})
    return found


def note_presences(connection: Connection, database: Database, rows: Rows, now: float) -> int:
    """Store what was heard of devices, within a transaction.

    Args:
        connection: Connection inside the transaction.
        database: Takes the audit records of devices that become active.
        rows: Columns by name.
        now: Time of the change.

    Returns:
        The revision that has been reached, or 0 if no device has become active.
    """
    heard = {row["device"]: row for row in rows}
    paired = Lifecycle.PAIRED.value
    known: dict[str, str] = {}
    for some in _portions(sorted(heard)):
        query = select(device.c.id, device.c.lifecycle).where(device.c.id.in_(some))
        known.update((row.id, row.lifecycle) for row in connection.execute(query))
    reporting = sorted(
        id for id, lifecycle in known.items() if lifecycle == paired and heard[id]["seen_at"] is not None
    )
    # Before any other row is locked, as everywhere.
    at = raise_revision(connection) if reporting else 0
    # In the order of their ids, so that two processes do not wait for each other.
    present = [heard[id] for id in sorted(known)]
    if present:
        connection.execute(_noting(connection.dialect.name), present)
    for some in _portions(reporting):
        activate = update(device).where(device.c.id.in_(some), device.c.lifecycle == paired).returning(device.c.id)
        values = {"lifecycle": Lifecycle.ACTIVE.value, "revision": at, "updated_at": now}
        active = connection.execute(activate.values(values)).scalars().all()
        detail = {"lifecycle": [paired, Lifecycle.ACTIVE.value]}
        database.audit_many(connection, "registry", [("device-change", id, detail) for id in active])
    return at


def _portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + _MANY] for start in range(0, len(ids), _MANY))


@lru_cache
def _noting(dialect: str) -> Any:
    statement = inserting(dialect, presence)
    new, old = statement.excluded, presence.c
    # What happened later counts, whichever process comes to write it first.
    turns = new.online.is_not(None) & (new.since >= func.coalesce(old.since, new.since))
    seen = new.seen_at.is_not(None) & (new.seen_at >= func.coalesce(old.seen_at, new.seen_at))
    measured = new.telemetry_at.is_not(None) & (new.telemetry_at >= func.coalesce(old.telemetry_at, new.telemetry_at))
    differs = old.online.is_(None) | (old.online != new.online)
    return statement.on_conflict_do_update(
        index_elements=["device"],
        set_={
            "online": case((turns, new.online), else_=old.online),
            "since": case((turns & differs, new.since), else_=old.since),
            "seen_at": case((seen, new.seen_at), else_=old.seen_at),
            "telemetry_at": case((measured, new.telemetry_at), else_=old.telemetry_at),
            "telemetry": case((measured, new.telemetry), else_=old.telemetry),
        },
    )

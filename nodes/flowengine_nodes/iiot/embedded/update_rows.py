"""The tables of updates and of the changes of their state, and what their rows mean."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Double,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    Text,
    bindparam,
    insert,
    select,
)
from sqlalchemy import update as updating

from flowengine_nodes.iiot.embedded.device_rows import device
from flowengine_nodes.iiot.embedded.schema import Id, metadata
from flowengine_nodes.iiot.registry.update import FAILURES, Update, UpdateChange, UpdatePolicy, UpdateState

T = TypeVar("T")
# SQLite takes 32,766 values in a statement.
_MANY = 10_000

update = Table(
    "iiot_update",
    metadata,
    Column("id", Id, primary_key=True),
    Column("device", Id, ForeignKey("iiot_device.id", ondelete="CASCADE"), nullable=False),
    Column("firmware", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("copies", Integer, nullable=False),
    Column("previous", Text, nullable=False),
    Column("rollout", Id),
    Column("part", Integer),
    Column("policy", Text, nullable=False),
    Column("key", Text),
    Column("requested_by", Text, nullable=False),
    Column("progress", Integer),
    Column("error_code", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("changed_at", Double, nullable=False),
    Column("due_at", Double, nullable=False),
    Column("deadline", Double),
    Column("ended_at", Double),
    # A notice is on its way.
    Column("sending", Boolean, nullable=False),
    # The device must still be told that it was cancelled.
    Column("taken_back", Boolean, nullable=False),
)
_running = update.c.ended_at.is_(None)
Index("uq_iiot_update_running", update.c.device, unique=True, sqlite_where=_running, postgresql_where=_running)
Index(None, update.c.device, update.c.id)
Index("uq_iiot_update_key", update.c.requested_by, update.c.key, unique=True)
Index("ix_iiot_update_deadline", update.c.deadline, sqlite_where=_running, postgresql_where=_running)
_scheduled = update.c.state == UpdateState.SCHEDULED.value
Index("ix_iiot_update_due", update.c.due_at, sqlite_where=_scheduled, postgresql_where=_scheduled)
_taken_back = update.c.taken_back.is_(True)
Index("ix_iiot_update_taken_back", update.c.id, sqlite_where=_taken_back, postgresql_where=_taken_back)
Index(None, update.c.rollout, update.c.part, update.c.state)
Index("ix_iiot_update_firmware", update.c.firmware, sqlite_where=_running, postgresql_where=_running)

change = Table(
    "iiot_update_change",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("update", Id, ForeignKey("iiot_update.id", ondelete="CASCADE"), nullable=False),
    Column("before", Text),
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("at", Double, nullable=False),
    Column("error_code", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("told", Boolean, nullable=False),
)
Index(None, change.c.update, change.c.id)
_untold = change.c.told.is_(False)
Index("ix_iiot_update_change_untold", change.c.id, sqlite_where=_untold, postgresql_where=_untold)

_TROUBLE = FAILURES | {UpdateState.CANCELLED}

CHANGES = select(change, update.c.device, update.c.firmware, update.c.version, update.c.rollout, update.c.key).join(
    update, update.c.id == change.c.update
)
"""Changes with what their updates say."""


def row_of(one: Update) -> dict[str, Any]:
    """Return the columns of an update, all but those of its notice."""
    return {
        "id": one.id,
        "device": one.device,
        "firmware": one.firmware,
        "version": one.version,
        "state": one.state.value,
        "attempt": one.attempt,
        "copies": one.copies,
        "previous": one.previous,
        "rollout": one.rollout,
        "part": one.group,
        "policy": policy_text(one.policy),
        "key": one.key,
        "requested_by": one.requested_by,
        "progress": one.progress,
        "error_code": one.error_code,
        "error": one.error,
        "created_at": one.created_at,
        "changed_at": one.changed_at,
        "due_at": one.due_at,
        "deadline": one.deadline,
        "ended_at": one.ended_at,
    }


def update_of(row: Row[Any]) -> Update:
    """Return the update of a row."""
    return Update(
        id=row.id,
        device=row.device,
        firmware=row.firmware,
        version=row.version,
        state=UpdateState(row.state),
        attempt=row.attempt,
        copies=row.copies,
        previous=row.previous,
        rollout=row.rollout,
        group=row.part,
        policy=_policy(row.policy),
        key=row.key,
        requested_by=row.requested_by,
        progress=row.progress,
        error_code=row.error_code,
        error=row.error,
        created_at=row.created_at,
        changed_at=row.changed_at,
        due_at=row.due_at,
        deadline=row.deadline,
        ended_at=row.ended_at,
    )


def change_of(row: Row[Any]) -> UpdateChange:
    """Return the change of a row of :data:`CHANGES`."""
    return UpdateChange(
        id=row.id,
        update=row.update,
        device=row.device,
        firmware=row.firmware,
        version=row.version,
        before=None if row.before is None else UpdateState(row.before),
        state=UpdateState(row.state),
        attempt=row.attempt,
        at=row.at,
        rollout=row.rollout,
        key=row.key,
        error_code=row.error_code,
        error=row.error,
    )


def insert_updates(connection: Connection, updates: Sequence[Update]) -> None:
    """Add new updates, with the first entry in the history of each, within a transaction."""
    if not updates:
        return
    connection.execute(insert(update), [row_of(one) | {"sending": False, "taken_back": False} for one in updates])
    connection.execute(insert(change), [_entry(None, one) for one in updates])


def locked(connection: Connection, condition: Any, limit: int | None = None) -> list[Update]:
    """Return updates and keep other processes from changing them until the commit.

    Args:
        connection: Connection inside the transaction.
        condition: Which ones.
        limit: How many at most.
    """
    # In the order of their ids, so that two processes do not wait for each other.
    query = select(update).where(condition).order_by(update.c.id).limit(limit).with_for_update(of=update)
    return [update_of(row) for row in connection.execute(query)]


def store_moves(connection: Connection, moves: Sequence[tuple[Update, Update]], now: float) -> None:
    """Store updates that were locked and have changed, with their history, and the versions their devices have got.

    Args:
        connection: Connection inside the transaction.
        moves: Each as it was and as it is.
        now: In seconds since 1970.
    """
    if not moves:
        return
    columns = (
        *("state", "attempt", "copies", "progress", "error_code", "error"),
        *("changed_at", "due_at", "deadline", "ended_at"),
    )
    rows = []
    for before, after in moves:
        row = row_of(after)
        told = before.copies > 0 or before.attempt > 1 or before.state is not UpdateState.SCHEDULED
        taken_back = after.state is UpdateState.CANCELLED and told
        rows.append(
            {"row_id": after.id, "new_taken_back": taken_back, **{f"new_{name}": row[name] for name in columns}}
        )
    connection.execute(_moving(columns), rows)
    entries = [_entry(before.state, after) for before, after in moves if _counts(before, after)]
    if entries:
        connection.execute(insert(change), entries)
    note_versions(
        connection,
        {after.device: after.version for _, after in moves if after.state is UpdateState.SUCCEEDED},
        now,
    )


def note_versions(connection: Connection, versions: dict[str, str], now: float) -> None:
    """Note which version devices run, within a transaction.

    Args:
        connection: Connection inside the transaction.
        versions: Version by device.
        now: In seconds since 1970.
    """
    if versions:
        rows = [{"row_id": id, "version": version, "now": now} for id, version in sorted(versions.items())]
        connection.execute(_noting, rows)


def portions(ids: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield ids in portions that fit a statement."""
    return (ids[start : start + _MANY] for start in range(0, len(ids), _MANY))


def policy_text(policy: UpdatePolicy) -> str:
    """Return a policy as it is stored: what differs from the defaults."""
    return orjson.dumps(policy.model_dump(mode="json", exclude_defaults=True)).decode()


_noting = (
    updating(device)
    .where(device.c.id == bindparam("row_id"), device.c.firmware != bindparam("version"))
    .values(firmware=bindparam("version"), updated_at=bindparam("now"))
)


def _counts(before: Update, after: Update) -> bool:
    return (before.state, before.attempt) != (after.state, after.attempt)


def _entry(before: UpdateState | None, after: Update) -> dict[str, Any]:
    says_why = after.state in _TROUBLE or (after.state is UpdateState.SCHEDULED and after.attempt > 1)
    return {
        "update": after.id,
        "before": None if before is None else before.value,
        "state": after.state.value,
        "attempt": after.attempt,
        "at": after.changed_at,
        "error_code": after.error_code if says_why else "",
        "error": after.error if says_why else "",
        "told": False,
    }


@lru_cache
def _moving(columns: Iterable[str]) -> Any:
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in columns}
    return (
        updating(update)
        .where(update.c.id == bindparam("row_id"))
        .values(sending=False, taken_back=bindparam("new_taken_back"), **values)
    )


# Few policies serve many updates.
@lru_cache(1_000)
def _policy(text: str) -> UpdatePolicy:
    return UpdatePolicy.model_validate(orjson.loads(text))

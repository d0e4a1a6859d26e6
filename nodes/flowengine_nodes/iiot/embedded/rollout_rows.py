"""The tables of rollouts and of their devices, and what their rows mean."""

from typing import Any

import orjson
from sqlalchemy import Boolean, Column, Double, ForeignKey, Index, Integer, Row, Table, Text

from flowengine_nodes.iiot.embedded.schema import Id, metadata
from flowengine_nodes.iiot.registry.rollout import Rollout, RolloutPlan, RolloutState

STARTED = "started"
"""Outcome of a device whose update has begun; the update says the rest. A device that waits has none."""

rollout = Table(
    "iiot_rollout",
    metadata,
    Column("id", Id, primary_key=True),
    Column("plan", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("part", Integer, nullable=False),
    Column("next_at", Double, nullable=False),
    Column("counted_from", Double, nullable=False),
    Column("rolls_back", Id),
    Column("requested_by", Text, nullable=False),
    Column("key", Text),
    Column("created_at", Double, nullable=False),
    Column("changed_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("told", Boolean, nullable=False),
)
Index("uq_iiot_rollout_key", rollout.c.requested_by, rollout.c.key, unique=True)
Index(None, rollout.c.state, rollout.c.id)
_untold = rollout.c.told.is_(False)
Index("ix_iiot_rollout_untold", rollout.c.id, sqlite_where=_untold, postgresql_where=_untold)

target = Table(
    "iiot_rollout_device",
    metadata,
    Column("rollout", Id, ForeignKey("iiot_rollout.id", ondelete="CASCADE"), primary_key=True),
    Column("device", Id, ForeignKey("iiot_device.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("part", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("firmware", Text, nullable=False),
    Column("outcome", Text, nullable=False),
)
"""The devices of a rollout, in the order in which they begin."""
Index(None, target.c.rollout, target.c.part, target.c.outcome, target.c.place)
_waiting = target.c.outcome == ""
Index("ix_iiot_rollout_device_firmware", target.c.firmware, sqlite_where=_waiting, postgresql_where=_waiting)


def row_of(one: Rollout) -> dict[str, Any]:
    """Return the columns of a rollout, all but whether it was told."""
    return {
        "id": one.id,
        "plan": orjson.dumps(one.plan.model_dump(mode="json", exclude_defaults=True)).decode(),
        "version": one.version,
        "state": one.state.value,
        "reason": one.reason,
        "part": one.group,
        "next_at": one.next_at,
        "counted_from": one.counted_from,
        "rolls_back": one.rolls_back,
        "requested_by": one.requested_by,
        "key": one.key,
        "created_at": one.created_at,
        "changed_at": one.changed_at,
        "ended_at": one.ended_at,
    }


def rollout_of(row: Row[Any]) -> Rollout:
    """Return the rollout of a row."""
    return Rollout(
        id=row.id,
        plan=RolloutPlan.model_validate(orjson.loads(row.plan)),
        version=row.version,
        state=RolloutState(row.state),
        reason=row.reason,
        group=row.part,
        next_at=row.next_at,
        counted_from=row.counted_from,
        rolls_back=row.rolls_back,
        requested_by=row.requested_by,
        created_at=row.created_at,
        changed_at=row.changed_at,
        ended_at=row.ended_at,
        key=row.key,
    )

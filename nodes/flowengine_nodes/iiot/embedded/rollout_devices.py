"""The devices of rollouts: who is in one, who begins, and who is taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, and_, exists, insert, select
from sqlalchemy import update as updating

from flowengine_nodes.iiot.embedded.device_rows import device, device_of
from flowengine_nodes.iiot.embedded.firmware import find_firmware, firmware, firmware_of
from flowengine_nodes.iiot.embedded.rollout_rows import STARTED, rollout, rollout_of, row_of, target
from flowengine_nodes.iiot.embedded.schema import inserting
from flowengine_nodes.iiot.embedded.update_rows import insert_updates, update
from flowengine_nodes.iiot.embedded.update_scheduling import new_update
from flowengine_nodes.iiot.ota.fitness import misfit
from flowengine_nodes.iiot.ota.rollout_decision import Decision
from flowengine_nodes.iiot.registry.device import Device
from flowengine_nodes.iiot.registry.errors import UnknownRecordError
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.iiot.registry.record_id import new_id
from flowengine_nodes.iiot.registry.rollout import Rollout, RolloutGroup
from flowengine_nodes.iiot.registry.rollouts import EmptyRolloutError
from flowengine_nodes.iiot.registry.update import Update, UpdateState


def read_rollout(connection: Connection, id: str, *, lock: bool = False) -> Rollout:
    """Return a rollout.

    Args:
        connection: Connection inside the transaction.
        id: Its id.
        lock: Whether to keep other processes from changing it until the commit.

    Raises:
        UnknownRecordError: There is none.
    """
    query = select(rollout).where(rollout.c.id == id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise UnknownRecordError("rollout", id)
    return rollout_of(row)


def insert_rollout(
    connection: Connection,
    begun: Rollout,
    groups: Sequence[Sequence[str]],
    firmware_ids: Mapping[str, str],
) -> bool:
    """Add a rollout with its devices; return whether it is new, and no other with the key was added meanwhile.

    Args:
        connection: Connection inside the transaction.
        begun: The rollout.
        groups: Devices of each group, in the order in which they begin.
        firmware_ids: What each device gets; those that are not here are left out.

    Raises:
        EmptyRolloutError: There is no device.
    """
    if not any(groups):
        raise EmptyRolloutError
    statement = inserting(connection.dialect.name, rollout).on_conflict_do_nothing(
        index_elements=["requested_by", "key"]
    )
    if not connection.execute(statement, row_of(begun) | {"told": False}).rowcount:
        return False
    rows = [
        {
            "rollout": begun.id,
            "device": id,
            "part": part,
            "place": place,
            "firmware": firmware_ids.get(id, ""),
            "outcome": "" if id in firmware_ids else "no-firmware",
        }
        for part, group in enumerate(groups)
        for place, id in enumerate(group)
    ]
    connection.execute(insert(target), rows)
    return True


def start_devices(connection: Connection, found: Rollout, decision: Decision, now: float) -> bool:
    """Let the next devices of a rollout begin; return whether the others can be looked at at once."""
    busy = exists().where(update.c.device == target.c.device, update.c.ended_at.is_(None))
    query = (
        select(device, target.c.firmware.label("wanted"))
        .join(target, target.c.device == device.c.id)
        .where(target.c.rollout == found.id, target.c.part == found.group, target.c.outcome == "", ~busy)
        .order_by(target.c.place)
        .limit(decision.count)
    )
    rows = connection.execute(query).all()
    wanted = {
        row.id: firmware_of(row)
        for row in connection.execute(select(firmware).where(firmware.c.id.in_({row.wanted for row in rows})))
    }
    undone = None
    if found.rolls_back is not None:
        undone = read_rollout(connection, found.rolls_back).version
    begun: list[Update] = []
    outcomes: dict[str, list[str]] = {}
    for row in rows:
        reason = _reason(device_of(row), wanted.get(row.wanted), undone)
        outcomes.setdefault(reason or STARTED, []).append(row.id)
        if reason is None:
            scheduled = new_update(device_of(row), wanted[row.wanted], found.plan.policy, now, f"rollout {found.id}")
            begun.append(replace(scheduled, rollout=found.id, group=found.group))
    insert_updates(connection, begun)
    for outcome, ids in outcomes.items():
        these = and_(target.c.rollout == found.id, target.c.device.in_(ids))
        connection.execute(updating(target).where(these).values(outcome=outcome))
    # Those that are left out take no time.
    interval = 60 / found.plan.rate
    next_at = decision.next_at - (decision.count - len(begun)) * interval
    connection.execute(updating(rollout).where(rollout.c.id == found.id).values(next_at=next_at))
    return len(begun) < len(rows)


def _reason(wanted: Device, chosen_firmware: Firmware | None, undone: str | None) -> str | None:
    if chosen_firmware is None:
        return "no-firmware"
    if undone is not None and wanted.firmware != undone:
        return "not-needed"
    problem = misfit(chosen_firmware, wanted)
    return None if problem is None else problem.code


def take_back(connection: Connection, found: Rollout, who: str, now: float) -> Rollout:
    """Begin a rollout that gives each device that had begun the version that it had before."""
    touched = (
        select(device, update.c.previous, update.c.version)
        .join(update, update.c.device == device.c.id)
        .where(
            update.c.rollout == found.id,
            (update.c.copies > 0) | (update.c.attempt > 1) | (update.c.state != UpdateState.CANCELLED.value),
        )
        .order_by(update.c.id)
    )
    rows = connection.execute(touched).all()
    known: dict[tuple[str, str], Firmware | None] = {}
    firmware_ids: dict[str, str] = {}
    for row in rows:
        key = (row.previous, row.hardware)
        if key not in known:
            known[key] = find_firmware(connection, row.previous, row.hardware) if row.previous else None
        before = known[key]
        if before is not None:
            firmware_ids[row.id] = before.id
    plan = found.plan.model_copy(
        update={"name": f"roll back {found.plan.name or found.id}", "groups": (RolloutGroup(name="all"),)}
    )
    back = Rollout(
        id=new_id(now),
        plan=plan,
        rolls_back=found.id,
        requested_by=who,
        created_at=now,
        changed_at=now,
        counted_from=now,
    )
    insert_rollout(connection, back, [[row.id for row in rows]], firmware_ids)
    return back

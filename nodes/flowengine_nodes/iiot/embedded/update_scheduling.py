"""Scheduling updates, within a transaction."""

from dataclasses import replace

from sqlalchemy import Connection, select

from flowengine.node import Database
from flowengine_nodes.iiot.embedded.device_rows import device
from flowengine_nodes.iiot.embedded.devices import read_device
from flowengine_nodes.iiot.embedded.firmware import find_firmware, read_firmware
from flowengine_nodes.iiot.embedded.update_rows import insert_updates, update, update_of
from flowengine_nodes.iiot.ota.fitness import misfit
from flowengine_nodes.iiot.registry.device import Device
from flowengine_nodes.iiot.registry.errors import UnknownRecordError
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.iiot.registry.record_id import new_id
from flowengine_nodes.iiot.registry.update import Update, UpdatePolicy
from flowengine_nodes.iiot.registry.updates import MisfitError, Requested, UpdateRequest, UpdateRunningError


def schedule(connection: Connection, database: Database, request: UpdateRequest, who: str, now: float) -> Requested:
    """Schedule an update, or return the one that was asked for with the same key.

    Args:
        connection: Connection inside the transaction.
        database: Takes the audit record.
        request: What is wanted.
        who: Who wants it.
        now: In seconds since 1970.

    Raises:
        UnknownRecordError: There is no such device or firmware.
        MisfitError: The firmware is not for the device.
        UpdateRunningError: The device has an update that has not ended.
    """
    # Two processes that are asked for the same device come one after the other.
    connection.execute(select(device.c.id).where(device.c.id == request.device).with_for_update())
    known = _known(connection, who, request.key)
    if known is not None:
        return Requested(known, is_new=False)
    wanted = read_device(connection, request.device)
    chosen = _chosen(connection, request, wanted)
    problem = misfit(chosen, wanted, again=request.again)
    if problem is not None:
        raise MisfitError(problem.message, code=problem.code)
    unended = select(update.c.id).where(update.c.device == wanted.id, update.c.ended_at.is_(None))
    running = connection.execute(unended).scalar()
    if running is not None:
        raise UpdateRunningError(wanted.id, running)
    scheduled = new_update(wanted, chosen, request.policy, now, who)
    scheduled = replace(scheduled, id=request.id or scheduled.id, key=request.key)
    insert_updates(connection, [scheduled])
    detail = {"update": scheduled.id, "firmware": chosen.id, "version": chosen.version}
    database.audit(connection, who, "update-request", wanted.id, detail)
    return Requested(scheduled, is_new=True)


def new_update(wanted: Device, chosen: Firmware, policy: UpdatePolicy, now: float, who: str) -> Update:
    """Return a new update of a device, scheduled at once."""
    return Update(
        id=new_id(now),
        device=wanted.id,
        firmware=chosen.id,
        version=chosen.version,
        previous=wanted.firmware,
        policy=policy,
        requested_by=who,
        created_at=now,
        changed_at=now,
        due_at=now,
        deadline=now + policy.timeouts.scheduled,
    )


def _known(connection: Connection, who: str, key: str | None) -> Update | None:
    if key is None:
        return None
    row = connection.execute(select(update).where(update.c.requested_by == who, update.c.key == key)).first()
    return None if row is None else update_of(row)


def _chosen(connection: Connection, request: UpdateRequest, wanted: Device) -> Firmware:
    if request.firmware:
        return read_firmware(connection, request.firmware)
    found = find_firmware(connection, request.version, wanted.hardware)
    if found is None:
        raise UnknownRecordError("firmware", request.version)
    return found

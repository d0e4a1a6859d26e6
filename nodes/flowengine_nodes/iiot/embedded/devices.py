"""Devices and their presence."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
from sqlalchemy import Connection, Table, case, delete, func, insert, select, update

from flowengine.node import Clock, Database
from flowengine_nodes.iiot.embedded.device_rows import (
    chosen,
    device,
    device_of,
    membership,
    presence,
    presence_of,
    row_of,
)
from flowengine_nodes.iiot.embedded.profiles import profile_table
from flowengine_nodes.iiot.embedded.revision import note_removal, raise_revision
from flowengine_nodes.iiot.embedded.schema import inserting
from flowengine_nodes.iiot.embedded.token_rows import token_table
from flowengine_nodes.iiot.registry.device import Device, Presence
from flowengine_nodes.iiot.registry.devices import DeviceFilter
from flowengine_nodes.iiot.registry.errors import DuplicateRecordError, UnknownRecordError

# SQLite takes 32,766 values in a statement.
_MANY = 10_000


class EmbeddedDevices:
    """All devices.

    Args:
        database: Where they are.
        clock: Tells when they change.
        changed: Told the revision of each change once it is on disk.
    """

    def __init__(self, database: Database, clock: Clock, changed: Callable[[int], Awaitable[None]]) -> None:
        self._database = database
        self._clock = clock
        self._changed = changed

    async def get(self, id: str) -> Device:
        """Return a device by its id.

        Raises:
            UnknownRecordError: There is none.
        """
        return await self._database.read(lambda connection: read_device(connection, id))

    async def find(self, serial: str) -> Device | None:
        """Return a device by its serial number."""
        query = select(device).where(device.c.serial == serial)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return None if row is None else device_of(row)

    async def list(self, which: DeviceFilter, *, after: str = "", limit: int = 100) -> Sequence[Device]:
        """Return devices by id."""
        query = chosen(select(device).order_by(device.c.id).limit(limit), which)
        if after:
            query = query.where(device.c.id > after)
        return await self._database.read(lambda connection: [device_of(row) for row in connection.execute(query)])

    async def count(self, which: DeviceFilter) -> int:
        """Return how many there are."""
        query = chosen(select(func.count()).select_from(device), which)
        return await self._database.read(lambda connection: connection.execute(query).scalar() or 0)

    async def add(self, device: Device, who: str) -> Device:
        """Store a new device.

        Raises:
            DuplicateRecordError: Its id or serial is taken.
            UnknownRecordError: There is no such profile.
        """
        now = self._clock.time()
        added = replace(device, created_at=now, updated_at=now)

        def work(connection: Connection) -> int:
            at = raise_revision(connection)
            _insert(connection, added, at)
            self._database.audit(connection, who, "device-add", added.id)
            return at

        await self._changed(await self._database.write(work))
        return added

    async def change(self, id: str, values: Mapping[str, Any], who: str) -> Device:
        """Change fields of a device and return it as it is then.

        Raises:
            UnknownRecordError: There is no such device or profile.
            DuplicateRecordError: Its serial is taken.
        """
        now = self._clock.time()

        def work(connection: Connection) -> tuple[int, Device]:
            at = raise_revision(connection)
            changed = change_device(connection, id, values, at, now)
            self._database.audit(connection, who, "device-change", id, {"fields": sorted(values)})
            return at, changed

        at, changed = await self._database.write(work)
        await self._changed(at)
        return changed

    async def remove(self, id: str, who: str) -> None:
        """Remove a device and all that is known of it.

        Raises:
            UnknownRecordError: There is none.
        """

        def work(connection: Connection) -> int:
            at = raise_revision(connection)
            if not connection.execute(delete(device).where(device.c.id == id)).rowcount:
                raise UnknownRecordError("device", id)
            connection.execute(delete(membership).where(membership.c.device == id))
            connection.execute(delete(presence).where(presence.c.device == id))
            connection.execute(delete(token_table).where(token_table.c.device == id))
            note_removal(connection, "device", id, at)
            self._database.audit(connection, who, "device-remove", id)
            return at

        await self._changed(await self._database.write(work))

    async def presence(self, ids: Iterable[str]) -> Mapping[str, Presence]:
        """Return when devices were last heard of; those never heard of are left out."""
        wanted = sorted(set(ids))

        def work(connection: Connection) -> dict[str, Presence]:
            found = {}
            for start in range(0, len(wanted), _MANY):
                query = select(presence).where(presence.c.device.in_(wanted[start : start + _MANY]))
                found.update({row.device: presence_of(row) for row in connection.execute(query)})
            return found

        return await self._database.read(work)

    async def note(self, presences: Sequence[Presence]) -> None:
        """Store when devices were last heard of, in one transaction."""
        # In the order of their ids, so that two processes never wait for each other.
        rows = [
            {
                "device": one.device,
                "online": one.online,
                "since": one.since,
                "seen_at": one.seen_at,
                "telemetry_at": one.telemetry_at,
                "telemetry": None if one.telemetry is None else orjson.dumps(one.telemetry).decode(),
            }
            for one in sorted(presences, key=lambda one: one.device)
        ]
        if rows:
            await self._database.write(
                lambda connection: connection.execute(_noting(connection.dialect.name, presence), rows).rowcount
            )


def read_device(connection: Connection, id: str) -> Device:
    """Return a device, within a transaction.

    Raises:
        UnknownRecordError: There is none.
    """
    row = connection.execute(select(device).where(device.c.id == id)).first()
    if row is None:
        raise UnknownRecordError("device", id)
    return device_of(row)


def change_device(connection: Connection, id: str, values: Mapping[str, Any], at: int, now: float) -> Device:
    """Change fields of a device within a transaction, and return it as it is then.

    Args:
        connection: Connection inside the transaction, which :func:`raise_revision` began.
        id: Its id.
        values: Fields by name.
        at: Revision of the change.
        now: Time of the change.

    Raises:
        UnknownRecordError: There is no such device or profile.
        DuplicateRecordError: Its serial is taken.
    """
    old = read_device(connection, id)
    changed = replace(old, **{**values, "id": id, "updated_at": now})
    if changed.profile != old.profile:
        _check_profile(connection, changed.profile)
    if changed.serial != old.serial:
        _check_serial(connection, changed.serial)
    connection.execute(update(device).where(device.c.id == id).values(row_of(changed) | {"revision": at}))
    if changed.groups != old.groups:
        connection.execute(delete(membership).where(membership.c.device == id))
        _insert_groups(connection, changed)
    return changed


def _insert(connection: Connection, added: Device, at: int) -> None:
    _check_profile(connection, added.profile)
    if connection.execute(select(device.c.id).where(device.c.id == added.id)).first():
        raise DuplicateRecordError("device", "id", added.id)
    _check_serial(connection, added.serial)
    connection.execute(insert(device), row_of(added) | {"revision": at})
    _insert_groups(connection, added)


def _insert_groups(connection: Connection, one: Device) -> None:
    if one.groups:
        connection.execute(insert(membership), [{"name": name, "device": one.id} for name in sorted(set(one.groups))])


def _check_profile(connection: Connection, id: str) -> None:
    if connection.execute(select(profile_table.c.id).where(profile_table.c.id == id)).first() is None:
        raise UnknownRecordError("profile", id)


def _check_serial(connection: Connection, serial: str) -> None:
    if connection.execute(select(device.c.id).where(device.c.serial == serial)).first():
        raise DuplicateRecordError("device", "serial", serial)


def _noting(dialect: str, table: Table) -> Any:
    statement = inserting(dialect, table)
    new, old = statement.excluded, table.c
    # What was seen later counts, whichever process comes to write it first.
    turns = new.online.is_not(None) & (old.online.is_(None) | (new.since >= func.coalesce(old.since, 0)))
    measured = new.telemetry_at.is_not(None) & (old.telemetry_at.is_(None) | (new.telemetry_at >= old.telemetry_at))
    seen = new.seen_at.is_not(None) & (old.seen_at.is_(None) | (new.seen_at >= old.seen_at))
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

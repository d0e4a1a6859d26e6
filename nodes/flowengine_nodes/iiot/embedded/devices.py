"""Devices: each change in one transaction, with its revision and its line in the audit trail."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from flowengine.node import Clock, Database
from flowengine_nodes.iiot.embedded.device_rows import (
    chosen,
    device,
    device_of,
    is_storable,
    membership,
    presence,
    row_of,
)
from flowengine_nodes.iiot.embedded.presences import (
    Rows,
    note_presences,
    read_presences,
    rows_of_heard,
    rows_of_presences,
)
from flowengine_nodes.iiot.embedded.profiles import profile_table
from flowengine_nodes.iiot.embedded.revision import note_removal, raise_revision
from flowengine_nodes.iiot.embedded.roster_keeper import RosterKeeper
from flowengine_nodes.iiot.registry.device import Device, Lifecycle, Presence, is_device_id
from flowengine_nodes.iiot.registry.devices import DeviceFilter
from flowengine_nodes.iiot.registry.errors import BadDeviceIdError, DuplicateRecordError, UnknownRecordError
from flowengine_nodes.iiot.registry.lifecycle import NotSuspendedError, check_move
from flowengine_nodes.iiot.registry.roster import Heard


class EmbeddedDevices:
    """All devices.

    Args:
        database: Where they are.
        clock: Tells when they change.
        keeper: Brings the roster up to date after a change.
    """

    def __init__(self, database: Database, clock: Clock, keeper: RosterKeeper) -> None:
        self._database = database
        self._clock = clock
        self._keeper = keeper

    async def get(self, id: str) -> Device:
        """Return a device by its id.

        Raises:
            UnknownRecordError: There is none.
        """
        return await self._database.read(lambda connection: read_device(connection, id))

    async def find(self, serial: str) -> Device | None:
        """Return a device by its serial number."""
        if not is_storable(serial):
            return None
        query = select(device).where(device.c.serial == serial)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return None if row is None else device_of(row)

    async def list(self, which: DeviceFilter, *, after: str = "", limit: int = 100) -> Sequence[Device]:
        """Return devices by id."""
        query = chosen(select(device), which).where(device.c.id > after).order_by(device.c.id).limit(limit)
        return await self._database.read(lambda connection: [device_of(row) for row in connection.execute(query)])

    async def count(self, which: DeviceFilter) -> int:
        """Return how many there are."""
        query = chosen(select(func.count()).select_from(device), which)
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())

    async def add(self, device: Device, who: str) -> Device:
        """Store a new device.

        Raises:
            BadDeviceIdError: Its id cannot be one.
            DuplicateRecordError: Its id or serial is taken.
            UnknownRecordError: There is no such profile.
        """
        now = self._clock.time()
        added = replace(device, created_at=now, updated_at=now)

        def work(connection: Connection) -> int:
            at = raise_revision(connection)
            add_device(connection, added, at)
            self._database.audit(connection, who, "device-add", added.id)
            return at

        await self._keeper.reach(await self._database.write(work))
        return added

    async def change(self, id: str, values: Mapping[str, Any], who: str) -> Device:
        """Change fields of a device and return it as it is then.

        Raises:
            UnknownRecordError: There is no such device or profile.
            DuplicateRecordError: Its serial is taken.
            LifecycleError: It may not become what ``lifecycle`` says.
        """
        return await self._change(id, who, lambda connection, at, now: change_device(connection, id, values, at, now))

    async def resume(self, id: str, who: str) -> Device:
        """End the suspension of a device: it is again what it was before.

        Raises:
            UnknownRecordError: There is none.
            NotSuspendedError: It is not suspended.
        """
        return await self._change(id, who, lambda connection, at, now: resume_device(connection, id, at, now))

    async def remove(self, id: str, who: str) -> None:
        """Remove a device and all that is known of it.

        Raises:
            UnknownRecordError: There is none.
        """

        def work(connection: Connection) -> int:
            at = raise_revision(connection)
            read_device(connection, id)
            delete_device(connection, id, at)
            self._database.audit(connection, who, "device-remove", id)
            return at

        await self._keeper.reach(await self._database.write(work))

    async def presence(self, ids: Iterable[str]) -> Mapping[str, Presence]:
        """Return when devices were last heard of; those never heard of are left out."""
        wanted = sorted(set(ids))
        if self._keeper.roster.is_waiting(wanted):
            await self._keeper.flush(self.store_heard)
        return await self._database.read(lambda connection: read_presences(connection, wanted))

    async def silent(self, profile: str, before: float, *, limit: int = 1000) -> Sequence[str]:
        """Return ids of devices that are online and have not been heard of for too long."""
        query = (
            select(presence.c.device)
            .join(device, device.c.id == presence.c.device)
            .where(presence.c.online.is_(True), presence.c.seen_at < before, device.c.profile == profile)
            .order_by(presence.c.seen_at)
            .limit(limit)
        )
        return await self._database.read(lambda connection: connection.execute(query).scalars().all())

    async def note(self, presences: Sequence[Presence]) -> None:
        """Store when devices were last heard of, in one transaction."""
        await self._store(rows_of_presences(presences))

    async def store_heard(self, heard: Mapping[str, Heard]) -> None:
        """Store what the roster has heard, in one transaction."""
        await self._store(rows_of_heard(heard))

    async def _change(self, id: str, who: str, change: Callable[[Connection, int, float], Device]) -> Device:
        now = self._clock.time()

        def work(connection: Connection) -> tuple[int, Device]:
            at = raise_revision(connection)
            old = read_device(connection, id)
            new = change(connection, at, now)
            if what := difference(old, new):
                self._database.audit(connection, who, "device-change", id, what)
            return at, new

        at, changed = await self._database.write(work)
        await self._keeper.reach(at)
        return changed

    async def _store(self, rows: Rows) -> None:
        now = self._clock.time()
        await self._keeper.reach(
            await self._database.write(lambda connection: note_presences(connection, self._database, rows, now))
        )


def read_device(connection: Connection, id: str) -> Device:
    """Return a device, within a transaction.

    Raises:
        UnknownRecordError: There is none.
    """
    if not is_storable(id):
        raise UnknownRecordError("device", id)
    row = connection.execute(select(device).where(device.c.id == id)).first()
    if row is None:
        raise UnknownRecordError("device", id)
    return device_of(row)


def check_addition(connection: Connection, added: Device) -> None:
    """Check that a device may be added, within a transaction.

    Args:
        connection: Connection inside the transaction.
        added: The device.

    Raises:
        BadDeviceIdError: Its id cannot be one.
        DuplicateRecordError: Its id or serial is taken.
        UnknownRecordError: There is no such profile.
    """
    if not is_device_id(added.id):
        raise BadDeviceIdError(added.id)
    _check_profile(connection, added.profile)
    if connection.execute(select(device.c.id).where(device.c.id == added.id)).first():
        raise DuplicateRecordError("device", "id", added.id)
    _check_serial(connection, added.serial)


def add_device(connection: Connection, added: Device, at: int) -> None:
    """Store a new device within a transaction.

    Args:
        connection: Connection inside the transaction, which :func:`raise_revision` began.
        added: The device.
        at: Revision of the change.

    Raises:
        BadDeviceIdError: Its id cannot be one.
        DuplicateRecordError: Its id or serial is taken.
        UnknownRecordError: There is no such profile.
    """
    check_addition(connection, added)
    insert_device(connection, added, at)


def insert_device(connection: Connection, added: Device, at: int) -> None:
    """Store a new device that was checked; arguments as for :func:`add_device`."""
    connection.execute(insert(device), row_of(added) | {"revision": at})
    _insert_groups(connection, added)


def changed_device(connection: Connection, id: str, values: Mapping[str, Any]) -> tuple[Device, Device]:
    """Return a device as it is and as it is to be, within a transaction.

    Args:
        connection: Connection inside the transaction.
        id: Its id.
        values: Fields by name.

    Raises:
        UnknownRecordError: There is no such device or profile.
        DuplicateRecordError: Its serial is taken.
        LifecycleError: It may not become what ``lifecycle`` says.
    """
    old = read_device(connection, id)
    new = replace(old, **{**values, "id": id})
    if new.profile != old.profile:
        _check_profile(connection, new.profile)
    if new.serial != old.serial:
        _check_serial(connection, new.serial)
    check_move(id, old.lifecycle, new.lifecycle)
    return old, new


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
        LifecycleError: It may not become what ``lifecycle`` says.
    """
    old, new = changed_device(connection, id, values)
    return old if new == old else replace_device(connection, old, replace(new, updated_at=now), at)


def resumed_device(connection: Connection, id: str) -> tuple[Device, Device]:
    """Return a device as it is and as it was before it was suspended, within a transaction.

    Raises:
        UnknownRecordError: There is none.
        NotSuspendedError: It is not suspended.
    """
    old = read_device(connection, id)
    if old.lifecycle is not Lifecycle.SUSPENDED:
        raise NotSuspendedError(id, old.lifecycle)
    resumes_as = connection.execute(select(device.c.resumes_as).where(device.c.id == id)).scalar_one()
    return old, replace(old, lifecycle=Lifecycle(resumes_as or Lifecycle.DRAFT))


def resume_device(connection: Connection, id: str, at: int, now: float) -> Device:
    """End the suspension of a device within a transaction; arguments as for :func:`change_device`.

    Raises:
        UnknownRecordError: There is none.
        NotSuspendedError: It is not suspended.
    """
    old, new = resumed_device(connection, id)
    return replace_device(connection, old, replace(new, updated_at=now), at)


def delete_device(connection: Connection, id: str, at: int) -> None:
    """Remove a device and all that is known of it, within a transaction; arguments as for :func:`add_device`."""
    connection.execute(delete(device).where(device.c.id == id))
    note_removal(connection, "device", id, at)


def difference(old: Device, new: Device) -> dict[str, list[Any]]:
    """Return what was and what is, by field, as JSON for the audit trail."""
    one, other = _said(old), _said(new)
    return {name: [one[name], other[name]] for name in one if one[name] != other[name]}


def _said(one: Device) -> dict[str, Any]:
    return {
        "serial": one.serial,
        "name": one.name,
        "profile": one.profile,
        "lifecycle": one.lifecycle.value,
        "business": None if one.business is None else str(one.business),
        "hardware": one.hardware,
        "firmware": one.firmware,
        "groups": list(one.groups),
    }


def replace_device(connection: Connection, old: Device, new: Device, at: int) -> Device:
    """Store a device in place of what it was, within a transaction, and return it.

    Args:
        connection: Connection inside the transaction, which :func:`raise_revision` began.
        old: As it is stored.
        new: As it is to be; checked.
        at: Revision of the change.
    """
    values = {**row_of(new), "revision": at}
    if new.lifecycle is not old.lifecycle:
        values["resumes_as"] = old.lifecycle.value if new.lifecycle is Lifecycle.SUSPENDED else None
    connection.execute(update(device).where(device.c.id == old.id).values(values))
    if new.groups != old.groups:
        connection.execute(delete(membership).where(membership.c.device == old.id))
        _insert_groups(connection, new)
    return new


def _insert_groups(connection: Connection, one: Device) -> None:
    if one.groups:
        connection.execute(insert(membership), [{"name": name, "device": one.id} for name in sorted(set(one.groups))])


def _check_profile(connection: Connection, id: str) -> None:
    if connection.execute(select(profile_table.c.id).where(profile_table.c.id == id)).first() is None:
        raise UnknownRecordError("profile", id)


def _check_serial(connection: Connection, serial: str) -> None:
    if connection.execute(select(device.c.id).where(device.c.serial == serial)).first():
        raise DuplicateRecordError("device", "serial", serial)

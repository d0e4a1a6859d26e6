"""Devices: Odoo's, with a copy here; when they were last heard of is the bridge's own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from flowengine.node import Clock, Database
from flowengine_nodes.iiot.embedded.devices import (
    EmbeddedDevices,
    changed_device,
    check_addition,
    read_device,
    resumed_device,
)
from flowengine_nodes.iiot.embedded.roster_keeper import RosterKeeper
from flowengine_nodes.iiot.odoo.master import Master
from flowengine_nodes.iiot.odoo.records import device_document
from flowengine_nodes.iiot.registry.device import Device


class OdooDevices(EmbeddedDevices):
    """All devices. What is read comes from the copy; changes are Odoo's first.

    Args:
        database: Where the copy is.
        clock: Tells when they change.
        keeper: Brings the roster up to date after a change.
        master: Asks Odoo.
    """

    def __init__(self, database: Database, clock: Clock, keeper: RosterKeeper, master: Master) -> None:
        super().__init__(database, clock, keeper)
        self._master = master

    async def add(self, device: Device, who: str) -> Device:
        """Store a new device.

        Raises:
            BadDeviceIdError: Its id cannot be one.
            DuplicateRecordError: Its id or serial is taken.
            UnknownRecordError: There is no such profile.
            TransientError: Odoo is away; nothing has changed.
        """

        def check(connection: Connection) -> None:
            check_addition(connection, device)

        async with self._master.alone:
            await self._master.ask(check, "add_device", document=device_document(device), who=who)
            return await super().add(device, who)

    async def change(self, id: str, values: Mapping[str, Any], who: str) -> Device:
        """Change fields of a device and return it as it is then.

        Raises:
            UnknownRecordError: There is no such device or profile.
            DuplicateRecordError: Its serial is taken.
            LifecycleError: It may not become what ``lifecycle`` says.
            TransientError: Odoo is away; nothing has changed.
        """

        def check(connection: Connection) -> tuple[Device, Device]:
            return changed_device(connection, id, values)

        async with self._master.alone:
            old, new = await self._master.look(check)
            if new == old:
                return old
            await self._master.ask(check, "change_device", id=id, values=_difference(old, new), who=who)
            return await super().change(id, values, who)

    async def resume(self, id: str, who: str) -> Device:
        """End the suspension of a device: it is again what it was before.

        Raises:
            UnknownRecordError: There is none.
            NotSuspendedError: It is not suspended.
            TransientError: Odoo is away; nothing has changed.
        """

        def check(connection: Connection) -> tuple[Device, Device]:
            return resumed_device(connection, id)

        async with self._master.alone:
            await self._master.ask(check, "resume_device", id=id, who=who)
            return await super().resume(id, who)

    async def remove(self, id: str, who: str) -> None:
        """Remove a device and all that is known of it.

        Raises:
            UnknownRecordError: There is none.
            TransientError: Odoo is away; nothing has changed.
        """

        def check(connection: Connection) -> None:
            read_device(connection, id)

        async with self._master.alone:
            await self._master.ask(check, "remove_device", id=id, who=who)
            await super().remove(id, who)


def _difference(old: Device, new: Device) -> dict[str, Any]:
    one, other = device_document(old), device_document(replace(new, id=old.id))
    return {name: value for name, value in other.items() if value != one[name]}

"""Firmware: Odoo's, with a copy here."""

from sqlalchemy import Connection, update

from flowengine.node import Clock, Database
from flowengine_nodes.iiot.embedded.firmware import EmbeddedFirmware, check_addition, check_removal
from flowengine_nodes.iiot.embedded.firmware import firmware as table
from flowengine_nodes.iiot.odoo.master import Master
from flowengine_nodes.iiot.odoo.records import firmware_document
from flowengine_nodes.iiot.registry.firmware import Firmware


class OdooFirmware(EmbeddedFirmware):
    """All firmware. What is read comes from the copy; changes are Odoo's first.

    Args:
        database: Where the copy is.
        clock: Tells when they change.
        master: Asks Odoo.
    """

    def __init__(self, database: Database, clock: Clock, master: Master) -> None:
        super().__init__(database, clock)
        self._master = master

    async def add(self, firmware: Firmware, who: str) -> Firmware:
        """Store a new firmware; its file stays where it is.

        Raises:
            DuplicateRecordError: Its id is taken.
            TransientError: Odoo is away; nothing has changed.
        """

        def check(connection: Connection) -> None:
            check_addition(connection, firmware)

        async with self._master.alone:
            await self._master.ask(check, "add_firmware", document=firmware_document(firmware), who=who)
            return await super().add(firmware, who)

    async def remove(self, id: str, who: str) -> Firmware:
        """Remove a firmware and return what it was.

        Raises:
            UnknownRecordError: There is none.
            RecordInUseError: An update or a rollout that has not ended needs it.
            TransientError: Odoo is away; nothing has changed.
        """

        def check(connection: Connection) -> None:
            check_removal(connection, id)

        async with self._master.alone:
            await self._master.ask(check, "remove_firmware", id=id, who=who)
            return await super().remove(id, who)

    async def sign(self, firmware: Firmware) -> None:
        """Note a signature that was made here, for a firmware that has none in Odoo.

        Args:
            firmware: The firmware, signed.
        """
        unsigned = (table.c.id == firmware.id, table.c.sha256 == firmware.sha256, table.c.signature == "")
        statement = update(table).where(*unsigned).values(signature=firmware.signature, key_id=firmware.key_id)

        def work(connection: Connection) -> None:
            if connection.execute(statement).rowcount:
                self._database.audit(
                    connection, "firmware store", "firmware-sign", firmware.id, {"key": firmware.key_id}
                )

        await self._database.write(work)

"""Firmware."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, Connection, Double, Index, Row, Table, Text, delete, insert, select

from flowengine.node import Clock, Database
from flowengine_nodes.iiot.embedded.rollout_rows import rollout, target
from flowengine_nodes.iiot.embedded.schema import Id, metadata
from flowengine_nodes.iiot.embedded.update_rows import update
from flowengine_nodes.iiot.registry.errors import DuplicateRecordError, RecordInUseError, UnknownRecordError
from flowengine_nodes.iiot.registry.firmware import Firmware

firmware = Table(
    "iiot_firmware",
    metadata,
    Column("id", Id, primary_key=True),
    Column("version", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False, index=True),
    Column("url", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("hardware", Text, nullable=False),
    Column("min_version", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("created_at", Double, nullable=False),
)
Index(None, firmware.c.version, firmware.c.created_at)


class EmbeddedFirmware:
    """All firmware.

    Args:
        database: Where they are.
        clock: Tells when they were added.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def get(self, id: str) -> Firmware:
        """Return a firmware.

        Raises:
            UnknownRecordError: There is none.
        """
        return await self._database.read(lambda connection: read_firmware(connection, id))

    async def list(self) -> Sequence[Firmware]:
        """Return all firmware, newest first."""
        query = select(firmware).order_by(firmware.c.created_at.desc(), firmware.c.id)
        return await self._database.read(lambda connection: [firmware_of(row) for row in connection.execute(query)])

    async def find(self, version: str, hardware: str) -> Firmware | None:
        """Return the newest firmware of a version that fits a hardware revision."""
        return await self._database.read(lambda connection: find_firmware(connection, version, hardware))

    async def with_file(self, sha256: str) -> Sequence[Firmware]:
        """Return the firmware that have this file."""
        query = select(firmware).where(firmware.c.sha256 == sha256).order_by(firmware.c.id)
        return await self._database.read(lambda connection: [firmware_of(row) for row in connection.execute(query)])

    async def add(self, firmware: Firmware, who: str) -> Firmware:
        """Store a new firmware.

        Raises:
            DuplicateRecordError: Its id is taken.
        """
        added = replace(firmware, created_at=self._clock.time())

        def work(connection: Connection) -> None:
            check_addition(connection, added)
            insert_firmware(connection, added)
            detail = {"version": added.version, "sha256": added.sha256, "key_id": added.key_id}
            self._database.audit(connection, who, "firmware-add", added.id, detail)

        await self._database.write(work)
        return added

    async def remove(self, id: str, who: str) -> Firmware:
        """Remove a firmware and return what it was.

        Raises:
            UnknownRecordError: There is none.
            RecordInUseError: An update or a rollout that has not ended needs it.
        """

        def work(connection: Connection) -> Firmware:
            removed = check_removal(connection, id)
            connection.execute(delete(firmware).where(firmware.c.id == id))
            self._database.audit(connection, who, "firmware-remove", id, {"version": removed.version})
            return removed

        return await self._database.write(work)


def read_firmware(connection: Connection, id: str) -> Firmware:
    """Return a firmware, within a transaction.

    Raises:
        UnknownRecordError: There is none.
    """
    row = connection.execute(select(firmware).where(firmware.c.id == id)).first()
    if row is None:
        raise UnknownRecordError("firmware", id)
    return firmware_of(row)


def find_firmware(connection: Connection, version: str, hardware: str) -> Firmware | None:
    """Return the newest firmware of a version that fits a hardware revision, within a transaction."""
    query = select(firmware).where(firmware.c.version == version).order_by(firmware.c.created_at.desc(), firmware.c.id)
    found = (firmware_of(row) for row in connection.execute(query))
    return next((one for one in found if not one.hardware or hardware in one.hardware), None)


def firmware_of(row: Row[Any]) -> Firmware:
    """Return the firmware of a row."""
    return Firmware(
        id=row.id,
        version=row.version,
        size=row.size,
        sha256=row.sha256,
        url=row.url,
        signature=row.signature,
        key_id=row.key_id,
        hardware=tuple(orjson.loads(row.hardware)),
        min_version=row.min_version,
        notes=row.notes,
        created_at=row.created_at,
    )


def row_of(added: Firmware) -> dict[str, Any]:
    """Return the columns of a firmware."""
    return {
        "id": added.id,
        "version": added.version,
        "size": added.size,
        "sha256": added.sha256,
        "url": added.url,
        "signature": added.signature,
        "key_id": added.key_id,
        "hardware": orjson.dumps(added.hardware).decode(),
        "min_version": added.min_version,
        "notes": added.notes,
        "created_at": added.created_at,
    }


def insert_firmware(connection: Connection, added: Firmware) -> None:
    """Store a new firmware that was checked, within a transaction."""
    connection.execute(insert(firmware), row_of(added))


def check_addition(connection: Connection, added: Firmware) -> None:
    """Check that a firmware may be added, within a transaction.

    Raises:
        DuplicateRecordError: Its id is taken.
    """
    if connection.execute(select(firmware.c.id).where(firmware.c.id == added.id)).first():
        raise DuplicateRecordError("firmware", "id", added.id)


def check_removal(connection: Connection, id: str) -> Firmware:
    """Return a firmware that may be removed, within a transaction.

    Raises:
        UnknownRecordError: There is none.
        RecordInUseError: An update or a rollout that has not ended needs it.
    """
    found = read_firmware(connection, id)
    running = select(update.c.id).where(update.c.firmware == id, update.c.ended_at.is_(None)).limit(1)
    user = connection.execute(running).scalar()
    if user is not None:
        raise RecordInUseError("firmware", id, "update", user)
    waiting = (
        select(target.c.rollout)
        .join(rollout, rollout.c.id == target.c.rollout)
        .where(target.c.firmware == id, target.c.outcome == "", rollout.c.ended_at.is_(None))
        .limit(1)
    )
    user = connection.execute(waiting).scalar()
    if user is not None:
        raise RecordInUseError("firmware", id, "rollout", user)
    return found

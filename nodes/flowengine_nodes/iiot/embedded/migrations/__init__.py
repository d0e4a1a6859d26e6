"""Brings the registry's tables up to date, from version to version."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from flowengine.errors import FlowEngineError
from flowengine.node import Database

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

HEAD: Final = "0001"
"""The newest version, which this program knows and needs."""

VERSION_TABLE: Final = "iiot_schema"

# Among the locks of the store's database it is ours.
_LOCK: Final = 0x69696F74
# As Alembic makes it; not among the registry's own tables.
_version = Table(VERSION_TABLE, MetaData(), Column("version_num", String(32), primary_key=True))


class NewerRegistryError(FlowEngineError):
    """A newer flowengine has changed the tables of the registry.

    Args:
        place: File or address of the store.
        found: Version of the tables.
    """

    code = "registry-newer-schema"

    def __init__(self, place: str, found: str) -> None:
        super().__init__(place, found)
        self.place = place
        self.found = found

    def __str__(self) -> str:
        return (
            f"store {self.place}: the tables of the device registry have version {self.found}, this flowengine knows "
            f"{HEAD}; install the flowengine that wrote them, or a newer one"
        )


async def bring_up_to_date(database: Database) -> None:
    """Make the tables, or change them to what this program needs; several processes may do so at once.

    Args:
        database: The store's database.

    Raises:
        NewerRegistryError: A newer flowengine has changed them.
        FlowEngineError: The database failed.
    """
    found = await database.read(_found)
    if found != HEAD:
        await database.write(lambda connection: _migrate(connection, database.place))


def _found(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    version: str | None = connection.execute(select(_version.c.version_num)).scalar()
    return version


def _migrate(connection: Connection, place: str) -> None:
    if connection.dialect.name == "postgresql":
        # SQLite lets one process write at a time anyway.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    found = _found(connection)
    if found is not None and found > HEAD:
        raise NewerRegistryError(place, found)
    if found != HEAD:
        _run(connection, found)


def _run(connection: Connection, found: str | None) -> None:
    # Loaded only where there is something to change: it takes some 10 MB.
    from alembic.operations import Operations  # noqa: PLC0415 - as said above
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 - as said above

    scripts = _scripts()
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    with Operations.context(context):
        for script in reversed(list(scripts.iterate_revisions(HEAD, found or "base"))):
            script.module.upgrade()
    context.stamp(scripts, HEAD)


@cache
def _scripts() -> "ScriptDirectory":
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as said above

    return ScriptDirectory(Path(__file__).parent)

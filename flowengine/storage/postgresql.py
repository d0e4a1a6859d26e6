"""PostgreSQL, through asyncpg: the writer keeps one connection, reads and claims share a small pool."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Self

from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from flowengine.storage.database import Database, T, Work
from flowengine.storage.errors import (
    NotWritableError,
    StorageCollisionError,
    StorageDriverError,
    StorageError,
    StorageFullError,
    StorageRefusedError,
    StorageUnreachableError,
)
from flowengine.storage.migrations import migrate

_MIGRATION_LOCK = 0x666C6F77
_ATTEMPTS = 5

#: SQLSTATE codes, then classes (PostgreSQL, appendix A), that say that the whole store is in trouble.
_ERRORS: dict[str, type[StorageError]] = {
    "42501": NotWritableError,
    "25006": NotWritableError,
    "53300": StorageUnreachableError,
    "53": StorageFullError,
    "40": StorageCollisionError,
    "08": StorageUnreachableError,
    "28": StorageUnreachableError,
    "3D": StorageUnreachableError,
    "57": StorageUnreachableError,
}


class _RolledBackError(Exception):
    """A transaction ended before its commit was asked for: nothing of it can have been written."""

    def __init__(self, error: SQLAlchemyError | OSError) -> None:
        super().__init__(error)
        self.error = error


class PostgresqlDatabase(Database):
    """One PostgreSQL database.

    Args:
        engine: Connections to it.
        place: Its address without the password.
    """

    dialect = "postgresql"
    single_writer = False

    def __init__(self, engine: AsyncEngine, place: str) -> None:
        super().__init__(place)
        self._engine = engine
        self._writer: AsyncConnection | None = None

    @classmethod
    async def open(cls, url: URL) -> Self:
        """Connect and bring the schema up to date.

        Args:
            url: Address of the database.

        Raises:
            StorageError: It cannot be reached, or its schema is too new.
        """
        place = url.render_as_string(hide_password=True)
        try:
            engine = create_async_engine(
                url.set(drivername="postgresql+asyncpg"), pool_size=4, max_overflow=4, pool_recycle=1800
            )
        except ModuleNotFoundError as error:
            raise StorageDriverError(place) from error
        database = cls(engine, place)

        def bring_up_to_date(connection: Connection) -> None:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
            migrate(connection, place)

        try:
            await database.write(bring_up_to_date)
        except BaseException:
            await database.close()
            raise
        return database

    async def write(self, work: Work[T]) -> T:
        """Run work on the writer's own connection."""
        return await self._attempt(self._write, work)

    async def transact(self, work: Work[T]) -> T:
        """Run work in a transaction on a connection of the pool."""
        return await self._attempt(self._transact, work)

    async def read(self, work: Work[T]) -> T:
        """Run work on a connection of the pool."""
        return await self._attempt(self._transact, work)

    def translated(self, error: Exception) -> Exception:
        """Return our error for SQLAlchemy's or the network's; any other error as it is."""
        if not isinstance(error, (SQLAlchemyError, OSError)):
            return error
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        state = str(getattr(cause, "sqlstate", None) or "")
        kind = _ERRORS.get(state) or _ERRORS.get(state[:2]) or StorageRefusedError
        if _lost(error):
            kind = StorageUnreachableError
        return kind(self.place, str(cause) or type(cause).__name__)

    async def close(self) -> None:
        """Close every connection."""
        if self._writer is not None:
            await self._writer.close()
        await self._engine.dispose()

    async def connect(self) -> AsyncConnection:
        """Return a connection that is the caller's to close.

        Raises:
            StorageUnreachableError: There is none to be had.
        """
        try:
            return await self._engine.connect()
        except Exception as error:
            # asyncpg, which is optional, raises a server's refusal bare.
            raise StorageUnreachableError(self.place, str(error) or type(error).__name__) from error

    async def _attempt(self, run: Callable[[Work[T]], Awaitable[T]], work: Work[T]) -> T:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await run(work)
            except _RolledBackError as rolled_back:
                error = self.translated(rolled_back.error)
                # A connection that died while idle is found out only now; if the server is back, a second try
                # will do.
                idle = _lost(rolled_back.error) and attempt == 1
                again = idle or isinstance(error, StorageCollisionError)
                if not again or attempt == _ATTEMPTS:
                    raise error from rolled_back.error
            except (SQLAlchemyError, OSError) as error:
                raise self.translated(error) from error
        raise AssertionError("the last attempt returns or raises")

    async def _write(self, work: Work[T]) -> T:
        if self._writer is not None and (self._writer.closed or self._writer.invalidated):
            await self._writer.close()
            self._writer = None
        if self._writer is None:
            self._writer = await self.connect()
        return await _transaction(self._writer, work)

    async def _transact(self, work: Work[T]) -> T:
        connection = await self.connect()
        try:
            return await _transaction(connection, work)
        finally:
            await connection.close()


async def _transaction(connection: AsyncConnection, work: Work[T]) -> T:
    transaction = await connection.begin()
    try:
        result = await connection.run_sync(work)
    except BaseException as error:
        # The reason for the rollback matters, not that a lost connection cannot roll back either.
        with suppress(SQLAlchemyError, OSError):
            await transaction.rollback()
        if isinstance(error, (SQLAlchemyError, OSError)):
            raise _RolledBackError(error) from error
        raise
    await transaction.commit()
    return result


def _lost(error: SQLAlchemyError | OSError) -> bool:
    return isinstance(error, OSError) or (isinstance(error, DBAPIError) and error.connection_invalidated)

"""SQLite: one writer thread, one reader thread, every commit on disk before it returns."""

import asyncio
import errno
import os
import secrets
import sqlite3
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import ParamSpec, Self, TypeVar

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from flowengine.storage.database import Database, T, Work
from flowengine.storage.errors import (
    NotADatabaseError,
    NotWritableError,
    StorageDamagedError,
    StorageError,
    StorageFullError,
    StorageLimitError,
    StorageLockedError,
    StorageRefusedError,
)
from flowengine.storage.migrations import migrate
from flowengine.storage.reserve import Reserve

P = ParamSpec("P")
R = TypeVar("R")

BUSY_SECONDS = 10.0

#: What the driver raises for a value that SQLite cannot take is not always an error of its own.
_ERRORS_OF_DATABASE = (SQLAlchemyError, sqlite3.Error, UnicodeError, OverflowError)

#: Primary result codes (sqlite.org/rescode.html) that say that the whole store is in trouble.
_ERRORS: dict[int, type[StorageError]] = {
    sqlite3.SQLITE_BUSY: StorageLockedError,
    sqlite3.SQLITE_LOCKED: StorageLockedError,
    sqlite3.SQLITE_READONLY: NotWritableError,
    sqlite3.SQLITE_CANTOPEN: NotWritableError,
    sqlite3.SQLITE_PERM: NotWritableError,
    sqlite3.SQLITE_IOERR: StorageDamagedError,
    sqlite3.SQLITE_CORRUPT: StorageDamagedError,
    sqlite3.SQLITE_FULL: StorageFullError,
    sqlite3.SQLITE_NOTADB: NotADatabaseError,
}
_ERRORS_OF_WRITING = frozenset(
    {
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_TRUNCATE,
        sqlite3.SQLITE_IOERR_SHMSIZE,
        sqlite3.SQLITE_IOERR_SHMMAP,
    }
)
_CAUSES: dict[int, type[StorageError]] = {
    errno.ENOSPC: StorageFullError,
    errno.EDQUOT: StorageFullError,
    errno.EFBIG: StorageLimitError,
}
_PROBE_BYTES = 64 * 1024
_PAGE_BYTES = 4096
_FEWEST_PAGES = 16
CHECKPOINT_PAGES = 4000
"""Pages in the write-ahead log after which it is folded into the file."""


class _AtOnce(Executor):
    """Run work in the caller's own thread, before the call returns."""

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Run a function and return how it ended."""
        future: Future[R] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - whoever waits for the future hears of it
            future.set_exception(error)
        return future


class _Thread:
    """One connection and the one thread that uses it."""

    def __init__(self, path: str, place: str, begin: str, executor: Executor) -> None:
        self._place = place
        self._executor = executor
        self._engine = _engine(path, begin)
        self._connection: Connection | None = None

    async def run(self, work: Work[T]) -> T:
        """Run work in a transaction, in the thread."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._transact, work)

    def _transact(self, work: Work[T]) -> T:
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            with self._connection.begin():
                return work(self._connection)
        except _ERRORS_OF_DATABASE as error:
            raise translated(error, self._place) from error

    async def run_outside(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run work on the driver's connection in no transaction, in the thread."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._outside, work)

    def _outside(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            return work(driver(self._connection))
        except _ERRORS_OF_DATABASE as error:
            raise translated(error, self._place) from error

    async def close(self) -> None:
        """Close the connection and end the thread."""
        await asyncio.get_running_loop().run_in_executor(self._executor, self._close)
        self._executor.shutdown()

    def _close(self) -> None:
        # A broken database cannot spoil the way out.
        with suppress(SQLAlchemyError, sqlite3.Error):
            if self._connection is not None:
                self._connection.close()
            self._engine.dispose()


class SqliteDatabase(Database):
    """An SQLite file, or memory.

    Args:
        path: The file; ``None`` for memory.
        place: File, for errors.
        at_once: Whether work runs in the event loop itself.
    """

    dialect = "sqlite"
    single_writer = True

    def __init__(self, path: Path | None, place: str, *, at_once: bool = False) -> None:
        super().__init__(place)
        self.shared = path is not None
        self._path = path
        self._reserve: Reserve | None = None
        name = ":memory:" if path is None else str(path)

        def executor(name: str) -> Executor:
            return _AtOnce() if at_once else ThreadPoolExecutor(1, thread_name_prefix=name)

        self._writer = _Thread(name, place, "BEGIN IMMEDIATE", executor("storage-writer"))
        # What is in memory is seen by its own connection only.
        self._reader = self._writer if path is None else _Thread(name, place, "BEGIN", executor("storage-reader"))

    @classmethod
    async def open(cls, path: Path | None, *, at_once: bool = False) -> Self:
        """Open or make a database and bring its schema up to date.

        Args:
            path: The file; ``None`` for memory.
            at_once: Whether work runs in the event loop itself, which it holds up meanwhile.

        Raises:
            StorageError: It cannot be opened, is no database, or is too new.
        """
        place = "in memory" if path is None else str(path)
        database = cls(path, place, at_once=at_once)
        try:
            await database.write(lambda connection: migrate(connection, place))
        except BaseException:
            await database.close()
            raise
        return database

    async def keep_reserve(self) -> None:
        """Keep room back on the disk from now on; in memory there is none."""
        if self._path is None:
            return
        reserve = self._reserve = Reserve(self._path)
        # What the log holds must find room in the file when the disk is full: what it may hold before it is folded, and
        # a transaction, whose messages may take twice their size.
        size = reserve.size
        self.most_bytes = max(_PAGE_BYTES, size // 8)
        pages = min(CHECKPOINT_PAGES, max(_FEWEST_PAGES, size // 2 // _PAGE_BYTES))
        await self._writer.run_outside(lambda connection: connection.execute(f"PRAGMA wal_autocheckpoint = {pages}"))
        self.short = not reserve.take()

    async def save(self) -> bool:
        """Free the room that is kept back, and that of the write-ahead log."""
        if self._reserve is None:
            return False
        self.short = True
        self._reserve.give()
        return await self._folded()

    async def recover(self) -> bool:
        """Keep room back again, if there is enough on the disk or in the file itself."""
        reserve = self._reserve
        if reserve is None or not self.short:
            return True
        if await self._folded() and reserve.take():
            unused = await self._writer.run_outside(_unused_bytes)
            size, free = reserve.size, reserve.free
            # Unused pages of the file take what comes, but it has to pass through the log.
            self.short = free < size // 4 or free + unused < size // 2
            if self.short:
                reserve.give()
        return not self.short

    async def _folded(self) -> bool:
        """Fold the write-ahead log into the file; return whether that has worked."""
        try:
            return await self._writer.run_outside(_fold)
        except StorageError:
            return False

    async def write(self, work: Work[T]) -> T:
        """Run work in the writer's transaction."""
        return await self._writer.run(work)

    async def transact(self, work: Work[T]) -> T:
        """Run work in the writer's transaction: there is only one writer."""
        return await self._writer.run(work)

    async def read(self, work: Work[T]) -> T:
        """Run work on the reader's connection."""
        return await self._reader.run(work)

    def translated(self, error: Exception) -> Exception:
        """Return our error for one of SQLite's or SQLAlchemy's; any other error as it is."""
        return translated(error, self.place)

    async def close(self) -> None:
        """Close both connections; the last one out folds the write-ahead log into the file."""
        if self._reader is not self._writer:
            await self._reader.close()
        await self._writer.close()
        if self._reserve is not None:
            self._reserve.give()


def _fold(connection: sqlite3.Connection) -> bool:
    (is_held_up, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_held_up


def _unused_bytes(connection: sqlite3.Connection) -> int:
    (pages,) = connection.execute("PRAGMA freelist_count").fetchone()
    return int(pages) * _PAGE_BYTES


def driver(connection: Connection) -> sqlite3.Connection:
    """Return the driver's own connection, for the statements that run for every message."""
    found = connection.connection.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found


def _engine(path: str, begin: str) -> Engine:
    def connect() -> sqlite3.Connection:
        # Autocommit, because we begin and commit ourselves; many cached statements, because a bulk insert has
        # one for each number of rows.
        connection = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        try:
            for setting in (
                "journal_mode = WAL",
                "synchronous = FULL",
                f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
                "journal_size_limit = 67108864",
                "foreign_keys = ON",
            ):
                connection.execute(f"PRAGMA {setting}").fetchall()
        except BaseException:
            connection.close()
            raise
        return connection

    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    engine = create_engine("sqlite://", creator=connect, poolclass=StaticPool)
    event.listen(engine, "begin", begin_transaction)
    return engine


def translated(error: Exception, place: str) -> Exception:
    """Return our error for one of SQLite's or SQLAlchemy's; any other error as it is."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(error, _ERRORS_OF_DATABASE):
        return error
    code = getattr(cause, "sqlite_errorcode", None)
    # The low byte is the primary code of an extended one.
    kind = StorageRefusedError if code is None else _ERRORS.get(code & 0xFF, StorageRefusedError)
    if code in _ERRORS_OF_WRITING:
        kind = _CAUSES.get(_errno_of_writing(Path(place)), kind)
    return kind(place, str(cause))


def _errno_of_writing(database: Path) -> int:
    """Return the number of the system's error when as much is written beside a database as is in it; 0 for none.

    SQLite says "disk I/O error" of all that is no full disk, a quota and a limit included.
    """
    size = max((file.stat().st_size for file in (database, Path(f"{database}-wal")) if file.exists()), default=0)
    probe = database.with_name(f".{database.name}-{secrets.token_hex(4)}.probe")
    try:
        descriptor = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            # A hole takes no room.
            os.pwrite(descriptor, bytes(_PROBE_BYTES), size)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
            probe.unlink()
    except OSError as error:
        return error.errno or 0
    return 0

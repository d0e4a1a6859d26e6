"""The store: everything durable, in one database."""

import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, delete, insert, make_url, select
from sqlalchemy.exc import ArgumentError

from flowengine.storage import schema
from flowengine.storage.api_tokens import ApiTokens
from flowengine.storage.audit import Audit
from flowengine.storage.database import Database
from flowengine.storage.dead_letters import DeadLetters
from flowengine.storage.errors import StorageAddressError, StorageError
from flowengine.storage.locks import AdvisoryLocks, FileLocks, Locks
from flowengine.storage.outbox import Outbox
from flowengine.storage.sessions import Sessions
from flowengine.storage.shelf import Shelf
from flowengine.storage.sqlite import SqliteDatabase
from flowengine.storage.state import State
from flowengine.storage.tables import Tables
from flowengine.storage.users import Users
from flowengine.storage.writer import Writer

_worker = schema.worker


class Store:
    """Everything durable.

    Args:
        database: Where it is.
        locks: Locks among the processes that share it.
        clock: Wall clock, in seconds since 1970.

    Attributes:
        worker: Id of this process in the store, a new one at every start.
        place: File or address, without the password.
        outbox: Messages on their way to sinks.
        dead_letters: Messages that were given up.
        shelf: Messages that nodes hold.
        state: Values of nodes and flows.
        locks: For work that must happen once.
        audit: Who did what.
        users: Who may come in with a password.
        api_tokens: What programs come in with.
        sessions: Who is signed in.
        tables: The database itself, for those who keep tables of their own in it.
    """

    def __init__(self, database: Database, locks: Locks, clock: Callable[[], float]) -> None:
        self.worker = secrets.token_hex(8)
        self.place = database.place
        self._database = database
        self._clock = clock
        self._closed = False
        self._writer = Writer(database)
        self.locks = locks
        self.dead_letters = DeadLetters(database, self._writer, clock, self.worker)
        self.outbox = Outbox(database, self._writer, self.dead_letters, clock, self.worker)
        self.shelf = Shelf(self._writer, self.worker)
        self.state = State(database, self._writer)
        self.audit = Audit(database, self._writer, clock)
        self.users = Users(database, self._writer, clock)
        self.api_tokens = ApiTokens(database, self._writer, clock)
        self.sessions = Sessions(database, self._writer, clock)
        self.tables = Tables(database, self._writer, self.audit)

    @classmethod
    async def open(cls, url: str, *, clock: Callable[[], float] = time.time, reserve: bool = False) -> Self:
        """Open a store, make or migrate its tables, and free what dead processes held.

        Args:
            url: ``sqlite:///path/to/file.db``, ``sqlite://`` for memory, or
                ``postgresql://user:password@host/database``.
            clock: Wall clock, in seconds since 1970.
            reserve: Whether to keep room back on the disk, by which a full store can be emptied.

        Raises:
            StorageError: It cannot be opened; the error says why and what to do.
        """
        database, locks = await _opened(url)
        if reserve and isinstance(database, SqliteDatabase):
            await database.keep_reserve()
        return await cls._begun(database, locks, clock)

    @classmethod
    async def in_memory(cls, clock: Callable[[], float]) -> Self:
        """Open a store in memory that has no thread, so that under a virtual clock all happens in the same order.

        It is for tests: each piece of work holds up the event loop.

        Args:
            clock: Wall clock, in seconds since 1970.
        """
        return await cls._begun(await SqliteDatabase.open(None, at_once=True), FileLocks(None), clock)

    @classmethod
    async def _begun(cls, database: Database, locks: Locks, clock: Callable[[], float]) -> Self:
        store = cls(database, locks, clock)
        try:
            await store._register()
            await store.reap()
        except BaseException:
            await store.close()
            raise
        return store

    @property
    def full(self) -> bool:
        """Whether ``put_nowait`` would refuse now."""
        return self._writer.full

    @property
    def waiting(self) -> int:
        """How many writes wait for the next commit."""
        return self._writer.waiting

    async def room(self) -> None:
        """Wait until ``put_nowait`` takes something."""
        await self._writer.room()

    async def flush(self) -> None:
        """Wait until everything that was asked for before is on disk, or has failed."""
        await self._writer.call(lambda _connection: None)

    async def reap(self) -> int:
        """Free what dead processes held: claims, letters taken for replay, messages on the shelf.

        Opening a store does this once. Where many processes share one, do it from time to time.

        Returns:
            How many processes were found dead.
        """
        query = select(_worker.c.id).where(_worker.c.id != self.worker)
        others = await self._database.read(lambda connection: list(connection.execute(query).scalars()))
        dead = 0
        for other in others:
            lock = await self.locks.try_acquire(_lock_name(other))
            if lock is not None:
                try:
                    await self._leave(other, crashed=True)
                finally:
                    await lock.release()
                dead += 1
        return dead

    async def close(self) -> None:
        """Write what waits, give back what this process held, and close; harmless when closed."""
        if self._closed:
            return
        self._closed = True
        # What cannot be given back now is freed by the next process that opens the store.
        with suppress(StorageError):
            await self._leave(self.worker, crashed=False)
        await self._writer.close()
        await self.locks.close()
        await self._database.close()

    async def _register(self) -> None:
        # Locked before it is known, so that nobody takes it for dead.
        await self.locks.try_acquire(_lock_name(self.worker))
        entry = insert(_worker).values(id=self.worker, started_at=self._clock())
        await self._writer.call(lambda connection: connection.execute(entry).rowcount)

    async def _leave(self, worker: str, *, crashed: bool) -> None:
        def work(connection: Connection) -> None:
            self.outbox.free(connection, worker, crashed=crashed)
            # What is on the shelf, or was taken for replay, belongs to whoever is in this table.
            connection.execute(delete(_worker).where(_worker.c.id == worker))

        await self._writer.call(work)


async def _opened(url: str) -> tuple[Database, Locks]:
    hidden = re.sub(r":[^:/@]*@", ":***@", url)
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StorageAddressError(hidden) from error
    if parsed.drivername == "sqlite" and not (parsed.host or parsed.query):
        path = Path(parsed.database) if parsed.database and parsed.database != ":memory:" else None
        return await SqliteDatabase.open(path), FileLocks(path)
    if parsed.drivername == "postgresql":
        # Loaded only where it is used: SQLAlchemy's asyncio part takes 7 MB.
        from flowengine.storage.postgresql import PostgresqlDatabase  # noqa: PLC0415 - as said above

        database = await PostgresqlDatabase.open(parsed)
        return database, AdvisoryLocks(database)
    raise StorageAddressError(hidden)


def _lock_name(worker: str) -> str:
    return f"worker-{worker}"

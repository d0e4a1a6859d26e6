"""Locks for work that must happen once, whichever process does it. A lock ends with its process."""

import asyncio
import fcntl
import os
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlalchemy.exc import SQLAlchemyError

from flowengine.storage.errors import NotWritableError, StorageError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from flowengine.storage.postgresql import PostgresqlDatabase

_LOOK_SECONDS = 0.2


class Lock:
    """A lock that this process has.

    Args:
        locks: Where it comes from.
        name: Its name.
        token: Tells it from an earlier lock of that name.
    """

    def __init__(self, locks: "Locks", name: str, token: object) -> None:
        self._locks = locks
        self.name = name
        self._token = token

    async def valid(self) -> bool:
        """Tell whether it is still ours: a lock can be lost with the connection to the database server."""
        return await self._locks.holds(self.name, self._token)

    async def release(self) -> None:
        """Let others have it; harmless when it is lost."""
        await self._locks.let_go(self.name, self._token)


class Locks(ABC):
    """Locks by name."""

    @abstractmethod
    async def try_acquire(self, name: str) -> Lock | None:
        """Take a lock, or return ``None`` when somebody has it, this process included.

        Raises:
            StorageError: The database cannot be asked.
        """

    @abstractmethod
    async def holds(self, name: str, token: object) -> bool:
        """Tell whether a lock is still held."""

    @abstractmethod
    async def let_go(self, name: str, token: object) -> None:
        """Release a lock."""

    @abstractmethod
    async def close(self) -> None:
        """Release every lock."""

    @asynccontextmanager
    async def held(self, name: str) -> AsyncIterator[Lock]:
        """Wait for a lock and hold it.

        Args:
            name: Its name.
        """
        while (lock := await self.try_acquire(name)) is None:  # noqa: ASYNC110 - as it says below
            # Real time, whatever the engine's clock says: another process cannot tell us.
            await asyncio.sleep(_LOOK_SECONDS)
        try:
            yield lock
        finally:
            await lock.release()


class FileLocks(Locks):
    """Locked files beside the database, which the system unlocks when a process ends.

    Args:
        database: The database file; ``None`` for a store in memory, which nobody shares.
    """

    def __init__(self, database: Path | None) -> None:
        self._database = database
        self._held: dict[str, tuple[object, int | None]] = {}

    async def try_acquire(self, name: str) -> Lock | None:
        """Take a lock, or return ``None`` when somebody has it."""
        if name in self._held:
            return None
        descriptor = None
        if self._database is not None:
            descriptor = _locked(self._path(self._database, name))
            if descriptor is None:
                return None
        token = object()
        self._held[name] = (token, descriptor)
        return Lock(self, name, token)

    async def holds(self, name: str, token: object) -> bool:
        """Tell whether a lock is still held."""
        return name in self._held and self._held[name][0] is token

    async def let_go(self, name: str, token: object) -> None:
        """Release a lock."""
        if await self.holds(name, token):
            self._unlock(name)

    async def close(self) -> None:
        """Release every lock."""
        for name in list(self._held):
            self._unlock(name)

    def _unlock(self, name: str) -> None:
        _, descriptor = self._held.pop(name)
        if descriptor is not None and self._database is not None:
            # Away while it is locked, so that nobody's lock is on a file that others no longer see.
            self._path(self._database, name).unlink(missing_ok=True)
            os.close(descriptor)

    def _path(self, database: Path, name: str) -> Path:
        return Path(f"{database}-lock-{quote(name, safe='')}")


class AdvisoryLocks(Locks):
    """PostgreSQL's advisory locks, on a connection of their own: the server unlocks when it is gone.

    Args:
        database: Gives the connection.
    """

    def __init__(self, database: "PostgresqlDatabase") -> None:
        self._database = database
        self._connection: AsyncConnection | None = None
        self._held: set[str] = set()
        # One connection does one thing at a time.
        self._turn = asyncio.Lock()

    async def try_acquire(self, name: str) -> Lock | None:
        """Take a lock, or return ``None`` when somebody has it."""
        async with self._turn:
            if self._connection is None:
                connection = await self._database.connect()
                self._connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
            # The server would give a session its own lock again.
            if name in self._held or not await self._ask("SELECT pg_try_advisory_lock(hashtextextended($1, 1))", name):
                return None
            self._held.add(name)
            return Lock(self, name, self._connection)

    async def holds(self, name: str, token: object) -> bool:
        """Tell whether a lock is still held."""
        async with self._turn:
            if self._connection is not token or name not in self._held:
                return False
            with suppress(StorageError):
                await self._ask("SELECT $1::text IS NOT NULL", name)
            return self._connection is token

    async def let_go(self, name: str, token: object) -> None:
        """Release a lock."""
        async with self._turn:
            if self._connection is token and name in self._held:
                self._held.discard(name)
                # Lost with the connection, the lock is released as well.
                with suppress(StorageError):
                    await self._ask("SELECT pg_advisory_unlock(hashtextextended($1, 1))", name)

    async def close(self) -> None:
        """Release every lock."""
        async with self._turn:
            await self._forget()

    async def _ask(self, question: str, name: str) -> bool:
        assert self._connection is not None
        try:
            return bool((await self._connection.exec_driver_sql(question, (name,))).scalar())
        except (SQLAlchemyError, OSError) as error:
            await self._forget()
            raise self._database.translated(error) from error

    async def _forget(self) -> None:
        self._held.clear()
        if self._connection is not None:
            connection, self._connection = self._connection, None
            # Back in the pool, the connection would keep the locks.
            with suppress(SQLAlchemyError, OSError):
                await connection.invalidate()
            await connection.close()


def _locked(path: Path) -> int | None:
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise NotWritableError(str(path), str(error)) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Who unlocks takes the file away: a lock on a file that is gone is none.
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            return None
        except FileNotFoundError:
            pass
        os.close(descriptor)

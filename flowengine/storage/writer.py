"""Group commit: the writes of many callers in one transaction."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Connection

from flowengine.storage.database import Database, Work
from flowengine.storage.errors import (
    StorageBacklogError,
    StorageClosedError,
    StorageError,
    StorageFullError,
    StorageLimitError,
)

T = TypeVar("T")
Row = TypeVar("Row")
#: Told once, in the event loop: ``None`` when the write is on disk, else why it is not.
Done = Callable[[BaseException | None], None]

MOST_WAITING = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Bulk(Generic[Row]):
    """A kind of write of which many run as one.

    Args:
        rank: Kinds run in this order within a transaction; calls run last.
        run: Writes some rows, oldest first, in the given transaction; may run more than once.
        after: Told, in the event loop, of the rows that are on disk.
        grows: Whether it only adds, so that it has to wait while the disk is full.
    """

    rank: int
    run: Callable[[Connection, Sequence[Row]], object]
    after: Callable[[Sequence[Row]], None] | None = None
    grows: bool = False


class _Write(NamedTuple):
    """One row of a bulk."""

    row: Any
    done: Done | None


class _Call:
    """One piece of work that has an answer."""

    __slots__ = ("answer", "future", "work")

    def __init__(self, work: Work[Any], future: asyncio.Future[Any]) -> None:
        self.work = work
        self.future = future
        self.answer: Any = None

    def run(self, connection: Connection) -> None:
        """Do the work and keep its answer until the commit."""
        self.answer = self.work(connection)


@dataclass(slots=True)
class _Batch:
    """What goes into one transaction."""

    writes: dict[Bulk[Any], list[_Write]] = field(default_factory=dict)
    calls: list[_Call] = field(default_factory=list)
    count: int = 0
    size: int = 0
    failed: dict[int, BaseException] = field(default_factory=dict)

    def run(self, connection: Connection) -> None:
        """Run everything; the first error ends it."""
        for bulk in self._bulks():
            bulk.run(connection, [write.row for write in self.writes[bulk]])
        for call in self.calls:
            call.run(connection)

    def runs(self) -> list[tuple[_Write | _Call, Callable[[Connection], object]]]:
        """Return each write with what carries it out."""
        runs: list[tuple[_Write | _Call, Callable[[Connection], object]]] = [
            (write, partial(_run_row, bulk, write)) for bulk in self._bulks() for write in self.writes[bulk]
        ]
        return runs + [(call, call.run) for call in self.calls]

    def run_one_by_one(self, database: Database, connection: Connection) -> None:
        """Run each write behind a savepoint of its own and note which fail.

        Args:
            database: Knows which errors concern everybody.
            connection: Connection in a transaction.
        """
        self.failed = {}
        for item, run in self.runs():
            try:
                with connection.begin_nested():
                    run(connection)
            except Exception as error:
                problem = database.translated(error)
                if concerns_all(problem):
                    raise
                self.failed[id(item)] = problem

    @property
    def grows(self) -> bool:
        """Whether there is something in it that only adds."""
        return any(bulk.grows for bulk in self.writes)

    def refuse_growth(self, error: StorageError) -> None:
        """Let go of what only adds, and tell who wanted it.

        Args:
            error: Why.
        """
        for bulk in [bulk for bulk in self.writes if bulk.grows]:
            for write in self.writes.pop(bulk):
                self.count -= 1
                if write.done is not None:
                    _tell(write.done, error)

    def settle(self, error: BaseException | None) -> None:
        """Tell everybody how it ended.

        Args:
            error: Why nothing at all was written, if so.
        """
        for bulk, writes in self.writes.items():
            if bulk.after is not None and error is None:
                _tell(bulk.after, [write.row for write in writes if id(write) not in self.failed])
            for write in writes:
                if write.done is not None:
                    _tell(write.done, error or self.failed.get(id(write)))
        for call in self.calls:
            _resolve(call.future, error or self.failed.get(id(call)), call.answer)

    def _bulks(self) -> list[Bulk[Any]]:
        return sorted(self.writes, key=lambda bulk: bulk.rank)


def _run_row(bulk: Bulk[Any], write: _Write, connection: Connection) -> None:
    bulk.run(connection, [write.row])


class Writer:
    """Gathers writes while the batch before them is being committed.

    Args:
        database: Where they go.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._batch = _Batch()
        self._wanted = asyncio.Event()
        self._taken = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._run(), name="storage-writer")

    @property
    def full(self) -> bool:
        """Whether :meth:`add` would refuse."""
        return self._batch.count >= MOST_WAITING or self._batch.size >= self._database.most_bytes

    @property
    def waiting(self) -> int:
        """How many writes wait for the next commit."""
        return self._batch.count

    async def room(self) -> None:
        """Wait until :meth:`add` takes something."""
        while self.full and not self._closing:
            self._taken.clear()
            await self._taken.wait()

    def add(self, bulk: Bulk[Row], row: Row, done: Done | None = None, size: int = 0) -> None:
        """Have a row written with the next commit.

        Args:
            bulk: Its kind.
            row: What that kind writes.
            done: Told how it ended.
            size: About how many bytes it is.

        Raises:
            StorageBacklogError: Too much is waiting.
            StorageClosedError: The store is closed.
        """
        batch = self._open_batch()
        if self.full:
            raise StorageBacklogError(self._database.place)
        writes = batch.writes.get(bulk)
        if writes is None:
            writes = batch.writes[bulk] = []
        writes.append(_Write(row, done))
        batch.count += 1
        batch.size += size
        self._wanted.set()

    async def write(self, bulk: Bulk[Row], row: Row, size: int = 0) -> None:
        """Write a row and return when it is on disk.

        Args:
            bulk: Its kind.
            row: What that kind writes.
            size: About how many bytes it is.

        Raises:
            StorageError: It is not on disk.
        """
        await self.room()
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.add(bulk, row, partial(_resolve, future), size)
        await future

    async def call(self, work: Work[T]) -> T:
        """Run work after the rows of the next commit, and return its answer when it is on disk.

        Args:
            work: May run more than once, in another thread.

        Raises:
            StorageError: It is not on disk.
        """
        await self.room()
        batch = self._open_batch()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        batch.calls.append(_Call(work, future))
        batch.count += 1
        self._wanted.set()
        return await future

    async def close(self) -> None:
        """Write what waits, then take no more."""
        self._closing = True
        self._wanted.set()
        self._taken.set()
        await self._task

    def _open_batch(self) -> _Batch:
        if self._closing:
            raise StorageClosedError(self._database.place)
        return self._batch

    async def _run(self) -> None:
        while not self._closing or self._batch.count:
            await self._wanted.wait()
            self._wanted.clear()
            batch, self._batch = self._batch, _Batch()
            self._taken.set()
            if batch.count:
                batch.settle(await self._commit(batch))
            # What was written may be large, and the next write far away.
            del batch

    async def _commit(self, batch: _Batch) -> Exception | None:
        if self._database.short and batch.grows and not await self._database.recover():
            batch.refuse_growth(StorageFullError(self._database.place))
        try:
            await self._database.write(batch.run)
        except (StorageFullError, StorageLimitError) as error:
            # What makes room goes first, in the room that was kept back for it.
            if not await self._database.save():
                return error
            batch.refuse_growth(error)
            return await self._again(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, the callers hear of it
            if batch.count == 1 or concerns_all(error):
                return error
        else:
            return None
        return await self._one_by_one(batch)

    async def _again(self, batch: _Batch) -> Exception | None:
        """Write each for itself, so that what needs little room does not fail with what needs much."""
        for item, run in batch.runs():
            try:
                await self._database.write(run)
            except Exception as error:  # noqa: BLE001 - as above
                batch.failed[id(item)] = error
                await self._database.save()
        return None

    async def _one_by_one(self, batch: _Batch) -> Exception | None:
        try:
            await self._database.write(partial(batch.run_one_by_one, self._database))
        except Exception as error:  # noqa: BLE001 - as above
            return error
        return None


def concerns_all(error: Exception) -> bool:
    """Tell whether an error would meet every other write of a batch too."""
    return isinstance(error, StorageError) and error.whole


def _resolve(future: asyncio.Future[Any], error: BaseException | None, answer: Any = None) -> None:
    # A caller that was cancelled no longer waits.
    if future.done():
        return
    if error is None:
        future.set_result(answer)
    else:
        future.set_exception(error)


def _tell(listener: Callable[[Any], None], news: object) -> None:
    try:
        listener(news)
    except Exception as error:  # noqa: BLE001 - one listener's mistake must not keep the news from the others
        asyncio.get_running_loop().call_exception_handler(
            {"message": "a listener of the store failed", "exception": error}
        )

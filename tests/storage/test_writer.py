import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection

from flowengine.storage import StorageBacklogError, StorageClosedError, StorageFullError
from flowengine.storage.database import Database, T, Work
from flowengine.storage.sqlite import SqliteDatabase
from flowengine.storage.writer import Bulk, Writer


class Watched(SqliteDatabase):
    """A database in memory that counts transactions, can be paused and can fail."""

    def __init__(self) -> None:
        super().__init__(None, "in memory")
        self.transactions = 0
        self.error: Exception | None = None
        self.started = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def write(self, work: Work[T]) -> T:
        self.transactions += 1
        self.started.set()
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return await super().write(work)


def insert(connection: Connection, rows: Sequence[int]) -> None:
    for row in rows:
        connection.exec_driver_sql("INSERT INTO number VALUES (?)", (row,))


NUMBERS: Bulk[int] = Bulk(1, insert)


@pytest.fixture
async def database() -> AsyncIterator[Watched]:
    database = Watched()
    await database.write(lambda c: c.exec_driver_sql("CREATE TABLE number (value INTEGER UNIQUE)").close())
    database.transactions = 0
    database.started.clear()
    yield database
    await database.close()


@pytest.fixture
async def writer(database: Watched) -> AsyncIterator[Writer]:
    writer = Writer(database)
    yield writer
    database.gate.set()
    await writer.close()


async def numbers(database: Watched) -> list[int]:
    def work(connection: Connection) -> list[int]:
        return [row[0] for row in connection.exec_driver_sql("SELECT value FROM number ORDER BY rowid")]

    return await database.read(work)


async def test_writer_commits_what_comes_together_at_once(database: Watched, writer: Writer) -> None:
    await asyncio.gather(*(writer.write(NUMBERS, number) for number in range(100)))
    assert database.transactions == 1
    assert await numbers(database) == list(range(100))


async def test_writer_gathers_while_it_commits(database: Watched, writer: Writer) -> None:
    database.gate.clear()
    first = asyncio.create_task(writer.write(NUMBERS, 0))
    await database.started.wait()
    rest = [asyncio.create_task(writer.write(NUMBERS, number)) for number in range(1, 50)]
    await asyncio.sleep(0)
    database.gate.set()
    await asyncio.gather(first, *rest)
    assert database.transactions == 2


async def test_writer_runs_calls_after_rows_and_gives_their_answers(database: Watched, writer: Writer) -> None:
    def total(connection: Connection) -> Any:
        return connection.exec_driver_sql("SELECT sum(value) FROM number").scalar()

    answer, _ = await asyncio.gather(writer.call(total), writer.write(NUMBERS, 7))
    assert answer == 7


async def test_writer_runs_kinds_by_rank(database: Watched, writer: Writer) -> None:
    def remove(connection: Connection, rows: Sequence[int]) -> None:
        for row in rows:
            connection.exec_driver_sql("DELETE FROM number WHERE value = ?", (row,))

    await asyncio.gather(writer.write(Bulk(2, remove), 7), writer.write(NUMBERS, 7))
    assert await numbers(database) == []


async def test_writer_fails_only_what_is_wrong(database: Watched, writer: Writer) -> None:
    after: list[int] = []
    bulk: Bulk[int] = Bulk(1, insert, after.extend)

    def wrong(connection: Connection) -> None:
        connection.exec_driver_sql("INSERT INTO number VALUES (99)")
        raise ValueError("wrong")

    def one(connection: Connection) -> Any:
        return connection.exec_driver_sql("SELECT 1").scalar()

    results = await asyncio.gather(
        writer.write(bulk, 1),
        writer.write(bulk, 2),
        writer.write(bulk, 1),
        writer.call(wrong),
        writer.call(one),
        return_exceptions=True,
    )
    assert results[0] is None
    assert results[1] is None
    assert getattr(results[2], "code", "") == "storage-refused"
    assert isinstance(results[3], ValueError)
    assert results[4] == 1
    assert await numbers(database) == [1, 2]
    assert after == [1, 2]


async def test_writer_fails_everything_when_the_store_is_in_trouble(database: Watched, writer: Writer) -> None:
    database.error = StorageFullError("here")
    results = await asyncio.gather(*(writer.write(NUMBERS, n) for n in range(5)), return_exceptions=True)
    assert results == [database.error] * 5
    assert database.transactions == 1
    database.error = None
    await writer.write(NUMBERS, 5)
    assert await numbers(database) == [5]


async def test_writer_refuses_more_than_may_wait(database: Watched, writer: Writer) -> None:
    database.gate.clear()
    writer.add(NUMBERS, 1, size=Database.most_bytes)
    assert writer.full
    with pytest.raises(StorageBacklogError, match="too many writes"):
        writer.add(NUMBERS, 2)
    waiting = asyncio.create_task(writer.write(NUMBERS, 3))
    await writer.room()
    assert not writer.full
    database.gate.set()
    await waiting
    assert await numbers(database) == [1, 3]


async def test_writer_writes_what_waits_before_it_closes(database: Watched) -> None:
    writer = Writer(database)
    done: list[BaseException | None] = []
    for number in range(10):
        writer.add(NUMBERS, number, done.append)
    await writer.close()
    assert done == [None] * 10
    assert len(await numbers(database)) == 10
    with pytest.raises(StorageClosedError):
        writer.add(NUMBERS, 11)
    with pytest.raises(StorageClosedError):
        await writer.call(lambda _connection: None)


async def test_writer_goes_on_when_a_caller_has_gone(database: Watched, writer: Writer) -> None:
    gone = asyncio.create_task(writer.write(NUMBERS, 1))
    await asyncio.sleep(0)
    gone.cancel()
    await writer.write(NUMBERS, 2)
    assert await numbers(database) == [1, 2]


async def test_writer_goes_on_when_a_listener_fails(database: Watched, writer: Writer) -> None:
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context))

    def fail(_error: BaseException | None) -> None:
        raise ValueError("listener")

    writer.add(NUMBERS, 1, fail)
    await writer.write(NUMBERS, 2)
    assert [str(context["exception"]) for context in told] == ["listener"]

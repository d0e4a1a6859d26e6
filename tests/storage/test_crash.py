"""What is left after a process was killed, a disk was full or a server went away."""

import asyncio
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection

from flowengine.storage import (
    Entry,
    Failure,
    LetterFilter,
    NewLetter,
    Scope,
    StorageFullError,
    StorageUnreachableError,
    Store,
)
from tests.postgresql import Postgresql
from tests.storage.conftest import Clock, OpenStore

SINK = ("flow", "sink")

# Puts rows for ever and says on stdout which are stored.
_PUTTER = """
import asyncio, os, sys
from flowengine.storage import Entry, Store

async def put(store, numbers):
    for number in numbers:
        await store.outbox.put(Entry("flow", "sink", b"%d" % number, key=str(number % 7)))
        os.write(1, b"%d\\n" % number)

async def main():
    store = await Store.open(sys.argv[1])
    async with asyncio.TaskGroup() as group:
        for start in range(20):
            group.create_task(put(store, range(start, 10**9, 20)))

asyncio.run(main())
"""

# Holds something of every kind, says so, and waits to be killed.
_HOLDER = """
import asyncio, sys
from flowengine.storage import *

async def main():
    store = await Store.open(sys.argv[1])
    assert len(await store.outbox.claim("flow", "sink", lease=1e6)) == 2
    assert len(await store.dead_letters.take_for_replay(LetterFilter())) == 1
    await store.shelf.put(ShelfEntry("flow", "join", b"part"))
    print("holding", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def start(program: str, url: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-c", program, url, stdout=subprocess.PIPE)


@pytest.mark.parametrize("turn", range(3))
async def test_killed_process_loses_no_row_whose_put_returned(url: str, open_store: OpenStore, turn: int) -> None:
    process = await start(_PUTTER, url)
    assert process.stdout is not None
    for _ in range(random.Random(turn).randrange(1, 2000)):
        await process.stdout.readline()
    process.kill()
    said = await process.stdout.read()
    await process.wait()
    store = await open_store()
    found: list[int] = []
    while rows := await store.outbox.claim(*SINK, limit=5000):
        found += [int(row.message) for row in rows]
        await store.outbox.complete([row.id for row in rows])
    # The last line may be cut off.
    stored = {int(line) for line in said.split(b"\n")[:-1]}
    assert stored <= set(found)
    assert len(found) == len(set(found))
    for key in range(20):
        ours = [number for number in found if number % 20 == key]
        assert ours == sorted(ours)


async def test_what_a_killed_process_held_is_free_for_the_next(url: str, open_store: OpenStore, clock: Clock) -> None:
    store = await open_store()
    await store.outbox.put(Entry(*SINK, b"a1", "a"))
    await store.outbox.put(Entry(*SINK, b"a2", "a"))
    await store.dead_letters.put(NewLetter("flow", "map", b"letter", Failure("bad", "bad")))
    process = await start(_HOLDER, url)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"holding\n"
    assert await store.reap() == 0
    assert await store.outbox.claim(*SINK) == []
    process.kill()
    await process.wait()
    async with asyncio.timeout(20):
        # PostgreSQL takes a moment to notice, and tells nobody.
        while await store.reap() == 0:  # noqa: ASYNC110 - as it says above
            await asyncio.sleep(0.05)
    rows = await store.outbox.claim(*SINK)
    # Whether the process died of one of them, nobody knows: that is counted, but as no try.
    assert [(row.attempts, row.crashes) for row in rows[:1]] == [(0, 1)]
    await store.outbox.complete([row.id for row in rows])
    assert [row.message for row in rows] + [row.message for row in await store.outbox.claim(*SINK)] == [b"a1", b"a2"]
    (letter,) = await store.dead_letters.take_for_replay(LetterFilter())
    assert letter.replays == 1
    assert [row.message for row in await store.shelf.load("flow", "join")] == [b"part"]


async def limit_pages(store: Store, pages: int) -> None:
    def work(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}").close()

    await store._database.write(work)


async def test_full_disk_is_told_and_forgotten_when_there_is_space(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'store.db'}")
    await store.outbox.put(Entry(*SINK, b"before"))
    await limit_pages(store, 40)
    entries = [Entry(*SINK, os.urandom(5000)) for _ in range(100)]
    results = await asyncio.gather(*(store.outbox.put(entry) for entry in entries), return_exceptions=True)
    assert {type(result) for result in results} == {StorageFullError}
    assert "disk is full" in str(results[0])
    # What needs no space goes on.
    (row,) = await store.outbox.claim(*SINK)
    assert row.message == b"before"
    await store.outbox.complete([row.id])
    await limit_pages(store, 100_000)
    await asyncio.gather(*(store.outbox.put(entry) for entry in entries))
    assert len(await store.outbox.claim(*SINK, limit=200)) == 100
    await store.close()


@pytest.mark.postgresql
async def test_server_that_goes_away_is_told_and_found_again() -> None:
    cluster = Postgresql()
    try:
        cluster.start()
        store = await Store.open(await cluster.new_database())
        await store.outbox.put(Entry(*SINK, b"before"))
        cluster.stop("immediate")
        for work in (store.outbox.put(Entry(*SINK, b"lost")), store.outbox.claim(*SINK), store.outbox.counts()):
            with pytest.raises(StorageUnreachableError):
                await work
        cluster.start()
        await store.outbox.put(Entry(*SINK, b"after"))
        assert [row.message for row in await store.outbox.claim(*SINK)] == [b"before", b"after"]
        # Restarted while nobody was looking: the next write finds its connection dead and takes a new one.
        cluster.stop("immediate")
        cluster.start()
        await store.state.set(Scope(), "x", 1)
        assert await store.state.get(Scope(), "x") == 1
        await store.close()
        cluster.stop("immediate")
    finally:
        cluster.remove()


@pytest.mark.postgresql
async def test_store_closes_when_the_server_is_gone() -> None:
    cluster = Postgresql()
    try:
        cluster.start()
        store = await Store.open(await cluster.new_database())
        cluster.stop("immediate")
        await store.close()
    finally:
        cluster.remove()

"""Measure the store alone: ``python -m bench.storage [--url URL] [--backlog 1000000]``."""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable
from functools import partial
from pathlib import Path

import uvloop
from sqlalchemy import Connection, insert

from flowengine.storage import Entry, Store, schema

SINK = ("telemetry", "odoo")
MESSAGE = b'{"payload": {"temperature": 21.5, "pressure": 1.013}, "topic": "telemetry/device-17/data"}'.ljust(300)
KEYS = 1000


class Countdown:
    """Waits until a number of writes are on disk."""

    def __init__(self, count: int) -> None:
        self.left = count
        self.event = asyncio.Event()

    def done(self, error: BaseException | None) -> None:
        if error is not None:
            raise error
        self.left -= 1
        if not self.left:
            self.event.set()


def entry(number: int) -> Entry:
    return Entry(*SINK, MESSAGE, f"device-{number % KEYS}", None, b"", 0.0)


async def put(store: Store, start: int, count: int) -> None:
    countdown = Countdown(count)
    for number in range(start, start + count):
        store.outbox.put_nowait([entry(number)], countdown.done)
    await countdown.event.wait()


async def measured(name: str, count: int, work: Awaitable[object]) -> None:
    start, cpu = time.perf_counter(), time.process_time()
    await work
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
    print(f"{name:<58} {count / seconds:>9,.0f}/s {cpu_seconds / count * 1e6:>8.1f} µs CPU", flush=True)


async def puts(store: Store, rows: int, total: int) -> None:
    for start in range(0, total, rows):
        await put(store, start, rows)


async def pairs(store: Store, rows: int, total: int) -> None:
    """Put, claim and complete, each commit holding one batch of each."""
    claimed: list[int] = []
    for start in range(0, total, rows):
        removal = store.outbox.complete(claimed)
        _, _, found = await asyncio.gather(put(store, start, rows), removal, store.outbox.claim(*SINK, limit=rows))
        claimed = [row.id for row in found]
    await store.outbox.complete(claimed)
    await drain(store)


async def puts_and_completes(store: Store, rows: int, total: int) -> None:
    """Put and complete without a claim: the ids are known, because the store is new."""
    first = (await newest(store)) + 1
    for start in range(0, total, rows):
        ids = range(first + start - rows, first + start) if start else []
        await asyncio.gather(put(store, start, rows), store.outbox.complete(ids))
    await drain(store)


async def newest(store: Store) -> int:
    await put(store, 0, 1)
    (row,) = await store.outbox.claim(*SINK)
    await store.outbox.complete([row.id])
    return row.id


async def drain(store: Store) -> None:
    while found := await store.outbox.claim(*SINK, limit=2000):
        await store.outbox.complete([row.id for row in found])


async def core_inserts(store: Store, rows: int, total: int) -> None:
    """Put as plain SQLAlchemy Core would, for comparison."""
    statement = insert(schema.outbox)
    now = time.time()

    def work(connection: Connection, start: int) -> None:
        connection.execute(
            statement,
            [
                {
                    "flow": SINK[0],
                    "node": SINK[1],
                    "key": f"device-{number % KEYS}",
                    "message": MESSAGE,
                    "meta": b"",
                    "created_at": now,
                    "due_at": 0.0,
                    "attempts": 0,
                    "parked": 0,
                }
                for number in range(start, start + rows)
            ],
        )

    for start in range(0, total, rows):
        # Past the writer, on its thread.
        await store._database.write(partial(work, start=start))  # noqa: SLF001 - the point is to go past our API


async def busy(stop: asyncio.Event) -> None:
    """Keep the event loop at work, as a busy flow does."""
    while not stop.is_set():
        end = time.perf_counter() + 0.0005
        while time.perf_counter() < end:
            pass
        await asyncio.sleep(0)


async def under_load(store: Store, rows: int, total: int) -> None:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(busy(stop))
        await pairs(store, rows, total)
        stop.set()


async def claims(store: Store, name: str, rounds: int = 200) -> None:
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        found = await store.outbox.claim(*SINK, limit=50)
        took.append(time.perf_counter() - start)
        assert len(found) == 50
        await store.outbox.complete([row.id for row in found])
    p99 = statistics.quantiles(took, n=100)[98]
    print(f"{name:<58} {statistics.median(took) * 1e3:>7.2f} ms p50 {p99 * 1e3:>8.2f} ms p99", flush=True)


async def blocked(store: Store) -> None:
    """Let every row of one device wait behind the first."""
    await asyncio.gather(*(put(store, 0, 1) for _ in range(5000)))
    row = None
    while row is None:
        found = await store.outbox.claim(*SINK, limit=1000)
        row = next((one for one in found if one.key == "device-0"), None)
        await store.outbox.release([one.id for one in found if one is not row])
    await store.outbox.retry([row.id], time.time() + 3600, "down")


async def run(url: str, backlog: int) -> None:
    store = await Store.open(url)
    print(store.place)
    for rows in (1, 50, 500):
        total = 2_000 if rows == 1 else 60_000
        await measured(f"put, {rows} rows a commit", total, puts(store, rows, total))
        await drain(store)
        await measured(f"put + complete, {rows} rows a commit", total, puts_and_completes(store, rows, total))
        await measured(f"put + claim + complete, {rows} rows a commit", total, pairs(store, rows, total))
    for rows in (50, 500):
        await measured(f"put by SQLAlchemy Core, {rows} rows a commit", 30_000, core_inserts(store, rows, 30_000))
        await drain(store)
    await measured("put + claim + complete, 500 rows, busy event loop", 30_000, under_load(store, 500, 30_000))
    await put(store, 0, 15_000)
    await claims(store, "claim of 50, 15,000 rows waiting")
    await drain(store)
    for start in range(0, backlog, 10_000):
        await put(store, start, 10_000)
    await claims(store, f"claim of 50, {backlog:,} rows waiting")
    await blocked(store)
    await claims(store, f"claim of 50, {backlog:,} waiting, 6,000 held back by one")
    await measured("counts()", 1, store.outbox.counts())
    await store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="address of an empty store (default: a new SQLite file)")
    parser.add_argument("--backlog", type=int, default=1_000_000, help="rows that wait (default: 1,000,000)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        url = given.url or f"sqlite:///{Path(directory) / 'store.db'}"
        uvloop.run(run(url, given.backlog))


if __name__ == "__main__":
    main()

"""Many claimers at once, and claims in front of a large backlog."""

import asyncio
import random
from collections import defaultdict
from typing import Any

from sqlalchemy import Connection

from flowengine.storage import Claimed, Entry, Store
from flowengine.storage.outbox_rows import PostgresqlRows, SqliteRows
from tests.storage.conftest import Clock, OpenStore

SINK = ("flow", "sink")
ROWS = 1500
KEYS = 12


async def put_all(store: Store) -> None:
    # One after the other for each key: what is put at the same moment has no order.
    async def put(key: int) -> None:
        for number in range(ROWS // KEYS):
            await store.outbox.put(Entry(*SINK, b"%d" % number, f"key-{key}"))

    await asyncio.gather(*(put(key) for key in range(KEYS)))


async def test_outbox_keeps_order_among_claimers_at_work_together(open_store: OpenStore, clock: Clock) -> None:
    stores = [await open_store() for _ in range(4)]
    sent: dict[str, list[int]] = defaultdict(list)
    chance = random.Random(7)

    async def send(store: Store, rows: list[Claimed]) -> None:
        failed: set[str] = set()
        for row in rows:
            if row.key in failed:
                await store.outbox.release([row.id])
            elif chance.random() < 0.03:
                failed.add(row.key)
                await store.outbox.retry([row.id], clock.now, "down")
            else:
                sent[row.key].append(int(row.message))
                await store.outbox.complete([row.id])

    async def dispatch(store: Store) -> None:
        while sum(map(len, sent.values())) < ROWS:
            rows = await store.outbox.claim(*SINK, limit=chance.randrange(1, 40))
            await send(store, rows)

    async with asyncio.timeout(50), asyncio.TaskGroup() as group:
        group.create_task(put_all(stores[0]))
        for store in stores:
            group.create_task(dispatch(store))
            group.create_task(dispatch(store))
    wanted = list(range(ROWS // KEYS))
    assert dict(sent) == {f"key-{key}": wanted for key in range(KEYS)}
    assert await stores[0].outbox.counts() == []


async def test_outbox_claims_and_completes_through_its_indexes(store: Store) -> None:
    many = [Entry(*SINK, b"x", f"key-{number % 500}") for number in range(10_000)]
    await asyncio.gather(*(store.outbox.put(entry) for entry in many))

    def plans(connection: Connection) -> list[str]:
        rows: Any = SqliteRows() if connection.dialect.name == "sqlite" else PostgresqlRows()
        explain, mark = ("EXPLAIN QUERY PLAN", "?") if isinstance(rows, SqliteRows) else ("EXPLAIN", "$1")
        if mark == "$1":
            connection.exec_driver_sql("ANALYZE flowengine_outbox")
        found = []
        for waiting, statement in rows._candidates.items():
            values: tuple[object, ...] = (*SINK, 1.0, "me", 50) if mark == "?" else (*SINK, 50, 1.0, "me")
            if not waiting:
                values = (*SINK, 50)
            lines = connection.exec_driver_sql(f"{explain} {statement}", values).fetchall()
            found.append("\n".join(str(line) for line in lines))
        return found

    waiting, fresh = await store._database.read(plans)
    for plan in (waiting, fresh):
        assert "flowengine_outbox_ready" in plan, plan
        assert "flowengine_outbox_key" in plan
        assert "TEMP B-TREE" not in plan
        assert "Seq Scan" not in plan, plan

"""The outbox's promise about order, held against a model, with any mix of what two processes may do."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy import Connection, delete

from flowengine.storage import Entry, Failure, Lot, Store, outbox_claim, outbox_rows, schema
from tests.postgresql import Postgresql
from tests.storage.conftest import Clock

SINK = ("flow", "sink")
LEASE = 10.0
EXAMPLES = 500 if "SOAK_ROUNDS" in os.environ else 36
WORKER = st.integers(0, 1)
#: Which of the rows that a process holds.
PICKS = st.lists(st.integers(0, 9), min_size=1, max_size=3)


@dataclass
class Row:
    """A row as the model knows it, with its id once somebody has claimed it."""

    number: int
    key: str
    id: int = 0
    due_at: float = 0.0
    holder: int | None = None
    lease_end: float = 0.0
    attempts: int = 0
    crashes: int = 0


class Machine(RuleBasedStateMachine):
    """Two processes put, claim and end rows while the clock moves."""

    url: ClassVar[str]
    runner: ClassVar[asyncio.Runner]

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.rows: dict[int, Row] = {}
        self.count = 0
        # What each process believes to hold; it may have lost some of it.
        self.views: list[list[Row]] = [[], []]
        self.stores: list[Store] = []

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    def open(self) -> Store:
        store: Store = self.run(Store.open(self.url, clock=self.clock))
        return store

    @initialize()
    def start(self) -> None:
        self.stores = [self.open(), self.open()]

        def empty(connection: Connection) -> None:
            connection.execute(delete(schema.outbox))
            connection.execute(delete(schema.dead_letter))

        self.run(self.stores[0]._database.write(empty))

    @rule(key=st.sampled_from(["a", "b", ""]), many=st.integers(1, 6), worker=WORKER)
    def put(self, key: str, many: int, worker: int) -> None:
        for _ in range(many):
            self.count += 1
            self.rows[self.count] = Row(self.count, key)
            self.run(self.stores[worker].outbox.put(Entry(*SINK, b"%d" % self.count, key)))

    @rule(
        keys=st.lists(st.sampled_from(["a", "b", ""]), min_size=1, max_size=6), wanted=st.integers(1, 6), worker=WORKER
    )
    def begin(self, keys: list[str], wanted: int, worker: int) -> None:
        """Put messages, and begin with those that the store gives at once."""
        before = list(self.rows.values())
        entries: list[Entry] = []
        for key in keys:
            self.count += 1
            self.rows[self.count] = Row(self.count, key)
            entries.append(Entry(*SINK, b"%d" % self.count, key))
        lot = self.run(self.put_at_once(self.stores[worker], entries, wanted))
        assert not any(lot.given[wanted:])
        free = all(row.holder == worker and row.lease_end > self.clock.now for row in before)
        if free and self.stores[worker].outbox.gives_at_once:
            assert all(lot.given[:wanted]), "nothing waits, but some were not given"
        for entry, id in zip(entries, lot.given, strict=False):
            if id:
                row = self.rows[int(entry.message)]
                earlier = [other for other in self.of_key(row) if other.number < row.number]
                assert not row.key or all(other.holder == worker for other in earlier), f"{row} came before its turn"
                row.id = id
                self.hold(worker, row)

    async def put_at_once(self, store: Store, entries: list[Entry], wanted: int) -> Lot:
        stored = asyncio.get_running_loop().create_future()

        def done(error: BaseException | None) -> None:
            assert error is None
            stored.set_result(None)

        lot = store.outbox.put_nowait(entries, done, wanted=wanted, lease=LEASE)
        await stored
        return lot

    def hold(self, worker: int, row: Row) -> None:
        row.holder = worker
        row.lease_end = self.clock.now + LEASE
        if row not in self.views[worker]:
            self.views[worker].append(row)

    @rule(worker=WORKER, limit=st.integers(1, 6))
    def claim(self, worker: int, limit: int) -> None:
        given = self.run(self.stores[worker].outbox.claim(*SINK, limit=limit, lease=LEASE))
        assert len(given) <= limit
        together: list[Row] = []
        for claimed in given:
            row = self.rows[int(claimed.message)]
            assert self.available(row, worker), f"{row} was not to be had"
            before = [other for other in self.of_key(row) if other.number < row.number]
            assert not row.key or all(other in together for other in before), f"{row} came before its turn"
            row.crashes += row.holder is not None
            assert (claimed.attempts, claimed.crashes) == (row.attempts, row.crashes)
            row.id = claimed.id
            together.append(row)
        for row in together:
            self.hold(worker, row)
        # One that a process let go of comes with few others.
        if len(given) < limit and not any(row.crashes for row in self.rows.values()):
            for row in self.rows.values():
                first = not row.key or self.of_key(row)[0] is row
                assert not (first and self.available(row, worker)), f"{row} was to be had, but was not given"

    @precondition(lambda self: any(self.views))
    @rule(worker=WORKER, picks=PICKS, how=st.sampled_from(["complete", "retry", "retry", "release", "bury"]))
    def end(self, worker: int, picks: list[int], how: str) -> None:
        if not self.views[worker]:
            worker = 1 - worker
        getattr(self, how)(worker, self.pick(worker, picks))

    @rule(worker=WORKER, what=st.sampled_from(["renew", "hasten", "drop", "restart"]))
    def disturb(self, worker: int, what: str) -> None:
        getattr(self, what)(worker)

    @rule(seconds=st.sampled_from([1.0, LEASE + 1]))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    def complete(self, worker: int, rows: list[Row]) -> None:
        self.run(self.stores[worker].outbox.complete([row.id for row in rows]))
        for row in rows:
            # It was sent, whoever holds it now.
            self.rows.pop(row.number, None)

    def retry(self, worker: int, rows: list[Row]) -> None:
        due_at = self.clock.now + 5
        self.run(self.stores[worker].outbox.retry([row.id for row in rows], due_at, "down"))
        for row in self.still_held(worker, rows):
            row.holder, row.due_at, row.attempts = None, due_at, row.attempts + 1

    def release(self, worker: int, rows: list[Row]) -> None:
        self.run(self.stores[worker].outbox.release([row.id for row in rows]))
        for row in self.still_held(worker, rows):
            row.holder, row.due_at = None, 0.0

    def bury(self, worker: int, rows: list[Row]) -> None:
        for row in rows:
            self.run(self.stores[worker].outbox.bury(row.id, Failure("bad", "bad")))
        for row in self.still_held(worker, rows):
            del self.rows[row.number]

    def renew(self, worker: int) -> None:
        rows = self.views[worker]
        self.run(self.stores[worker].outbox.renew([row.id for row in rows], LEASE))
        for row in self.still_held(worker, rows):
            row.lease_end = self.clock.now + LEASE

    def hasten(self, worker: int) -> None:
        self.run(self.stores[worker].outbox.hasten(*SINK))
        for row in self.rows.values():
            row.due_at = 0.0

    def drop(self, worker: int) -> None:
        self.run(self.stores[worker].outbox.drop(*SINK))
        self.rows = {number: row for number, row in self.rows.items() if row.holder is not None}

    def restart(self, worker: int) -> None:
        self.run(self.stores[worker].close())
        for row in self.rows.values():
            if row.holder == worker:
                row.holder, row.due_at = None, 0.0
        self.views[worker] = []
        self.stores[worker] = self.open()

    def teardown(self) -> None:
        if not self.stores:
            return
        # Whatever happened before, everything comes out in the end.
        self.restart(1)
        self.restart(0)
        self.hasten(0)
        while self.rows:
            before = len(self.rows)
            self.claim(0, 3)
            self.complete(0, self.pick(0, [0, 1, 2]))
            assert len(self.rows) < before, "rows are left that nobody gets"
        for store in self.stores:
            self.run(store.close())

    def available(self, row: Row, worker: int) -> bool:
        if row.holder is None:
            return row.due_at <= self.clock.now
        return row.holder != worker and row.lease_end <= self.clock.now

    def of_key(self, row: Row) -> list[Row]:
        return [other for other in self.rows.values() if other.key == row.key]

    def pick(self, worker: int, picks: list[int]) -> list[Row]:
        view = self.views[worker]
        rows = [view[pick] for pick in sorted({pick % len(view) for pick in picks})] if view else []
        self.views[worker] = [row for row in view if row not in rows]
        return rows

    def still_held(self, worker: int, rows: list[Row]) -> list[Row]:
        return [row for row in rows if row.number in self.rows and row.holder == worker]


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> Iterator[asyncio.Runner]:
    # Few rows reach every bound.
    monkeypatch.setattr(outbox_rows, "_UNPARKED", 2)
    monkeypatch.setattr(outbox_claim, "_LOOK", 12)
    with asyncio.Runner() as runner:
        yield runner


def check(runner: asyncio.Runner, url: str, examples: int) -> None:
    machine = type("Machine", (Machine,), {"url": url, "runner": runner})
    run_state_machine_as_test(machine, settings=settings(max_examples=examples, stateful_step_count=50, deadline=None))


@pytest.mark.slow
@pytest.mark.timeout(180 if EXAMPLES < 100 else 3600)
def test_outbox_keeps_order_on_sqlite(runner: asyncio.Runner, tmp_path: Path) -> None:
    check(runner, f"sqlite:///{tmp_path / 'store.db'}", EXAMPLES)


@pytest.mark.postgresql
@pytest.mark.slow
@pytest.mark.timeout(180 if EXAMPLES < 100 else 3600)
def test_outbox_keeps_order_on_postgresql(runner: asyncio.Runner, postgresql: Postgresql) -> None:
    check(runner, runner.run(postgresql.new_database()), EXAMPLES // 3)

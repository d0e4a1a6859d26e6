"""The outbox: messages that are safe on disk and on their way to a sink."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, or_, select, update

from flowengine.storage import outbox_rows, schema
from flowengine.storage.database import Database, Work
from flowengine.storage.dead_letters import DeadLetters
from flowengine.storage.errors import StorageFullError
from flowengine.storage.letter import Failure, storable
from flowengine.storage.outbox_claim import claim
from flowengine.storage.outbox_lot import Entry, Hold, Lot
from flowengine.storage.outbox_rows import Claimed, Wish
from flowengine.storage.writer import Bulk, Done, T, Writer

LEASE = 60.0
MOST_CLAIMED_BYTES = 8 * 1024 * 1024
_FEWER = 8

_table = schema.outbox


class QueueCount(NamedTuple):
    """What waits for one sink.

    Args:
        pending: All rows.
        due: Rows that could be claimed now; rows that only wait for others of their key are not among them.
        oldest: Seconds since the oldest row was put.
    """

    flow: str
    node: str
    pending: int
    due: int
    oldest: float


class Waiting(NamedTuple):
    """A row as it waits.

    Args:
        due_at: Not before this time; 0 for now; while it is claimed, the end of the lease.
        claimed: Whether a process is sending it.
    """

    id: int
    key: str
    message: bytes
    created_at: float
    due_at: float
    attempts: int
    last_error: str | None
    claimed: bool


class Outbox:
    """Messages that wait to be sent.

    Rows of one key are given out in the order they came. A row that is claimed, or waits to be tried again,
    holds back the rows of its key that came after it. Who gets several rows of a key in one claim sends them
    in order, and when one fails, releases those behind it.

    A claim lasts until its lease ends, or until the process that holds it has died and another has noticed. A
    process does not get its own claims again: it ends them itself.

    Args:
        database: Where rows are.
        writer: Commits them.
        dead_letters: Where rows go that were given up.
        clock: Wall clock, in seconds.
        worker: Id of this process.
    """

    def __init__(
        self,
        database: Database,
        writer: Writer,
        dead_letters: DeadLetters,
        clock: Callable[[], float],
        worker: str,
    ) -> None:
        self._database = database
        self._writer = writer
        self._dead_letters = dead_letters
        self._clock = clock
        self._worker = worker
        self._rows = outbox_rows.rows_of(database.dialect)
        self._put: Bulk[Lot] = Bulk(0, self._rows.put, self._wake_for, grows=True)
        self._complete: Bulk[Collection[int]] = Bulk(2, self._remove, self._wake_unparked)
        self._unparked = False
        self._events: dict[tuple[str, str], asyncio.Event] = {}

    async def put(self, entry: Entry) -> None:
        """Store a message durably.

        Raises:
            StorageError: It is not stored.
        """
        await self._writer.write(self._put, Lot([entry], self._clock(), self._hold(LEASE)), len(entry.message))

    def put_nowait(
        self,
        entries: Sequence[Entry],
        on_done: Done,
        *,
        wanted: int = 0,
        begun: int = 0,
        asks: bool = False,
        lease: float = LEASE,
    ) -> Lot:
        """Store messages with the next commit: all of them, or none.

        Args:
            entries: The messages, in order, all for one sink.
            on_done: Told when they are stored, or why not.
            wanted: How many, from the first, this process would begin with at once. It gets those that nothing
                waits before, claimed, where the store :attr:`gives_at_once`.
            begun: How many, from the first, it has begun with already. It gets those, where the store gives at once.
            asks: Whether to find out if the sink has no row that this process has not.
            lease: Seconds until others may claim those.

        Returns:
            Tells what this process got, once they are stored.

        Raises:
            StorageBacklogError: Too many writes wait; see ``Store.room``.
        """
        hold = self._hold(lease)
        lot = Lot(entries, self._clock(), hold, wanted, begun=begun, asks=asks)
        self._writer.add(self._put, lot, on_done, sum(len(entry.message) for entry in entries))
        return lot

    @property
    def most_bytes(self) -> int:
        """About how many bytes of messages to store at once."""
        return self._database.most_bytes

    @property
    def gives_at_once(self) -> bool:
        """Whether a process may get what it stores at once, without a claim.

        Only where one transaction at a time writes is it known that nobody has an earlier row of the same key.
        """
        return self._database.single_writer

    def event(self, flow: str, node: str) -> asyncio.Event:
        """Return the event that is set when this process makes rows of a sink due; clear it before you claim.

        What other processes do sets no event: look again from time to time.
        """
        return self._events.setdefault((flow, node), asyncio.Event())

    async def claim(
        self,
        flow: str,
        node: str,
        limit: int = 100,
        *,
        lease: float = LEASE,
        most_bytes: int = MOST_CLAIMED_BYTES,
        held: int = 0,
    ) -> list[Claimed]:
        """Take the oldest messages that may be sent now.

        Args:
            flow: Their flow.
            node: Their sink.
            limit: How many rows at most.
            lease: Seconds until others may claim them; longer than it can take to send them all.
            most_bytes: About how much they may be together; the first is given whatever its size.
            held: How many rows of the sink this process has already. A row that a process has died of is given only
                to one that has few others, or none.
        """
        now = self._clock()
        frugal = False
        while True:
            wish = Wish(flow, node, self._worker, now, now + lease, limit, most_bytes, held, frugal)
            try:
                return await self._transact(partial(claim, rows=self._rows, wish=wish))
            except StorageFullError:
                # A claim is written down: fewer rows need less room.
                if limit <= 1:
                    raise
                limit, frugal = max(1, limit // _FEWER), True

    async def complete(self, ids: Collection[int]) -> None:
        """Remove messages that were sent."""
        await self._writer.write(self._complete, ids)

    def complete_nowait(self, ids: Collection[int], on_done: Done | None = None) -> None:
        """Remove messages that were sent, with the next commit.

        Args:
            ids: Their rows.
            on_done: Told when they are removed, or why not; they are sent again in that case.
        """
        self._writer.add(self._complete, ids, on_done)

    async def retry(self, ids: Collection[int], due_at: float, error: str) -> None:
        """Try claimed messages again later.

        Args:
            ids: Their rows.
            due_at: Not before this time, in seconds since 1970.
            error: What went wrong.
        """
        attempts = _table.c.attempts + 1
        await self._change_claimed(ids, due_at=due_at, last_error=storable(error), attempts=attempts, claimed_by=None)
        self._wake_all()

    async def release(self, ids: Collection[int]) -> None:
        """Give claimed messages back; this counts as no attempt."""
        await self._change_claimed(ids, due_at=0.0, claimed_by=None)
        self._wake_all()

    async def renew(self, ids: Collection[int], lease: float = LEASE) -> None:
        """Hold claimed messages for longer.

        Args:
            ids: Their rows.
            lease: Seconds from now.
        """
        await self._change_claimed(ids, due_at=self._clock() + lease)

    async def bury(self, id: int, failure: Failure) -> None:
        """Move a claimed message to the dead letters.

        Args:
            id: Its row.
            failure: Why it is given up.
        """

        def work(connection: Connection) -> None:
            if self._dead_letters.bury(connection, id, failure):
                self._remove(connection, [[id]])

        await self._writer.call(work)
        self._wake_all()

    async def hasten(self, flow: str, node: str) -> int:
        """Make messages that wait to be tried again due now.

        Returns:
            How many.
        """
        waiting = update(_table).where(
            _table.c.flow == flow, _table.c.node == node, _table.c.due_at > 0, _table.c.claimed_by.is_(None)
        )
        changed = await self._writer.call(lambda connection: connection.execute(waiting.values(due_at=0.0)).rowcount)
        self._wake_all()
        return changed

    async def drop(self, flow: str, node: str) -> int:
        """Remove all messages of a sink that nobody has claimed.

        Returns:
            How many.
        """
        ours = and_(_table.c.flow == flow, _table.c.node == node)

        def work(connection: Connection) -> int:
            self._rows.lock(connection, flow, node)
            dropped = connection.execute(delete(_table).where(ours, _table.c.claimed_by.is_(None))).rowcount
            # What is left may have waited behind what is gone.
            connection.execute(update(_table).where(ours, _table.c.parked == 1).values(parked=0))
            return dropped

        return await self._transact(work)

    async def next_due(self, flow: str, node: str) -> float | None:
        """Return when the next message can be claimed, in seconds since 1970; ``None`` if none waits."""
        query = select(func.min(_table.c.due_at)).where(
            _table.c.flow == flow, _table.c.node == node, _table.c.parked == 0, self._not_mine()
        )
        return await self._database.read(lambda connection: connection.execute(query).scalar())

    async def list(self, flow: str, node: str, *, after: int = 0, limit: int = 50) -> list[Waiting]:
        """Return messages of a sink, oldest first.

        Args:
            flow: Their flow.
            node: Their sink.
            after: Only rows with a larger id: the last id of the page before.
            limit: How many at most.
        """
        row = _table.c
        query = (
            select(
                *(row.id, row.key, row.message, row.created_at, row.due_at, row.attempts, row.last_error),
                row.claimed_by.is_not(None),
            )
            .where(row.flow == flow, row.node == node, row.id > after)
            .order_by(row.id)
            .limit(limit)
        )
        return await self._database.read(lambda connection: [Waiting(*found) for found in connection.execute(query)])

    async def counts(self) -> Sequence[QueueCount]:
        """Return what waits for each sink."""
        now = self._clock()
        row = _table.c
        due = func.sum(case((and_(row.parked == 0, row.due_at <= now), 1), else_=0))
        # From the index alone; only the oldest row of each sink is looked at.
        queues = (
            select(
                row.flow,
                row.node,
                func.count().label("pending"),
                due.label("due"),
                func.min(row.id).label("first"),
            )
            .group_by(row.flow, row.node)
            .subquery()
        )
        query = (
            select(queues.c.flow, queues.c.node, queues.c.pending, queues.c.due, row.created_at)
            .join(_table, row.id == queues.c.first)
            .order_by(queues.c.flow, queues.c.node)
        )

        def work(connection: Connection) -> Sequence[QueueCount]:
            return [
                QueueCount(flow, node, pending, int(ready), max(0.0, now - created_at))
                for flow, node, pending, ready, created_at in connection.execute(query)
            ]

        return await self._database.read(work)

    def free(self, connection: Connection, worker: str, *, crashed: bool) -> None:
        """Give back what a process has claimed that ends or has died, in the caller's transaction.

        Args:
            connection: Connection in a transaction.
            worker: The process.
            crashed: Whether it may have died of one of them.
        """
        row = _table.c
        queues = connection.execute(select(row.flow, row.node).distinct()).fetchall()
        values: dict[str, Any] = {"claimed_by": None, "due_at": 0.0}
        if crashed:
            values["crashes"] = row.crashes + 1
        for flow, node in queues:
            # Claimed rows have a lease, so that the index finds them; one whose lease ended may be parked since.
            claimed = (
                row.flow == flow,
                row.node == node,
                row.parked.in_((0, 1)),
                row.due_at > 0,
                row.claimed_by == worker,
            )
            connection.execute(update(_table).where(*claimed).values(**values))

    def _hold(self, lease: float) -> Hold:
        return Hold(self._worker, self._clock() + lease)

    async def _transact(self, work: Work[T]) -> T:
        if self._database.single_writer:
            return await self._writer.call(work)
        return await self._database.transact(work)

    def _remove(self, connection: Connection, groups: Sequence[Collection[int]]) -> None:
        if self._rows.remove(connection, [id for ids in groups for id in ids]):
            self._unparked = True

    async def _change_claimed(self, ids: Collection[int], **values: Any) -> None:
        # Rows whose lease ended may be somebody else's by now.
        change = update(_table).where(_table.c.id.in_(ids), _table.c.claimed_by == self._worker).values(**values)
        try:
            await self._writer.call(lambda connection: connection.execute(change).rowcount)
        except StorageFullError:
            # Each row stands for itself, and fewer need less room.
            if len(ids) <= 1:
                raise
            some = list(ids)
            for part in (some[: len(some) // 2], some[len(some) // 2 :]):
                await self._change_claimed(part, **values)

    def _not_mine(self) -> ColumnElement[bool]:
        return or_(_table.c.claimed_by.is_(None), _table.c.claimed_by != self._worker)

    def _wake_for(self, lots: Sequence[Lot]) -> None:
        for queue in {(lot.flow, lot.node) for lot in lots if not lot.is_given}:
            event = self._events.get(queue)
            if event is not None:
                event.set()

    def _wake_unparked(self, _groups: Sequence[Collection[int]]) -> None:
        if self._unparked:
            self._unparked = False
            self._wake_all()

    def _wake_all(self) -> None:
        for event in self._events.values():
            event.set()

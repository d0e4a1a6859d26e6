"""A stage whose messages wait in the store: what it has taken survives any crash."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from flowengine.errors import TransientError
from flowengine.flow.document import RetryPolicy
from flowengine.graph import StagePlan
from flowengine.message import (
    Message,
    Outcome,
    UnencodableMessageError,
    decode_fields,
    encode_fields,
)
from flowengine.node import BatchNode
from flowengine.node.context import Level
from flowengine.runtime.breaker import Breaker
from flowengine.runtime.cell import Cell
from flowengine.runtime.hand import WINDOW_BYTES, Hand
from flowengine.runtime.insistence import Insistence, insist
from flowengine.runtime.intake import Arrived, Intake
from flowengine.runtime.provenance import Provenance, encode_provenance
from flowengine.runtime.retry import RetriedMessage
from flowengine.runtime.row_delivery import DeadlyMessageError, RowDelivery
from flowengine.runtime.stage import Stage
from flowengine.runtime.valve import Valve
from flowengine.storage import Claimed, Entry, Failure, StorageError

if TYPE_CHECKING:
    from flowengine.runtime.world import World

log = logging.getLogger("flowengine.outbox")
# Another process may put rows, and leases end, without an event in this one.
LOOK_AGAIN = 5.0
LEASE = 300.0
#: Rows in hand at most, where what is stored is handed on at once.
WINDOW = 1000
#: A row that the process died of so often is given up.
MOST_CRASHES = 10


class OutboxStage(Stage):
    """Store messages, and hand them to an async node when they are stored.

    The delivery of a message that arrives is released when the store has committed it. From there on the row is its
    own source: it goes when every branch that it caused has ended, and comes back when the process dies before.

    A row that nothing waits before is handed on as soon as it is committed, by the message it was made of. All others
    are fetched from the store, oldest first.

    Args:
        cell: The node's cell.
        plan: Workers, queue and order.
        valve: Closed while too many messages wait for the store to commit.
        world: What the engine shares.
        flow: Id of the flow.
        policy: When a message is tried again.

    Attributes:
        stored: Messages the store has committed.
        delivered: Rows that ended well.
        buried: Rows that became dead letters.
        retried: Tries that failed and are made again.
    """

    def __init__(
        self, cell: Cell, plan: StagePlan, valve: Valve, world: "World", flow: str, policy: RetryPolicy
    ) -> None:
        super().__init__(cell, plan, valve, world.clock)
        self._flow = flow
        self._outbox = world.store.outbox
        self._intake = Intake(
            self._outbox,
            world.clock,
            self._what,
            wanted=self._wanted,
            stored=self._stored,
            refused=self._refused,
            trouble=self._in_trouble,
            lease=LEASE,
        )
        self._breaker = Breaker(policy, world.clock)
        self._why_away = ""
        self._at_once = self._outbox.gives_at_once
        # A batch that is made ready while another is worked on.
        batched = isinstance(cell.node, BatchNode)
        ahead = plan.workers * (2 * plan.batch if batched else max(2, min(plan.batch, 32)))
        window = max(WINDOW, ahead if batched else 0) if self._at_once else ahead
        self._hand = Hand(window, 2 * WINDOW_BYTES if batched else WINDOW_BYTES)
        self._gone: list[int] = []
        # While rows are on their way back to the store, none that was stored meanwhile may be begun with.
        self._giving_back = 0
        self._closed = False
        self._recorder = world.traces
        self._group = world.group
        self._offset = world.clock.time() - world.clock.monotonic()
        cell.fail = self.fail
        self.stored = 0
        self.delivered = 0
        self.buried = 0
        self.retried = 0

    @property
    def outage(self) -> str:
        """Why the sink is left alone, as it said at its last failure; empty while it answers."""
        return self._why_away if self._breaker.is_open else ""

    def put(self, message: Message) -> None:
        """Store a message; its delivery is released when that is committed."""
        try:
            entry = Entry(
                self._flow,
                self.cell.id,
                encode_fields(message.fields),
                self.key_of(message),
                encode_provenance(message.delivery),
            )
        except UnencodableMessageError as error:
            self.cell.route_failure(message, error)
            return
        message.delivery.hold()
        self.waiting += 1
        if self.waiting >= self.plan.queue:
            self._valve.close(self.cell.id)
        self._intake.put(entry, message)

    def start(self, group: asyncio.TaskGroup) -> "list[asyncio.Task[None]]":
        """Start the workers, what fetches rows for them, and what holds those they have."""
        fetcher = group.create_task(self.kept_running(self._fetch), name=f"{self.cell.id} outbox")
        holder = group.create_task(self.kept_running(self._hold), name=f"{self.cell.id} leases")
        return [fetcher, holder, *super().start(group)]

    def hand_over(self) -> "list[Message]":
        """Begin with nothing more, and give nothing away: the next stage finds what waits in the store."""
        self._closed = True
        for lane in self._lanes:
            lane.items.clear()
        return []

    def took(self, messages: "list[Message]") -> None:
        """Take note that a worker has fetched rows; what waits here are messages on their way into the store."""

    def returned(self, messages: "list[Message]") -> None:
        """Take note that a cancelled worker gave rows back."""

    async def close(self) -> None:
        """Give claimed rows back to the store."""
        self._closed = True
        await self._intake.rest()
        if self._gone:
            self._complete()
        ids = self._hand.empty()
        if ids:
            with suppress(StorageError):
                # What cannot be given back now comes back when the store is opened again.
                await self._outbox.release(ids)

    def succeeded(self, message: Message) -> None:
        """End the work on a row."""
        self._answered()
        self.cell.finish(message)

    async def failed(self, message: Message, error: BaseException) -> float | None:
        """Try the row again later, bury it, or let a catch node have it; the worker's hold ends here."""
        await self._route(message, error)
        # Not when it was stopped on the way: the row is in hand then, and the end of its delivery would remove it.
        message.delivery.release()
        return None

    def fail(self, message: Message, error: BaseException) -> None:
        """Route a row whose node took it and failed on it after the call, as a publish that is refused does."""
        message.delivery.hold()
        self._group.create_task(self.failed(message, error), name=f"{self.cell.id} failed row")

    def row_closed(self, row: RowDelivery) -> None:
        """Remove a row whose branches have all ended."""
        # One that is claimed anew has another delivery by now.
        if not self._hand.drop(row.claimed):
            return
        if row.trace is not None:
            row.trace.closed(row)
        if row.outcome is Outcome.FAILED:
            self.buried += 1
        else:
            self.delivered += 1
        if not self._gone:
            # What else ends in this pass of the loop goes along.
            asyncio.get_running_loop().call_soon(self._complete)
        self._gone.append(row.claimed.id)

    async def _route(self, message: Message, error: BaseException) -> None:
        if not isinstance(error, TransientError):
            self._answered()
        row = message.delivery
        assert isinstance(row, RowDelivery)
        outage = self._breaker.is_open
        if isinstance(error, TransientError):
            self._breaker.failed(error.retry_after)
            self._why_away = str(error)
            if self._breaker.is_open:
                self._show(f"waits: {error}", "error")
        wait = self.cell.failure.wait_before_retry(self.cell, message, error)
        if wait is None and not (outage and isinstance(error, TransientError)):
            await self._give_up(row, message, error)
            return
        self.retried += 1
        self.cell.errors += 1
        self.cell.failure.report(self.cell, message, error)
        with self._returning():
            await self._give_back(row)
            if outage:
                await self._insist(lambda: self._outbox.release([row.claimed.id]))
            else:
                due = self._clock.time() + max(wait or 0.0, self._breaker.wait)
                await self._insist(lambda: self._outbox.retry([row.claimed.id], due, str(error)))
        # Only now: a worker that is stopped before has still to give the row back.
        self._hand.drop(row.claimed)

    async def _give_up(self, row: RowDelivery, message: Message, error: BaseException) -> None:
        if self.cell.failure.keeps_for_itself(self.cell):
            self.cell.route_failure(message, error)
            return
        self.cell.errors += 1
        self.cell.failure.report(self.cell, message, error)
        with self._returning():
            await self._give_back(row)
            await self._bury(row.claimed, error)
        if row.trace is not None:
            row.fail(Failure.of(error).code)
            row.trace.closed(row)

    async def _bury(self, claimed: Claimed, error: BaseException) -> None:
        await self._insist(lambda: self._outbox.bury(claimed.id, Failure.of(error)))
        self.buried += 1
        self._hand.drop(claimed)

    async def _give_back(self, row: RowDelivery) -> None:
        """Give back the rows in hand that must wait with a row: those of its key, in an outage all."""
        key = None if self._breaker.is_open else row.claimed.key
        if key == "":
            return
        returned: list[Claimed] = []
        for lane in self._lanes if key is None else [self.lane(key)]:
            kept: list[Message] = []
            for message in lane.pop(len(lane)):
                one = message.delivery
                if isinstance(one, RowDelivery) and (key is None or one.claimed.key == key):
                    returned.append(one.claimed)
                else:
                    kept.append(message)
            lane.items.extend(kept)
        await self._release(returned)

    async def _release(self, rows: Sequence[Claimed]) -> None:
        ids = [row.id for row in rows]
        if ids:
            await self._insist(lambda: self._outbox.release(ids))
        for row in rows:
            self._hand.drop(row)

    async def _return(self, rows: Sequence[Claimed]) -> None:
        with self._returning():
            await self._release(rows)

    @contextmanager
    def _returning(self) -> Iterator[None]:
        """Let nothing be begun with meanwhile that was just stored: it might overtake a row that is given back."""
        self._giving_back += 1
        try:
            yield
        finally:
            self._giving_back -= 1

    @property
    def _what(self) -> str:
        return f"the outbox of {self._flow}/{self.cell.id}"

    async def _insist(self, write: Callable[[], Awaitable[None]]) -> None:
        await insist(write, self._clock, self._what)

    def _answered(self) -> None:
        if self._breaker.is_open:
            self._show("answers again", "ok")
        self._breaker.succeeded()

    def _show(self, text: str, level: Level) -> None:
        if self.cell.node is not None:
            self.cell.node.context.status(text, level)

    def _complete(self) -> None:
        gone, self._gone = self._gone, []
        if gone:
            Insistence(partial(self._outbox.complete_nowait, gone), _nothing, self._clock, self._what).begin()

    @property
    def _most(self) -> int:
        """How many rows may be in hand."""
        return 1 if self._breaker.is_open else self._hand.most

    def _wanted(self, arrived: Sequence[Arrived]) -> int:
        if not self._at_once or self._closed or self._giving_back or self._breaker.is_open:
            return 0
        return self._hand.room_for(len(one.entry.message) for one in arrived)

    def _stored(self, arrived: Sequence[Arrived], given: Sequence[int]) -> None:
        self.stored += len(arrived)
        self._taken_in(arrived)
        rows = [
            (Claimed(id, one.entry.key, one.entry.message, one.entry.meta, 0.0, 0, None), one.message)
            for one, id in zip(arrived, given, strict=False)
            if id
        ]
        for row, _ in rows:
            self._hand.take(row)
        if self._closed:
            return
        if self._giving_back or self._breaker.is_open:
            returned = [row for row, _ in rows]
            self._group.create_task(self._return(returned), name=f"{self.cell.id} rows given back")
            return
        for row, message in rows:
            delivery = RowDelivery(row, self.row_closed, message.delivery.id)
            if message.delivery.trace is not None or message.delivery.context is not None:
                self._carry_on(delivery)
            self.lane(row.key).put(Message(message.fields, delivery))

    def _refused(self, arrived: Arrived, error: StorageError) -> None:
        self.cell.route_failure(arrived.message, error)
        self._taken_in([arrived])

    def _taken_in(self, arrived: Sequence[Arrived]) -> None:
        self.waiting -= len(arrived)
        if self.waiting <= self.plan.queue // 2:
            self._valve.open(self.cell.id)
        for one in arrived:
            one.message.delivery.release()

    def _in_trouble(self) -> None:
        self._valve.close(self.cell.id)

    async def _fetch(self) -> None:
        added = self._outbox.event(self._flow, self.cell.id)
        while True:
            # After each wait everything is looked at anew: the breaker may have opened meanwhile.
            if self._breaker.wait:
                await self._clock.sleep(self._breaker.wait)
                continue
            most = self._most
            if len(self._hand) >= max(1, most // 2):
                self._hand.freed.clear()
                await self._hand.freed.wait()
                continue
            added.clear()
            rows = await self._claim(most - len(self._hand))
            for row in rows:
                self._hand.take(row)
            for row in rows:
                await self._begin(row)
            if not rows:
                await self._wait_for_rows(added)

    async def _claim(self, limit: int) -> list[Claimed]:
        claiming = asyncio.ensure_future(
            self._outbox.claim(self._flow, self.cell.id, limit, lease=LEASE, held=len(self._hand))
        )
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            # The store may be giving them all the same: close() gives them back, or nobody would get them again.
            with suppress(StorageError):
                for row in await claiming:
                    self._hand.take(row)
            raise

    async def _begin(self, row: Claimed) -> None:
        delivery = RowDelivery(row, self.row_closed, Provenance.parse(row.meta).id)
        self._carry_on(delivery)
        message = Message(decode_fields(row.message), delivery)
        if row.crashes >= MOST_CRASHES:
            error = DeadlyMessageError(row.crashes)
            self.cell.errors += 1
            self.cell.failure.report(self.cell, message, error)
            await self._bury(row, error)
            return
        if self._closed:
            return
        if row.attempts:
            message = RetriedMessage(message, row.attempts + 1)
        self.lane(row.key).put(message)

    def _carry_on(self, delivery: RowDelivery) -> None:
        """Go on with the traces that a message had before it was stored."""
        row = delivery.claimed
        Provenance.parse(row.meta).give(delivery, self._recorder, self._flow, f"{self.cell.id}/{row.id}")

    async def _hold(self) -> None:
        """Hold on to rows that take long."""
        before: set[int] = set()
        while True:
            await self._clock.sleep(LEASE / 3)
            ids = [id for id in self._hand.rows if id in before]
            if ids:
                await self._outbox.renew(ids, LEASE)
            before = set(self._hand.rows)

    async def _heed_clock(self) -> None:
        """Try at once what waits, when the wall clock was set back: else it would wait for as much longer."""
        offset = self._clock.time() - self._clock.monotonic()
        set_back, self._offset = self._offset - offset, offset
        if set_back > 1.0:
            log.warning("the clock was set back by %.0f s: %s tries again what waits", set_back, self._what)
            await self._outbox.hasten(self._flow, self.cell.id)

    async def _wait_for_rows(self, added: asyncio.Event) -> None:
        await self._heed_clock()
        due = await self._outbox.next_due(self._flow, self.cell.id)
        wait = LOOK_AGAIN if due is None else min(LOOK_AGAIN, max(0.01, due - self._clock.time()))
        if due is not None and due <= self._clock.time() and self._hand:
            # What is due may not be taken together with what is in hand.
            self._hand.freed.clear()
            await self._hand.freed.wait()
            return
        timer = self._clock.call_later(wait, added.set)
        try:
            await added.wait()
        finally:
            timer.cancel()


def _nothing() -> None:
    """Do nothing: nobody waits."""

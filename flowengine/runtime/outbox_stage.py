"""A stage whose messages wait in the store: what it has taken survives any crash."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from flowengine.errors import TransientError
from flowengine.flow.document import RetryPolicy
from flowengine.graph import StagePlan
from flowengine.message import (
    Delivery,
    Message,
    Outcome,
    UnencodableMessageError,
    decode_fields,
    encode_fields,
)
from flowengine.node.context import Level
from flowengine.runtime.breaker import Breaker
from flowengine.runtime.cell import Cell
from flowengine.runtime.insistence import Insistence, insist
from flowengine.runtime.intake import Intake
from flowengine.runtime.retry import RetriedMessage
from flowengine.runtime.stage import Stage
from flowengine.runtime.valve import Valve
from flowengine.storage import Claimed, Entry, Failure, StorageError

if TYPE_CHECKING:
    from flowengine.runtime.world import World

log = logging.getLogger("flowengine.outbox")
# Another process may put rows, and leases end, without an event in this one.
LOOK_AGAIN = 5.0
LEASE = 300.0


class RowDelivery(Delivery):
    """The delivery of a message that was taken from the outbox.

    Args:
        claimed: Its row.
        stage: Is told when it closes.
    """

    __slots__ = ("claimed", "stage")

    def __init__(self, claimed: Claimed, stage: "OutboxStage") -> None:
        super().__init__(id=claimed.meta.decode() or f"outbox-{claimed.id}")
        self.claimed = claimed
        self.stage = stage

    def _close(self) -> None:
        self.stage.row_closed(self)


class OutboxStage(Stage):
    """Store messages, and hand them to an async node from the store.

    The delivery of a message that arrives is released when the store has committed it. From there on the row is its
    own source: it goes when every branch that it caused has ended, and comes back when the process dies before.

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
            self._outbox, world.clock, self._what, stored=self._stored, refused=self._refused, trouble=self._in_trouble
        )
        self._breaker = Breaker(policy, world.clock)
        self._claimed: dict[int, Claimed] = {}
        self._group = world.group
        self._drained = asyncio.Event()
        self._offset = world.clock.time() - world.clock.monotonic()
        cell.fail = self.fail
        self.stored = 0
        self.delivered = 0
        self.buried = 0
        self.retried = 0

    def put(self, message: Message) -> None:
        """Store a message; its delivery is released when that is committed."""
        try:
            entry = Entry(
                flow=self._flow,
                node=self.cell.id,
                message=encode_fields(message.fields),
                key=self.key_of(message),
                coalesce_key=self._coalesce_key(message),
                meta=message.id.encode(),
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
        """Start the workers, and what fetches rows for them."""
        fetcher = group.create_task(self.kept_running(self._fetch), name=f"{self.cell.id} outbox")
        return [fetcher, *super().start(group)]

    def hand_over(self) -> "list[Message]":
        """Give nothing away: what waits is in the store, and the next stage finds it there."""
        return []

    def took(self, messages: "list[Message]") -> None:
        """Take note that a worker has fetched rows; what waits here are messages on their way into the store."""

    def returned(self, messages: "list[Message]") -> None:
        """Take note that a cancelled worker gave rows back."""

    async def close(self) -> None:
        """Give claimed rows back to the store."""
        ids = [id for claimed in self._claimed.values() for id in claimed.ids]
        self._claimed.clear()
        if ids:
            with suppress(StorageError):
                # What cannot be given back now comes back when the store is opened again.
                await self._outbox.release(ids)

    async def succeeded(self, message: Message) -> None:
        """End the work on a row."""
        self._answered()
        self.cell.finish(message)

    async def failed(self, message: Message, error: BaseException) -> float | None:
        """Try the row again later, bury it, or let a catch node have it; the worker's hold ends here."""
        try:
            await self._route(message, error)
        finally:
            message.delivery.release()
        return None

    def fail(self, message: Message, error: BaseException) -> None:
        """Route a row whose node took it and failed on it after the call, as a publish that is refused does."""
        message.delivery.hold()
        self._group.create_task(self.failed(message, error), name=f"{self.cell.id} failed row")

    def row_closed(self, row: RowDelivery) -> None:
        """Remove a row whose branches have all ended."""
        # One that is claimed anew has another delivery by now.
        if self._claimed.get(row.claimed.id) is not row.claimed:
            return
        self._forget(row)
        if row.outcome is Outcome.FAILED:
            self.buried += 1
        else:
            self.delivered += 1
        Insistence(
            partial(self._outbox.complete_nowait, row.claimed.ids),
            _nothing,
            self._clock,
            self._what,
        ).begin()

    async def _route(self, message: Message, error: BaseException) -> None:
        if not isinstance(error, TransientError):
            self._answered()
        row = message.delivery
        assert isinstance(row, RowDelivery)
        outage = self._breaker.is_open
        if isinstance(error, TransientError):
            self._breaker.failed(error.retry_after)
            if self._breaker.is_open:
                self._show(f"waits: {error}", "error")
        wait = self.cell.failure.wait_before_retry(self.cell, message, error)
        if wait is None and not (outage and isinstance(error, TransientError)):
            await self._give_up(row, message, error)
            return
        self.retried += 1
        self.cell.errors += 1
        self.cell.failure.report(self.cell, message, error)
        await self._release_behind(row)
        if outage:
            await self._insist(lambda: self._outbox.release(row.claimed.ids))
        else:
            due = self._clock.time() + max(wait or 0.0, self._breaker.wait)
            await self._insist(lambda: self._outbox.retry(row.claimed.ids, due, str(error)))
        # Only now: a worker that is stopped before has still to give the row back.
        self._forget(row)

    async def _give_up(self, row: RowDelivery, message: Message, error: BaseException) -> None:
        if self.cell.failure.keeps_for_itself(self.cell):
            self.cell.route_failure(message, error)
            return
        self.cell.errors += 1
        self.cell.failure.report(self.cell, message, error)
        await self._release_behind(row)
        await self._insist(lambda: self._outbox.bury(row.claimed.id, Failure.of(error)))
        self.buried += 1
        self._forget(row)

    async def _release_behind(self, row: RowDelivery) -> None:
        """Give back the rows of the same key that came after a row: the store holds them behind it."""
        if not row.claimed.key:
            return
        lane = self.lane(row.claimed.key)
        behind = [
            one.delivery
            for one in lane.items
            if isinstance(one.delivery, RowDelivery) and one.delivery.claimed.key == row.claimed.key
        ]
        if not behind:
            return
        kept = [one for one in lane.items if one.delivery not in behind]
        lane.items.clear()
        lane.items.extend(kept)
        ids = [id for one in behind for id in one.claimed.ids]
        await self._insist(lambda: self._outbox.release(ids))
        for one in behind:
            self._forget(one)

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

    def _forget(self, row: RowDelivery) -> None:
        # One that is claimed anew is another's by now.
        if self._claimed.get(row.claimed.id) is row.claimed:
            del self._claimed[row.claimed.id]
        self._drained.set()

    def _coalesce_key(self, message: Message) -> str | None:
        ask = getattr(self.cell.node, "coalesce_key", None)
        return ask(message) if ask is not None else None

    def _stored(self, message: Message) -> None:
        self.stored += 1
        self._taken_in(message)

    def _refused(self, message: Message, error: StorageError) -> None:
        self.cell.route_failure(message, error)
        self._taken_in(message)

    def _taken_in(self, message: Message) -> None:
        self.waiting -= 1
        if self.waiting <= self.plan.queue // 2:
            self._valve.open(self.cell.id)
        message.delivery.release()

    def _in_trouble(self) -> None:
        self._valve.close(self.cell.id)

    async def _fetch(self) -> None:
        added = self._outbox.event(self._flow, self.cell.id)
        most = self.plan.workers * max(2, min(self.plan.batch, 32))
        while True:
            # After each wait everything is looked at anew: the breaker may have opened meanwhile.
            if self._breaker.wait:
                await self._clock.sleep(self._breaker.wait)
                continue
            if len(self._claimed) >= (1 if self._breaker.is_open else max(1, most // 2)):
                self._drained.clear()
                await self._drained.wait()
                continue
            added.clear()
            limit = 1 if self._breaker.is_open else most - len(self._claimed)
            rows = await self._claim(limit)
            for row in rows:
                self._begin(row)
            if not rows:
                await self._wait_for_rows(added)

    async def _claim(self, limit: int) -> list[Claimed]:
        claiming = asyncio.ensure_future(self._outbox.claim(self._flow, self.cell.id, limit, lease=LEASE))
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            # The store may be giving them all the same: close() gives them back, or nobody would get them again.
            with suppress(StorageError):
                self._claimed.update({row.id: row for row in await claiming})
            raise

    def _begin(self, row: Claimed) -> None:
        self._claimed[row.id] = row
        message = Message(decode_fields(row.message), RowDelivery(row, self))
        if row.attempts:
            message = RetriedMessage(message, row.attempts + 1)
        self.lane(row.key).put(message)

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
        timer = self._clock.call_later(wait, added.set)
        try:
            await added.wait()
        finally:
            timer.cancel()


def _nothing() -> None:
    """Do nothing: nobody waits."""

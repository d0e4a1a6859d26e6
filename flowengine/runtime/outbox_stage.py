"""A stage whose messages wait in the store: what it has taken survives any crash."""

import asyncio
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
from flowengine.runtime.fetcher import LEASE, Fetcher
from flowengine.runtime.hand import WINDOW_BYTES, Hand
from flowengine.runtime.insistence import Insistence, insist
from flowengine.runtime.intake import Arrived, Intake
from flowengine.runtime.passing import Passing
from flowengine.runtime.provenance import Provenance, encode_provenance
from flowengine.runtime.retry import RetriedMessage
from flowengine.runtime.row_delivery import DeadlyMessageError, RowDelivery
from flowengine.runtime.stage import Stage
from flowengine.runtime.valve import Valve
from flowengine.storage import Claimed, Entry, Failure, StorageError

if TYPE_CHECKING:
    from flowengine.runtime.world import World

#: Rows in hand at most, where what is stored is handed on at once.
WINDOW = 1000
#: A row that the process died of so often is given up.
MOST_CRASHES = 10


class OutboxStage(Stage):
    """Store messages, and hand them to an async node when they are stored.

    The delivery of a message that arrives is released when the store has committed it. From there on the row is its
    own source: it goes when every branch that it caused has ended, and comes back when the process dies before.

    While all that is stored for the node is in hand, a message is handed on at once, and is stored only if its work
    takes longer than a moment, or fails. Until then its source waits, as it would without an outbox.

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
        stored: Messages that the outbox has answered for to their sources, because the store has committed them or the
            node was done with them before.
        delivered: Those that ended well.
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
            asks=self._asks,
            stored=self._stored,
            cleared=self._cleared,
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
        # A batch takes its time, so that its messages would be stored in any case.
        self._may_pass = self._at_once and not batched
        self._passing = Passing(world.clock, self._keep, self._slow)
        # Whether all that is stored for the node, or will be, is in hand.
        self._is_clear = False
        self._fetcher = Fetcher(self._outbox, flow, cell.id, self._hand, self._breaker, world.clock, self._begin)
        self._gone: list[int] = []
        # While rows are on their way back to the store, none that was stored meanwhile may be begun with.
        self._giving_back = 0
        self._closed = False
        self._recorder = world.traces
        self._group = world.group
        cell.fail = self.fail
        self.stored = 0
        self.delivered = 0
        self.buried = 0
        self.retried = 0

    @property
    def passed(self) -> int:
        """Messages that ended before they had to be stored."""
        return self._passing.passed

    @property
    def outage(self) -> str:
        """Why the sink is left alone, as it said at its last failure; empty while it answers."""
        return self._why_away if self._breaker.is_open else ""

    def put(self, message: Message) -> None:
        """Hand a message on, or store it; its delivery is released when it has ended, or is stored."""
        if self._passes:
            message.delivery.hold()
            self._hand_on(message)
            return
        try:
            entry = self._entry(message)
        except UnencodableMessageError as error:
            self.cell.route_failure(message, error)
            return
        message.delivery.hold()
        self._store(Arrived(entry, message))

    def start(self, group: asyncio.TaskGroup) -> "list[asyncio.Task[None]]":
        """Start the workers, what fetches rows for them, and what holds those they have."""
        fetching = group.create_task(self.kept_running(self._fetcher.fetch), name=f"{self.cell.id} outbox")
        holding = group.create_task(self.kept_running(self._fetcher.hold), name=f"{self.cell.id} leases")
        return [fetching, holding, *super().start(group)]

    def hand_over(self) -> "list[Message]":
        """Begin with nothing more, and give nothing away: the next stage finds what waits in the store."""
        self._closed = True
        self._keep_all()
        for lane in self._lanes:
            lane.items.clear()
        return []

    def took(self, messages: "list[Message]") -> None:
        """Take note that a worker has fetched rows; what waits here are messages on their way into the store."""

    def returned(self, messages: "list[Message]") -> None:
        """Take note that a cancelled worker gave rows back."""

    async def close(self) -> None:
        """Give all that has not ended back to the store."""
        self._closed = True
        self._keep_all()
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
        """Remove a row whose branches have all ended, or answer for a message that was not stored."""
        if row.claimed is None:
            if self._passing.ended(row) and row.outcome is not Outcome.FAILED:
                self.stored += 1
                self.delivered += 1
            return
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
        if self._passing.count:
            # This one, and what may have to wait for it.
            with self._returning():
                await self._passing.all_kept()
        claimed = row.claimed
        if claimed is None:
            # The store will never take it: there is nothing to try again.
            self.cell.route_failure(message, error)
            return
        outage = self._breaker.is_open
        if isinstance(error, TransientError):
            self._breaker.failed(error.retry_after)
            self._why_away = str(error)
            if self._breaker.is_open:
                self._is_clear = False
                self._show(f"waits: {error}", "error")
        wait = self.cell.failure.wait_before_retry(self.cell, message, error)
        if wait is None and not (outage and isinstance(error, TransientError)):
            await self._give_up(row, claimed, message, error)
            return
        self.retried += 1
        self.cell.errors += 1
        self.cell.failure.report(self.cell, message, error)
        with self._returning():
            await self._give_back(claimed)
            if outage:
                await self._insist(lambda: self._outbox.release([claimed.id]))
            else:
                due = self._clock.time() + max(wait or 0.0, self._breaker.wait)
                await self._insist(lambda: self._outbox.retry([claimed.id], due, str(error)))
        # Only now: a worker that is stopped before has still to give the row back.
        self._hand.drop(claimed)

    async def _give_up(self, row: RowDelivery, claimed: Claimed, message: Message, error: BaseException) -> None:
        if self.cell.failure.keeps_for_itself(self.cell):
            self.cell.route_failure(message, error)
            return
        self.cell.errors += 1
        self.cell.failure.report(self.cell, message, error)
        with self._returning():
            await self._give_back(claimed)
            await self._bury(claimed, error)
        if row.trace is not None:
            row.fail(Failure.of(error).code)
            row.trace.closed(row)

    async def _bury(self, claimed: Claimed, error: BaseException) -> None:
        await self._insist(lambda: self._outbox.bury(claimed.id, Failure.of(error)))
        self.buried += 1
        self._hand.drop(claimed)

    async def _give_back(self, row: Claimed) -> None:
        """Give back the rows in hand that must wait with a row: those of its key, in an outage all."""
        key = None if self._breaker.is_open else row.key
        if key == "":
            return
        returned: list[Claimed] = []
        for lane in self._lanes if key is None else [self.lane(key)]:
            kept: list[Message] = []
            for message in lane.pop(len(lane)):
                one = message.delivery
                waits = one.claimed if isinstance(one, RowDelivery) else None
                if waits is not None and (key is None or waits.key == key):
                    returned.append(waits)
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
        self._is_clear = False
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
    def _passes(self) -> bool:
        """Whether a message may be handed on before it is stored."""
        return self._is_clear and len(self._hand) + self._passing.count < self._hand.most

    def _entry(self, message: Message) -> Entry:
        return Entry(
            self._flow,
            self.cell.id,
            encode_fields(message.fields),
            self.key_of(message),
            encode_provenance(message.delivery),
        )

    def _hand_on(self, message: Message) -> None:
        row = RowDelivery(self.row_closed, source=message)
        row.inherit(message.delivery)
        self._passing.add(row)
        self.lane(self.key_of(message)).put(Message(message.fields, row))

    def _store(self, arrived: Arrived) -> None:
        if arrived.begun is None:
            # What was handed on came before this, and must be before it in the store.
            self._passing.keep_all()
            self._is_clear = False
        self.waiting += 1
        if self.waiting >= self.plan.queue:
            self._valve.close(self.cell.id)
        self._intake.put(arrived)

    def _keep_all(self) -> None:
        self._is_clear = False
        self._passing.keep_all()

    def _keep(self, row: RowDelivery) -> None:
        """Store a message that was handed on."""
        assert row.source is not None
        # What cannot be written lives without the store: its source has not been answered.
        with suppress(UnencodableMessageError):
            arrived = Arrived(self._entry(row.source), row.source, row)
            self._passing.given_to_store(row)
            self._store(arrived)

    def _slow(self) -> None:
        self._is_clear = False

    def _cleared(self) -> None:
        """Hand on what comes from now on, and what is not on its way into the store yet."""
        if not self._may_pass or self._closed or self._giving_back or self._fetcher.is_claiming:
            return
        self._is_clear = True
        for arrived in self._intake.recall():
            self.waiting -= 1
            if self._passes:
                self._hand_on(arrived.message)
            else:
                self._store(arrived)
        self._open_valve()

    def _asks(self) -> bool:
        return (
            self._may_pass
            and not self._is_clear
            and self._passing.is_worthwhile
            and len(self._hand) <= self._hand.most // 2
        )

    def _wanted(self, arrived: Sequence[Arrived]) -> int:
        if not self._at_once or self._closed or self._giving_back or self._breaker.is_open:
            return 0
        return self._hand.room_for(len(one.entry.message) for one in arrived)

    def _stored(self, arrived: Sequence[Arrived], given: Sequence[int]) -> None:
        self.stored += len(arrived)
        self._taken_in(arrived)
        rows: list[tuple[Claimed, Message]] = []
        for one, id in zip(arrived, given, strict=False):
            if not id:
                continue
            claimed = Claimed(id, one.entry.key, one.entry.message, one.entry.meta, 0.0, 0, None)
            self._hand.take(claimed)
            if one.begun is None:
                rows.append((claimed, one.message))
            else:
                self._row_stored(one.begun, claimed)
        if self._closed:
            return
        if self._giving_back or self._breaker.is_open:
            returned = [row for row, _ in rows]
            self._group.create_task(self._return(returned), name=f"{self.cell.id} rows given back")
            return
        for row, message in rows:
            delivery = RowDelivery(self.row_closed, message.delivery.id, claimed=row)
            if message.delivery.trace is not None or message.delivery.context is not None:
                self._carry_on(delivery, row)
            self.lane(row.key).put(Message(message.fields, delivery))

    def _row_stored(self, row: RowDelivery, claimed: Claimed) -> None:
        self._passing.stored(row, claimed)
        if row.trace is not None or row.context is not None:
            self._carry_on(row, claimed)
        if not row.pending:
            self.row_closed(row)

    def _refused(self, arrived: Arrived, error: StorageError) -> None:
        row = arrived.begun
        if row is None:
            self.cell.route_failure(arrived.message, error)
            self._taken_in([arrived])
            return
        # It lives without the store, as what cannot be written does.
        self.waiting -= 1
        self._open_valve()
        self._passing.refused(row)
        if not row.pending:
            self.row_closed(row)

    def _open_valve(self) -> None:
        if self.waiting <= self.plan.queue // 2:
            self._valve.open(self.cell.id)

    def _taken_in(self, arrived: Sequence[Arrived]) -> None:
        self.waiting -= len(arrived)
        self._open_valve()
        for one in arrived:
            one.message.delivery.release()

    def _in_trouble(self) -> None:
        self._valve.close(self.cell.id)

    async def _begin(self, row: Claimed) -> None:
        delivery = RowDelivery(self.row_closed, Provenance.parse(row.meta).id, claimed=row)
        self._carry_on(delivery, row)
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

    def _carry_on(self, delivery: RowDelivery, row: Claimed) -> None:
        """Go on with the traces that a message had before it was stored."""
        Provenance.parse(row.meta).give(delivery, self._recorder, self._flow, f"{self.cell.id}/{row.id}")


def _nothing() -> None:
    """Do nothing: nobody waits."""

"""A stage: the queue and the workers of an async node."""

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any
from zlib import crc32

from flowengine.expressions import compile_path
from flowengine.graph import StagePlan
from flowengine.message import Message
from flowengine.node import BatchNode, Clock, within
from flowengine.runtime.cell import Cell
from flowengine.runtime.histogram import Histogram
from flowengine.runtime.lane import Lane
from flowengine.runtime.retry import RetriedMessage, attempt_of
from flowengine.runtime.valve import Valve
from flowengine.storage import StorageError

log = logging.getLogger("flowengine.stage")


class Stage:
    """Queue messages in memory and hand them to an async node.

    Messages with the same key are worked on one after the other, in the order they came: each key belongs to one lane,
    and with an order each lane has one worker. A message that waits holds its delivery, so nothing that a stage loses
    in a crash was ever acknowledged.

    Args:
        cell: The node's cell.
        plan: Workers, queue and order.
        valve: Closed while the queue is full.
        clock: Times retries.

    Attributes:
        waiting: Messages that wait here.
        working: Messages that workers are at.
        times: How long the node worked on a message, or on a batch, retries included.
    """

    def __init__(self, cell: Cell, plan: StagePlan, valve: Valve, clock: Clock) -> None:
        self.cell = cell
        self.plan = plan
        self._valve = valve
        self._clock = clock
        self._key = compile_path(plan.order) if plan.order else None
        self._lanes: list[Lane[Message]] = [Lane() for _ in range(plan.workers if plan.order else 1)]
        self._turn = itertools.count()
        self._rested: asyncio.Event | None = None
        self.waiting = 0
        self.working = 0
        self.times = Histogram()

    def put(self, message: Message) -> None:
        """Take a message from the wire."""
        message.delivery.hold()
        self.lane(self.key_of(message)).put(message)
        self.waiting += 1
        if self.waiting >= self.plan.queue:
            self._valve.close(self.cell.id)

    def key_of(self, message: Message) -> str:
        """Return the key whose messages stay in order; empty without an order."""
        return str(self._key.first(message.fields, "")) if self._key is not None else ""

    def lane(self, key: str) -> Lane[Message]:
        """Return the lane that messages of a key wait in; those without a key take the lanes in turn."""
        if not key:
            return self._lanes[next(self._turn) % len(self._lanes)]
        # Not by hash(), which differs from process to process: what happens once must happen again the same way.
        return self._lanes[crc32(key.encode("utf-8", "surrogatepass")) % len(self._lanes)]

    def start(self, group: asyncio.TaskGroup) -> "list[asyncio.Task[None]]":
        """Start the workers."""
        lanes = self._lanes if self._key is not None else self._lanes * self.plan.workers
        return [
            group.create_task(self.kept_running(partial(self._work, lane)), name=f"{self.cell.id} worker {number}")
            for number, lane in enumerate(lanes, 1)
        ]

    async def kept_running(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run a worker until it is cancelled; what it was at when it failed stays unacknowledged."""
        while True:
            try:
                await work()
            except StorageError as error:
                log.error("%s waits for the store: %s", self.cell.id, error)  # noqa: TRY400 - the sentence says it
            except Exception:
                log.exception("a worker of %s failed, and starts again", self.cell.id)
            await self._clock.sleep(1.0)

    def hand_over(self) -> "list[Message]":
        """Give away what waits when a deploy replaces the stage; the deliveries stay held."""
        messages = [message for lane in self._lanes for message in lane.items]
        for lane in self._lanes:
            lane.items.clear()
        self.waiting = 0
        self._valve.open(self.cell.id)
        return messages

    async def finished(self, deadline: float) -> None:
        """Wait until no worker is at work.

        Args:
            deadline: Seconds to wait; a worker that is still at work then is cancelled by the caller.
        """
        if self.working == 0:
            return
        self._rested = asyncio.Event()
        with suppress(TimeoutError):
            await within(self._clock, deadline, self._rested.wait())

    async def close(self) -> None:
        """Let go of what the stage still has, after its workers were stopped."""

    async def _work(self, lane: Lane[Message]) -> None:
        node: Any = self.cell.node
        batched = isinstance(node, BatchNode)
        while True:
            if not lane.items:
                await lane.filled()
            if batched and self.plan.linger and len(lane) < self.plan.batch:
                await self._linger(lane)
            messages = lane.pop(self.plan.batch if batched else 1)
            if not messages:
                # Another worker of the lane has taken them meanwhile.
                continue
            self.took(messages)
            self.working += len(messages)
            began = self._clock.monotonic()
            try:
                rest = self._receive_batch(node, messages) if batched else self._receive(node, messages[0])
                if rest is not None:
                    await rest
            except asyncio.CancelledError:
                # The delivery stays held: a later stage or a redelivery works on it.
                lane.put_back(messages)
                self.returned(messages)
                raise
            finally:
                self.times.observe(self._clock.monotonic() - began)
                self.working -= len(messages)
                if self.working == 0 and self._rested is not None:
                    self._rested.set()

    async def _linger(self, lane: Lane[Message]) -> None:
        """Wait for a batch to fill, not for long."""
        with suppress(TimeoutError):
            await within(self._clock, self.plan.linger, lane.filled(self.plan.batch))

    def took(self, messages: "list[Message]") -> None:
        """Take note that a worker has taken messages."""
        self.waiting -= len(messages)
        if self.waiting <= self.plan.queue // 2:
            self._valve.open(self.cell.id)

    def returned(self, messages: "list[Message]") -> None:
        """Take note that a cancelled worker gave messages back."""
        self.waiting += len(messages)

    async def failed(self, message: Message, error: BaseException) -> float | None:
        """Route a message whose work failed.

        Returns:
            Seconds after which the worker must try it again; ``None`` when its work here has ended.
        """
        wait = self.cell.failure.wait_before_retry(self.cell, message, error)
        if wait is None:
            self.cell.finish(message, error)
        else:
            log.warning("%s tries message %s again in %.1f s: %s", self.cell.id, message.id, wait, error)
        return wait

    def succeeded(self, message: Message) -> None:
        """End the work on a message."""
        self.cell.finish(message)

    def _receive(self, node: Any, message: Message) -> Awaitable[None] | None:
        """Hand over a message, and return what there is to await of the work on it."""
        try:
            pending = node.receive(message)
        except Exception as error:  # noqa: BLE001 - whatever a node raises is its message's failure
            return self._retried(node, message, error)
        if pending is None:
            self.succeeded(message)
            return None
        return self._awaited(node, message, pending)

    async def _awaited(self, node: Any, message: Message, pending: Awaitable[None]) -> None:
        try:
            await pending
        except Exception as error:  # noqa: BLE001 - likewise
            await self._retried(node, message, error)
        else:
            self.succeeded(message)

    async def _retried(self, node: Any, message: Message, error: Exception) -> None:
        """Try a message that failed again, as often as it may be."""
        while (wait := await self.failed(message, error)) is not None:
            # The lane waits with the message: what came later under the same key must not pass it.
            await self._clock.sleep(wait)
            message = RetriedMessage(message, attempt_of(message) + 1)
            try:
                pending = node.receive(message)
                if pending is not None:
                    await pending
            except Exception as problem:  # noqa: BLE001 - likewise
                error = problem
            else:
                self.succeeded(message)
                return

    async def _receive_batch(self, node: Any, messages: Sequence[Message]) -> None:
        while messages:
            try:
                errors = await node.receive_batch(messages) or [None] * len(messages)
            except Exception as error:  # noqa: BLE001 - likewise
                errors = [error] * len(messages)
            failures: list[tuple[Message, BaseException]] = []
            for message, problem in zip(messages, errors, strict=True):
                if problem is None:
                    self.succeeded(message)
                else:
                    failures.append((message, problem))
            # At the same time: one after the other, each would wait for a commit of its own.
            waits = await asyncio.gather(*(self.failed(message, problem) for message, problem in failures))
            retried = [(message, wait) for (message, _), wait in zip(failures, waits, strict=True) if wait is not None]
            messages = [RetriedMessage(message, attempt_of(message) + 1) for message, _ in retried]
            if messages:
                await self._clock.sleep(max(wait for _, wait in retried))

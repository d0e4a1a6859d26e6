"""A stage: the queue and the workers of an async node."""

import asyncio
from collections.abc import Sequence
from typing import Any

from flowengine.expressions import compile_path
from flowengine.graph import StagePlan
from flowengine.message import Message
from flowengine.node import Clock
from flowengine.runtime.cell import Cell
from flowengine.runtime.lane import Lane
from flowengine.runtime.retry import RetriedMessage, attempt_of
from flowengine.runtime.valve import Valve


class Stage:
    """Queue messages in memory and hand them to an async node.

    Messages with the same key are worked on one after the other, in the order they came: each key belongs to one lane,
    and with an order each lane has one worker. A message that waits holds its delivery, so nothing that a stage loses
    in a crash was ever acknowledged.

    Args:
        cell: The node's cell.
        plan: Workers, queue and order.
        valve: Closed while the queue is full.
        clock: For batches that linger.
    """

    def __init__(self, cell: Cell, plan: StagePlan, valve: Valve, clock: Clock) -> None:
        self.cell = cell
        self.plan = plan
        self._valve = valve
        self._clock = clock
        self._key = compile_path(plan.order) if plan.order else None
        self._lanes: list[Lane[Message]] = [Lane() for _ in range(plan.workers if plan.order else 1)]
        self.waiting = 0
        self.working = 0

    def put(self, message: Message) -> None:
        """Take a message from the wire."""
        message.delivery.hold()
        self.lane(message).put(message)
        self.waiting += 1
        if self.waiting >= self.plan.queue:
            self._valve.close(self.cell.id)

    def lane(self, message: Message) -> Lane[Message]:
        """Return the lane that a message waits in."""
        if self._key is None:
            return self._lanes[0]
        return self._lanes[hash(str(self._key.first(message.fields, ""))) % len(self._lanes)]

    def start(self, group: asyncio.TaskGroup) -> "list[asyncio.Task[None]]":
        """Start the workers."""
        lanes = self._lanes if self._key is not None else self._lanes * self.plan.workers
        return [
            group.create_task(self._work(lane), name=f"{self.cell.id} worker {number}")
            for number, lane in enumerate(lanes, 1)
        ]

    def hand_over(self) -> "list[Message]":
        """Give away what waits, oldest first, when a deploy replaces the stage; the deliveries stay held."""
        messages = [message for lane in self._lanes for message in lane.items]
        for lane in self._lanes:
            lane.items.clear()
        self.waiting = 0
        self._valve.open(self.cell.id)
        return messages

    def take_over(self, messages: Sequence[Message]) -> None:
        """Queue what another stage handed over."""
        for message in messages:
            self.put(message)
            message.delivery.release()

    async def _work(self, lane: Lane[Message]) -> None:
        node: Any = self.cell.node
        batched = hasattr(node, "receive_batch")
        while True:
            messages = await lane.take(self.plan.batch if batched else 1)
            self.waiting -= len(messages)
            self.working += len(messages)
            if self.waiting <= self.plan.queue // 2:
                self._valve.open(self.cell.id)
            try:
                if batched:
                    await self._receive_batch(node, messages)
                else:
                    await self._receive(node, messages[0])
            except asyncio.CancelledError:
                # The delivery stays held: a later stage or a redelivery works on it.
                lane.put_back(messages)
                self.waiting += len(messages)
                raise
            finally:
                self.working -= len(messages)

    async def _receive(self, node: Any, message: Message) -> None:
        while True:
            try:
                await node.receive(message)
            except Exception as error:  # noqa: BLE001 - whatever a node raises is its message's failure
                wait = self.cell.failure.wait_before_retry(self.cell, message, error)
                if wait is None:
                    self.cell.finish(message, error)
                    return
                # The lane waits with the message: what came later under the same key must not pass it.
                await self._clock.sleep(wait)
                message = RetriedMessage(message, attempt_of(message) + 1)
            else:
                self.cell.finish(message)
                return

    async def _receive_batch(self, node: Any, messages: Sequence[Message]) -> None:
        while messages:
            try:
                errors = await node.receive_batch(messages) or [None] * len(messages)
            except Exception as error:  # noqa: BLE001 - likewise
                errors = [error] * len(messages)
            again: list[Message] = []
            longest = 0.0
            for message, error in zip(messages, errors, strict=True):
                wait = error and self.cell.failure.wait_before_retry(self.cell, message, error)
                if wait is None:
                    self.cell.finish(message, error)
                else:
                    again.append(RetriedMessage(message, attempt_of(message) + 1))
                    longest = max(longest, wait)
            messages = again
            if messages:
                await self._clock.sleep(longest)

"""The world that the runtime shows to a node."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from flowengine.errors import NodeError
from flowengine.message import Account, Delivery, Message
from flowengine.node import Clock, Database, Links, Requests, Routes, Shelf, State, Status
from flowengine.node.context import Level, NodeLogger
from flowengine.runtime.cell import Cell
from flowengine.runtime.hub import Event
from flowengine.runtime.valve import Valve

if TYPE_CHECKING:
    from flowengine.runtime.world import World

T = TypeVar("T")


class NodeLog(NodeLogger):
    """A logger that adds a node's place to every line."""

    def process(self, msg: Any, kwargs: Any) -> tuple[Any, Any]:
        """Add flow and node to the line's facts."""
        kwargs["extra"] = {**(self.extra or {}), **kwargs.get("extra", {})}
        return msg, kwargs


class CellContext:
    """Give one node its clock, state, resources and the ways to tell of itself.

    Args:
        world: What the whole engine shares.
        cell: The node's cell.
        flow: Id of its flow; empty for a resource.
        account: The flow's books.
        valve: The flow's valve.
        states: Values of the node, of its flow and of all flows.
        shelf: Its durable messages.
        on_status: Told when the node's status changes.
    """

    def __init__(
        self,
        *,
        world: "World",
        cell: Cell,
        flow: str,
        account: Account,
        valve: Valve,
        states: tuple[State, State, State],
        shelf: Shelf,
        on_status: Callable[[Cell, Status], None],
    ) -> None:
        self.flow = flow
        self.node = cell.id
        self.clock: Clock = world.clock
        self.log: NodeLogger = NodeLog(logging.getLogger("flowengine.node"), {"flow": flow, "node": cell.id})
        self.state, self.flow_state, self.global_state = states
        self.env: Mapping[str, str] = cell.planned.env
        self.company = cell.planned.company
        self.shelf = shelf
        self.worker = world.worker
        self.shared = world.workers > 1
        self.links: Links = world.links
        self.routes: Routes = world.routes
        self.requests: Requests = world.requests
        self.database: Database = world.store.tables
        self._world = world
        self._cell = cell
        # Bound here: a call between them would cost as much as the work.
        self.finish: Callable[[Message, BaseException | None], None] = cell.finish
        self._account = account
        self._valve = valve
        self._on_status = on_status
        self._recorder = world.traces
        self.tasks: set[asyncio.Task[None]] = set()

    def resource(self, id: str, kind: type[T]) -> T:
        """Return the running config node that a field refers to."""
        node = self._world.resource(id)
        if not isinstance(node, kind):
            raise NodeError(f'the resource "{id}" is a {type(node).__name__}, not a {kind.__name__}')
        return node

    def status(self, text: str, level: Level = "ok", *, is_value: bool = False) -> None:
        """Show a few words beside the node."""
        status = Status(text, level, is_value)
        if status == self._cell.status:
            return
        self._cell.status = status
        self.publish("status", {"text": text, "level": level, **({"is_value": True} if is_value else {})})
        self._on_status(self._cell, status)

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> "asyncio.Task[None]":
        """Run a coroutine beside the node."""
        task = self._world.group.create_task(self._guard(work, name), name=f"{self.flow}/{self.node} {name}")
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        # One that is cancelled before it began would never have been awaited.
        task.add_done_callback(lambda _: work.close())
        return task

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Wait until no other process does what this node does."""
        if not self.shared:
            yield
            return
        async with self._world.store.locks.held(f"alone/{self.flow}/{self.node}"):
            yield

    async def ready(self) -> None:
        """Wait until the flow takes more messages."""
        await self._valve.wait()

    def open_delivery(
        self,
        on_closed: Callable[[Delivery], None] | None = None,
        id: str | None = None,
    ) -> Delivery:
        """Open a delivery in the flow's books."""
        delivery = Delivery(self._account, on_closed, id)
        if self._recorder.every:
            self._recorder.begin(self.flow, delivery)
        return delivery

    def publish(self, kind: str, data: Mapping[str, Any]) -> None:
        """Tell those who watch."""
        self._world.hub.tell(Event(kind, self.clock.time(), self.flow, self.node, data))

    async def cancel_tasks(self) -> None:
        """Stop everything that was spawned."""
        tasks = tuple(self.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _guard(self, work: Coroutine[Any, Any, None], name: str) -> None:
        # One node's background task must not take the engine down with it.
        try:
            await work
        except Exception as error:
            self.log.exception("%s stopped", name)
            self.status(str(error) or type(error).__name__, "error")

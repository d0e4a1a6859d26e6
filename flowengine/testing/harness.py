"""Run one node as the engine does, under a virtual clock."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NamedTuple, Self

from flowengine.graph import FlowPlan, PlannedNode, PlannedResource, StagePlan
from flowengine.message import Account, Delivery, Message
from flowengine.node import Node, NodeType
from flowengine.runtime import Deployment, Engine, Event, RouteTable, RunningFlow
from flowengine.storage import Store
from flowengine.testing.clock import VirtualClock, settled

FLOW = "test"
NODE = "node"


class Sent(NamedTuple):
    """A message that left the node.

    Args:
        port: Port it left by.
        fields: Its fields.
    """

    port: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Failed:
    """An error that the node raised.

    Args:
        code: Its word code.
        message: Its sentence.
    """

    code: str
    message: str


class NodeHarness:
    """Run a node alone: feed it, move its clock, see what it sends.

    Args:
        node: The node's class.
        config: Its configuration, as in a flow.
        resources: Config nodes it uses: id to class and configuration; each may refer to those before it.
        stage: How it works as a stage.
        env: Variables it sees.
        clock: Its time.

    Attributes:
        sent: What the node has sent, in order.
        closed: The deliveries that have closed, in order.
    """

    def __init__(
        self,
        node: type[Node[Any]],
        config: Mapping[str, Any] | None = None,
        *,
        resources: Mapping[str, tuple[type[Node[Any]], Mapping[str, Any]]] | None = None,
        stage: StagePlan | None = None,
        env: Mapping[str, str] | None = None,
        clock: VirtualClock | None = None,
    ) -> None:
        declared: NodeType = node.__node_type__
        self.clock = clock or VirtualClock()
        self.routes = RouteTable()
        self.sent: list[Sent] = []
        self.closed: list[Delivery] = []
        self._resources: dict[str, PlannedResource] = {}
        for id, (kind, values) in (resources or {}).items():
            before = frozenset(self._resources)
            valid = kind.__node_type__.validate(values)
            self._resources[id] = PlannedResource(id, kind.__node_type__, valid, before)
        planned = PlannedNode(
            id=NODE,
            type=declared,
            config=declared.validate(config or {}),
            stage=stage or StagePlan(),
            env=dict(env or {}),
            resources=frozenset(self._resources),
            opts_in=stage is not None,
        )
        self._plan = FlowPlan(FLOW, {NODE: planned})
        self._watch: Any = None

    async def __aenter__(self) -> Self:
        self.store = await Store.in_memory(self.clock.time)
        try:
            await self._start()
        except BaseException:
            await self.store.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self._stop()
        finally:
            await self.store.close()

    @property
    def flow(self) -> RunningFlow:
        """The running flow that holds the node."""
        return self._engine.flows[FLOW]

    @property
    def node(self) -> Any:
        """The node itself."""
        return self.flow.cells[NODE].node

    @property
    def account(self) -> Account:
        """The books of the flow."""
        return self.flow.account

    @property
    def dropped(self) -> Counter[str]:
        """Deliveries given up, by reason."""
        return self.account.dropped

    @property
    def status(self) -> str:
        """The words beside the node."""
        status = self.flow.cells[NODE].status
        return status.text if status else ""

    @property
    def errors(self) -> list[Failed]:
        """Errors the node raised, oldest first."""
        return [
            Failed(str(event.data["code"]), str(event.data["message"]))
            for event in self.events
            if event.kind == "error"
        ]

    @property
    def events(self) -> list[Event]:
        """Everything the node told of itself, oldest first."""
        return [event for event in self._engine.world.hub.recent if event.node == NODE]

    def receive(self, fields: Mapping[str, Any] | None = None, /, **more: Any) -> Delivery:
        """Feed the node a message; what a plain node sends is there when this returns.

        Args:
            fields: The message's fields.
            more: Further fields, for short tests: ``receive(payload=1)``.

        Returns:
            The message's delivery.
        """
        delivery = Delivery(self.account, self.closed.append)
        self.flow.cells[NODE].hop(Message({**(fields or {}), **more}, delivery))
        delivery.release()
        return delivery

    async def feed(self, fields: Mapping[str, Any] | None = None, /, **more: Any) -> list[Sent]:
        """Feed the node a message, wait until nothing moves, and take what it has sent since the last take."""
        self.receive(fields, **more)
        await self.settle()
        return self.take()

    def take(self) -> list[Sent]:
        """Return what the node has sent since the last take."""
        taken, self.sent[:] = list(self.sent), []
        return taken

    async def settle(self) -> None:
        """Wait until the event loop and the store have nothing left to do at this time."""
        for _ in range(3):
            await settled()
            await self.store.flush()
        await settled()

    async def advance(self, seconds: float) -> list[Sent]:
        """Let time pass and take what the node has sent since the last take."""
        await self.clock.advance(seconds, self.settle)
        return self.take()

    async def restart(self) -> None:
        """Stop the engine as on SIGTERM with no time to drain, and start it anew on the same store."""
        await self._stop()
        await self._start()

    async def _start(self) -> None:
        self._engine = Engine(self.store, self.routes, clock=self.clock, drain=0)
        await self._engine.__aenter__()
        report = await self._engine.deploy(Deployment({FLOW: self._plan}, self._resources))
        if report.broken:
            await self._engine.__aexit__(None, None, None)
            raise AssertionError(f"the node did not start: {report.broken[FLOW]}")
        for name, port in self.node.outputs.items():
            port.connect(self._captured(name))
        await asyncio.sleep(0)

    async def _stop(self) -> None:
        await self._engine.__aexit__(None, None, None)

    def _captured(self, port: str) -> Any:
        return lambda message: self.sent.append(Sent(port, message.fields))

"""What all flows of an engine share."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from flowengine.errors import NodeError
from flowengine.graph import PlannedNode
from flowengine.node import Clock, ConfigNode, Routes, SystemClock
from flowengine.runtime.cell import Cell, FailurePath
from flowengine.runtime.dead_letter import DeadLetterBox
from flowengine.runtime.hub import Hub
from flowengine.runtime.links import LinkTable
from flowengine.runtime.requests import RequestTable
from flowengine.runtime.state import ScopeValues
from flowengine.runtime.trace import TraceRecorder
from flowengine.storage import Scope, Store


@dataclass(slots=True)
class World:
    """Shared parts of one engine.

    Args:
        store: Everything durable.
        group: Holds every task of the engine.
        routes: Paths of the HTTP server.
        clock: The only source of time.
        chance: The only source of chance.
        worker: Which of the processes that run the same flows this one is, from 0.
        workers: How many there are.
        drain: Seconds that work in progress gets when a node or the engine stops.
        new_cell: Makes the cells of flows; a flow test makes some that take note of what passes.
    """

    store: Store
    group: asyncio.TaskGroup
    routes: Routes
    clock: Clock = field(default_factory=SystemClock)
    chance: random.Random = field(default_factory=random.Random)
    drain: float = 10.0
    worker: int = 0
    workers: int = 1
    new_cell: Callable[[PlannedNode, FailurePath], Cell] = Cell
    hub: Hub = field(default_factory=Hub)
    links: LinkTable = field(default_factory=LinkTable)
    requests: RequestTable = field(default_factory=RequestTable)
    traces: TraceRecorder = field(init=False)
    letters: DeadLetterBox = field(init=False)
    values: ScopeValues = field(init=False)
    resources: dict[str, "ConfigNode"] = field(default_factory=dict)  # type: ignore[type-arg]  # of any configuration

    def __post_init__(self) -> None:
        self.traces = TraceRecorder(self.clock)
        self.values = ScopeValues(self.store, Scope())
        self.letters = DeadLetterBox(self.store, self.clock)

    async def load(self) -> None:
        """Read the values that all flows share."""
        self.values = ScopeValues(self.store, Scope(), await self.store.state.load(Scope()))

    def resource(self, id: str) -> "ConfigNode":  # type: ignore[type-arg]
        """Return a running config node.

        Raises:
            NodeError: There is none, or it could not start.
        """
        node = self.resources.get(id)
        if node is None:
            raise NodeError(f'the resource "{id}" is not running', code="missing-resource")
        return node

"""Change a running flow to another plan, a part at a time."""

from flowengine.graph import FlowPlan, PlannedNode
from flowengine.message import Message
from flowengine.runtime.flow import RunningFlow
from flowengine.runtime.parking import Parking


class FlowUpdate:
    """One change of one flow, in parts, so that resources can be replaced between them.

    While it lasts the flow's sources are held back, and messages that reach a halted node wait in a parking.

    Args:
        flow: The running flow.
        plan: The plan to change to.
        changed_resources: Resources that are replaced; nodes that use one restart.

    Attributes:
        restarted: Ids of the nodes that are new or start again.
        removed: Ids of the nodes that are gone.
    """

    def __init__(self, flow: RunningFlow, plan: FlowPlan, changed_resources: frozenset[str] = frozenset()) -> None:
        self._flow = flow
        self._old = flow.plan
        self._new = plan
        self._changed_resources = changed_resources
        self.restarted = frozenset(
            id for id, planned in plan.nodes.items() if self._differs(planned) or planned.resources & changed_resources
        )
        self.removed = frozenset(id for id in self._old.nodes if id not in plan.nodes)
        self._waiting: dict[str, list[Message]] = {}
        self._parkings: dict[str, Parking] = {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing has to change."""
        return self._old == self._new and not self.restarted

    @property
    def ends_a_source(self) -> bool:
        """Whether a source of the flow loses the resource that its messages come by."""
        changed = self._changed_resources
        return any(planned.resources & changed and planned.type.is_source for planned in self._old.nodes.values())

    def hold_back(self) -> None:
        """Let the sources bring nothing more."""
        self._flow.valve.close("deploy")

    async def drained(self) -> None:
        """Wait until nothing is in flight."""
        await self._flow.drained()

    async def halt(self) -> None:
        """Stop the nodes that are replaced or removed; what they had not begun is kept."""
        flow = self._flow
        stopping = [self._old.nodes[id] for id in self._old.nodes if id in self.restarted or id in self.removed]
        for planned in reversed(flow.in_order(stopping)):
            self._parkings[planned.id] = Parking(flow.cells[planned.id])
            self._waiting[planned.id] = await flow.halt(planned.id)

    async def start(self) -> None:
        """Start the new nodes, join the wires that changed and give back what was kept.

        Raises:
            Exception: What a node raised while it started.
        """
        flow = self._flow
        for id in self.restarted:
            flow.make(self._new.nodes[id])
        for id in self.removed:
            flow.forget(id)
        flow.adopt(self._new, rejoin=self.restarted | self._rewired())
        for planned in flow.in_order(self._new.nodes[id] for id in self.restarted):
            await flow.start_node(planned.id)
        for id, parking in self._parkings.items():
            self._give_back(id, [*self._waiting[id], *parking.messages])
        for id in self.restarted:
            flow.run_node(id)
        flow.valve.open("deploy")

    def _differs(self, planned: PlannedNode) -> bool:
        old = self._old.nodes.get(planned.id)
        if old is planned:
            return False
        # To Python true is equal to 1, to JSON it is not.
        return old is None or old != planned or old.config.model_dump_json() != planned.config.model_dump_json()

    def _rewired(self) -> frozenset[str]:
        if self._old.wires is self._new.wires:
            return frozenset()
        wires = set(self._old.wires) ^ set(self._new.wires)
        changed = {wire.source for wire in wires | (self._old.deferred ^ self._new.deferred)}
        return frozenset(id for id in changed if id in self._new.nodes)

    def _give_back(self, id: str, messages: list[Message]) -> None:
        cell = self._flow.cells.get(id)
        for message in messages:
            if cell is None:
                message.delivery.drop("node-removed")
            else:
                cell.redo(message)
            message.delivery.release()

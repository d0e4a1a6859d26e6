"""A flow that runs."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from flowengine.graph import FlowPlan, PlannedNode
from flowengine.message import Account, Delivery, Message
from flowengine.node import Listener, Status
from flowengine.runtime.cell import Cell
from flowengine.runtime.context import CellContext
from flowengine.runtime.failure import Failures, hearing
from flowengine.runtime.outbox_stage import OutboxStage
from flowengine.runtime.parking import Parking
from flowengine.runtime.shelf import NodeShelf
from flowengine.runtime.source import run_source
from flowengine.runtime.stage import Stage
from flowengine.runtime.state import StateCache
from flowengine.runtime.valve import Valve
from flowengine.runtime.wiring import join
from flowengine.runtime.world import World

log = logging.getLogger("flowengine.flow")

FlowState = Literal["stopped", "starting", "running", "stopping", "broken"]


class RunningFlow:
    """Run one plan, and change to another while messages are under way.

    Args:
        plan: What to run.
        world: What the engine shares.

    Attributes:
        account: The flow's books.
        cells: Its nodes by id.
        state: Where it is in its life.
        problem: Why it is broken, if it is.
    """

    def __init__(self, plan: FlowPlan, world: World) -> None:
        self.plan = plan
        self.world = world
        self.account = Account()
        self.valve = Valve()
        self.cells: dict[str, Cell] = {}
        self.stages: dict[str, Stage | OutboxStage] = {}
        self.state: FlowState = "stopped"
        self.problem = ""
        self._contexts: dict[str, CellContext] = {}
        self._tasks: dict[str, list[asyncio.Task[None]]] = {}
        self._listening: list[Cell] = []
        self._values = StateCache(world.store, plan.id)
        self._failures = Failures(
            plan.id, plan.errors, self._listening, world.letters, world.clock, world.hub, log, world.chance
        )

    async def start(self) -> None:
        """Start every node, sources last; on an error stop again and be broken.

        Raises:
            Exception: What a node raised while it started.
        """
        self.state = "starting"
        try:
            await self._values.load()
            for planned in self.plan.nodes.values():
                self._make(planned)
            self._rejoin(self.plan)
            for planned in self._in_order(self.plan.nodes.values()):
                await self._start(planned.id)
        except Exception as error:
            await self.stop(deadline=0)
            self.state = "broken"
            self.problem = str(error) or type(error).__name__
            raise
        for planned in self.plan.nodes.values():
            self._run(planned.id)
        self.state = "running"

    async def update(self, plan: FlowPlan, changed_resources: frozenset[str] = frozenset()) -> frozenset[str]:
        """Change to another plan; nodes that did not change go on, with their queues and connections.

        Args:
            plan: The new plan.
            changed_resources: Resources that were replaced; nodes that use one restart.

        Returns:
            Ids of the nodes that were started or restarted.
        """
        old = self.plan
        removed = [id for id in old.nodes if id not in plan.nodes]
        changed = {
            id
            for id, planned in plan.nodes.items()
            if id not in old.nodes or planned != old.nodes[id] or planned.resources & changed_resources
        }
        self.valve.close("deploy")
        try:
            parked = {id: Parking(self.cells[id]) for id in changed if id in self.cells}
            left_over: dict[str, list[Message]] = {}
            for planned in reversed(self._in_order(old.nodes[id] for id in old.nodes if id in parked)):
                left_over[planned.id] = await self._halt(planned.id)
            for id in changed:
                self._make(plan.nodes[id])
            self.plan = plan
            self._failures.policy = plan.errors
            self._rejoin(plan, only=changed | _rewired(old, plan))
            for planned in self._in_order(plan.nodes[id] for id in changed):
                await self._start(planned.id)
            for id, parking in parked.items():
                self._give_back(id, [*left_over.get(id, ()), *parking.messages])
            for planned in reversed(self._in_order(old.nodes[id] for id in removed)):
                await self._remove(planned.id)
            for id in changed:
                self._run(id)
        finally:
            self.valve.open("deploy")
        return frozenset(changed)

    async def quiesce(self) -> None:
        """Take nothing more from outside."""
        self.state = "stopping"
        self.valve.close("stopping")
        for id in self._sources():
            await self._cancel(id, only="run")
            node = self.cells[id].node
            if node is not None:
                await node.quiesce()

    async def drained(self) -> None:
        """Wait until nothing is in flight."""
        if self.account.in_flight == 0:
            return
        idle = asyncio.Event()
        self.account.on_idle = idle.set
        try:
            await idle.wait()
        finally:
            self.account.on_idle = None

    async def stop(self, deadline: float | None = None) -> None:
        """Stop: sources first, then wait for what is in flight, then the rest.

        Args:
            deadline: Seconds to wait for what is in flight; what is left then stays unacknowledged.
        """
        await self.quiesce()
        wait = self.world.drain if deadline is None else deadline
        if wait and self.account.in_flight:
            try:
                async with asyncio.timeout(wait):
                    await self.drained()
            except TimeoutError:
                log.warning(
                    "flow %s stopped with %d messages in flight; they were not acknowledged",
                    self.plan.id,
                    self.account.in_flight,
                )
        for planned in reversed(self._in_order(self.plan.nodes.values())):
            if planned.id in self.cells:
                await self._halt(planned.id, finish=False)
        await self._values.flush()
        self.state = "stopped"

    def inject(self, node: str, fields: dict[str, Any], port: str | None = None) -> Delivery:
        """Bring a message in by hand: to a node's input, or as if a port of it had sent it.

        Args:
            node: Id of the node.
            fields: The message's fields.
            port: Port to send it from; the node's input if not given.

        Returns:
            The message's delivery.

        Raises:
            KeyError: The flow has no such node, or the node no such port.
        """
        cell = self.cells[node]
        assert cell.node is not None
        delivery = Delivery(self.account)
        self.world.traces.follow(self.plan.id, delivery)
        message = Message(fields, delivery)
        if port is None:
            cell.hop(message)
        else:
            cell.node.send(cell.node.outputs[port], message)
        delivery.release()
        return delivery

    def _make(self, planned: PlannedNode) -> None:
        cell = self.cells.get(planned.id)
        if cell is None:
            cell = self.cells[planned.id] = Cell(planned, self._failures)
        cell.planned = planned
        context = CellContext(
            world=self.world,
            cell=cell,
            flow=self.plan.id,
            account=self.account,
            valve=self.valve,
            states=self._values.views(planned.id),
            shelf=NodeShelf(self.world.store, self.plan.id, planned.id, cell, self.world.clock),
            on_status=self._status_changed,
        )
        cell.node = planned.type.cls(planned.config, context)
        self._contexts[planned.id] = context
        if planned.type.is_stage:
            kind = OutboxStage if planned.stage.outbox else Stage
            self.stages[planned.id] = kind(cell, planned.stage, self.valve, self.world, self.plan.id)

    async def _start(self, id: str) -> None:
        cell = self.cells[id]
        node: Any = cell.node
        await node.start()
        stage = self.stages.get(id)
        if stage is not None:
            cell.receive = stage.put
            self._tasks.setdefault(id, []).extend(stage.start(self.world.group))
        elif isinstance(node, Listener):
            cell.receive = node.heard
            self._listening.append(cell)
        elif cell.planned.type.has_input:
            cell.receive = node.receive
        if cell.planned.type.is_source:
            self.valve.join(node)

    def _run(self, id: str) -> None:
        cell = self.cells[id]
        if cell.planned.type.is_source and cell.node is not None:
            work = run_source(cell.node, self._contexts[id])
            task = self.world.group.create_task(work, name=f"{self.plan.id}/{id} run")
            self._tasks.setdefault(id, []).append(task)

    async def _halt(self, id: str, *, finish: bool = True) -> list[Message]:
        """Stop a node; return the messages it had not begun, for its successor."""
        cell = self.cells[id]
        node = cell.node
        if node is None:
            return []
        self.valve.leave(node)
        if cell in self._listening:
            self._listening.remove(cell)
        stage = self.stages.pop(id, None)
        waiting: list[Message] = []
        if stage is not None:
            if finish:
                waiting = stage.hand_over()
                await stage.finished(self.world.drain)
            await self._cancel(id)
            if finish:
                waiting += stage.hand_over()
        else:
            await self._cancel(id)
        try:
            await node.quiesce()
            waiting += node.hand_over()
            await node.stop()
        except Exception:
            log.exception("node %s of flow %s did not stop cleanly", id, self.plan.id)
        await self._contexts[id].cancel_tasks()
        cell.node = None
        return waiting

    async def _remove(self, id: str) -> None:
        for message in await self._halt(id):
            message.delivery.drop("node-removed")
            message.delivery.release()
        cell = self.cells.pop(id)
        del self._contexts[id]
        cell.receive = _removed

    async def _cancel(self, id: str, only: str = "") -> None:
        tasks = self._tasks.pop(id, [])
        chosen = [task for task in tasks if not only or task.get_name().endswith(f" {only}")]
        rest = [task for task in tasks if task not in chosen]
        if rest:
            self._tasks[id] = rest
        for task in chosen:
            task.cancel()
        await asyncio.gather(*chosen, return_exceptions=True)

    def _give_back(self, id: str, messages: list[Message]) -> None:
        receive = self.cells[id].receive
        for message in messages:
            receive(message)
            message.delivery.release()

    def _rejoin(self, plan: FlowPlan, only: Iterable[str] | None = None) -> None:
        join(plan, self.cells, only)
        for cell in self.cells.values():
            cell.on_done = None
        if any(issubclass(one.type.cls, Listener) and one.type.cls.event == "complete" for one in plan.nodes.values()):
            for cell in self.cells.values():
                cell.on_done = self._completed

    def _completed(self, cell: Cell, message: Message) -> None:
        for listener in hearing(self._listening, cell.id, "complete"):
            listener.hop(message.replace(complete={"node": cell.id, "type": cell.planned.type.name}))

    def _status_changed(self, cell: Cell, status: Status) -> None:
        heard = hearing(self._listening, cell.id, "status")
        if not heard:
            return
        delivery = Delivery(self.account)
        told = {"node": cell.id, "type": cell.planned.type.name, "text": status.text, "level": status.level}
        for listener in heard:
            listener.hop(Message({"status": told}, delivery))
        delivery.release()

    def _sources(self) -> list[str]:
        return [id for id, cell in self.cells.items() if cell.planned.type.is_source]

    @staticmethod
    def _in_order(nodes: Iterable[PlannedNode]) -> list[PlannedNode]:
        """Return nodes in the order to start them: those that receive first, sources last."""
        return sorted(nodes, key=lambda planned: planned.type.is_source)


def _rewired(old: FlowPlan, new: FlowPlan) -> frozenset[str]:
    """Return the nodes whose outgoing wires differ between two plans."""
    wires = set(old.wires) ^ set(new.wires)
    return frozenset(wire.source for wire in wires | (old.deferred ^ new.deferred))


def _removed(message: Message) -> None:
    message.delivery.drop("node-removed")

"""A flow that runs."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any, Literal

from flowengine.graph import FlowPlan, PlannedNode, StagePlan
from flowengine.message import Account, Delivery, Message
from flowengine.node import Listener, Status, within
from flowengine.runtime.cell import Cell
from flowengine.runtime.context import CellContext
from flowengine.runtime.failure import Failures, hearing
from flowengine.runtime.outbox_stage import OutboxStage
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
    """Run one plan; :class:`~flowengine.runtime.update.FlowUpdate` changes it to another.

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
        self.stages: dict[str, Stage] = {}
        self.state: FlowState = "stopped"
        self.problem = ""
        self._contexts: dict[str, CellContext] = {}
        self._tasks: dict[str, list[asyncio.Task[None]]] = {}
        self._listening: list[Cell] = []
        self._shelves: dict[str, NodeShelf] = {}
        self._values = StateCache(world.store, plan.id, world.values)
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
                self.make(planned)
            self._rejoin(self.plan)
            for planned in self.in_order(self.plan.nodes.values()):
                await self.start_node(planned.id)
        except Exception as error:
            await self.stop(deadline=0)
            self.state = "broken"
            self.problem = str(error) or type(error).__name__
            raise
        for planned in self.plan.nodes.values():
            self.run_node(planned.id)
        self.state = "running"

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

    async def rest(self, deadline: float) -> None:
        """Let the outboxes end what they have begun to send, or it would be sent again; they begin with nothing more.

        Args:
            deadline: Seconds to wait.
        """
        ends = self.world.clock.monotonic() + deadline
        outboxes = [stage for stage in self.stages.values() if stage.plan.outbox]
        for stage in outboxes:
            stage.hand_over()
        for stage in outboxes:
            await stage.finished(max(0.0, ends - self.world.clock.monotonic()))

    async def stop(self, deadline: float | None = None) -> None:
        """Stop: sources first, then wait for what is in flight, then the rest.

        Args:
            deadline: Seconds to wait for what is in flight; what is left then stays unacknowledged.
        """
        await self.quiesce()
        wait = self.world.drain if deadline is None else deadline
        ends = self.world.clock.monotonic() + wait
        try:
            await within(self.world.clock, wait, self.drained())
        except TimeoutError:
            log.warning(
                "flow %s stopped with %d messages in flight; they were not acknowledged",
                self.plan.id,
                self.account.in_flight,
            )
        await self.rest(max(0.0, ends - self.world.clock.monotonic()))
        for planned in reversed(self.in_order(self.plan.nodes.values())):
            if planned.id in self.cells:
                await self.halt(planned.id, finish=False)
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

    def make(self, planned: PlannedNode) -> None:
        """Put a new node of a plan into its cell; it does nothing yet."""
        cell = self.cells.get(planned.id)
        if cell is None:
            cell = self.cells[planned.id] = self.world.new_cell(planned, self._failures)
        cell.planned = planned
        context = CellContext(
            world=self.world,
            cell=cell,
            flow=self.plan.id,
            account=self.account,
            valve=self.valve,
            states=self._values.views(planned.id),
            shelf=self._shelf(planned.id),
            on_status=self._status_changed,
        )
        cell.node = planned.type.cls(planned.config, context)
        self._contexts[planned.id] = context
        if planned.is_stage:
            self.stages[planned.id] = self._stage(cell, planned.stage)

    async def start_node(self, id: str) -> None:
        """Start a node and let its messages in."""
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

    def run_node(self, id: str) -> None:
        """Let a source produce."""
        cell = self.cells[id]
        if cell.planned.type.is_source and cell.node is not None:
            work = run_source(cell.node, self._contexts[id])
            task = self.world.group.create_task(work, name=f"{self.plan.id}/{id} run")
            self._tasks.setdefault(id, []).append(task)

    async def halt(self, id: str, *, finish: bool = True) -> list[Message]:
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
                # What a worker had to be torn from comes before what still waited.
                waiting = stage.hand_over() + waiting
            await stage.close()
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

    def forget(self, id: str) -> None:
        """Remove a halted node; a message that still reaches it is dropped, and counted."""
        cell = self.cells.pop(id)
        cell.receive = _removed
        del self._contexts[id]

    def adopt(self, plan: FlowPlan, rejoin: frozenset[str]) -> None:
        """Go by another plan from now on.

        Args:
            plan: The plan.
            rejoin: Ids of the nodes whose ports are joined anew.
        """
        self.plan = plan
        self._failures.policy = plan.errors
        self._rejoin(plan, rejoin)

    async def _cancel(self, id: str, only: str = "") -> None:
        tasks = self._tasks.pop(id, [])
        chosen = [task for task in tasks if not only or task.get_name().endswith(f" {only}")]
        rest = [task for task in tasks if task not in chosen]
        if rest:
            self._tasks[id] = rest
        for task in chosen:
            task.cancel()
        await asyncio.gather(*chosen, return_exceptions=True)

    def _rejoin(self, plan: FlowPlan, only: Iterable[str] | None = None) -> None:
        join(plan, self.cells, only)
        for cell in self.cells.values():
            cell.on_done = None
        if any(issubclass(one.type.cls, Listener) and one.type.cls.event == "complete" for one in plan.nodes.values()):
            for cell in self.cells.values():
                cell.on_done = self._completed

    def _shelf(self, id: str) -> NodeShelf:
        shelf = self._shelves.get(id)
        if shelf is None:
            shelf = self._shelves[id] = NodeShelf(self.world.store, self.plan.id, id, self.world.clock, self.account)
        return shelf

    def _stage(self, cell: Cell, plan: StagePlan) -> Stage:
        if plan.outbox:
            return OutboxStage(cell, plan, self.valve, self.world, self.plan.id, self.plan.errors.retry)
        return Stage(cell, plan, self.valve, self.world.clock)

    def _completed(self, cell: Cell, message: Message) -> None:
        listeners = hearing(self._listening, cell.id, "complete")
        if not listeners:
            return
        # A complete node may feed what it hears of: one chain of news tells of a node only once, so that it ends.
        match message.fields.get("complete"):
            case {"node": str(node), "after": [*before]}:
                after = [*before, node]
            case _:
                after = []
        if cell.id in after:
            return
        complete = {"node": cell.id, "type": cell.planned.type.name, "after": after}
        for listener in listeners:
            listener.hop(message.replace(complete=complete))

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
    def in_order(nodes: Iterable[PlannedNode]) -> list[PlannedNode]:
        """Return nodes in the order to start them: those that receive first, sources last."""
        return sorted(nodes, key=lambda planned: planned.type.is_source)


def _removed(message: Message) -> None:
    message.delivery.drop("node-removed")

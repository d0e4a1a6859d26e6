"""The config nodes that run: brokers, servers, registries."""

import logging
from collections.abc import Collection, Mapping

from flowengine.graph import PlannedNode, PlannedResource
from flowengine.message import Account
from flowengine.node import ConfigNode, Status
from flowengine.runtime.cell import Cell
from flowengine.runtime.context import CellContext
from flowengine.runtime.shelf import NodeShelf
from flowengine.runtime.source import run_source
from flowengine.runtime.state import StateCache
from flowengine.runtime.valve import Valve
from flowengine.runtime.world import World

log = logging.getLogger("flowengine.resources")


class Resources:
    """Start, replace and stop config nodes.

    Args:
        world: What the engine shares; its ``resources`` are kept here.

    Attributes:
        cells: Those that run, by id.
        problems: Why others do not, by id.
        accounts: What came in by each for no flow, and how it ended.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._planned: dict[str, PlannedResource] = {}
        self._contexts: dict[str, CellContext] = {}
        self._shelves: dict[str, NodeShelf] = {}
        self.cells: dict[str, Cell] = {}
        self.accounts: dict[str, Account] = {}
        self.problems: dict[str, str] = {}
        self._fresh: list[str] = []

    def changed(self, wanted: Mapping[str, PlannedResource]) -> frozenset[str]:
        """Return the ids of resources that are new, gone or different, and of those that refer to such."""
        ids = {*self._planned, *wanted}
        changed = {id for id in ids if self._planned.get(id) != wanted.get(id) or id in self.problems}
        while True:
            more = {id for id, one in wanted.items() if id not in changed and one.resources & changed}
            if not more:
                return frozenset(changed)
            changed |= more

    async def replace(self, wanted: Mapping[str, PlannedResource], changed: frozenset[str]) -> frozenset[str]:
        """Stop what is gone or different and start what is new or different.

        One that cannot start is remembered with the reason; the flows that ask for it are broken by that.

        Args:
            wanted: All resources that are to run.
            changed: Ids from :meth:`changed`.

        Returns:
            Ids of the resources that were started.
        """
        for id in _dependants_first(self._planned, changed):
            await self._stop(id)
        self._planned = dict(wanted)
        started = [id for id in reversed(_dependants_first(wanted, changed)) if id in wanted]
        for id in started:
            await self._start(wanted[id])
        return frozenset(started)

    async def deployed(self, broken: Collection[str]) -> None:
        """Tell every resource that runs of the end of a deploy.

        Args:
            broken: Ids of the flows that are wanted, but do not run.
        """
        for id, node in self._world.resources.items():
            try:
                await node.deployed(broken)
            except Exception:
                log.exception("the resource %s does not know what was deployed", id)

    def run(self) -> None:
        """Let the resources that were started begin their work: every node that uses them has started."""
        for id in self._fresh:
            cell = self.cells.get(id)
            if cell is not None and cell.node is not None and id not in self.problems:
                self._contexts[id].spawn(run_source(cell.node, self._contexts[id]), "run")
        self._fresh.clear()

    async def stop(self) -> None:
        """Stop all."""
        for id in _dependants_first(self._planned, frozenset(self._planned)):
            await self._stop(id)
        self._planned = {}

    async def _start(self, planned: PlannedResource) -> None:
        node = PlannedNode(planned.id, planned.type, planned.config, resources=planned.resources)
        cell = Cell(node, _NoFailures())
        states = StateCache(self._world.store, f"resource:{planned.id}", self._world.values)
        await states.load()
        context = CellContext(
            world=self._world,
            cell=cell,
            flow="",
            account=self.accounts.setdefault(planned.id, Account()),
            valve=Valve(),
            states=states.views(planned.id),
            shelf=self._shelf(planned.id),
            on_status=_ignore,
        )
        made = planned.type.cls(planned.config, context)
        assert isinstance(made, ConfigNode)
        cell.node = made
        self.cells[planned.id] = cell
        self._contexts[planned.id] = context
        try:
            await made.start()
        except Exception as error:
            log.exception("the resource %s does not run", planned.id)
            self.problems[planned.id] = str(error) or type(error).__name__
            context.status(self.problems[planned.id], "error")
        else:
            self._world.resources[planned.id] = made
            self._fresh.append(planned.id)

    def _shelf(self, id: str) -> NodeShelf:
        # It knows what is on its way, over all restarts of the resource.
        if id not in self._shelves:
            account = self.accounts.setdefault(id, Account())
            self._shelves[id] = NodeShelf(self._world.store, "", id, self._world.clock, account)
        return self._shelves[id]

    async def _stop(self, id: str) -> None:
        self.problems.pop(id, None)
        cell = self.cells.pop(id, None)
        if cell is None or cell.node is None:
            return
        self._world.resources.pop(id, None)
        try:
            await cell.node.stop()
        except Exception:
            log.exception("the resource %s did not stop cleanly", id)
        await self._contexts.pop(id).cancel_tasks()


class _NoFailures:
    """A config node receives no messages, so none can fail in it."""

    def failed(self, cell: Cell, message: object, error: BaseException) -> None:
        raise AssertionError(f"resource {cell.id} cannot fail on a message") from error

    def wait_before_retry(self, cell: Cell, message: object, error: BaseException) -> float | None:
        raise AssertionError(f"resource {cell.id} cannot fail on a message") from error

    def keeps_for_itself(self, cell: Cell) -> bool:
        raise AssertionError(f"resource {cell.id} cannot fail on a message")

    def report(self, cell: Cell, message: object, error: BaseException) -> None:
        raise AssertionError(f"resource {cell.id} cannot fail on a message") from error


def _ignore(cell: Cell, status: Status) -> None:
    """Do nothing: the hub has been told."""


def _dependants_first(resources: Mapping[str, PlannedResource], chosen: frozenset[str]) -> list[str]:
    ordered: list[str] = []

    def visit(id: str) -> None:
        if id in ordered or id not in resources:
            return
        for needed in sorted(resources[id].resources):
            visit(needed)
        ordered.append(id)

    for id in sorted(resources):
        visit(id)
    return [id for id in reversed(ordered) if id in chosen]

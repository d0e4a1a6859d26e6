"""The engine: all flows of a folder, running."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from flowengine.errors import FlowEngineError
from flowengine.graph import FlowPlan, PlannedResource
from flowengine.node import Clock, SystemClock, within
from flowengine.runtime.flow import RunningFlow
from flowengine.runtime.hub import Event
from flowengine.runtime.resources import Resources
from flowengine.runtime.routes import RouteTable
from flowengine.runtime.update import FlowUpdate
from flowengine.runtime.world import World
from flowengine.storage import Store

log = logging.getLogger("flowengine.engine")


class StaleRevisionError(FlowEngineError):
    """A deploy was based on a revision that is no longer the deployed one.

    Args:
        base: The revision it was based on.
        current: The revision that is deployed.
    """

    code = "stale-revision"

    def __init__(self, base: str, current: str) -> None:
        super().__init__(base, current)
        self.base = base
        self.current = current

    def __str__(self) -> str:
        return (
            f"the deploy is based on revision {self.base}, but {self.current} is deployed; "
            "compare with it and deploy again"
        )


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a deploy asks for.

    Args:
        plans: Checked flows by id.
        resources: Checked config nodes by id.
        revision: Names this state of the documents.
        broken: Ids of flows that have errors, with the first of them; they do not run.
    """

    plans: Mapping[str, FlowPlan]
    resources: Mapping[str, PlannedResource]
    revision: str = ""
    broken: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeployReport:
    """What a deploy did.

    Args:
        revision: What is deployed now.
        started: Flows that were not running before.
        stopped: Flows that are gone.
        restarted: For each flow that went on, the nodes in it that were started or restarted.
        resources: Config nodes that were started or restarted.
        broken: Flows that do not run, with the reason.
        seconds: How long it took.
    """

    revision: str
    started: tuple[str, ...]
    stopped: tuple[str, ...]
    restarted: Mapping[str, tuple[str, ...]]
    resources: tuple[str, ...]
    broken: Mapping[str, str]
    seconds: float


class Engine:
    """Run flows; use it as an async context manager, which stops everything at its end.

    Args:
        store: Everything durable; not closed by the engine.
        routes: Paths of the HTTP server.
        clock: The only source of time.
        drain: Seconds that messages in flight get when the engine or a flow stops.
        worker: Which of the processes that run the same flows this one is, from 0.
        workers: How many there are.

    Attributes:
        flows: Running flows by id.
        broken: Flows that do not run, with the reason.
        revision: What is deployed.
    """

    def __init__(
        self,
        store: Store,
        routes: RouteTable,
        *,
        clock: Clock | None = None,
        drain: float = 10.0,
        worker: int = 0,
        workers: int = 1,
    ) -> None:
        self._store = store
        self._routes = routes
        self._clock = clock or SystemClock()
        self._drain = drain
        self._worker = worker
        self._workers = workers
        self._stack = AsyncExitStack()
        self._deploying = asyncio.Lock()
        self.flows: dict[str, RunningFlow] = {}
        self.broken: dict[str, str] = {}
        self.revision = ""

    async def __aenter__(self) -> Self:
        group = await self._stack.enter_async_context(asyncio.TaskGroup())
        self.world = World(
            self._store,
            group,
            self._routes,
            self._clock,
            drain=self._drain,
            worker=self._worker,
            workers=self._workers,
        )
        await self.world.load()
        self.resources = Resources(self.world)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        await self.stop()
        return await self._stack.__aexit__(kind, error, traceback)

    async def deploy(self, deployment: Deployment, base: str | None = None) -> DeployReport:
        """Make a state of the documents the running one; only what changed restarts.

        A flow that cannot start is broken and does not hold up the others.

        Args:
            deployment: What is to run.
            base: The revision this one was made from; ``None`` to deploy whatever is deployed now.

        Raises:
            StaleRevisionError: Something else has been deployed since ``base``.
        """
        async with self._deploying, self._routes.changing():
            if base is not None and base != self.revision:
                raise StaleRevisionError(base, self.revision)
            began = self._clock.monotonic()
            stopped = tuple(id for id in self.flows if id not in deployment.plans)
            for id in stopped:
                await self.flows.pop(id).stop()
            self.broken = dict(deployment.broken)
            changed = self.resources.changed(deployment.resources)
            updates = {}
            for id, flow in self.flows.items():
                update = FlowUpdate(flow, deployment.plans[id], changed)
                if not update.is_empty:
                    updates[id] = update
            await self._hold_back(updates.values())
            for update in updates.values():
                await update.halt()
            replaced = await self.resources.replace(deployment.resources, changed)
            for id, update in updates.items():
                await self._finish(id, update)
            started = tuple(id for id in deployment.plans if id not in self.flows and id not in self.broken)
            for id in started:
                await self._start(deployment.plans[id])
            await self.resources.deployed(frozenset(self.broken))
            self.resources.run()
            self.revision = deployment.revision
            report = DeployReport(
                revision=self.revision,
                started=tuple(id for id in started if id in self.flows),
                stopped=stopped,
                restarted={id: tuple(sorted(update.restarted)) for id, update in updates.items()},
                resources=tuple(sorted(replaced)),
                broken=dict(self.broken),
                seconds=self._clock.monotonic() - began,
            )
        self.world.hub.tell(Event("deploy", self._clock.time(), "", "", {"revision": report.revision}))
        return report

    def preview(self, deployment: Deployment) -> DeployReport:
        """Return what a deploy would do, as far as it is known before; nothing is changed.

        Args:
            deployment: What would run.
        """
        changed = self.resources.changed(deployment.resources)
        updates = {
            id: FlowUpdate(flow, deployment.plans[id], changed)
            for id, flow in self.flows.items()
            if id in deployment.plans
        }
        return DeployReport(
            revision=deployment.revision,
            started=tuple(id for id in deployment.plans if id not in self.flows),
            stopped=tuple(id for id in self.flows if id not in deployment.plans),
            restarted={id: tuple(sorted(one.restarted)) for id, one in updates.items() if not one.is_empty},
            resources=tuple(sorted(changed)),
            broken=dict(deployment.broken),
            seconds=0.0,
        )

    async def stop(self) -> None:
        """Stop sources, wait for what is in flight, then stop the rest."""
        flows = list(self.flows.values())
        for flow in flows:
            # All at one moment: a message that only some of its flows had taken would come again for all.
            flow.valve.close("stopping")
        for flow in flows:
            await flow.quiesce()
        ends = self._clock.monotonic() + self._drain
        with suppress(TimeoutError):
            await within(self._clock, self._drain, asyncio.gather(*(flow.drained() for flow in flows)))
        await asyncio.gather(*(flow.rest(max(0.0, ends - self._clock.monotonic())) for flow in flows))
        for flow in flows:
            await flow.stop(deadline=0)
        self.flows.clear()
        self.world.requests.close_all()
        await self.resources.stop()

    async def _hold_back(self, updates: Collection[FlowUpdate]) -> None:
        for update in updates:
            # All at one moment: of a message for several flows, all have taken it or none has.
            update.hold_back()
        # What a source has brought in can be acknowledged only as long as its connection is there.
        ending = [update.drained() for update in updates if update.ends_a_source]
        if ending:
            with suppress(TimeoutError):
                await within(self._clock, self._drain, asyncio.gather(*ending))

    async def _start(self, plan: FlowPlan) -> None:
        flow = RunningFlow(plan, self.world)
        try:
            await flow.start()
        except Exception as error:  # noqa: BLE001 - whatever a node raises while starting breaks its flow, not the engine
            self._break(plan.id, error)
        else:
            self.flows[plan.id] = flow

    async def _finish(self, id: str, update: FlowUpdate) -> None:
        try:
            await update.start()
        except Exception as error:  # noqa: BLE001 - likewise
            await self.flows.pop(id).stop(deadline=0)
            self._break(id, error)

    def _break(self, id: str, error: Exception) -> None:
        reason = str(error) or type(error).__name__
        self.broken[id] = reason
        if isinstance(error, FlowEngineError):
            log.error("flow %s does not run: %s", id, reason)
        else:
            log.error("flow %s does not run", id, exc_info=error)
        self.world.hub.tell(Event("broken", self._clock.time(), id, "", {"message": reason}))

"""What the admin API works on."""

from dataclasses import dataclass

from flowengine.registry import Registry
from flowengine.runtime import Engine, RouteTable
from flowengine.runtime.replay import Replay
from flowengine.runtime.workspace import Workspace
from flowengine.server.counts import Counts
from flowengine.server.event_streams import EventStreams
from flowengine.server.rates import Rates
from flowengine.server.tester import Tester
from flowengine.storage import Store


@dataclass(frozen=True, slots=True)
class Backend:
    """The parts of a running service.

    Args:
        workspace: The folder of flows and its engine.
        registry: The node types.
        store: Everything durable.
        routes: Paths that nodes answer for.
        rates: How much goes on.
        counts: What waits in the store.
        replay: Tries dead letters again.
        events: Those who watch.
        tester: Runs tests of flows.
    """

    workspace: Workspace
    registry: Registry
    store: Store
    routes: RouteTable
    rates: Rates
    counts: Counts
    replay: Replay
    events: EventStreams
    tester: Tester

    @classmethod
    def of(cls, workspace: Workspace, registry: Registry, store: Store, routes: RouteTable) -> "Backend":
        """Put the parts together."""
        engine = workspace.engine
        return cls(
            workspace=workspace,
            registry=registry,
            store=store,
            routes=routes,
            rates=Rates(engine),
            counts=Counts(store, engine.world.clock),
            replay=Replay(engine),
            events=EventStreams(engine),
            tester=Tester(registry),
        )

    @property
    def engine(self) -> Engine:
        """The engine."""
        return self.workspace.engine

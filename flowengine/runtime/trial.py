"""Try a config node by itself: does it reach what it is for?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flowengine.errors import FlowEngineError
from flowengine.graph import PlannedResource
from flowengine.node import Clock, ConfigNode, within
from flowengine.node.context import Level
from flowengine.runtime.engine import Deployment, Engine
from flowengine.runtime.hub import Watcher
from flowengine.runtime.routes import RouteTable
from flowengine.storage import Store


class UntriableError(FlowEngineError):
    """A config node, or one that it needs, cannot be started beside the one that runs.

    Args:
        id: Id of the config node.
        type: Its type.
    """

    code = "untriable"

    def __init__(self, id: str, type: str) -> None:
        super().__init__(id, type)
        self.id = id
        self.type = type

    def __str__(self) -> str:
        return f'"{self.id}" ({self.type}) cannot be tried by itself; deploy it to see whether it works'


@dataclass(frozen=True, slots=True)
class TrialReport:
    """What a config node said of itself.

    Args:
        level: ``busy`` where it had not come to an end in time.
        text: Its words.
        seconds: How long it took.
    """

    level: Level
    text: str
    seconds: float


async def try_resource(id: str, resources: Mapping[str, PlannedResource], clock: Clock, seconds: float) -> TrialReport:
    """Start a config node apart from everything that runs, wait until it has something to say, and stop it.

    It works on a store of its own, in memory, and on the configuration that its class gives for a trial, so that
    nothing that runs is disturbed.

    Args:
        id: Id of the config node.
        resources: Checked config nodes; those that it refers to are started too.
        clock: Measures the time.
        seconds: Longest time to wait.

    Raises:
        UntriableError: Its class does not let itself be tried.
    """
    wanted = _needed(id, resources)
    began = clock.monotonic()
    store = await Store.open("sqlite://", clock=clock.time)
    try:
        async with Engine(store, RouteTable(), clock=clock, drain=0) as engine:
            with engine.world.hub.watch() as watcher:
                watcher.wanted = lambda event: event.kind == "status" and event.node == id
                await engine.deploy(Deployment({}, wanted))
                try:
                    level, text = await within(clock, seconds, _verdict(watcher))
                except TimeoutError:
                    status = engine.resources.cells[id].status
                    level, text = "busy", status.text if status is not None else ""
    finally:
        await store.close()
    return TrialReport(level, text, clock.monotonic() - began)


async def _verdict(watcher: Watcher) -> tuple[Level, str]:
    while True:
        events, _ = await watcher.take()
        for event in events:
            if event.data["level"] != "busy":
                return event.data["level"], event.data["text"]


def _needed(id: str, resources: Mapping[str, PlannedResource]) -> dict[str, PlannedResource]:
    found: dict[str, PlannedResource] = {}
    asked = [id]
    while asked:
        planned = resources[asked.pop()]
        if planned.id in found:
            continue
        cls = planned.type.cls
        assert issubclass(cls, ConfigNode)
        config = cls.trial(planned.config)
        if config is None:
            raise UntriableError(planned.id, planned.type.name)
        found[planned.id] = replace(planned, config=config)
        asked += sorted(planned.resources)
    return found

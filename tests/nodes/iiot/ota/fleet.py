"""Many devices that are updated, in virtual time, and the flow that updates them."""

import math
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, insert

from flowengine.graph import FlowPlan, PlannedNode, PlannedResource, Wire
from flowengine.message import Message
from flowengine.node import Config, Context, Field, Node, NodeType, Output, StagePlan, node_type
from flowengine.runtime import Deployment, Engine, RouteTable
from flowengine.storage import Store
from flowengine.testing import VirtualClock, settled
from flowengine_nodes.iiot.embedded.device_rows import device, row_of
from flowengine_nodes.iiot.embedded.revision import raise_revision
from flowengine_nodes.iiot.firmware_store import FirmwareStore
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from flowengine_nodes.iiot.registry.device import Device, Lifecycle
from flowengine_nodes.iiot.rollout_control import RolloutControl
from flowengine_nodes.iiot.update_dispatch import UpdateDispatch
from flowengine_nodes.iiot.update_report import UpdateReportNode


class FleetConfig(Config):
    """Choose how devices behave."""

    failing: float = Field(0.0, description="Percent of devices whose every update fails.")
    silent: float = Field(0.0, description="Percent of devices that never say anything.")
    seconds: float = Field(5.0, description="How long a device takes to begin, and then again to install.")


@node_type("fleet", category="test")
class Fleet(Node[FleetConfig]):
    """Devices that do what they are told, as far as they do."""

    report = Output("What a device says.")

    def __init__(self, config: FleetConfig, context: Context) -> None:
        super().__init__(config, context)
        self._waiting: dict[int, list[Callable[[], None]]] = {}

    def fate(self, id: str) -> str:
        """Return how a device ends: always the same for its id."""
        number = int(id.partition("-")[2])
        if number % 1000 < self.config.failing * 10:
            return "failed"
        return "timed_out" if 1000 - number % 1000 <= self.config.silent * 10 else "succeeded"

    def receive(self, message: Message) -> None:
        fate = self.fate(message.fields["device"])
        if fate != "timed_out" and "cancel" not in message.payload:
            wait = self.config.seconds + zlib.crc32(message.fields["device"].encode()) % 10
            self._later(wait, partial(self._begin, message.fields["device"], message.payload))

    def _begin(self, id: str, notice: dict[str, Any]) -> None:
        said = {"update": notice["update"], "attempt": notice["attempt"]}
        self._say(id, {**said, "state": "downloading", "expected": "notified"})
        if self.fate(id) == "failed":
            self._say(id, {**said, "state": "failed", "error": {"code": "bad-flash", "message": "it does not hold"}})
            return
        self._say(id, {**said, "state": "installing", "expected": "downloading"})
        self._later(self.config.seconds, partial(self._say, id, {"version": notice["version"]}))

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        # Devices that do something within the same second do it at once: each timer costs a test much.
        clock = self.context.clock
        due = math.ceil(clock.time() + seconds)
        if due not in self._waiting:
            self._waiting[due] = []
            clock.call_later(due - clock.time(), self._do, due)
        self._waiting[due].append(call)

    def _do(self, due: int) -> None:
        for call in self._waiting.pop(due):
            call()

    def _say(self, id: str, payload: dict[str, Any]) -> None:
        self.emit(self.report, {"device": id, "payload": payload, "topic": f"ota/{id}/status"})


@dataclass
class Plant:
    """The engine, and what it works on."""

    engine: Engine
    registry: EmbeddedRegistry
    clock: VirtualClock
    store: Store

    async def advance(self, seconds: float) -> None:
        """Let time pass until nothing moves."""
        await self.clock.advance(seconds, self.settle)

    async def settle(self) -> None:
        for _ in range(2):
            await settled()
            await self.store.flush()
        await settled()

    async def add_devices(self, count: int) -> None:
        """Store devices d-0, d-1 and so on, all at once."""
        made = [
            Device(id=f"d-{n}", serial=f"d-{n}", profile="boiler", lifecycle=Lifecycle.ACTIVE, firmware="1.0.0")
            for n in range(count)
        ]

        def work(connection: Connection) -> None:
            at = raise_revision(connection)
            connection.execute(insert(device), [row_of(one) | {"revision": at} for one in made])

        await self.store.tables.write(work)
        await self.advance(2)


def _plan(kind: type[Node[Any]], id: str, resources: Sequence[str] = (), **config: Any) -> PlannedNode:
    declared: NodeType = kind.__node_type__
    stage = kind.stage if declared.is_stage else StagePlan()
    return PlannedNode(
        id=id,
        type=declared,
        config=declared.validate(config),
        stage=stage,
        env={},
        resources=frozenset(resources),
    )


def deployment(**behaviour: Any) -> Deployment:
    """Return the flow: dispatch and control, and devices between notices and reports."""
    both = ("registry", "firmware")
    nodes = {
        "dispatch": _plan(UpdateDispatch, "dispatch", both),
        "control": _plan(RolloutControl, "control", ("registry",)),
        "report": _plan(UpdateReportNode, "report", ("registry",)),
        "fleet": _plan(Fleet, "fleet", **behaviour),
    }
    wires = (Wire("dispatch", "notify", "fleet"), Wire("fleet", "report", "report"))
    resources = {
        "registry": _resource(EmbeddedRegistry, "registry"),
        "firmware": _resource(FirmwareStore, "firmware", ("registry",)),
    }
    return Deployment({"ota": FlowPlan("ota", nodes, wires)}, resources)


def _resource(kind: type[Node[Any]], id: str, resources: Sequence[str] = ()) -> PlannedResource:
    declared: NodeType = kind.__node_type__
    return PlannedResource(id, declared, declared.validate({}), frozenset(resources))


@asynccontextmanager
async def running_plant(clock: VirtualClock, store: Store, **behaviour: Any) -> AsyncIterator[Plant]:
    """Run the flow on a store."""
    async with Engine(store, RouteTable(), clock=clock, drain=0) as engine:
        report = await engine.deploy(deployment(**behaviour))
        assert not report.broken, report.broken
        registry = engine.world.resource("registry")
        assert isinstance(registry, EmbeddedRegistry)
        yield Plant(engine, registry, clock, store)

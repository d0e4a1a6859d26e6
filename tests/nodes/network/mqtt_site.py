"""Flows on a real Mosquitto, under a virtual clock."""

import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, Self

import aiomqtt

from flowengine.graph import FlowPlan, PlannedNode, PlannedResource, StagePlan
from flowengine.message import Message
from flowengine.node import Clock, Config, Context, Node, NodeError, Output, node_type
from flowengine.runtime import Deployment, DeployReport, Engine, RouteTable, RunningFlow
from flowengine.storage import Store
from flowengine.testing import VirtualClock
from flowengine_nodes.network.mqtt.client import MqttClient
from flowengine_nodes.network.mqtt_broker import MqttBroker
from flowengine_nodes.network.mqtt_in import MqttIn
from flowengine_nodes.network.mqtt_out import MqttOut
from tests.mosquitto import Mosquitto
from tests.runtime.stand import node, plan

_NUMBERS = itertools.count(1)


async def until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait until something that a network brings about is so."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - several processes bring it about, and none of them tells
            await asyncio.sleep(0.005)


class InboxConfig(Config):
    """Say what becomes of messages."""

    does: Literal["take", "keep", "fail"] = "take"
    """What to do with each."""


@node_type("inbox", category="test", holds=True)
class Inbox(Node[InboxConfig]):
    """Take messages, keep them until told otherwise, or fail on them."""

    out = Output("Messages.")

    def __init__(self, config: InboxConfig, context: Context) -> None:
        super().__init__(config, context)
        self.got: list[dict[str, Any]] = []
        self.kept: list[Message] = []

    def receive(self, message: Message) -> None:
        self.got.append(message.fields)
        if self.config.does == "fail":
            raise NodeError("this must not be", code="no-good")
        if self.config.does == "keep":
            self.hold(message)
            self.kept.append(message)
        else:
            self.send(self.out, message)

    @property
    def payloads(self) -> list[Any]:
        return [fields["payload"] for fields in self.got]

    async def wait(self, count: int) -> list[dict[str, Any]]:
        """Wait until so many messages have come in all, and return them."""
        await until(lambda: len(self.got) >= count)
        return self.got


def mqtt_in(topic: str, id: str = "in", broker: str = "main", **config: Any) -> PlannedNode:
    return node(MqttIn, id, {"broker": broker, "topic": topic, **config}, resources=[broker])


def mqtt_out(topic: str = "", id: str = "out", broker: str = "main", **config: Any) -> PlannedNode:
    stage = config.pop("stage", None)
    planned = node(MqttOut, id, {"broker": broker, "topic": topic, **config}, resources=[broker], stage=stage)
    return PlannedNode(
        id, planned.type, planned.config, stage or StagePlan(), resources=planned.resources, opts_in=bool(stage)
    )


def inbox(id: str = "inbox", does: str = "take") -> PlannedNode:
    return node(Inbox, id, {"does": does})


def reading(topic: str, *, does: str = "take", flow: str = "flow", **config: Any) -> FlowPlan:
    """Plan a flow that puts what it receives into an inbox."""
    return plan(mqtt_in(topic, **config), inbox(does=does), wires=["in -> inbox"], flow=flow)


class MqttSite:
    """An engine whose flows reach a broker.

    Args:
        broker: The broker.
        clock: Time of the engine; MQTT clients go by the loop's.
        worker: Which of several processes the engine stands for.
        workers: How many there are.
        drain: Seconds that messages in flight get.
        config: Settings of the resource ``main``, beside where the broker is.
    """

    def __init__(
        self,
        broker: Mosquitto,
        *,
        clock: Clock | None = None,
        worker: int = 0,
        workers: int = 1,
        drain: float = 0,
        **config: Any,
    ) -> None:
        self.name = f"site-{next(_NUMBERS)}"
        self.config = {"host": broker.host, "port": broker.port, "client_id": self.name, **config}
        self.broker = broker
        self.clock: Any = clock or VirtualClock()
        self._settings: Any = {"worker": worker, "workers": workers, "drain": drain}
        self._deployment = Deployment({}, {})

    async def __aenter__(self) -> Self:
        self.store = await Store.in_memory(self.clock.time)
        await self._begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()
        await self.store.close()

    async def deploy(self, *plans: FlowPlan, broken: Sequence[str] = (), **changes: Any) -> DeployReport:
        """Deploy flows; changes go to the settings of the broker's resource, and broken flows do not run."""
        self.config = {**self.config, **changes}
        declared = MqttBroker.__node_type__
        resource = PlannedResource("main", declared, declared.validate(self.config))
        self._deployment = Deployment(
            {each.id: each for each in plans}, {"main": resource}, broken=dict.fromkeys(broken, "it has errors")
        )
        return await self.engine.deploy(self._deployment)

    async def run(self, *plans: FlowPlan, broken: Sequence[str] = (), **changes: Any) -> None:
        """Deploy flows and wait until the broker knows their subscriptions."""
        report = await self.deploy(*plans, broken=broken, **changes)
        assert list(report.broken) == [*broken], report.broken
        await self.reached()

    async def reached(self) -> None:
        """Wait until the broker has done all that it was asked so far."""
        async with asyncio.timeout(20):
            await self.client.publish_and_wait(f"reached/{self.name}", b"", qos=1)

    async def restart(self) -> None:
        """End the engine at once, and start it anew on the same store."""
        await self._end()
        await self._begin()
        await self.engine.deploy(self._deployment)

    @property
    def dropped(self) -> dict[str, int]:
        """What the broker's resource gave up, by reason."""
        return dict(self.engine.resources.accounts["main"].dropped)

    @property
    def client(self) -> MqttClient:
        resource: Any = self.engine.world.resources["main"]
        client: MqttClient = resource.client
        return client

    @property
    def flow(self) -> RunningFlow:
        return self.engine.flows["flow"]

    def __getitem__(self, id: str) -> Any:
        """Return the running node with an id, of the flow ``flow``."""
        return self.flow.cells[id].node

    @property
    def status(self) -> str:
        """What the broker's resource shows."""
        status = self.engine.resources.cells["main"].status
        return status.text if status else ""

    async def shows(self, text: str) -> None:
        """Wait until the broker's resource shows something."""
        await until(lambda: text in self.status)

    def errors(self) -> list[str]:
        """Return the codes of all errors, oldest first."""
        return [str(event.data["code"]) for event in self.engine.world.hub.recent if event.kind == "error"]

    async def letters(self, count: int) -> Sequence[Any]:
        """Wait until there are so many dead letters, and return them, oldest first."""
        await until(lambda: self.flow.account.failed >= count)
        return list(reversed(await self.store.dead_letters.list()))

    def lines(self, words: str) -> list[str]:
        """Return the lines in the broker's log that hold these words and name this site's client."""
        text = self.broker.log.read_text(errors="replace")
        return [line for line in text.splitlines() if words in line and f" {self.name}" in line]

    def send(self, node: str, **fields: Any) -> None:
        """Send a message to a node of the flow."""
        self.flow.inject(node, fields)

    async def _begin(self) -> None:
        self.engine = Engine(self.store, RouteTable(), clock=self.clock, **self._settings)
        await self.engine.__aenter__()

    async def _end(self) -> None:
        ending = asyncio.create_task(self.engine.__aexit__(None, None, None))
        while not ending.done():
            # The goodbye to the broker takes time, and the broker's answers come in real time.
            if isinstance(self.clock, VirtualClock):
                await self.clock.advance(0.01)
            await asyncio.wait({ending}, timeout=0.005)
        await ending


class Peer:
    """Another client of the broker, independent of ours.

    Args:
        broker: The broker.
        config: More arguments of :class:`aiomqtt.Client`.
    """

    def __init__(self, broker: Mosquitto, **config: Any) -> None:
        settings: Mapping[str, Any] = {"protocol": aiomqtt.ProtocolVersion.V5, **config}
        self._client = aiomqtt.Client(broker.host, broker.port, **settings)

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.__aexit__(None, None, None)

    async def publish(self, topic: str, payload: Any = b"", qos: int = 1, **more: Any) -> None:
        await self._client.publish(topic, payload, qos, **more)

    async def subscribe(self, topic_filter: str, **more: Any) -> None:
        await self._client.subscribe(topic_filter, **{"qos": 2, **more})

    async def take(self, count: int = 1) -> list[aiomqtt.Message]:
        """Wait for so many more messages, and return them."""
        taken: list[aiomqtt.Message] = []
        async with asyncio.timeout(20):
            async for message in self._client.messages:
                taken.append(message)
                if len(taken) == count:
                    break
        return taken

    async def payloads(self, count: int = 1) -> list[bytes]:
        return [bytes(message.payload) for message in await self.take(count)]

"""An engine with small nodes, for tests of the runtime."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flowengine.flow.document import ErrorPolicy
from flowengine.graph import FlowPlan, PlannedNode, PlannedResource, StagePlan, Wire, deferred_wires
from flowengine.message import Delivery, Message
from flowengine.node import (
    Config,
    ConfigNode,
    Context,
    Listener,
    Node,
    NodeError,
    Output,
    TransientError,
    node_type,
)
from flowengine.node.listener import Event
from flowengine.runtime import Deployment, DeployReport, Engine, RouteTable, RunningFlow
from flowengine.storage import Store
from flowengine.testing import VirtualClock, settled

FLOW = "flow"


class TaggedConfig(Config):
    """Tell two configurations apart."""

    tag: str = ""
    """Any text."""


@node_type("source", category="test")
class Source(Node[TaggedConfig]):
    """Produce what a test tells it to, and remember how each message ended."""

    out = Output("A message.")

    def __init__(self, config: TaggedConfig, context: Context) -> None:
        super().__init__(config, context)
        self.closed: list[Delivery] = []
        self.paused = 0
        self.resumed = 0
        self.stopped = False

    def pause(self) -> None:
        self.paused += 1

    def resume(self) -> None:
        self.resumed += 1

    async def stop(self) -> None:
        self.stopped = True

    def produce(self, **fields: Any) -> None:
        self.emit(self.out, fields, on_closed=self.closed.append)


@node_type("relay", category="test")
class Relay(Node[TaggedConfig]):
    """Pass every message on; fail where its payload says so."""

    out = Output("The message.")

    def receive(self, message: Message) -> None:
        match message.payload:
            case "bad":
                raise NodeError("the payload is bad", code="bad-payload", detail={"seen": "bad"})
            case "bug":
                raise ZeroDivisionError("a bug in the node")
            case "later":
                raise TransientError("not now")
        self.send(self.out, message.replace(tag=self.config.tag) if self.config.tag else message)


@node_type("worker", category="test")
class Worker(Node[TaggedConfig]):
    """Work on a message for as many seconds as its payload says, then pass it on."""

    out = Output("The message.")

    def __init__(self, config: TaggedConfig, context: Context) -> None:
        super().__init__(config, context)
        self.begun: list[Any] = []
        self.down = 0

    async def receive(self, message: Message) -> None:
        self.begun.append(message.payload)
        if self.down:
            self.down -= 1
            raise TransientError("the other side is down")
        if message.payload == "bad":
            raise NodeError("the payload is bad", code="bad-payload")
        await self.context.clock.sleep(message.get("seconds", 0))
        self.send(self.out, message)


@node_type("keeper", category="test", holds=True)
class Keeper(Node[TaggedConfig]):
    """Keep every message in memory until the test lets it go."""

    out = Output("The message.")

    def __init__(self, config: TaggedConfig, context: Context) -> None:
        super().__init__(config, context)
        self.kept: list[Message] = []

    def receive(self, message: Message) -> None:
        self.hold(message)
        self.kept.append(message)

    def hand_over(self) -> list[Message]:
        kept, self.kept = self.kept, []
        return kept

    def let_go(self) -> None:
        kept, self.kept = self.kept, []
        for message in kept:
            self.send(self.out, message)
            self.done(message)


@node_type("sink", category="test")
class Sink(Node[TaggedConfig]):
    """Remember what arrives."""

    def __init__(self, config: TaggedConfig, context: Context) -> None:
        super().__init__(config, context)
        self.got: list[dict[str, Any]] = []

    def receive(self, message: Message) -> None:
        self.got.append(message.fields)

    @property
    def payloads(self) -> list[Any]:
        return [fields.get("payload") for fields in self.got]


class ListenConfig(Config):
    """Whom to listen to."""

    nodes: tuple[str, ...] = ()
    """Ids; empty for all."""
    last: bool = False
    """Whether to listen only where nobody else does."""


class _Listen(Listener[ListenConfig]):
    out = Output("What was heard.")

    def hears(self, node: str) -> int:
        if self.config.nodes:
            return 3 if node in self.config.nodes else 0
        return 1 if self.config.last else 2

    def heard(self, message: Message) -> None:
        self.send(self.out, message)


@node_type("catch", category="test")
class Catch(_Listen):
    """Listen for errors."""

    event: ClassVar[Event] = "error"


@node_type("complete", category="test")
class Complete(_Listen):
    """Listen for completed messages."""

    event: ClassVar[Event] = "complete"


@node_type("status", category="test")
class StatusOf(_Listen):
    """Listen for statuses."""

    event: ClassVar[Event] = "status"


@node_type("server", category="test")
class Server(ConfigNode[TaggedConfig]):
    """A resource."""

    def __init__(self, config: TaggedConfig, context: Context) -> None:
        super().__init__(config, context)
        self.life: list[str] = []

    async def start(self) -> None:
        if self.config.tag == "broken":
            raise NodeError("the server cannot start")
        self.life.append("started")

    async def run(self) -> None:
        self.life.append("ran")

    async def stop(self) -> None:
        self.life.append("stopped")


def node(
    kind: type[Node[Any]],
    id: str,
    config: Mapping[str, Any] | None = None,
    *,
    stage: StagePlan | None = None,
    resources: Sequence[str] = (),
) -> PlannedNode:
    declared = kind.__node_type__
    return PlannedNode(
        id, declared, declared.validate(config or {}), stage=stage or StagePlan(), resources=frozenset(resources)
    )


def plan(
    *nodes: PlannedNode, wires: Sequence[str] = (), errors: ErrorPolicy | None = None, flow: str = FLOW
) -> FlowPlan:
    """Plan a flow; a wire is written ``"a -> b"``, or ``"a.port -> b"`` for a port that is not ``out``."""
    made = []
    for text in wires:
        source, _, target = text.partition(" -> ")
        name, _, port = source.partition(".")
        made.append(Wire(name, port or "out", target))
    stages = [each.id for each in nodes if each.is_stage]
    return FlowPlan(
        flow,
        {each.id: each for each in nodes},
        tuple(made),
        errors=errors or ErrorPolicy(),
        deferred=deferred_wires(made, stages),
    )


class Stand:
    """An engine under a virtual clock, with an in-memory store."""

    def __init__(self, engine: Engine, store: Store, clock: VirtualClock) -> None:
        self.engine = engine
        self.store = store
        self.clock = clock
        self.routes = RouteTable()

    async def deploy(self, *plans: FlowPlan, resources: Mapping[str, str] | None = None) -> DeployReport:
        """Deploy plans; resources are servers by id, with their tag."""
        declared = Server.__node_type__
        planned = {
            id: PlannedResource(id, declared, declared.validate({"tag": tag})) for id, tag in (resources or {}).items()
        }
        return await self.engine.deploy(Deployment({each.id: each for each in plans}, planned))

    @property
    def flow(self) -> RunningFlow:
        return self.engine.flows[FLOW]

    def __getitem__(self, id: str) -> Any:
        """Return the running node with an id."""
        return self.flow.cells[id].node

    async def settle(self) -> None:
        for _ in range(3):
            await settled()
            await self.store.flush()
        await settled()

    async def advance(self, seconds: float) -> None:
        await self.clock.advance(seconds, self.settle)

    def balance(self) -> dict[str, Any]:
        """Return the flow's books, after checking that they add up."""
        account = self.flow.account
        assert account.received == (account.settled + account.failed + account.dropped.total() + account.in_flight)
        assert account.in_flight >= 0
        return account.as_dict()

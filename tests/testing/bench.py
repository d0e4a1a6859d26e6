"""A folder with flows of small nodes, and their tests, for tests of the tester."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from flowengine.flow.folder import read_folder
from flowengine.node import (
    BatchNode,
    Config,
    ConfigNode,
    Context,
    Delivery,
    HttpRequest,
    HttpResponse,
    Incoming,
    Message,
    Node,
    NodeError,
    Outcome,
    Output,
    Resource,
    TransientError,
    node_type,
)
from flowengine.registry import Registry
from flowengine.testing.flow_tests import FlowTester, read_flow_tests
from flowengine.testing.result import CaseResult, FlowTestResult

FLOW = "flow"


def forbidden() -> None:
    raise AssertionError("a flow test has touched the outside")


class Outsider(Node[Config]):
    async def start(self) -> None:
        forbidden()

    async def stop(self) -> None:
        forbidden()


@node_type("source", category="test", outside=True)
class Source(Outsider):
    """Bring messages from outside; a text is not one."""

    out = Output("Messages.")
    other = Output("Others.")

    async def run(self) -> None:
        forbidden()

    def incoming(self, given: Mapping[str, Any]) -> Incoming:
        if "payload" not in given:
            raise NodeError("it has no payload", code="no-payload")
        fields = {**given, "seen": True}
        if isinstance(given["payload"], str):
            return Incoming(fields, NodeError("the payload is a text", code="text"))
        return Incoming(fields, is_repeated=given.get("qos", 1) > 0)


@node_type("sink", category="test", outside=True)
class Sink(Outsider):
    """Send messages to the outside and wait until it has them."""

    def outgoing(self, message: Message) -> Mapping[str, Any]:
        if message.payload == "unsendable":
            raise NodeError("the payload cannot be sent", code="unsendable")
        return {"body": message.payload, "to": message.topic}

    async def receive(self, message: Message) -> None:
        forbidden()


@node_type("batch-sink", category="test", outside=True)
class BatchSink(BatchNode[Config], Sink):
    """Send many messages at once."""

    async def receive_batch(self, messages: Sequence[Message]) -> None:
        forbidden()


@node_type("ask", category="test", outside=True)
class Ask(Outsider):
    """Ask the outside, and send the answer on."""

    out = Output("Answers.")
    none = Output("Questions without an answer.")

    async def receive(self, message: Message) -> None:
        forbidden()


@node_type("publish", category="test", outside=True, holds=True)
class Publish(Outsider):
    """Send a message and hear later that it has arrived."""

    def receive(self, message: Message) -> None:
        forbidden()


@node_type("fire", category="test", outside=True)
class Fire(Outsider):
    """Send a message and wait for nothing."""

    def receive(self, message: Message) -> None:
        forbidden()


@node_type("remote", category="test", outside=True)
class Remote(ConfigNode[Config]):
    """A resource outside."""

    async def start(self) -> None:
        forbidden()


@node_type("cupboard", category="test")
class Cupboard(ConfigNode[Config]):
    """A resource that holds things, and keeps them."""

    async def furnish(self, given: Mapping[str, Any]) -> None:
        if "snake" in given:
            raise NodeError("no snakes")
        await self.context.state.set("things", dict(given))

    @property
    def things(self) -> Any:
        return self.context.state.get("things", {})


class LookConfig(Config):
    """Look into a cupboard."""

    cupboard: Annotated[str, Resource("cupboard", "remote")] = "cupboard"


@node_type("look", category="test")
class Look(Node[LookConfig]):
    """Add what is in a cupboard, as it was when the node started."""

    out = Output("The messages.")

    async def start(self) -> None:
        self._things = self.context.resource(self.config.cupboard, Cupboard).things

    def receive(self, message: Message) -> None:
        self.send(self.out, message.replace(things=self._things))


class MapConfig(Config):
    """Configure a map."""

    tag: str = ""


@node_type("map", category="test")
class Map(Node[MapConfig]):
    """Pass messages on with a tag; count them; fail or drop where the payload says so."""

    out = Output("The messages.")

    def receive(self, message: Message) -> None:
        count = self.context.state.get("count", 0) + 1
        self.context.state.set_later("count", count)
        self.context.status(f"{count} seen")
        if message.payload == "bad":
            raise NodeError("the payload is bad", code="bad-payload")
        if message.payload == "later" and count < 3:
            raise TransientError("not yet")
        if message.payload == "unwanted":
            self.drop(message, "unwanted")
            return
        self.send(self.out, message.replace(tag=self.config.tag or self.context.env.get("TAG", "")))


@node_type("worker", category="test")
class Worker(Node[Config]):
    """Work as many seconds as the message says."""

    out = Output("The messages.")

    async def receive(self, message: Message) -> None:
        await self.context.clock.sleep(message.get("seconds", 0))
        self.send(self.out, message)


@node_type("ticker", category="test")
class Ticker(Node[Config]):
    """Send a message each minute."""

    out = Output("The time.")

    async def run(self) -> None:
        while True:
            await self.context.clock.sleep(60)
            self.emit(self.out, {"payload": self.context.clock.time()})


@node_type("broken", category="test")
class Broken(Node[Config]):
    """Never start."""

    async def start(self) -> None:
        raise NodeError("the part is missing")

    def receive(self, message: Message) -> None:
        forbidden()


@node_type("web", category="test")
class Web(Node[Config]):
    """Answer an HTTP path when the message has ended."""

    out = Output("Requests.")

    def __init__(self, config: Config, context: Context) -> None:
        super().__init__(config, context)
        self._open: set[asyncio.Future[Delivery]] = set()

    async def start(self) -> None:
        self.context.routes.add("POST", "/things/{id}", self._answer, max_body=100)

    async def stop(self) -> None:
        self.context.routes.remove("POST", "/things/{id}")

    async def _answer(self, request: HttpRequest) -> HttpResponse:
        closed: asyncio.Future[Delivery] = asyncio.get_running_loop().create_future()
        fields = {"payload": json.loads(request.body), "id": request.parameters["id"], "query": dict(request.query)}
        self.emit(self.out, fields, on_closed=closed.set_result)
        outcome = (await closed).outcome
        body = json.dumps({"outcome": outcome.name.lower()}).encode()
        return HttpResponse(200 if outcome is Outcome.SETTLED else 500, body, {"Content-Type": "application/json"})


@node_type("circle", category="test", holds=True)
class Circle(Node[Config]):
    """Send each message to itself, for ever."""

    out = Output("The messages.")

    def receive(self, message: Message) -> None:
        self.send(self.out, message)


TYPES = (Cupboard, Look, Source, Sink, BatchSink, Ask, Publish, Fire, Remote, Map, Worker, Ticker, Broken, Web, Circle)


def node(kind: str, *targets: str, **more: Any) -> dict[str, Any]:
    """Return the document of a node whose port ``out`` feeds others."""
    return {"type": kind, **({"wires": {"out": list(targets)}} if targets else {}), **more}


CHAIN = {"in": node("source", "map"), "map": node("map", "sink"), "sink": node("sink")}
STORED = {
    "in": node("source", "map"),
    "map": node("map", "sink"),
    "sink": node("sink", stage={"outbox": True, "order": "$.topic"}),
}


class Bench:
    """A folder of flows and their tests.

    Args:
        path: The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.registry = Registry(kind.__node_type__ for kind in TYPES)

    def write_flow(self, nodes: Mapping[str, Any], flow: str = FLOW, **more: Any) -> None:
        """Write a flow; retries wait 1 s, 2 s and so on, three tries in all."""
        retry = {"retry": {"attempts": 3, "initial": "1s", "jitter": False}}
        document = {"flowengine": 1, "id": flow, "errors": retry, "nodes": nodes, **more}
        (self.path / f"{flow}.flow.json").write_text(json.dumps(document))

    @property
    def tests_file(self) -> Path:
        """The file of the flow's tests."""
        return self.path / f"{FLOW}.flow-test.json"

    def write_resources(self, **resources: Mapping[str, Any]) -> None:
        """Write the resources."""
        (self.path / "resources.json").write_text(json.dumps({"flowengine": 1, "resources": resources}))

    def write_tests(self, *cases: Mapping[str, Any], flow: str = FLOW, **more: Any) -> None:
        """Write the tests of a flow."""
        document = {"flowengine": 1, **more, "cases": cases}
        (self.path / f"{flow}.flow-test.json").write_text(json.dumps(document, indent=2))

    def test(self, flow: str = FLOW, longest: float = 10.0) -> FlowTestResult:
        """Run the tests of a flow."""
        tester = FlowTester(self.registry, longest=longest)
        return tester.run(read_folder(self.path), read_flow_tests(self.path)[flow])

    def play(
        self, nodes: Mapping[str, Any], given: Sequence[Mapping[str, Any]], expect: Mapping[str, Any], **case: Any
    ) -> CaseResult:
        """Run one case of one flow."""
        self.write_flow(nodes)
        self.write_tests({"name": "works", "given": given, "expect": expect, **case})
        (result,) = self.test().cases
        return result

    def passes(
        self, nodes: Mapping[str, Any], given: Sequence[Mapping[str, Any]], expect: Mapping[str, Any], **case: Any
    ) -> None:
        """Run one case, which must pass."""
        result = self.play(nodes, given, expect, **case)
        assert result.outcome == "passed", result

    def differs(
        self, nodes: Mapping[str, Any], given: Sequence[Mapping[str, Any]], expect: Mapping[str, Any], **case: Any
    ) -> list[str]:
        """Run one case, which must fail, and return how."""
        result = self.play(nodes, given, expect, **case)
        assert result.outcome == "failed", result
        return [str(difference) for difference in result.differences]

    def refuses(
        self, nodes: Mapping[str, Any], given: Sequence[Mapping[str, Any]], expect: Mapping[str, Any], **case: Any
    ) -> list[str]:
        """Run one case, which must be refused, and return why."""
        result = self.play(nodes, given, expect, **case)
        assert result.outcome == "broken", result
        return [f"{problem.field}: {problem.message} [{problem.code}]" for problem in result.problems]

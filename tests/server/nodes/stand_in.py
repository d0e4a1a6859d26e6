"""Small nodes for tests of the server."""

from collections.abc import Iterable

from flowengine.node import (
    Config,
    ConfigNode,
    HttpRequest,
    HttpResponse,
    Message,
    Node,
    NodeError,
    Output,
    StagePlan,
    TransientError,
    node_type,
)


class GateConfig(Config):
    """Choose what gets through."""

    refuse: bool = False
    """Whether every message fails."""


@node_type("gate", category="test")
class Gate(Node[GateConfig]):
    """Pass a message on, or fail."""

    out = Output("The message.")

    def receive(self, message: Message) -> None:
        if self.config.refuse:
            raise NodeError("the gate is shut", code="shut", detail={"gate": "front"})
        if message.payload == "bug":
            raise ZeroDivisionError("a bug")
        self.send(self.out, message)


@node_type("store-room", category="test")
class StoreRoom(Node[GateConfig]):
    """Take messages out of the outbox, or fail."""

    stage = StagePlan(outbox=True)

    async def receive(self, message: Message) -> None:
        if self.config.refuse:
            raise NodeError("the store room is shut", code="shut")


@node_type("depot", category="test")
class Depot(Node[GateConfig]):
    """Take messages out of the outbox, or be away."""

    stage = StagePlan(outbox=True)

    async def receive(self, message: Message) -> None:
        if self.config.refuse:
            raise TransientError("nobody answers the bell", code="away")


@node_type("keeper", category="test", holds=True)
class Keeper(Node[Config]):
    """Keep every message for ever."""

    def receive(self, message: Message) -> None:
        self.hold(message)


@node_type("counter", category="test")
class Counter(Node[Config]):
    """Count messages in the node's, the flow's and everybody's state."""

    async def receive(self, message: Message) -> None:
        for state in (self.context.state, self.context.flow_state, self.context.global_state):
            await state.update("count", lambda count: count + 1, 0)


class LineConfig(Config):
    """Choose how the line is."""

    connected: bool = True
    """Whether it is connected."""


@node_type("line", category="test")
class Line(ConfigNode[LineConfig]):
    """A line that is connected or not."""

    async def start(self) -> None:
        self.context.status(*(("connected", "ok") if self.config.connected else ("connecting", "busy")))


class DoorConfig(Config):
    """Choose where the door is."""

    path: str = "/door/{name}"
    """Path to answer for."""


@node_type("door", category="test")
class Door(Node[DoorConfig]):
    """Answer requests with what was asked for."""

    out = Output("What was asked for.")

    @classmethod
    def claims(cls, config: DoorConfig) -> Iterable[tuple[str, str]]:
        return (("HTTP route", f"GET {config.path}"),)

    async def start(self) -> None:
        description = {"summary": "Knock at the door"}
        self.context.routes.add("GET", self.config.path, self._answer, max_body=1000, description=description)

    async def stop(self) -> None:
        self.context.routes.remove("GET", self.config.path)

    async def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.parameters["name"] == "trap":
            raise ZeroDivisionError("a bug in a node")
        return HttpResponse(body=f"hello {request.parameters['name']}".encode())


class PortsConfig(Config):
    """Choose the ports."""

    names: tuple[str, ...] = ()
    """Their names."""


@node_type("many-ways", category="test")
class ManyWays(Node[PortsConfig]):
    """Have the ports that the configuration names."""

    @classmethod
    def ports(cls, config: PortsConfig) -> list[Output]:
        return [Output(name=name) for name in config.names]

    def receive(self, message: Message) -> None:
        for port in self.outputs.values():
            self.send(port, message)

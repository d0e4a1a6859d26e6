"""A flow behind the HTTP server, under a virtual clock."""

import asyncio
import itertools
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowengine.graph import FlowPlan, PlannedNode, StagePlan, Wire
from flowengine.node import Config, Message, Node, NodeError, Output, node_type
from flowengine.runtime import Deployment, Engine, RouteTable, RunningFlow
from flowengine.server.node_routes import NodeRoutes
from flowengine.storage import Store
from flowengine.testing import VirtualClock, settled


@node_type("probe", category="test", holds=True)
class Probe(Node[Config]):
    """Do with each message what its payload says: fail, drop, keep, else pass it on."""

    out = Output("Messages.")

    def __init__(self, config: Config, context: Any) -> None:
        super().__init__(config, context)
        self.seen: list[Message] = []
        self.kept: list[Message] = []

    def receive(self, message: Message) -> None:
        self.seen.append(message)
        match message.payload:
            case "fail":
                raise NodeError("this must not be", code="no-good")
            case "drop":
                self.drop(message, "not-wanted")
            case "keep":
                self.hold(message)
                self.kept.append(message)
            case _:
                self.send(self.out, message)

    def let_go(self) -> None:
        """Pass on what was kept."""
        kept, self.kept = self.kept, []
        for message in kept:
            self.send(self.out, message)
            self.done(message)


class Site:
    """Run one flow: each node sends what leaves it to the next.

    Args:
        nodes: Class and configuration of each node, by id.
    """

    def __init__(self, nodes: Mapping[str, tuple[type[Node[Any]], Mapping[str, Any]]]) -> None:
        planned = {
            id: PlannedNode(id, kind.__node_type__, kind.__node_type__.validate(config), StagePlan())
            for id, (kind, config) in nodes.items()
        }
        ids = list(nodes)
        wires = [Wire(one, "out", other) for one, other in itertools.pairwise(ids)]
        self._plan = FlowPlan("site", planned, tuple(wires))
        self.clock = VirtualClock()
        self.routes = RouteTable()

    async def __aenter__(self) -> Self:
        self.store = await Store.open("sqlite://", clock=self.clock.time)
        self.engine = Engine(self.store, self.routes, clock=self.clock, drain=0)
        await self.engine.__aenter__()
        report = await self.engine.deploy(Deployment({"site": self._plan}, {}))
        assert not report.broken
        serve = NodeRoutes(self.routes)

        async def endpoint(request: Request) -> Response:
            return await serve(request)

        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        app = Starlette(routes=[Route("/{rest:path}", endpoint, methods=methods)])
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://site")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()
        await self.engine.__aexit__(None, None, None)
        await self.store.close()

    @property
    def flow(self) -> RunningFlow:
        return self.engine.flows["site"]

    def node(self, id: str) -> Any:
        return self.flow.cells[id].node

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return await self._client.request(method, path, **more)

    async def begin(self, method: str, path: str, **more: Any) -> "asyncio.Task[httpx.Response]":
        """Ask, and come back when the flow has the request."""
        task = asyncio.create_task(self.ask(method, path, **more))
        await settled()
        return task

    async def settle(self) -> None:
        for _ in range(3):
            await settled()
            await self.store.flush()
        await settled()

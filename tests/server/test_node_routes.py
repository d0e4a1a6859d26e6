"""Requests for paths that nodes answer, while a deploy replaces the nodes."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowengine.node import HttpRequest, HttpResponse
from flowengine.runtime import RouteTable
from flowengine.server import node_routes
from flowengine.server.node_routes import NodeRoutes


async def answer(_: HttpRequest) -> HttpResponse:
    return HttpResponse(200, b"here")


def client(routes: RouteTable) -> httpx.AsyncClient:
    serve = NodeRoutes(routes)

    async def endpoint(request: Request) -> Response:
        return await serve(request)

    app = Starlette(routes=[Route("/{rest:path}", endpoint, methods=["GET", "HEAD"])])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://site")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_request_waits_while_the_node_that_answers_is_replaced(method: str) -> None:
    routes = RouteTable()
    routes.add("GET", "/a", answer, max_body=1)
    async with client(routes) as asking:
        async with routes.changing():
            routes.remove("GET", "/a")
            task = asyncio.create_task(asking.request(method, "/a"))
            for _ in range(10):
                await asyncio.sleep(0)
            assert not task.done()
            routes.add("GET", "/a", answer, max_body=1)
        assert (await task).status_code == 200


async def test_request_is_asked_to_come_again_when_the_deploy_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_routes, "PATIENCE", 0.01)
    routes = RouteTable()
    routes.add("GET", "/a", answer, max_body=1)
    async with client(routes) as asking, routes.changing():
        routes.remove("GET", "/a")
        refused = await asking.get("/a")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert refused.json()["code"] == "busy"
        assert (await asking.get("/never")).status_code == 404


async def test_request_for_what_a_deploy_took_away_for_good_gets_404() -> None:
    routes = RouteTable()
    routes.add("GET", "/a", answer, max_body=1)
    async with client(routes) as asking:
        async with routes.changing():
            routes.remove("GET", "/a")
            task = asyncio.create_task(asking.get("/a"))
            await asyncio.sleep(0)
        assert (await task).status_code == 404

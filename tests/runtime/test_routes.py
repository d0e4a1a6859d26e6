import asyncio

import pytest

from flowengine.errors import NodeError
from flowengine.node import HttpRequest, HttpResponse
from flowengine.runtime import RouteTable


async def answer(_: HttpRequest) -> HttpResponse:
    return HttpResponse()


def test_routes_find_the_path_without_names_first_and_give_the_names() -> None:
    routes = RouteTable()
    routes.add("GET", "/device/{id}/status", answer, max_body=1)
    routes.add("GET", "/device/all/status", answer, max_body=1)
    found = routes.find("GET", "/device/all/status")
    assert found is not None
    assert (found[0].path, found[1]) == ("/device/all/status", {})
    named = routes.find("GET", "/device/b%201/status")
    assert named is not None
    assert named[1] == {"id": "b%201"}
    assert routes.find("GET", "/device/a/b/status") is None
    assert routes.find("POST", "/device/a/status") is None
    assert routes.methods("/device/a/status") == ["GET"]


def test_routes_refuse_a_path_that_is_taken_whatever_its_names_are_called() -> None:
    routes = RouteTable()
    routes.add("GET", "/device/{id}", answer, max_body=1)
    with pytest.raises(NodeError) as refused:
        routes.add("GET", "/device/{serial}", answer, max_body=1)
    assert refused.value.code == "claimed-twice"
    routes.add("POST", "/device/{serial}", answer, max_body=1)
    routes.remove("GET", "/device/{id}")
    routes.add("GET", "/device/{serial}", answer, max_body=1)


@pytest.mark.parametrize("path", ["/", "/health", "/metrics", "/admin/api/flows", "/editor"])
def test_routes_keep_the_paths_of_the_server(path: str) -> None:
    with pytest.raises(NodeError) as refused:
        RouteTable().add("GET", path, answer, max_body=1)
    assert refused.value.code == "reserved-path"


async def test_path_that_a_deploy_takes_away_is_waited_for_until_it_is_back() -> None:
    routes = RouteTable()
    routes.add("GET", "/device/{id}", answer, max_body=1)
    async with routes.changing():
        routes.remove("GET", "/device/{id}")
        waiting = asyncio.create_task(routes.returned("GET", "/device/7"))
        # What was never there is not waited for, nor another method.
        await routes.returned("GET", "/pump/7")
        await routes.returned("POST", "/device/7")
        assert not waiting.done()
        routes.add("GET", "/device/{number}", answer, max_body=1)
        await waiting


async def test_path_that_a_deploy_takes_away_for_good_is_given_up_at_its_end() -> None:
    routes = RouteTable()
    routes.add("GET", "/device", answer, max_body=1)
    async with routes.changing():
        routes.remove("GET", "/device")
        waiting = asyncio.create_task(routes.returned("GET", "/device"))
        await asyncio.sleep(0)
        assert not waiting.done()
    await waiting
    assert routes.find("GET", "/device") is None

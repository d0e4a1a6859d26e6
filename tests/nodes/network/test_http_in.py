import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from flowengine.message import encode_fields
from flowengine.node import HttpRequest
from flowengine.testing import NodeHarness, settled
from flowengine_nodes.network.http_in import HttpIn, HttpInConfig
from flowengine_nodes.network.http_response import HttpAnswer
from tests.nodes.network.site import Probe, Site

PATH = "/api/device/{device}"


def site(config: Mapping[str, Any] | None = None, answer: Mapping[str, Any] | None = None) -> Site:
    nodes: dict[str, Any] = {"in": (HttpIn, {"path": PATH, **(config or {})}), "probe": (Probe, {})}
    if answer is not None:
        nodes["answer"] = (HttpAnswer, answer)
    return Site(nodes)


async def test_http_in_makes_a_request_a_message_of_plain_fields() -> None:
    async with site() as running:
        answer = await running.ask("POST", "/api/device/d%201?a=1&b=2&b=3", json={"level": 3}, headers={"X-Line": "4"})
        (message,) = running.node("probe").seen
    assert answer.status_code == 204
    assert answer.content == b""
    fields = message.fields
    assert fields["payload"] == {"level": 3}
    assert fields["device"] == "d 1"
    assert fields["parameters"] == {"device": "d 1"}
    assert fields["query"] == {"a": "1", "b": ["2", "3"]}
    assert fields["headers"]["x-line"] == "4"
    assert (fields["method"], fields["path"], fields["topic"]) == ("POST", "/api/device/d 1", "/api/device/d 1")
    assert encode_fields(fields)


async def test_http_in_answers_when_the_flow_has_finished_and_not_before() -> None:
    async with site({"success": 200}) as running:
        asking = await running.begin("POST", "/api/device/d1", json="keep")
        await running.settle()
        assert not asking.done()
        running.node("probe").let_go()
        assert (await asking).status_code == 200
        assert running.flow.account.settled == 1


async def test_http_in_says_that_the_flow_failed() -> None:
    async with site() as running:
        answer = await running.ask("POST", "/api/device/d1", json="fail")
        (letter,) = await running.store.dead_letters.list()
    assert answer.status_code == 500
    assert answer.json()["code"] == "no-good"
    assert letter.source_id in answer.json()["message"]


async def test_http_in_says_that_the_flow_gave_the_request_up() -> None:
    async with site() as running:
        answer = await running.ask("POST", "/api/device/d1", json="drop")
        assert running.flow.account.dropped == {"not-wanted": 1}
    assert (answer.status_code, answer.json()["code"]) == (500, "not-wanted")


async def test_http_in_answers_at_once_where_told() -> None:
    async with site({"answer": "at-once"}) as running:
        assert (await running.ask("POST", "/api/device/d1", json="keep")).status_code == 202
        assert running.flow.account.in_flight == 1
        assert "request_id" not in running.node("probe").seen[0].fields
        running.node("probe").let_go()


async def test_http_in_gives_up_waiting_but_the_flow_goes_on() -> None:
    async with site({"timeout": "5s"}, {}) as running:
        asking = await running.begin("POST", "/api/device/d1", json="keep")
        await running.clock.advance(5)
        answer = await asking
        assert (answer.status_code, answer.json()["code"]) == (504, "request-timeout")
        running.node("probe").let_go()
        await running.settle()
        assert running.flow.account.dropped == {"request-timeout": 1}
        assert running.flow.account.in_flight == 0
        assert await running.store.dead_letters.count() == 0


async def test_http_in_accounts_for_a_client_that_has_gone() -> None:
    async with site({}, {}) as running:
        asking = await running.begin("POST", "/api/device/d1", json="keep")
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert running.flow.account.in_flight == 1
        running.node("probe").let_go()
        await running.settle()
        assert running.flow.account.dropped == {"client-gone": 1}
        assert running.flow.account.in_flight == 0


async def test_http_in_takes_no_more_requests_than_it_may() -> None:
    async with site({"max_requests": 2}) as running:
        asking = [await running.begin("POST", f"/api/device/{number}", json="keep") for number in range(2)]
        answer = await running.ask("POST", "/api/device/3", json="x")
        assert (answer.status_code, answer.json()["code"]) == (503, "busy")
        assert answer.headers["retry-after"] == "1"
        running.node("probe").let_go()
        assert [(await one).status_code for one in asking] == [204, 204]
        assert (await running.ask("POST", "/api/device/3", json="x")).status_code == 204


async def test_http_in_counts_a_request_that_nobody_waits_for_any_more() -> None:
    async with site({"max_requests": 1, "timeout": "5s"}) as running:
        asking = await running.begin("POST", "/api/device/1", json="keep")
        await running.clock.advance(5)
        assert (await asking).status_code == 504
        assert (await running.ask("POST", "/api/device/2", json="x")).status_code == 503


async def test_http_in_lets_requests_wait_a_moment_while_a_queue_is_full() -> None:
    async with site() as running:
        running.flow.valve.close("test")
        waiting = await running.begin("POST", "/api/device/1", json="x")
        assert not waiting.done()
        running.flow.valve.open("test")
        assert (await waiting).status_code == 204
        running.flow.valve.close("test")
        refused = await running.begin("POST", "/api/device/1", json="x")
        await running.clock.advance(2)
        assert (await refused).status_code == 503
        running.flow.valve.open("test")


async def test_http_in_stops_taking_requests_but_answers_those_it_has() -> None:
    async with site() as running:
        asking = await running.begin("POST", "/api/device/1", json="keep")
        await running.flow.quiesce()
        assert (await running.ask("POST", "/api/device/2", json="x")).status_code == 503
        running.node("probe").let_go()
        assert (await asking).status_code == 204


async def test_http_in_leaves_nobody_waiting_when_the_engine_stops() -> None:
    async with site() as running:
        asking = await running.begin("POST", "/api/device/1", json="keep")
        await running.engine.stop()
        answer = await asking
    assert (answer.status_code, answer.json()["code"]) == (503, "stopping")


async def test_http_in_closes_its_route_when_it_stops() -> None:
    async with NodeHarness(HttpIn, {"path": PATH}) as harness:
        assert harness.routes.find("POST", "/api/device/1")
        await harness.restart()
        assert harness.routes.find("POST", "/api/device/1")
    assert not list(harness.routes)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer right"}, 204),
        ({"Authorization": "bearer right"}, 204),
        ({"X-API-Key": "right"}, 204),
        ({}, 401),
        ({"X-API-Key": ""}, 401),
        ({"X-API-Key": "rightx"}, 401),
        ({"Authorization": "Bearer wrong", "X-API-Key": "right"}, 401),
        ({"Authorization": "Basic right"}, 401),
        ({"X-API-Key": "gr\xfcn"}, 401),
    ],
)
async def test_http_in_lets_in_only_who_shows_the_key(headers: dict[str, str], status: int) -> None:
    async with site({"api_key": "right"}) as running:
        sent = {name: value.encode("latin-1") for name, value in headers.items()}
        answer = await running.ask("POST", "/api/device/1", json=1, headers=sent)
        seen = running.node("probe").seen
    assert answer.status_code == status
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"
        assert not seen
    else:
        assert "right" not in repr(seen[0].fields)


@pytest.mark.parametrize(
    ("body", "content_type", "config", "code"),
    [
        (b"{", "application/json", {}, "bad-body"),
        (b'{"a": NaN}', "application/json", {}, "bad-body"),
        (b"[" * 100_000, "application/json", {}, "bad-body"),
        (b'{"a": "\xff"}', "application/json", {}, "bad-body"),
        (b"\xff", "text/plain", {}, "bad-body"),
        (b"a", "text/plain; charset=klingon", {}, "bad-body"),
        (b"text", "text/plain", {"body": "json"}, "bad-body"),
        (b'{"level": "high"}', "application/json", {}, "schema"),
        (b"", "application/json", {}, "schema"),
    ],
)
async def test_http_in_says_what_is_wrong_with_a_body(
    body: bytes, content_type: str, config: dict[str, Any], code: str
) -> None:
    schema = {"type": "object", "properties": {"level": {"type": "number"}}, "required": ["level"]}
    config = config if code == "bad-body" else {"body_schema": schema}
    async with site(config) as running:
        answer = await running.ask("POST", "/api/device/1", content=body, headers={"Content-Type": content_type})
        assert not running.node("probe").seen
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["location"] == ("body" if code == "bad-body" else "body $.level" if body else "body $")


async def test_http_in_takes_no_larger_body_than_it_may() -> None:
    async with site({"max_body": 10, "body": "bytes"}) as running:
        assert (await running.ask("POST", "/api/device/1", content=b"x" * 10)).status_code == 204
        answer = await running.ask("POST", "/api/device/1", content=b"x" * 11)
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


async def test_http_in_describes_itself() -> None:
    schema = {"type": "object"}
    config = {"path": PATH, "body_schema": schema, "summary": "Take a reading", "api_key": "k"}
    async with NodeHarness(HttpIn, config) as harness:
        found = harness.routes.find("POST", "/api/device/1")
        assert found is not None
        description = found[0].description
    assert description["summary"] == "Take a reading"
    assert description["requestBody"]["content"]["application/json"]["schema"] == schema
    assert {"204", "400", "401", "500"} <= description["responses"].keys()
    assert description["security"]


def test_http_in_claims_its_route_whatever_the_names() -> None:
    one = HttpIn.claims(HttpInConfig.model_validate({"path": "/a/{x}"}))
    other = HttpIn.claims(HttpInConfig.model_validate({"path": "/a/{y}"}))
    assert list(one) == list(other) == [("HTTP route", "POST /a/{}")]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("api", "must begin"),
        ("/", "belongs to the server"),
        ("/admin/x", "belongs to the server"),
        ("/a/{x}/{x}", "twice"),
        ("/a/{payload}", "replace"),
        ("/a/{request_id}", "replace"),
        ("/a/{principal}", "replace"),
        ("/a b", "character"),
        ("/a?b=1", "character"),
        ("/a/{1}", "character"),
    ],
)
def test_http_in_refuses_a_bad_path(path: str, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        HttpInConfig.model_validate({"path": path})


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"access": "api", "api_key": "secret"}, "cannot both decide"),
        ({"scope": "command"}, "there is no access"),
    ],
)
def test_http_in_has_one_lock(config: dict[str, str], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        HttpInConfig.model_validate({"path": "/a", **config})


async def test_http_in_describes_what_the_flow_answers() -> None:
    config = {"path": "/a", "success": 201, "answer_schema": {"type": "object"}}
    async with NodeHarness(HttpIn, config) as harness:
        found = harness.routes.find("POST", "/a")
        assert found is not None
        answer = found[0].description["responses"]["201"]
        assert answer["content"] == {"application/json": {"schema": {"type": "object"}}}


async def test_http_in_answers_the_server_directly() -> None:
    async with NodeHarness(HttpIn, {"method": "GET", "path": "/a"}) as harness:
        found = harness.routes.find("GET", "/a")
        assert found is not None
        answer = await found[0].handler(HttpRequest("GET", "/a", {}, {}, {}, b"", "10.0.0.1"))
        (sent,) = harness.take()
        await settled()
    assert answer.status == 204
    assert sent.fields["payload"] is None
    assert sent.fields["client"] == "10.0.0.1"

from typing import Any

import pytest

from flowengine.node import HttpResponse
from flowengine.testing import NodeHarness
from flowengine_nodes.network.http_in import HttpIn
from flowengine_nodes.network.http_response import HttpAnswer
from tests.nodes.network.site import Site


class Client:
    """Stand where an HTTP in node stands."""

    def __init__(self, harness: NodeHarness) -> None:
        self.answers: list[HttpResponse] = []
        self.requests = harness.flow.world.requests
        self.id = self.requests.open(self.answers.append)


@pytest.mark.parametrize(
    ("config", "fields", "status", "body", "content_type"),
    [
        ({}, {"payload": {"a": 1}}, 200, b'{"a":1}', "application/json"),
        ({}, {"payload": "grün"}, 200, "grün".encode(), "text/plain; charset=utf-8"),
        ({}, {"payload": b"\x00"}, 200, b"\x00", "application/octet-stream"),
        ({}, {"payload": False}, 200, b"false", "application/json"),
        ({}, {"payload": None}, 204, b"", None),
        ({}, {}, 204, b"", None),
        ({}, {"payload": None, "status_code": 404}, 404, b"", None),
        ({"status": 201}, {"payload": 1, "status_code": 404}, 201, b"1", "application/json"),
        ({"body": "$.result.text"}, {"result": {"text": "x"}}, 200, b"x", "text/plain; charset=utf-8"),
        ({"content_type": "text/html"}, {"payload": "<p>"}, 200, b"<p>", "text/html"),
        ({"headers": {"Content-Type": "text/csv"}}, {"payload": "a,b"}, 200, b"a,b", "text/csv"),
        ({"body_format": "json"}, {"payload": "x"}, 200, b'"x"', "application/json"),
    ],
)
async def test_http_response_answers(
    config: dict[str, Any], fields: dict[str, Any], status: int, body: bytes, content_type: str | None
) -> None:
    async with NodeHarness(HttpAnswer, config) as harness:
        client = Client(harness)
        harness.receive(fields, request_id=client.id)
        assert not harness.errors
        (answer,) = client.answers
    assert (answer.status, answer.body, answer.headers.get("content-type")) == (status, body, content_type)


async def test_http_response_takes_headers_from_settings_and_message() -> None:
    async with NodeHarness(HttpAnswer, {"headers": {"X-Device": "{device}", "X-One": "ours"}}) as harness:
        client = Client(harness)
        own = {"x-one": "theirs", "X-Two": 2, "Content-Length": 99}
        harness.receive(request_id=client.id, device="d1", response_headers=own, headers={"cookie": "secret"})
        assert client.answers[0].headers == {"x-device": "d1", "x-one": "ours", "x-two": "2"}


@pytest.mark.parametrize(
    ("config", "fields", "code"),
    [
        ({"headers": {"X-Device": "{device}"}}, {"device": "a\r\nSet-Cookie: b"}, "invalid-header"),
        ({"headers": {"X-Device": "{device}"}}, {}, "missing-field"),
        ({}, {"response_headers": {"a b": "c"}}, "invalid-header"),
        ({}, {"response_headers": {"a": "€"}}, "invalid-header"),
        ({}, {"response_headers": ["a"]}, "invalid-header"),
        ({}, {"status_code": 99}, "invalid-status"),
        ({}, {"status_code": "200"}, "invalid-status"),
        ({}, {"status_code": True}, "invalid-status"),
        ({"status": 204}, {"payload": 1}, "invalid-status"),
        ({}, {"payload": {1, 2}}, "invalid-body"),
    ],
)
async def test_http_response_refuses_what_cannot_be_sent(
    config: dict[str, Any], fields: dict[str, Any], code: str
) -> None:
    async with NodeHarness(HttpAnswer, config) as harness:
        client = Client(harness)
        harness.receive(fields, request_id=client.id)
        assert [error.code for error in harness.errors] == [code]
        assert not client.answers


async def test_http_response_answers_a_request_once() -> None:
    async with NodeHarness(HttpAnswer) as harness:
        client = Client(harness)
        harness.receive(payload=1, request_id=client.id)
        harness.receive(payload=2, request_id=client.id)
        assert [answer.body for answer in client.answers] == [b"1"]
        assert [error.code for error in harness.errors] == ["already-answered"]


async def test_http_response_accounts_for_a_client_that_has_gone() -> None:
    async with NodeHarness(HttpAnswer) as harness:
        client = Client(harness)
        client.requests.close(client.id)
        harness.receive(payload=1, request_id=client.id)
        assert harness.dropped == {"client-gone": 1}
        assert not harness.errors


async def test_http_response_knows_no_request_of_another_run() -> None:
    async with NodeHarness(HttpAnswer) as harness:
        client = Client(harness)
        await harness.restart()
        harness.receive(payload=1, request_id=client.id)
        assert [error.code for error in harness.errors] == ["unknown-request"]
        assert [answer.status for answer in client.answers] == [503]


async def test_http_response_answers_what_http_in_took() -> None:
    async with Site({"in": (HttpIn, {"path": "/echo/{name}"}), "answer": (HttpAnswer, {"status": 201})}) as running:
        answer = await running.ask("POST", "/echo/a", json={"b": 1})
        assert running.flow.account.settled == 1
    assert (answer.status_code, answer.json()) == (201, {"b": 1})


async def test_http_response_failing_tells_the_client() -> None:
    async with Site({"in": (HttpIn, {"path": "/echo"}), "answer": (HttpAnswer, {"headers": {"X": "{x}"}})}) as running:
        answer = await running.ask("POST", "/echo", json=1)
    assert (answer.status_code, answer.json()["code"]) == (500, "missing-field")

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.node import TransientError
from flowengine_nodes.network.http_status import StatusSet
from tests.nodes.network.http_request.asking import Run, Serve, ask, refused
from tests.nodes.network.http_server import answer, endless, json_answer


@pytest.mark.parametrize(
    ("config", "sent", "expected"),
    [
        ({}, answer(200, b'{"a": 1}', Content_Type="application/json; charset=utf-8"), {"a": 1}),
        ({}, answer(200, b'{"a": 1}', Content_Type="application/vnd.x+json"), {"a": 1}),
        ({}, answer(200, b'{"a": 1}', Content_Type="text/plain"), '{"a": 1}'),
        ({}, answer(200, b"gr\xfcn", Content_Type="text/plain; charset=latin-1"), "grün"),
        (
            {},
            answer(200, b"a=1&b=2&b=3", Content_Type="application/x-www-form-urlencoded"),
            {"a": "1", "b": ["2", "3"]},
        ),
        ({}, answer(200, b"{}", Content_Type="application/zip"), b"{}"),
        ({}, answer(200, b"[1]"), [1]),
        ({}, answer(200, b"one"), "one"),
        ({}, answer(200, b"\xff"), b"\xff"),
        ({}, answer(204), None),
        ({"answer": "text"}, json_answer([1]), "[1]"),
        ({"answer": "bytes"}, json_answer([1]), b"[1]"),
        ({"answer": "json"}, answer(200, b"[1]", Content_Type="text/plain"), [1]),
    ],
)
async def test_http_request_reads_each_kind_of_answer(
    serve: Serve, run: Run, config: dict[str, Any], sent: bytes, expected: Any
) -> None:
    server = await serve(sent)
    assert (await ask(await run({"url": server.url, **config}))).fields["payload"] == expected


@pytest.mark.parametrize("sent", [b"not json", b'{"a": NaN}', b"[" * 100_000])
async def test_http_request_refuses_bad_json_for_good(serve: Serve, run: Run, sent: bytes) -> None:
    server = await serve(answer(200, sent, Content_Type="application/json"))
    error = await refused(await run({"url": server.url}))
    assert error.code == "bad-answer"
    assert "no JSON" in str(error)
    # The server has done what it was asked; again would be once too often.
    assert not isinstance(error, TransientError)


@pytest.mark.parametrize(
    "script",
    [
        answer(200, b"x" * 2_000),
        endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"400\r\n" + b"x" * 1024 + b"\r\n"),
        endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65_536),
    ],
    ids=["said", "chunked", "until-close"],
)
async def test_http_request_takes_no_more_than_it_is_told(serve: Serve, run: Run, script: Any) -> None:
    server = await serve(script)
    harness = await run({"url": server.url, "max_answer": 1_999})
    error = await refused(harness)
    assert error.code == "answer-too-large"
    assert not isinstance(error, TransientError)


async def test_http_request_takes_an_answer_of_exactly_the_limit(serve: Serve, run: Run) -> None:
    server = await serve(answer(200, b"x" * 2_000))
    assert len((await ask(await run({"url": server.url, "max_answer": 2_000}))).fields["payload"]) == 2_000


async def test_http_request_sends_and_takes_large_bodies(serve: Serve, run: Run) -> None:
    body = bytes(3_000_000)
    server = await serve(answer(200, body, Content_Type="application/octet-stream"))
    sent = await ask(await run({"method": "PUT", "url": server.url}), payload=body)
    assert sent.fields["payload"] == body
    assert server.taken[0].body == body


async def test_http_request_makes_a_redirect_an_error_unless_told(serve: Serve, run: Run) -> None:
    server = await serve(answer(302, Location="/new"), json_answer("here"))
    error = await refused(await run({"url": server.url}))
    assert error.code == "http-status"
    assert "set 'redirects'" in str(error)


@pytest.mark.parametrize(("status", "method", "body"), [(302, "GET", b""), (303, "GET", b""), (307, "POST", b"1")])
async def test_http_request_follows_redirects_as_told(
    serve: Serve, run: Run, status: int, method: str, body: bytes
) -> None:
    other = await serve(json_answer("here"))
    server = await serve(answer(status, Location="/new"), answer(status, Location=other.url))
    harness = await run({"method": "POST", "url": server.url, "redirects": 2, "auth": "header", "token": "abc"})
    assert (await ask(harness, payload=1)).fields["payload"] == "here"
    assert server.taken[1].target == "/new"
    assert server.taken[1].headers["x-api-key"] == "abc"
    # The token is meant for the first server alone.
    assert "x-api-key" not in other.taken[0].headers
    assert (other.taken[0].method, other.taken[0].body) == (method, body)


@pytest.mark.parametrize(("location", "code"), [("/", "too-many-redirects"), ("ftp://x/", "unsafe-redirect")])
async def test_http_request_refuses_bad_redirects(serve: Serve, run: Run, location: str, code: str) -> None:
    server = await serve(answer(302, Location=location))
    assert (await refused(await run({"url": server.url, "redirects": 3}))).code == code


async def test_http_request_accepts_the_statuses_that_it_is_told(serve: Serve, run: Run) -> None:
    server = await serve(answer(404), answer(503))
    harness = await run({"url": server.url, "accept": "2xx, 404, 500-504"})
    assert [(await ask(harness)).fields["status_code"] for _ in range(2)] == [404, 503]


@given(st.integers(100, 599), st.integers(100, 599))
def test_status_set_holds_its_range(one: int, other: int) -> None:
    first, last = sorted((one, other))
    statuses = StatusSet(f"{first}-{last}")
    assert [status for status in range(90, 610) if status in statuses] == list(range(first, last + 1))

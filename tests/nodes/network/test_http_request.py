import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flowengine.node import Delivery, Message, NodeError, StagePlan, TransientError
from flowengine.testing import Failed, NodeHarness, Sent
from flowengine_nodes.network.field_text import UrlText
from flowengine_nodes.network.http_header import header_value, retry_after
from flowengine_nodes.network.http_request import HttpRequest, HttpRequestConfig
from flowengine_nodes.network.http_status import StatusSet
from tests.nodes.network.certificates import Certificates
from tests.nodes.network.http_server import (
    HttpServer,
    answer,
    breaking_off,
    dripping,
    endless,
    hang_up,
    json_answer,
)

Serve = Callable[..., Awaitable[HttpServer]]
Run = Callable[..., Awaitable[NodeHarness]]
NOW = 1_767_225_600.0  # 2026-01-01 00:00 UTC, where the virtual clock starts


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def serve(stack: AsyncExitStack) -> Serve:
    async def start(*answers: Any, tls: ssl.SSLContext | None = None) -> HttpServer:
        return await stack.enter_async_context(HttpServer(*answers, tls=tls))

    return start


@pytest.fixture
def run(stack: AsyncExitStack) -> Run:
    async def start(config: Mapping[str, Any], stage: StagePlan | None = None) -> NodeHarness:
        return await stack.enter_async_context(NodeHarness(HttpRequest, config, stage=stage))

    return start


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what the server and the sockets do sets no event
            await asyncio.sleep(0.005)


async def until_waiting(harness: NodeHarness) -> None:
    """Wait until the stage waits for its next try."""
    await until(lambda: harness.clock.next_due is not None)


async def ask(harness: NodeHarness, fields: Mapping[str, Any] | None = None, **more: Any) -> Sent:
    harness.receive(fields or {}, **more)
    await until(lambda: harness.sent or harness.errors)
    assert not harness.errors
    (sent,) = harness.take()
    return sent


async def refused(harness: NodeHarness, fields: Mapping[str, Any] | None = None, **more: Any) -> NodeError:
    with pytest.raises(NodeError) as caught:
        await harness.node.receive(Message({**(fields or {}), **more}, Delivery()))
    assert not harness.sent
    return caught.value


async def test_http_request_sends_the_answer_on_beside_the_other_fields(serve: Serve, run: Run) -> None:
    server = await serve(json_answer({"level": 3}))
    harness = await run({"url": f"{server.url}/tanks/{{tank}}", "query": {"unit": "{payload.unit}"}})
    sent = await ask(harness, tank="north/2", payload={"unit": "m³ & more"}, topic="t")
    assert sent.fields["payload"] == {"level": 3}
    assert sent.fields["status_code"] == 200
    assert sent.fields["headers"]["content-type"] == "application/json"
    assert sent.fields["topic"] == "t"
    assert server.taken[0].target == "/tanks/north%2F2?unit=m%C2%B3+%26+more"
    assert server.taken[0].body == b""
    await until(lambda: harness.account.in_flight == 0)
    assert harness.account.settled == 1


@pytest.mark.parametrize(
    ("config", "payload", "body", "content_type"),
    [
        ({}, {"a": 1}, b'{"a":1}', "application/json"),
        ({}, "grün", "grün".encode(), "text/plain; charset=utf-8"),
        ({}, b"\x00\xff", b"\x00\xff", "application/octet-stream"),
        ({}, 20.5, b"20.5", "application/json"),
        ({}, None, b"", None),
        ({"body_format": "json"}, "text", b'"text"', "application/json"),
        ({"body_format": "json"}, None, b"null", "application/json"),
        ({"body_format": "form"}, {"a": "x y", "b": [1, 2]}, b"a=x+y&b=1&b=2", "application/x-www-form-urlencoded"),
        ({"content_type": "application/cbor"}, b"\xa0", b"\xa0", "application/cbor"),
        ({"headers": {"content-type": "text/csv"}}, "a,b", b"a,b", "text/csv"),
    ],
)
async def test_http_request_sends_each_kind_of_payload(
    serve: Serve, run: Run, config: dict[str, Any], payload: Any, body: bytes, content_type: str | None
) -> None:
    server = await serve()
    await ask(await run({"method": "POST", "url": server.url, **config}), payload=payload)
    assert server.taken[0].body == body
    # Nothing says what no body is; the library's own word for that does no harm.
    assert server.taken[0].headers.get("content-type") in {content_type, content_type or "application/octet-stream"}


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


async def test_http_request_reuses_its_connections(serve: Serve, run: Run) -> None:
    server = await serve()
    harness = await run({"url": server.url})
    for _ in range(5):
        await ask(harness)
    assert server.connections == 1


@pytest.mark.parametrize("sent", [b"not json", b'{"a": NaN}', b"[" * 100_000])
async def test_http_request_refuses_bad_json_for_good(serve: Serve, run: Run, sent: bytes) -> None:
    server = await serve(answer(200, sent, Content_Type="application/json"))
    error = await refused(await run({"url": server.url}))
    assert error.code == "bad-answer"
    assert "no JSON" in str(error)
    # The server has done what it was asked; again would be once too often.
    assert not isinstance(error, TransientError)


async def test_http_request_gives_up_on_400_with_the_beginning_of_its_body(serve: Serve, run: Run) -> None:
    server = await serve(answer(400, b"no such device; your token s3cret-token is fine" + b"x" * 5_000))
    harness = await run({"url": f"{server.url}/a?key=hidden", "auth": "bearer", "token": "s3cret-token"})
    harness.receive(payload=1)
    await until(lambda: harness.account.failed == 1)
    assert harness.errors == [Failed("http-status", f"GET {server.url}/a answered 400 Reason")]
    (letter,) = await harness.store.dead_letters.list()
    assert letter.error_detail["status"] == 400
    assert letter.error_detail["body"].startswith("no such device; your token *** is fine")
    assert len(letter.error_detail["body"]) < 600
    for shown in (letter, harness.events):
        assert "s3cret" not in repr(shown)
        assert "hidden" not in repr(shown)
    assert len(server.taken) == 1


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
async def test_http_request_tries_again_when_the_server_has_trouble(serve: Serve, run: Run, status: int) -> None:
    server = await serve(answer(status), answer(status), json_answer("done"))
    harness = await run({"url": server.url})
    harness.receive()
    await until_waiting(harness)
    assert len(server.taken) == 1
    await harness.clock.advance(1)
    await until_waiting(harness)
    assert len(server.taken) == 2
    await harness.clock.advance(2)
    await until(lambda: harness.sent)
    assert harness.take()[0].fields["payload"] == "done"
    await until(lambda: harness.account.in_flight == 0)
    assert harness.account.settled == 1


@pytest.mark.parametrize("header", ["120", "Thu, 01 Jan 2026 00:02:00 GMT"])
async def test_http_request_waits_as_long_as_retry_after_says(serve: Serve, run: Run, header: str) -> None:
    server = await serve(answer(429, Retry_After=header), json_answer("done"))
    harness = await run({"url": server.url})
    harness.receive()
    await until_waiting(harness)
    await harness.clock.advance(119.9)
    assert len(server.taken) == 1
    assert harness.clock.next_due == pytest.approx(0.1)
    await harness.clock.advance(0.2)
    await until(lambda: harness.sent)
    assert len(server.taken) == 2


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("0", 0),
        ("7", 7),
        ("99999999999", 3600),
        ("Thu, 01 Jan 2026 00:00:30 GMT", 30),
        ("Thu, 01 Jan 2026 00:00:30 -0000", 30),
        ("Wed, 31 Dec 2025 23:59:00 GMT", 0),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 3600),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
    ],
)
def test_retry_after_reads_seconds_and_dates(header: str, wait: float | None) -> None:
    assert retry_after(header, NOW) == wait


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (hang_up, "http-connection"),
        (breaking_off(b"\x00\xffgarbage\r\n\r\n"), "http-answer"),
        (breaking_off(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"), "http-answer"),
        (breaking_off(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "http-answer"),
        (
            breaking_off(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"),
            "http-answer",
        ),
        (None, "http-timeout"),
        (dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x", 0.02), "http-timeout"),
    ],
    ids=["closes", "garbage", "mid-body", "bad-chunk", "bad-gzip", "hangs", "drips"],
)
async def test_http_request_tries_again_without_a_whole_answer(serve: Serve, run: Run, script: Any, code: str) -> None:
    server = await serve(script)
    harness = await run({"method": "POST", "url": server.url, "timeout": "500ms"})
    error = await refused(harness)
    assert isinstance(error, TransientError)
    assert error.code == code
    assert str(error).startswith(f"POST {server.url}: ")
    # The next request is not harmed by what is left of this one.
    server.answers[:] = [json_answer("done")]
    assert (await ask(harness)).fields["payload"] == "done"


async def test_http_request_says_that_nobody_listens(run: Run) -> None:
    error = await refused(await run({"url": "http://127.0.0.1:9/x?key=secret"}))
    assert isinstance(error, TransientError)
    assert error.code == "http-connection"
    assert str(error) == "GET http://127.0.0.1:9/x: cannot connect: Connect call failed ('127.0.0.1', 9)"


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


@pytest.mark.parametrize(
    ("config", "name", "value"),
    [
        ({"auth": "basic", "username": "ä", "password": "b:c"}, "authorization", base64.b64encode("ä:b:c".encode())),
        ({"auth": "bearer", "token": "abc"}, "authorization", b"Bearer abc"),
        ({"auth": "header", "token": "abc"}, "x-api-key", b"abc"),
        ({"auth": "header", "token": "abc", "token_header": "X-Key"}, "x-key", b"abc"),
    ],
)
async def test_http_request_proves_who_it_is(
    serve: Serve, run: Run, config: dict[str, Any], name: str, value: bytes
) -> None:
    server = await serve()
    await ask(await run({"url": server.url, **config}))
    assert server.taken[0].headers[name].encode().removeprefix(b"Basic ") == value


async def test_http_request_sends_no_empty_token(serve: Serve, run: Run) -> None:
    server = await serve()
    for auth in ("bearer", "header"):
        await ask(await run({"url": server.url, "auth": auth, "token": ""}))
    assert not any(taken.headers.keys() & {"authorization", "x-api-key"} for taken in server.taken)


async def test_http_request_sends_the_messages_headers_only_when_told(serve: Serve, run: Run) -> None:
    server = await serve()
    headers = {"Cookie": "mine", "X-Line": 4}
    await ask(await run({"url": server.url, "headers": {"X-Device": "{device}"}}), headers=headers, device="d1")
    assert "cookie" not in server.taken[0].headers
    assert server.taken[0].headers["x-device"] == "d1"
    await ask(await run({"url": server.url, "message_headers": True}), headers=headers)
    assert server.taken[1].headers["cookie"] == "mine"
    assert server.taken[1].headers["x-line"] == "4"


@pytest.mark.parametrize(
    ("config", "fields", "code"),
    [
        ({"headers": {"X-Device": "{device}"}}, {"device": "a\r\nX-Admin: 1"}, "invalid-header"),
        ({"headers": {"X-Device": "{device}"}}, {}, "missing-field"),
        ({"message_headers": True}, {"headers": {"a b": "c"}}, "invalid-header"),
        ({"message_headers": True}, {"headers": {"a": None}}, "invalid-header"),
        ({"message_headers": True}, {"headers": "a: b"}, "invalid-header"),
        ({"url": ""}, {}, "invalid-url"),
        ({"url": ""}, {"url": "ftp://x"}, "invalid-url"),
        ({"url": ""}, {"url": "http://user:s3cret@x/"}, "invalid-url"),
        ({"url": ""}, {"url": "http://[x/"}, "invalid-url"),
        ({"url": ""}, {"url": f"http://{'x' * 300}.example/"}, "invalid-url"),
        ({"method": None}, {"method": "BREW"}, "invalid-method"),
        ({"method": "POST"}, {"payload": {1, 2}}, "invalid-body"),
        ({"method": "POST", "body_format": "form"}, {"payload": [1]}, "invalid-body"),
    ],
)
async def test_http_request_refuses_what_cannot_be_sent(
    run: Run, config: dict[str, Any], fields: dict[str, Any], code: str
) -> None:
    error = await refused(await run({"url": "http://127.0.0.1:9/", **config}), fields)
    assert error.code == code
    assert not isinstance(error, TransientError)
    assert "s3cret" not in str(error)


async def test_http_request_lets_the_message_choose_where_the_node_does_not(serve: Serve, run: Run) -> None:
    server = await serve()
    await ask(await run({"method": None}), url=f"{server.url}/a", method="DELETE")
    assert (server.taken[0].method, server.taken[0].target) == ("DELETE", "/a")


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


async def test_http_request_gives_each_message_a_key_that_its_tries_share(serve: Serve, run: Run) -> None:
    server = await serve(answer(500), answer(200))
    harness = await run({"method": "POST", "url": server.url})
    delivery = harness.receive(payload=1, parts={"index": 0})
    await until_waiting(harness)
    await harness.clock.advance(1)
    await until(harness.take)
    await ask(harness, payload=1, parts={"index": 0})
    first, second, other = (taken.headers["idempotency-key"] for taken in server.taken)
    assert first == second
    assert first != other
    assert delivery.id not in first


async def test_http_request_gives_the_parts_of_a_message_keys_of_their_own(serve: Serve, run: Run) -> None:
    server = await serve()
    harness = await run({"method": "POST", "url": server.url})
    whole = harness.node.context.open_delivery()
    for index in range(2):
        harness.flow.cells["node"].hop(Message({"payload": 1, "parts": {"index": index}}, whole))
    whole.release()
    await until(lambda: len(harness.sent) == 2)
    assert len({taken.headers["idempotency-key"] for taken in server.taken}) == 2


@pytest.mark.parametrize(
    ("config", "key"),
    [
        ({"method": "GET"}, None),
        ({"method": "POST", "idempotency": "never"}, None),
        ({"method": "GET", "idempotency": "all", "idempotency_key": "{device}-{payload.seq}"}, "d1-7"),
        ({"method": "POST", "idempotency_key": "fixed"}, "fixed"),
    ],
)
async def test_http_request_sends_a_key_where_told(
    serve: Serve, run: Run, config: dict[str, Any], key: str | None
) -> None:
    server = await serve()
    await ask(await run({"url": server.url, **config}), device="d1", payload={"seq": 7})
    assert server.taken[0].headers.get("idempotency-key") == key


async def test_http_request_goes_through_a_proxy(serve: Serve, run: Run) -> None:
    proxy = await serve(json_answer("by proxy"))
    config = {"url": "http://erp.example/api", "proxy": proxy.url, "proxy_username": "u", "proxy_password": "p"}
    assert (await ask(await run(config))).fields["payload"] == "by proxy"
    assert proxy.taken[0].target == "http://erp.example/api"
    assert proxy.taken[0].headers["proxy-authorization"] == "Basic dTpw"


async def test_http_request_asks_the_proxy_for_a_tunnel(serve: Serve, run: Run) -> None:
    proxy = await serve(answer(407))
    config = {"url": "https://erp.example/api", "proxy": proxy.url, "proxy_username": "u", "proxy_password": "p"}
    error = await refused(await run({**config, "auth": "bearer", "token": "abc"}))
    assert error.code == "http-proxy"
    assert proxy.taken[0].method == "CONNECT"
    assert proxy.taken[0].headers["proxy-authorization"] == "Basic dTpw"
    assert "authorization" not in proxy.taken[0].headers


async def test_http_request_says_that_the_proxy_is_away(run: Run) -> None:
    harness = await run({"url": "http://erp.example/api", "proxy": "http://127.0.0.1:9"})
    assert (await refused(harness)).code == "http-proxy"


async def test_http_request_speaks_tls_with_a_certificate_of_its_own(serve: Serve, run: Run, tmp_path: Path) -> None:
    certificates = Certificates(tmp_path)
    server = await serve(json_answer("safe"), tls=certificates.server_context(client_needed=True))
    tls = {"ca": certificates.ca, "certificate": certificates.client, "server_name": "erp.example"}
    assert (await ask(await run({"url": server.url, "tls": tls}))).fields["payload"] == "safe"


@pytest.mark.parametrize("tls", [{}, {"ca": True}], ids=["unknown-ca", "other-name"])
async def test_http_request_trusts_no_other_certificate(
    serve: Serve, run: Run, tmp_path: Path, tls: dict[str, Any]
) -> None:
    certificates = Certificates(tmp_path)
    server = await serve(tls=certificates.server_context())
    harness = await run({"url": server.url, "tls": {"ca": certificates.ca} if tls else {}})
    error = await refused(harness)
    assert error.code == "http-tls"
    assert "certificate" in str(error)


async def test_http_request_trusts_anyone_when_told(serve: Serve, run: Run, tmp_path: Path) -> None:
    server = await serve(tls=Certificates(tmp_path).server_context())
    await ask(await run({"url": server.url, "tls": {"verify": False}}))


async def test_http_request_keeps_the_order_of_a_topic(serve: Serve, run: Run) -> None:
    server = await serve()
    harness = await run({"method": "POST", "url": server.url})
    for number in range(50):
        harness.receive(topic=f"t{number % 5}", payload=number)
    await until(lambda: len(harness.sent) == 50)
    bodies = [int(taken.body) for taken in server.taken]
    for topic in range(5):
        of_topic = [body for body in bodies if body % 5 == topic]
        assert of_topic == sorted(of_topic)


async def test_http_request_with_an_outbox_survives_an_outage_and_a_restart(serve: Serve, run: Run) -> None:
    server = await serve(answer(503))
    harness = await run({"method": "POST", "url": server.url}, StagePlan(outbox=True))
    for number in range(5):
        harness.receive(payload=number, topic="t")
    await until(lambda: harness.account.settled == 5 and harness.errors)
    await harness.settle()
    await harness.restart()
    server.taken.clear()
    server.answers[:] = [answer(200)]
    while len(server.taken) < 5:
        await harness.clock.advance(30)
        await asyncio.sleep(0.01)
    assert [taken.body for taken in server.taken] == [b"0", b"1", b"2", b"3", b"4"]


async def test_http_request_leaves_nothing_behind_when_stopped_while_it_waits(serve: Serve, run: Run) -> None:
    server = await serve(None)
    harness = await run({"url": server.url})
    harness.receive()
    await until(lambda: server.taken)
    await harness.restart()
    assert harness.account.in_flight == 0
    assert not harness.errors


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"url": "erp.example/api"}, "write a whole URL"),
        ({"url": "ftp://erp.example"}, "write a whole URL"),
        ({"url": "http://erp.example:99999"}, "this is no URL"),
        ({"url": "http://erp.example/a b"}, "no spaces"),
        ({"url": "http://u:p@erp.example/"}, "no user name"),
        ({"url": "http://{host}/"}, "not choose the server"),
        ({"url": "{base}/x"}, "write a whole URL"),
        ({"accept": "2xx, ok"}, "'ok' is no HTTP status"),
        ({"auth": "basic"}, "needs a 'username'"),
        ({"auth": "bearer"}, "needs a 'token'"),
        ({"proxy": "http://proxy/{x}"}, "takes no {name}"),
        ({"timeout": "0s"}, "greater than 0"),
        ({"method": "BREW"}, "'GET'"),
    ],
)
def test_http_request_refuses_a_bad_configuration(config: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        HttpRequestConfig.model_validate({"url": "http://erp.example", **config})


@given(st.text())
def test_url_keeps_a_value_within_its_level(value: str) -> None:
    url = UrlText("http://erp.example/a/{x}/b?y={x}")
    try:
        filled = url.of({"x": value})
    except NodeError:
        assert not value.strip(".")
    except UnicodeEncodeError:
        assert any("\ud800" <= character <= "\udfff" for character in value)
    else:
        path, _, query = filled.partition("?")
        assert len(path.split("/")) == 6
        assert len(query.split("&")) == 1
        assert filled.isascii()
        assert "#" not in filled


@given(st.text())
def test_header_value_is_one_line(value: str) -> None:
    try:
        assert len(header_value("X", value).encode("utf-8", "surrogatepass").splitlines()) <= 1
    except NodeError:
        assert any(ord(character) < 32 or ord(character) == 127 for character in value)


@given(st.integers(100, 599), st.integers(100, 599))
def test_status_set_holds_its_range(one: int, other: int) -> None:
    first, last = sorted((one, other))
    statuses = StatusSet(f"{first}-{last}")
    assert [status for status in range(90, 610) if status in statuses] == list(range(first, last + 1))

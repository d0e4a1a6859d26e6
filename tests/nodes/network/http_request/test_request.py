import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flowengine.node import Message, NodeError, TransientError
from flowengine_nodes.network.field_text import UrlText
from flowengine_nodes.network.http_header import header_value
from flowengine_nodes.network.http_request import HttpRequestConfig
from tests.nodes.network.http_request.asking import Run, Serve, ask, refused, until, until_waiting
from tests.nodes.network.http_server import answer, json_answer


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

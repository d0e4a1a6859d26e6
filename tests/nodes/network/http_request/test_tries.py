import asyncio
from typing import Any

import pytest

from flowengine.node import StagePlan, TransientError
from flowengine.testing import Failed
from flowengine_nodes.network.http_header import retry_after
from tests.nodes.network.http_request.asking import Run, Serve, ask, refused, until, until_waiting
from tests.nodes.network.http_server import answer, breaking_off, dripping, hang_up, json_answer

NOW = 1_767_225_600.0  # 2026-01-01 00:00 UTC, where the virtual clock starts


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

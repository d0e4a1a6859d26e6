"""Bodies that are sent and taken in parts."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from flowengine.server.chunked_response import ChunkedResponse
from tests.server.nodes.streams import PART
from tests.server.stand import Stand, flow, serving

FLOW = flow("a", {"fountain": {"type": "fountain"}, "sink": {"type": "sink"}})


def node(stand: Stand, id: str) -> Any:
    return stand.running("a").cells[id].node


async def connect(stand: Stand) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", stand.client.base_url.port)


async def test_answer_in_parts_arrives_whole(tmp_path: Path) -> None:
    async with serving(tmp_path, FLOW) as stand:
        answer = await stand.client.get("/fountain/20")
        assert answer.content == PART * 20
        assert node(stand, "fountain").closed.is_set()


async def test_client_that_reads_nothing_is_sent_no_more_than_fits_on_the_way(tmp_path: Path) -> None:
    async with serving(tmp_path, FLOW) as stand:
        fountain = node(stand, "fountain")
        reader, writer = await connect(stand)
        writer.write(b"GET /fountain/100000 HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readline()
        # Others are answered meanwhile.
        for _ in range(5):
            assert (await stand.client.get("/health")).status_code == 200
        made = fountain.made
        assert made < 1000
        writer.transport.abort()
        async with asyncio.timeout(10):
            await fountain.closed.wait()
        assert fountain.made < 2000


async def test_client_that_takes_nothing_for_long_is_left() -> None:
    closed = asyncio.Event()

    async def parts() -> AsyncGenerator[bytes, None]:
        try:
            yield PART
        finally:
            closed.set()

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    await ChunkedResponse(parts(), 200, {}, patience=0.01)({}, receive, send)
    assert closed.is_set()


async def test_part_that_cannot_be_made_is_the_servers_error() -> None:
    async def parts() -> AsyncGenerator[bytes, None]:
        yield PART
        raise OSError("the disk is gone")

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Any) -> None:
        await asyncio.sleep(0)

    with pytest.raises(OSError, match="the disk is gone"):
        await ChunkedResponse(parts(), 200, {})({}, receive, send)


async def test_body_is_taken_in_parts(tmp_path: Path) -> None:
    async def body() -> AsyncGenerator[bytes, None]:
        for _ in range(20):
            yield PART

    async with serving(tmp_path, FLOW) as stand:
        answer = await stand.client.put("/sink", content=body())
        assert answer.status_code == 201
        assert answer.text == str(20 * len(PART))


async def test_body_that_is_larger_than_taken_is_told_to_the_node(tmp_path: Path) -> None:
    async def body() -> AsyncGenerator[bytes, None]:
        for _ in range(200):
            yield PART

    async with serving(tmp_path, FLOW) as stand:
        answer = await stand.client.put("/sink", content=body())
        assert answer.status_code == 413
        sink = node(stand, "sink")
        assert sink.code == "body-too-large"
        assert sink.taken <= 10_000_000
        # Announced, it is refused before anything is read.
        sink.taken = 0
        assert (await stand.client.put("/sink", content=bytes(10_000_001))).status_code == 413
        assert sink.taken == 0


async def test_client_that_breaks_off_is_told_to_the_node(tmp_path: Path) -> None:
    async with serving(tmp_path, FLOW) as stand:
        sink = node(stand, "sink")
        _, writer = await connect(stand)
        writer.write(b"PUT /sink HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc")
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        async with asyncio.timeout(10):
            await sink.ended.wait()
        assert sink.code == "client-gone"
        assert sink.taken == 3

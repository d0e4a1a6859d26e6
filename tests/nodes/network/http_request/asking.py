"""Ask with the node http-request, and wait for what comes of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from flowengine.node import Delivery, Message, NodeError
from flowengine.testing import NodeHarness, Sent
from tests.nodes.network.http_server import HttpServer

Serve = Callable[..., Awaitable[HttpServer]]
Run = Callable[..., Awaitable[NodeHarness]]


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

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest

from flowengine.node import StagePlan
from flowengine.testing import NodeHarness
from flowengine_nodes.network.http_request import HttpRequest
from tests.nodes.network.http_request.asking import Run, Serve
from tests.nodes.network.http_server import HttpServer


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

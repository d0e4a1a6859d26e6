"""Nodes that answer and take bodies in parts."""

import asyncio
from collections.abc import AsyncGenerator

from flowengine.node import (
    BodyTooLargeError,
    BrokenOffError,
    Config,
    HttpRequest,
    HttpResponse,
    Node,
    node_type,
)

PART = bytes(64 * 1024)


@node_type("fountain", category="test")
class Fountain(Node[Config]):
    """Answer with as many parts as are asked for."""

    async def start(self) -> None:
        self.made = 0
        self.closed = asyncio.Event()
        self.context.routes.add("GET", "/fountain/{parts}", self._answer, max_body=0)

    async def stop(self) -> None:
        self.context.routes.remove("GET", "/fountain/{parts}")

    async def _answer(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(chunks=self._parts(int(request.parameters["parts"])))

    async def _parts(self, count: int) -> AsyncGenerator[bytes, None]:
        try:
            for _ in range(count):
                self.made += 1
                yield PART
        finally:
            self.closed.set()


@node_type("sink", category="test")
class Sink(Node[Config]):
    """Count the bytes of what is sent."""

    async def start(self) -> None:
        self.taken = 0
        self.code = ""
        self.ended = asyncio.Event()
        self.context.routes.add("PUT", "/sink", self._take, max_body=10_000_000, in_chunks=True)

    async def stop(self) -> None:
        self.context.routes.remove("PUT", "/sink")

    async def _take(self, request: HttpRequest) -> HttpResponse:
        assert request.chunks is not None
        assert request.body == b""
        try:
            async for chunk in request.chunks:
                self.taken += len(chunk)
        except (BodyTooLargeError, BrokenOffError) as error:
            self.code = error.code
            return HttpResponse(413)
        finally:
            self.ended.set()
        return HttpResponse(201, str(self.taken).encode())

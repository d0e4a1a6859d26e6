"""An HTTP request that a case sends to its flow, and the answer."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import orjson

from flowengine.flow.flow_test_document import RequestDocument
from flowengine.node import HttpRequest, HttpResponse
from flowengine.runtime import RouteTable

log = logging.getLogger("flowengine.testing")
MISSING_ROUTE = HttpResponse(404, b"")
FAILED = HttpResponse(500, b"")


class Exchange:
    """Ask the nodes that answer HTTP paths, as the server would.

    Args:
        request: The request.
        routes: The paths.
    """

    def __init__(self, request: RequestDocument, routes: RouteTable) -> None:
        self._answer: HttpResponse | None = None
        self._task = asyncio.create_task(self._ask(request, routes), name=f"{request.method} {request.path}")

    @property
    def answer(self) -> HttpResponse | None:
        """The answer; ``None`` while there is none."""
        return self._answer

    @property
    def body(self) -> Any:
        """The answer's body: JSON, text or bytes, whichever it is first."""
        body = self._answer.body if self._answer is not None else b""
        for read in (orjson.loads, bytes.decode):
            try:
                return read(body)
            except ValueError:
                continue
        return body

    async def break_off(self) -> None:
        """Let the connection be lost, if there is no answer yet."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _ask(self, request: RequestDocument, routes: RouteTable) -> None:
        url = urlsplit(request.path)
        path = unquote(url.path)
        found = routes.find(request.method, path)
        if found is None:
            self._answer = MISSING_ROUTE
            return
        route, parameters = found
        body, headers = _encoded(request)
        asked = parse_qs(url.query, keep_blank_values=True)
        query = {name: values[0] if len(values) == 1 else values for name, values in asked.items()}
        sent = HttpRequest(
            request.method,
            path,
            parameters,
            query,
            headers,
            b"" if route.in_chunks else body,
            chunks=_whole(body) if route.in_chunks else None,
        )
        try:
            answer = await route.handler(sent)
            if answer.chunks is not None:
                answer = replace(answer, body=b"".join([chunk async for chunk in answer.chunks]), chunks=None)
            self._answer = answer
        except Exception:
            # The server answers so, whatever a node raises.
            log.exception("%s %s was not answered", request.method, path)
            self._answer = FAILED


async def _whole(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


def _encoded(request: RequestDocument) -> tuple[bytes, dict[str, str]]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    if request.body is None:
        return b"", headers
    if isinstance(request.body, str):
        return request.body.encode(), headers
    return orjson.dumps(request.body), {"content-type": "application/json", **headers}

"""Requests that nodes answer for."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from flowengine.node import BodyTooLargeError, BrokenOffError, HttpRequest, HttpResponse
from flowengine.runtime import Route, RouteTable
from flowengine.server.chunked_response import ChunkedResponse
from flowengine.server.problem_response import ApiError, error_response, method_not_allowed

PATIENCE = 2.0
"""Seconds that a request waits while a deploy replaces the node that answers its path."""

DRAIN_SECONDS = 2.0
MOST_DRAINED = 32 * 1024 * 1024
"""Bytes that are read, and thrown away, of a body that nobody wants."""


class NodeRoutes:
    """Hand a request to the node that answers for its path.

    Args:
        routes: The paths that nodes answer for.
    """

    def __init__(self, routes: RouteTable) -> None:
        self._routes = routes

    async def __call__(self, request: Request) -> Response:
        """Answer a request."""
        path = request.url.path
        found = self._find(request) or await self._returned(request)
        if isinstance(found, Response):
            return found
        route, parameters = found
        chunks = _body(request, route)
        body = b""
        if not route.in_chunks:
            try:
                body = b"".join([chunk async for chunk in chunks])
            except BodyTooLargeError as error:
                return error_response(ApiError(413, error.code, str(error), path))
            except BrokenOffError:
                return _nobody()
        query: dict[str, str | list[str]] = {}
        for name in request.query_params:
            values = request.query_params.getlist(name)
            query[name] = values[0] if len(values) == 1 else values
        asked = HttpRequest(
            method=request.method,
            path=path,
            parameters=parameters,
            query=query,
            headers=dict(request.headers),
            body=body,
            client=request.client.host if request.client else "",
            chunks=chunks if route.in_chunks else None,
        )
        answering = route.handler(asked)
        answer = await (answering if route.in_chunks else _unless_gone(request, answering))
        if answer is None:
            # The node has been told by the cancellation.
            return _nobody()
        if route.in_chunks:
            await _drain(chunks)
        headers = dict(answer.headers)
        if answer.chunks is not None:
            return ChunkedResponse(answer.chunks, answer.status, headers)
        return Response(answer.body, status_code=answer.status, headers=headers)

    def _find(self, request: Request) -> tuple[Route, dict[str, str]] | None:
        path = request.url.path
        found = self._routes.find(request.method, path)
        return self._routes.find("GET", path) if found is None and request.method == "HEAD" else found

    async def _returned(self, request: Request) -> tuple[Route, dict[str, str]] | Response:
        """Wait for a path that a deploy is putting back; return what to answer where there is none."""
        path = request.url.path
        try:
            async with asyncio.timeout(PATIENCE):
                await self._routes.returned("GET" if request.method == "HEAD" else request.method, path)
        except TimeoutError:
            reason = "a deploy is replacing what answers here; try again in a moment"
            busy = error_response(ApiError(503, "busy", reason, path))
            busy.headers["Retry-After"] = "1"
            return busy
        return self._find(request) or self._missing(request)

    def _missing(self, request: Request) -> Response:
        path = request.url.path
        methods = self._routes.methods(path)
        if methods:
            return method_not_allowed(request, methods)
        message = f"there is nothing at {path}; GET / lists what there is"
        return error_response(ApiError(404, "not-found", message, path))


def _nobody() -> Response:
    """Return what nobody hears."""
    return Response(status_code=499)


async def _body(request: Request, route: Route) -> AsyncGenerator[bytes, None]:
    stream = request.stream()
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdecimal() and int(announced) > route.max_body:
        await _drain(stream)
        raise BodyTooLargeError(route.max_body, request.url.path)
    size = 0
    try:
        async for chunk in stream:
            size += len(chunk)
            if size > route.max_body:
                await _drain(stream)
                raise BodyTooLargeError(route.max_body, request.url.path)
            if chunk:
                yield chunk
    except ClientDisconnect as error:
        raise BrokenOffError from error


async def _drain(chunks: AsyncIterator[bytes]) -> None:
    """Read on for a moment: a connection that is closed while the client still sends would cost it the answer."""
    size = 0
    with suppress(TimeoutError, ClientDisconnect, BodyTooLargeError, BrokenOffError):
        async with asyncio.timeout(DRAIN_SECONDS):
            async for chunk in chunks:
                size += len(chunk)
                if size > MOST_DRAINED:
                    return


async def _unless_gone(request: Request, answer: Coroutine[Any, Any, HttpResponse]) -> HttpResponse | None:
    """Return an answer, or ``None`` when the client hangs up before it is there."""
    answering = asyncio.create_task(answer, name=f"answer {request.method} {request.url.path}")
    gone = asyncio.create_task(_gone(request), name="watch the client")
    try:
        await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
        return answering.result() if answering.done() else None
    finally:
        gone.cancel()
        answering.cancel()
        await asyncio.gather(answering, gone, return_exceptions=True)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass

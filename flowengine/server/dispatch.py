"""From a request to the handler of its operation, and back."""

import logging
from collections.abc import AsyncGenerator, Iterable
from typing import Any, Final, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowengine.server.access import Access
from flowengine.server.backend import Backend
from flowengine.server.compression import json_response
from flowengine.server.encoding import to_json
from flowengine.server.endpoint import Call, Endpoint
from flowengine.server.problem_response import ApiError, invalid, method_not_allowed
from flowengine.storage import StorageError

log = logging.getLogger("flowengine.api")
M = TypeVar("M", bound=BaseModel)
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""All that is answered, if only to say that it is not allowed."""
WORKER_HEADER: Final = "X-Flowengine-Worker"
"""Names, of several workers, the one that answers: its number, from 1, and how many there are."""


def routes_of(endpoints: Iterable[Endpoint], backend: Backend, access: Access) -> list[Route]:
    """Return one route for each path.

    Args:
        endpoints: The operations.
        backend: What they work on.
        access: Who may ask.
    """
    paths: dict[str, dict[str, Endpoint]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method] = endpoint
    # A path of words goes before one that has a name in the place of one.
    return [
        Route(path, _Dispatcher(methods, backend, access).answer, methods=METHODS)
        for path, methods in sorted(paths.items(), key=lambda one: one[0].count("{"))
    ]


class _Dispatcher:
    """Answer for one path."""

    def __init__(self, methods: dict[str, Endpoint], backend: Backend, access: Access) -> None:
        self._methods = methods
        self._backend = backend
        self._access = access
        world = backend.engine.world
        # What runs is known to each for itself.
        self._headers = {WORKER_HEADER: f"{world.worker + 1}/{world.workers}"} if world.workers > 1 else {}

    async def answer(self, request: Request) -> Response:
        """Answer a request; of several workers, say which of them answers."""
        try:
            response = await self._answer(request)
        except ApiError as error:
            error.headers = {**error.headers, **self._headers}
            raise
        response.headers.update(self._headers)
        return response

    async def _answer(self, request: Request) -> Response:
        endpoint = self._methods.get("GET" if request.method == "HEAD" else request.method)
        if endpoint is None:
            return method_not_allowed(request, self._methods)
        who = await self._access.admit(request, endpoint.role) if endpoint.role is not None else None
        call = Call(self._backend, who, request)
        arguments: dict[str, Any] = _path_values(endpoint, request)
        call.subject = "/".join(str(value) for value in arguments.values())
        if endpoint.query is not None:
            arguments["query"] = _read_query(endpoint.query, request.query_params)
        elif request.query_params:
            name = next(iter(request.query_params))
            raise ApiError(400, "unknown-parameter", f"{request.url.path} takes no parameters", name)
        if endpoint.body is not None:
            arguments["body"] = await _read_body(endpoint.body, request, endpoint.max_body)
        if endpoint.takes_file:
            _check_kind(request, "application/octet-stream", "a file")
            arguments["chunks"] = _limited(request, endpoint.max_body)
        answer = await endpoint.handler(call, **arguments)
        if endpoint.audit:
            await self._record(call, endpoint.audit)
        if answer is None:
            return Response(status_code=204)
        if isinstance(answer, Response):
            return answer
        return await json_response(request, to_json(answer.as_json()))

    async def _record(self, call: Call, what: str) -> None:
        who = call.who.name if call.who is not None else ""
        try:
            await self._backend.store.audit.append(who, what, call.subject, call.facts)
        except StorageError as error:
            # It is done, and must not look as if it were not.
            log.error("%s by %s on %s is not in the audit trail: %s", what, who, call.subject, error)  # noqa: TRY400 - the sentence says it all


def _path_values(endpoint: Endpoint, request: Request) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, kind in endpoint.parameters.items():
        text = request.path_params[name]
        if kind is not int:
            values[name] = text
        elif text.isascii() and text.isdecimal() and len(text) < 19:
            values[name] = int(text)
        else:
            raise ApiError(400, "bad-value", f'{name} must be a whole number, not "{text}"', name)
    return values


def _read_query(model: type[M], given: QueryParams) -> M:
    for name in given:
        if len(given.getlist(name)) > 1:
            raise ApiError(400, "repeated-parameter", f"the parameter {name} must come once", name)
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        raise invalid(error, model, 400) from None


async def _read_body(model: type[M], request: Request, most: int) -> M:
    _check_kind(request, "application/json", "JSON")
    data = bytearray()
    async for chunk in _limited(request, most):
        data += chunk
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        message = f"the body is no JSON: {error.msg}"
        raise ApiError(400, "invalid-json", message, f"{error.lineno}:{error.colno}") from None
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise invalid(error, model) from None


def _check_kind(request: Request, wanted: str, what: str) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    # Also keeps out the forms of foreign pages, which browsers send without asking.
    if kind != wanted:
        message = f"the body must be {what} with the header 'Content-Type: {wanted}', not {kind or 'without it'}"
        raise ApiError(415, "unsupported-media-type", message, request.url.path)


async def _limited(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            message = f"the body is larger than the {most:,} bytes that {request.url.path} takes"
            raise ApiError(413, "body-too-large", message, request.url.path)
        yield chunk

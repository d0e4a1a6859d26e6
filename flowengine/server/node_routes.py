"""Requests that nodes answer for."""

from starlette.requests import Request
from starlette.responses import Response

from flowengine.node import HttpRequest
from flowengine.runtime import RouteTable
from flowengine.server.problem_response import ApiError, error_response, method_not_allowed


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
        found = self._routes.find(request.method, path)
        if found is None and request.method == "HEAD":
            found = self._routes.find("GET", path)
        if found is None:
            return self._missing(request)
        route, parameters = found
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > route.max_body:
                message = f"the body is larger than the {route.max_body} bytes that {path} takes"
                return error_response(ApiError(413, "body-too-large", message, path))
        query: dict[str, str | list[str]] = {}
        for name in request.query_params:
            values = request.query_params.getlist(name)
            query[name] = values[0] if len(values) == 1 else values
        answer = await route.handler(
            HttpRequest(
                method=request.method,
                path=path,
                parameters=parameters,
                query=query,
                headers=dict(request.headers),
                body=bytes(body),
                client=request.client.host if request.client else "",
            )
        )
        return Response(answer.body, status_code=answer.status, headers=dict(answer.headers))

    def _missing(self, request: Request) -> Response:
        path = request.url.path
        methods = self._routes.methods(path)
        if methods:
            return method_not_allowed(request, methods)
        message = f"there is nothing at {path}; GET / lists what there is"
        return error_response(ApiError(404, "not-found", message, path))

"""The application that the server runs."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from flowengine.errors import FlowEngineError
from flowengine.runtime import RouteTable
from flowengine.runtime.workspace import Workspace
from flowengine.server import problem_response
from flowengine.server.metrics import Metrics
from flowengine.server.node_routes import NodeRoutes
from flowengine.server.problem_response import ApiError


def make_app(workspace: Workspace, routes: RouteTable, *, token: str = "") -> Starlette:
    """Return the application.

    Args:
        workspace: The folder of flows and its engine.
        routes: Paths that nodes answer for.
        token: What the admin API asks for; empty for nothing.
    """
    metrics = Metrics(workspace.engine)

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok", "flows": len(workspace.engine.flows)})

    async def ready(request: Request) -> Response:
        waiting = {
            id: cell.status.text
            for id, cell in workspace.engine.resources.cells.items()
            if cell.status is not None and cell.status.level in {"busy", "error"}
        }
        broken = dict(workspace.engine.broken)
        is_ready = not waiting and not broken
        return JSONResponse(
            {"ready": is_ready, "resources": waiting, "broken": broken}, status_code=200 if is_ready else 503
        )

    async def prometheus(request: Request) -> Response:
        return Response(metrics.render(), media_type="text/plain; version=0.0.4")

    async def index(request: Request) -> Response:
        own = [{"method": "GET", "path": path} for path in ("/", "/health", "/ready", "/metrics")]
        nodes = [{"method": route.method, "path": route.path} for route in routes]
        return JSONResponse({"name": "flowengine", "endpoints": own + nodes})

    return Starlette(
        routes=[
            Route("/", index),
            Route("/health", health),
            Route("/ready", ready),
            Route("/metrics", prometheus),
            Route(
                "/{path:path}",
                NodeRoutes(routes).__call__,
                methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
            ),
        ],
        exception_handlers={
            ApiError: problem_response.on_api_error,
            FlowEngineError: problem_response.on_engine_error,
            HTTPException: problem_response.on_http_exception,
            Exception: problem_response.on_unexpected,
        },
    )

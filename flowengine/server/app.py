"""The application that the server runs."""

import asyncio

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from flowengine.errors import FlowEngineError
from flowengine.server import (
    api_tokens_api,
    audit_api,
    dead_letters_api,
    deploy_api,
    editor,
    evaluation_api,
    flows_api,
    layouts_api,
    node_types_api,
    outbox_api,
    problem_response,
    resources_api,
    runtime_api,
    service_api,
    state_api,
    summary_api,
    tests_api,
    traces_api,
    translations_api,
    users_api,
)
from flowengine.server.access import Access
from flowengine.server.backend import Backend
from flowengine.server.dispatch import METHODS, routes_of
from flowengine.server.encoding import to_json
from flowengine.server.endpoint import Call, Endpoint
from flowengine.server.model import Answer
from flowengine.server.node_routes import NodeRoutes
from flowengine.server.openapi import openapi_document
from flowengine.server.pack_endpoints import pack_endpoints
from flowengine.server.passwords import Passwords
from flowengine.server.problem_response import ApiError
from flowengine.server.session_api import Sessions
from flowengine.server.sign_in_tries import SignInTries


class ListedEndpoint(Answer):
    """Something that the server answers for."""

    method: str
    path: str
    summary: str


class Index(Answer):
    """Everything that the server answers for."""

    name: str
    endpoints: list[ListedEndpoint]


def make_app(backend: Backend, access: Access) -> Starlette:
    """Return the application.

    Args:
        backend: What it works on.
        access: Who may come in.
    """
    passwords = Passwords()
    sessions = Sessions(access, passwords, SignInTries(backend.engine.world.clock))

    async def index(call: Call) -> Index:
        """List everything that the server and its flows answer for."""
        ours = [ListedEndpoint(method=one.method, path=one.shown_path, summary=one.summary) for one in endpoints]
        nodes = [
            ListedEndpoint(method=one.method, path=one.path, summary=str(one.description.get("summary", "")))
            for one in backend.routes
        ]
        return Index(name="flowengine", endpoints=ours + nodes)

    async def openapi(call: Call) -> Response:
        """Return this description of the API."""
        # What fields are for is read from the sources, which takes a moment.
        document = await asyncio.to_thread(openapi_document, endpoints, tuple(backend.routes))
        return Response(to_json(document), media_type="application/json")

    own = (
        Endpoint("GET", "/", index, "List the endpoints", role=None),
        Endpoint("GET", "/openapi.json", openapi, "Describe the API", role=None, media_type="application/json"),
        *service_api.ENDPOINTS,
        *flows_api.ENDPOINTS,
        *layouts_api.ENDPOINTS,
        *resources_api.ENDPOINTS,
        *deploy_api.ENDPOINTS,
        *node_types_api.ENDPOINTS,
        *translations_api.ENDPOINTS,
        *runtime_api.ENDPOINTS,
        *outbox_api.ENDPOINTS,
        *traces_api.ENDPOINTS,
        *evaluation_api.ENDPOINTS,
        *tests_api.ENDPOINTS,
        *dead_letters_api.ENDPOINTS,
        *state_api.ENDPOINTS,
        *audit_api.ENDPOINTS,
        *sessions.endpoints,
        *users_api.endpoints(passwords),
        *api_tokens_api.ENDPOINTS,
        *summary_api.ENDPOINTS,
    )
    endpoints = (*own, *pack_endpoints(own))
    return Starlette(
        routes=[
            *routes_of(endpoints, backend, access),
            *editor.ROUTES,
            WebSocketRoute("/admin/api/events", backend.events.route(access)),
            Route("/{path:path}", NodeRoutes(backend.routes).__call__, methods=METHODS),
        ],
        exception_handlers={
            ApiError: problem_response.on_api_error,
            FlowEngineError: problem_response.on_engine_error,
            ClientDisconnect: problem_response.on_disconnect,
            HTTPException: problem_response.on_http_exception,
            Exception: problem_response.on_unexpected,
        },
    )

"""The OpenAPI document: made from the declarations that the routes are made from."""

import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from flowengine.flow.document import FlowDocument, LayoutDocument, ResourcesDocument
from flowengine.runtime import Route
from flowengine.server.access import role_name
from flowengine.server.documents import SCHEMA_OF
from flowengine.server.endpoint import Endpoint
from flowengine.server.event_streams import Subscription
from flowengine.server.model import Answer

_REF: Final = "#/components/schemas/{model}"
_NAME: Final = re.compile(r"\{(\w+)\}")
_JSON: Final = "application/json"
_SECURITY: Final[Mapping[str, Any]] = {"security": [{"token": []}, {"session": []}]}
_ERROR: Final = {
    "description": "What went wrong.",
    "content": {_JSON: {"schema": {"$ref": "#/components/schemas/Error"}}},
}


class Error(Answer):
    """What went wrong, for people and for programs; some errors hold more facts."""

    code: str
    """Stable word code."""
    message: str
    """One sentence: what is wrong and what to do."""
    location: str
    """Where: a parameter, a place in a document, or a path."""


def openapi_document(endpoints: Sequence[Endpoint], routes: Iterable[Route]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document.

    Args:
        endpoints: The operations of the server itself.
        routes: The paths that nodes answer for.
    """
    models: set[type[BaseModel]] = {Error, Subscription, FlowDocument, LayoutDocument, ResourcesDocument}
    models |= {model for one in endpoints for model in (one.body, one.answer) if model is not None}
    ordered = sorted(models, key=lambda one: one.__name__)
    _, definitions = models_json_schema([(model, "validation") for model in ordered], ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.shown_path, {})[endpoint.method.lower()] = _operation(endpoint)
    paths["/admin/api/events"] = {"get": _events()}
    for route in sorted(routes, key=lambda one: (one.path, one.method)):
        paths.setdefault(route.path, {})[route.method.lower()] = _node_operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "flowengine",
            "version": version("flowengine-iiot"),
            "description": "The admin API of a flowengine, and the paths that its flows answer for.",
        },
        "paths": paths,
        "components": {
            "schemas": _with_references(definitions["$defs"]),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API token or the admin token. Nothing is asked for on a machine's own address "
                    "while there is neither a user nor an admin token.",
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "flowengine-session",
                    "description": "What signing in sets; the port follows the name where the address has one. What "
                    "changes something must come with the header Origin of this server.",
                },
                "api_key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key for the paths of flows; the header X-API-Key does as well.",
                },
            },
        },
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.handler.__name__,
        "summary": endpoint.summary,
        "tags": [endpoint.section],
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint.query)],
        "responses": _responses(endpoint.answer, endpoint.media_type),
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    if endpoint.body is not None:
        operation["requestBody"] = {"required": True, "content": {_JSON: {"schema": _ref(endpoint.body)}}}
    if endpoint.takes_file:
        operation["requestBody"] = {"required": True, "content": {"application/octet-stream": {}}}
    if endpoint.role is not None:
        operation |= _SECURITY
        operation["description"] = f"{endpoint.description}\n\nTakes the role {role_name(endpoint.role)}.".strip()
    return operation


def _events() -> dict[str, Any]:
    return {
        "operationId": "events",
        "summary": "Watch live events, over a WebSocket",
        "description": (
            "Send a `Subscription`; each takes the place of the one before. What comes: `{type: events, events: [...], "
            "missed}`, where `missed` counts events that you were too slow for; `{type: figures, flow, at, account, "
            "nodes, ports}` with the counters that have changed; `{type: error, code, message, location}`. A browser "
            "comes with its session, or gives a token as the subprotocol `flowengine.token.` and base64url of the "
            "token, beside `flowengine.events`."
        ),
        "tags": ["events"],
        "responses": {"101": {"description": "A WebSocket."}, "default": _ERROR},
        **_SECURITY,
    }


def _path_parameters(endpoint: Endpoint) -> Iterable[dict[str, Any]]:
    for name, kind in endpoint.parameters.items():
        schema = {"type": "integer"} if kind is int else {"type": "string"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(query: type[BaseModel] | None) -> Iterable[dict[str, Any]]:
    if query is None:
        return
    schema = query.model_json_schema()
    for name, about in schema["properties"].items():
        written = _inline(about, schema.get("$defs", {}))
        shown = {key: value for key, value in written.items() if key not in {"title", "description"}}
        parameter = {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": shown}
        if "description" in about:
            parameter["description"] = about["description"]
        yield parameter


def _inline(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Return a schema with what it refers to written out: a parameter has no place for definitions."""
    if isinstance(schema, list):
        return [_inline(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inline(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {key: _inline(value, definitions) for key, value in schema.items()}


def _responses(answer: type[BaseModel] | None, media_type: str) -> dict[str, Any]:
    if answer is not None:
        content = {_JSON: {"schema": _ref(answer)}}
        return {"200": {"description": (answer.__doc__ or "").strip(), "content": content}, "default": _ERROR}
    if media_type:
        return {"200": {"description": "As its kind says.", "content": {media_type: {}}}, "default": _ERROR}
    return {"204": {"description": "Done."}, "default": _ERROR}


def _with_references(schema: Any) -> Any:
    """Refer to the schemas of documents where they are only named."""
    if isinstance(schema, list):
        return [_with_references(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    shown = {key: _with_references(value) for key, value in schema.items()}
    name = shown.pop(SCHEMA_OF, None)
    return {**shown, "$ref": _REF.format(model=name)} if name is not None else shown


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}


def _node_operation(route: Route) -> Mapping[str, Any]:
    """Return a node's own description, with what OpenAPI asks for and the node did not say."""
    names = _NAME.findall(route.path)
    known = {one.get("name") for one in route.description.get("parameters", ()) if one.get("in") == "path"}
    missing = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in names
        if name not in known
    ]
    return {
        "tags": ["flows"],
        "responses": {"default": {"description": "What the flow answers."}},
        **route.description,
        "parameters": [*missing, *route.description.get("parameters", ())],
    }

"""Requests from HTTP clients."""

import asyncio
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, Self

import orjson
from pydantic import model_validator

from flowengine.message.trace_context import TRACEPARENT, TRACESTATE
from flowengine.node import (
    Config,
    Context,
    Delivery,
    Duration,
    Example,
    Field,
    HttpRequest,
    HttpResponse,
    JsonSchema,
    Message,
    Node,
    Outcome,
    Output,
    Secret,
    TraceContext,
    node_type,
)
from flowengine_nodes.network import http_body
from flowengine_nodes.network.http_access import KEY_HEADERS, AccessDeniedError, AccessId, HttpAccess, shown_key
from flowengine_nodes.network.route_path import Route

# A deploy, or a queue that was full for a moment, is over within this time.
PATIENCE = 2.0


class HttpInConfig(Config):
    """Answer for a path of the HTTP server."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = Field("POST", description="Method of the requests.")
    path: Route = Field(
        description="Path; a level {name} matches any one level and becomes a field of the message.",
    )
    summary: str = Field("", description="What the path is for, in a few words, for the description of the API.")
    answer: Literal["flow", "at-once"] = Field(
        "flow",
        description="When to answer: when an HTTP response node does or the flow has finished with the request; or at "
        "once, with 202.",
    )
    success: Literal[200, 201, 202, 204] = Field(
        204, description="Status when the flow has finished without an HTTP response node."
    )
    body: http_body.BodyFormat = Field(
        "detect", description="What the body is: JSON, text, bytes, or detect: what its content type says."
    )
    body_schema: JsonSchema | None = Field(None, description="JSON Schema that the payload must fit; none to take any.")
    max_body: int = Field(1_000_000, ge=0, description="Largest body taken, in bytes.")
    max_requests: int = Field(100, ge=1, description="Most requests that the flow may be working on at a time.")
    timeout: Duration = Field("30s", gt=0, description="Longest time that a client waits for the flow.")
    api_key: Secret = Field("", description="Key that clients must show; empty to let everybody in.", title="API key")
    access: AccessId | None = Field(None, description="Decides who may ask; empty for whoever has the API key above.")
    scope: str = Field("", description="What a key of the access must open; empty for any key.")
    answer_schema: JsonSchema | None = Field(
        None, description="JSON Schema of what the flow answers, for the description of the API."
    )

    @model_validator(mode="after")
    def _has_one_lock(self) -> Self:
        if self.api_key and self.access is not None:
            raise ValueError("'api_key' and 'access' cannot both decide who may ask; leave one empty")
        if self.scope and self.access is None:
            raise ValueError("'scope' says what a key of the access must open, but there is no access")
        return self


@dataclass(eq=False, slots=True)
class _Exchange:
    """One request that waits for its answer."""

    delivery: Delivery
    id: str = ""
    response: "asyncio.Future[HttpResponse]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def answer(self, response: HttpResponse) -> None:
        if not self.response.done():
            self.response.set_result(response)


@node_type("http-in", category="network", label="HTTP in", icon="http")
class HttpIn(Node[HttpInConfig]):
    """Take requests for a path of the HTTP server.

    The message has `payload` (the body), `method`, `path`, `topic` (the path too), `query`, `headers` (by lower-case
    name), `parameters` (the path's names; each is a field of the message as well), `client` (its address) and
    `request_id`, by which an HTTP response node finds the request. All of them are plain values, so the message may
    wait in a store; the request itself does not survive a restart, because its client does not.

    | what happens | what the client gets |
    |---|---|
    | an HTTP response node answers | its answer, at that moment |
    | the flow has finished, or stored the message, without one | the status *success* |
    | the flow failed, or gave the message up | 500, and the reason |
    | nothing within *timeout* | 504; the flow goes on, and the request counts as dropped: `request-timeout` |
    | *answer* is at-once | 202 before the flow begins: what fails later, the client does not learn |
    | the body is not what *body* or *body schema* say | 400, with the place of the mistake |
    | the key is missing or wrong | 401 |
    | the key does not open the *scope* | 403 |
    | the body is larger than *max body* | 413 |
    | *max requests* are under way, or a queue of the flow stays full, or the engine stops | 503, with `Retry-After` |

    Errors are `{code, message, location}`. The key comes as `Authorization: Bearer …` or as `X-API-Key`; where one is
    needed, neither header becomes part of the message. With an *access*, such as API keys, the message has `principal`:
    who asks, as the access knows them. When a client goes before it has its answer, the flow goes on, and
    the request counts as dropped: `client-gone`. A durable stage on the way ends the wait, since the message is safe
    then; an HTTP response node behind it comes too late.

    **Other than in Node-RED:** every request gets an answer, and the answer tells whether the flow has worked; the
    request is a field with an id, not an object that cannot be stored; with GET, `payload` is null and the query is in
    `query`; two nodes on one path are refused; and bodies, requests and waiting are bounded.
    """

    out = Output("A request.")
    examples = (
        Example("takes orders", config={"path": "/api/orders"}),
        Example("shows the state of a device", config={"method": "GET", "path": "/api/device/{device}/status"}),
    )

    @classmethod
    def claims(cls, config: HttpInConfig) -> Iterable[tuple[str, str]]:
        """Claim the route."""
        return (("HTTP route", f"{config.method} {config.path.shape}"),)

    def __init__(self, config: HttpInConfig, context: Context) -> None:
        super().__init__(config, context)
        self._under_way = 0
        self._is_paused = False
        self._is_stopping = False
        self._at_the_door: set[asyncio.Future[bool]] = set()

    async def start(self) -> None:
        """Open the route."""
        config = self.config
        self.context.routes.add(
            config.method, config.path.text, self._take, max_body=config.max_body, description=self._description()
        )

    async def quiesce(self) -> None:
        """Take no more requests, but go on answering."""
        self._is_stopping = True
        self._let_in(may_enter=False)

    async def stop(self) -> None:
        """Close the route; those who wait still get their answers."""
        self.context.routes.remove(self.config.method, self.config.path.text)

    def pause(self) -> None:
        """Let requests wait at the door."""
        self._is_paused = True

    def resume(self) -> None:
        """Let them in."""
        self._is_paused = False
        self._let_in(may_enter=True)

    async def _take(self, request: HttpRequest) -> HttpResponse:
        try:
            principal = await self._admit(request)
        except AccessDeniedError as error:
            return error.response()
        if not await self._may_enter():
            reason = "too much is under way; try again in a moment"
            return _problem(503, "busy", reason, request.path, {"Retry-After": "1"})
        try:
            fields = self._fields(request)
        except http_body.BodyError as error:
            return _problem(400, "bad-body", str(error), "body")
        if self.config.body_schema is not None:
            problem = self.config.body_schema.problem(fields["payload"])
            if problem is not None:
                place = problem.partition(": ")[0]
                return _problem(400, "schema", f"the body does not fit the schema at {problem}", f"body {place}")
        if principal:
            fields["principal"] = principal
        context = TraceContext.parse(request.headers.get(TRACEPARENT), request.headers.get(TRACESTATE))
        return await self._work(fields, context)

    async def _work(self, fields: dict[str, Any], context: TraceContext | None) -> HttpResponse:
        self._under_way += 1
        if self.config.answer == "at-once":
            self.emit(self.out, fields, on_closed=self._leave, context=context)
            return HttpResponse(202)
        requests = self.context.requests
        exchange = _Exchange(self.context.open_delivery(lambda closed: self._ended(exchange, closed)))
        exchange.delivery.context = context
        exchange.id = fields["request_id"] = requests.open(exchange.answer)
        timer = self.context.clock.call_later(self.config.timeout, self._timed_out, exchange)
        self.send(self.out, Message(fields, exchange.delivery))
        exchange.delivery.release()
        try:
            return await exchange.response
        except asyncio.CancelledError:
            requests.close(exchange.id)
            exchange.delivery.drop("client-gone")
            raise
        finally:
            timer.cancel()

    def _timed_out(self, exchange: _Exchange) -> None:
        self.context.requests.close(exchange.id)
        exchange.delivery.drop("request-timeout")
        reason = f"the flow did not answer within {self.config.timeout:g} s"
        exchange.answer(_problem(504, "request-timeout", reason, self.config.path.text))

    def _ended(self, exchange: _Exchange, closed: Delivery) -> None:
        self._leave(closed)
        if exchange.response.done():
            return
        if closed.outcome is Outcome.SETTLED:
            response = HttpResponse(self.config.success)
        elif closed.outcome is Outcome.FAILED:
            reason = f"the flow failed on the request; it is kept among the dead letters as {closed.id}"
            response = _problem(500, closed.reason, reason, self.config.path.text)
        else:
            response = _problem(500, closed.reason, "the flow gave the request up", self.config.path.text)
        self.context.requests.answer(exchange.id, response)

    def _leave(self, closed: Delivery) -> None:
        self._under_way -= 1

    async def _admit(self, request: HttpRequest) -> str:
        """Return who asks; empty where nobody needs to say."""
        config = self.config
        if config.access is not None:
            return await self.context.resource(config.access, HttpAccess).admit(request, config.scope)
        shown = shown_key(request.headers).encode()
        if config.api_key and not hmac.compare_digest(shown, config.api_key.encode()):
            reason = "the API key is missing or wrong"
            raise AccessDeniedError(401, "unauthorized", reason, "header", {"WWW-Authenticate": "Bearer"})
        return ""

    def _fields(self, request: HttpRequest) -> dict[str, Any]:
        headers = dict(request.headers)
        content_type = headers.get("content-type", "")
        if self.config.api_key or self.config.access is not None:
            headers = {name: value for name, value in headers.items() if name not in KEY_HEADERS}
        return {
            "payload": http_body.decode(request.body, content_type, self.config.body),
            "topic": request.path,
            "method": request.method,
            "path": request.path,
            "query": dict(request.query),
            "parameters": dict(request.parameters),
            "headers": headers,
            "client": request.client,
            **request.parameters,
        }

    async def _may_enter(self) -> bool:
        if self._is_stopping or self._under_way + len(self._at_the_door) >= self.config.max_requests:
            return False
        if not self._is_paused:
            return True
        entry: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._at_the_door.add(entry)
        timer = self.context.clock.call_later(PATIENCE, partial(_decide, entry, may_enter=False))
        try:
            return await entry
        finally:
            timer.cancel()
            self._at_the_door.discard(entry)

    def _let_in(self, *, may_enter: bool) -> None:
        for entry in self._at_the_door:
            _decide(entry, may_enter=may_enter)

    def _description(self) -> dict[str, Any]:
        config = self.config
        responses = {
            "400": _error("The body is not what it should be."),
            "413": _error(f"The body is larger than {config.max_body} bytes."),
            "500": _error("The flow failed."),
            "503": _error("Too much is under way."),
            "504": _error("The flow took too long."),
        }
        if config.api_key or config.access is not None:
            responses["401"] = _error("The API key is missing or wrong.")
        if config.access is not None:
            responses["403"] = _error("The API key does not open this.")
            responses["429"] = _error("Too many wrong API keys came from your address.")
        description: dict[str, Any] = {
            "summary": config.summary or f"{self.context.flow}/{self.context.node}",
            "responses": {**self._success(), **responses},
        }
        if config.method not in {"GET", "DELETE"}:
            schema = {} if config.body_schema is None else config.body_schema.schema
            kind = {"text": "text/plain", "bytes": http_body.BYTES}.get(config.body, http_body.JSON)
            description["requestBody"] = {
                "required": config.body_schema is not None,
                "content": {kind: {"schema": schema}},
            }
        if "401" in responses:
            description["security"] = [{"api_key": []}]
            description["x-scope"] = config.scope
        return description

    def _success(self) -> dict[str, Any]:
        config = self.config
        if config.answer == "at-once":
            return {"202": {"description": "Taken."}}
        if config.answer_schema is None:
            return {str(config.success): {"description": "Done."}}
        content = {http_body.JSON: {"schema": config.answer_schema.schema}}
        return {str(config.success): {"description": "Done.", "content": content}}


def _error(description: str) -> dict[str, Any]:
    return {"description": description, "content": {http_body.JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}}


def _decide(entry: "asyncio.Future[bool]", *, may_enter: bool) -> None:
    if not entry.done():
        entry.set_result(may_enter)


def _problem(
    status: int, code: str, message: str, location: str, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    body = orjson.dumps({"code": code, "message": message, "location": location})
    return HttpResponse(status, body, {"Content-Type": http_body.JSON, **(headers or {})})

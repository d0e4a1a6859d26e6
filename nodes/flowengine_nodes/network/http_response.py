"""Answers to HTTP clients."""

from collections.abc import Mapping
from typing import Any

from flowengine.expressions import MISSING
from flowengine.node import (
    Config,
    Example,
    Field,
    HttpResponse,
    JsonPath,
    Message,
    Node,
    NodeError,
    node_type,
)
from flowengine_nodes.network import http_body
from flowengine_nodes.network.field_text import Text
from flowengine_nodes.network.http_header import header_value
from flowengine_nodes.network.tracing import TRACE_HELP, TraceMode, trace_headers

# The server sees to these itself; a wrong one would break the connection.
_SERVERS_OWN = frozenset({"content-length", "transfer-encoding", "connection"})


class HttpResponseConfig(Config):
    """Answer a request."""

    status: int | None = Field(
        None, ge=200, le=599, description="Status; empty for the message's `status_code`, or 200 (204 without a body)."
    )
    body: JsonPath = Field("$.payload", description="Value to answer with.")
    body_format: http_body.SentFormat = Field(
        "auto", description="How to send it: text and bytes as they are and all else as JSON, always JSON, or a form."
    )
    content_type: str = Field("", description="MIME type of the body; empty for the one that goes with its format.")
    headers: dict[str, Text] = Field({}, description="Header values by name; {name} stands for a field of the message.")
    trace: TraceMode = Field("pass", description=TRACE_HELP)


@node_type("http-response", category="network", label="HTTP response", icon="http")
class HttpAnswer(Node[HttpResponseConfig]):
    """Answer the request that a message came from.

    The message's field `request_id` says which; an HTTP in node has put it there. Objects, lists, numbers and truth
    values are sent as JSON, text as UTF-8, bytes as they are, and null as no body. Headers come from the settings and
    from the message's `response_headers`; the settings win. A line break in a header is an error, so that no message
    can add headers of its own.

    | code | what happened |
    |---|---|
    | `no-request` | the message has no `request_id`: it came from elsewhere, or its HTTP in node answers at once |
    | `already-answered` | another node has answered, or the flow had finished before: a durable stage ends the wait |
    | `unknown-request` | the request came before this process started, or to another one |

    When the client has gone, or has waited too long, the message is dropped and counted as `client-gone`.

    **Other than in Node-RED:** a second answer is an error, not only a line in the log; headers are taken from
    `response_headers`, because `headers` holds those of the request or of another server's answer; there are no
    cookies, but a header `Set-Cookie` does the same.
    """

    examples = (
        Example("answers with what the flow made", config={"headers": {"Cache-Control": "no-store"}}),
        Example("needs a request", given={"payload": 1}, error="no-request"),
        Example(
            "cannot answer what another process was asked",
            given={"payload": 1, "request_id": "0123456789abcdef"},
            error="unknown-request",
        ),
    )

    def receive(self, message: Message) -> None:
        """Answer a request."""
        fields = message.fields
        id = fields.get("request_id")
        if not isinstance(id, str):
            raise NodeError(
                "the message has no request to answer: it came from no HTTP in node, or from one that answers at once",
                code="no-request",
            )
        if not self.context.requests.answer(id, self._response(message)):
            self.drop(message, "client-gone")

    def _response(self, message: Message) -> HttpResponse:
        fields = message.fields
        value = self.config.body.first(fields)
        body, content_type = http_body.encode(None if value is MISSING else value, self.config.body_format)
        headers = trace_headers(message, self.config.trace)
        content_type = self.config.content_type or content_type
        if content_type:
            headers["content-type"] = header_value("Content-Type", content_type)
        given = fields.get("response_headers", {})
        if not isinstance(given, dict):
            raise NodeError("the message's response_headers must be an object", code="invalid-header")
        for name, one in given.items():
            headers[name.lower()] = header_value(name, one)
        for name, text in self.config.headers.items():
            headers[name.lower()] = header_value(name, text.of(fields))
        for name in _SERVERS_OWN & headers.keys():
            del headers[name]
        for name, line in headers.items():
            if any(ord(character) > 0xFF for character in line):
                raise NodeError(f"the header {name} holds a character beyond Latin-1", code="invalid-header")
        return HttpResponse(self._status(fields, body), body, headers)

    def _status(self, fields: Mapping[str, Any], body: bytes) -> int:
        status = self.config.status if self.config.status is not None else fields.get("status_code")
        if status is None:
            return 200 if body else 204
        if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599:
            raise NodeError(f"the status is {status!r}; it must be a number from 200 to 599", code="invalid-status")
        if body and status in {204, 205, 304}:
            raise NodeError(f"an answer with status {status} has no body", code="invalid-status")
        return status

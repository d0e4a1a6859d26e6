"""Requests to an HTTP server."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import model_validator

from flowengine.expressions import MISSING
from flowengine.message import encode_whatever
from flowengine.node import (
    Config,
    Context,
    Duration,
    Example,
    Field,
    JsonPath,
    Message,
    Node,
    NodeError,
    Output,
    Secret,
    TransientError,
    node_type,
)
from flowengine_nodes.network import http_body
from flowengine_nodes.network.field_text import Text, Url, UrlError, check_url
from flowengine_nodes.network.http_client import Answer, HttpClient, HttpOptions, shown
from flowengine_nodes.network.http_header import header_value, retry_after
from flowengine_nodes.network.http_status import Statuses
from flowengine_nodes.network.tls_options import TlsOptions
from flowengine_nodes.network.tracing import TRACE_HELP, TraceMode, trace_headers

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_WRITES = frozenset({"POST", "PUT", "PATCH"})
_EXCERPT = 500


class HttpRequestConfig(Config):
    """Ask an HTTP server."""

    method: Method | None = Field("GET", description="Method; empty for the message's own `method`.")
    url: Url = Field(
        "",
        description="URL; {name} in its path or query stands for a field of the message, such as {payload.id}. "
        "Empty for the message's own `url`.",
        title="URL",
    )
    query: dict[str, Text] = Field({}, description="Query values by name; {name} stands for a field of the message.")
    headers: dict[str, Text] = Field({}, description="Header values by name; {name} stands for a field of the message.")
    message_headers: bool = Field(False, description="Send the message's own `headers` too.")
    body: JsonPath = Field("$.payload", description="Value to send with POST, PUT and PATCH.")
    body_format: http_body.SentFormat = Field(
        "auto", description="How to send it: text and bytes as they are and all else as JSON, always JSON, or a form."
    )
    content_type: str = Field("", description="MIME type of the body; empty for the one that goes with its format.")
    auth: Literal["none", "basic", "bearer", "header"] = Field(
        "none", description="How to prove who we are: user and password, a bearer token, or a token in a header."
    )
    username: str = Field("", description="User name, for basic.")
    password: Secret = Field("", description="Password, for basic.")
    token: Secret = Field("", description="Token, for bearer and header; an empty one is not sent.")
    token_header: str = Field("X-API-Key", description="Name of the header that carries the token, for header.")
    trace: TraceMode = Field("pass", description=TRACE_HELP)
    accept: Statuses = Field("2xx", description="Statuses that are no error, such as 2xx, 404 or 200-299.")
    answer: http_body.BodyFormat = Field(
        "detect", description="What the answer is: JSON, text, bytes, or detect: what its content type says."
    )
    max_answer: int = Field(10_000_000, ge=0, description="Largest answer taken, in bytes.")
    timeout: Duration = Field("30s", gt=0, description="Longest wait for the whole answer.")
    connect_timeout: Duration = Field("10s", gt=0, description="Longest wait for a connection.")
    connections: int = Field(100, ge=1, description="Most connections open at a time.")
    redirects: int = Field(0, ge=0, le=20, description="Most redirects followed; 0 makes a redirect an error.")
    idempotency: Literal["writes", "all", "never"] = Field(
        "writes",
        description="Which requests carry a header Idempotency-Key, so that a server can tell a repeated one: POST, "
        "PUT and PATCH, all, or none.",
    )
    idempotency_key: Text = Field(
        "", description="That key; {name} stands for a field of the message. Empty for one made from the message."
    )
    tls: TlsOptions = Field({}, description="How to speak TLS with https.", title="TLS")
    proxy: Url = Field("", description="HTTP proxy to go through, such as http://proxy.example:3128; empty for none.")
    proxy_username: str = Field("", description="User name at the proxy.")
    proxy_password: Secret = Field("", description="Password at the proxy.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.auth == "basic" and not self.username:
            raise ValueError("auth basic needs a 'username'")
        # A variable may be empty where no proof is asked for.
        if self.auth in {"bearer", "header"} and "token" not in self.model_fields_set:
            raise ValueError(f"auth {self.auth} needs a 'token'")
        if not self.proxy.is_fixed:
            raise ValueError("'proxy' is the same for every message; it takes no {name}")
        return self


@node_type("http-request", category="network", label="HTTP request", icon="http", outside=True)
class HttpRequest(Node[HttpRequestConfig]):
    """Send a request to an HTTP server, and send the answer on.

    The answer's body becomes `payload`, beside `status_code` and `headers` (by lower-case name); all other fields stay.
    A value that fills in a `{name}` of the URL is percent-encoded, so it stays the one level of the path or the one
    value of the query that it is. The message cannot choose the server, unless `url` is left empty.

    **What is an error.** A status that *accept* does not name, no connection, no whole answer in time, an answer that
    is too large or not what *answer* says. 408, 425, 429 and 5xx, broken connections and timeouts follow the flow's
    retry policy, no earlier than the header `Retry-After` asks; everything else is final. Set *accept* to
    `2xx, 3xx, 4xx, 5xx` to look at `status_code` yourself.

    | code | what happened |
    |---|---|
    | `http-status` | a status that is not accepted; `error.detail` has `status` and the beginning of the `body` |
    | `http-timeout`, `http-connection`, `http-tls`, `http-proxy` | no answer |
    | `http-answer` | an answer that broke off, or is not HTTP |
    | `bad-answer`, `answer-too-large` | an answer, but not one to go on with |
    | `invalid-url`, `missing-field`, `invalid-header`, `invalid-body` | the message cannot be sent |

    **Nothing is lost.** Set the stage option `outbox: true` and messages wait in the store until the server has taken
    them, through any outage and any crash. A request may then be sent twice: the header `Idempotency-Key`, the same
    for each try of the same message, lets the server notice. It is made from the message's id and fields; where a
    broker may deliver the same message again, name a field of your own in *idempotency key*.

    Messages with the same topic are sent one after the other, others at the same time; the stage options change that.

    **Other than in Node-RED:** a status such as 404 is an error unless accepted; redirects are followed only when asked
    for, and never from https to http; the message's `headers` are sent only when asked for, because those of an HTTP in
    node hold what its client is secret about; secrets appear in no error and no log; there are no cookies, and the
    answer is bounded.
    """

    out = Output("The message, with the answer in it.")
    examples = (
        Example("posts readings", config={"method": "POST", "url": "https://erp.example/api/{device}/readings"}),
        Example(
            "needs the fields that its URL names",
            config={"url": "https://erp.example/api/{device}"},
            given={"payload": 1},
            error="missing-field",
        ),
        Example(
            "keeps a field within its level of the path",
            config={"url": "https://erp.example/api/{device}"},
            given={"device": ".."},
            error="invalid-url",
        ),
    )

    def __init__(self, config: HttpRequestConfig, context: Context) -> None:
        super().__init__(config, context)
        self._headers: dict[str, str] = {}
        self._secrets = [secret for secret in (config.password, config.token, config.proxy_password) if secret]
        if config.auth == "basic":
            self._headers["Authorization"] = _basic(config.username, config.password)
            self._secrets.append(self._headers["Authorization"].removeprefix("Basic "))
        elif config.auth == "bearer" and config.token:
            self._headers["Authorization"] = f"Bearer {config.token}"
        elif config.auth == "header" and config.token:
            self._headers[config.token_header] = config.token
        self._own_headers = frozenset(name.lower() for name in self._headers)

    async def start(self) -> None:
        """Make the pool."""
        config = self.config
        self._client = HttpClient(
            HttpOptions(
                timeout=config.timeout,
                connect_timeout=config.connect_timeout,
                connections=config.connections,
                max_answer=config.max_answer,
                redirects=config.redirects,
                secret_headers=self._own_headers,
                tls=config.tls.context() if config.tls != TlsOptions() else None,
                server_name=config.tls.server_name,
                proxy=config.proxy.text,
                proxy_authorization=(
                    _basic(config.proxy_username, config.proxy_password) if config.proxy_username else ""
                ),
            )
        )
        await self._client.open()

    async def stop(self) -> None:
        """Close the pool."""
        await self._client.close()

    async def receive(self, message: Message) -> None:
        """Send a request and send the answer on."""
        fields = message.fields
        method = self._method(fields)
        url = self._url(fields)
        headers, body = self._content(method, fields)
        if self.config.idempotency == "all" or (self.config.idempotency == "writes" and method in _WRITES):
            headers["Idempotency-Key"] = self._key(message)
        headers |= trace_headers(message, self.config.trace)
        answer = await self._client.request(method, url, headers, body)
        if answer.status not in self.config.accept:
            raise self._refused(f"{method} {shown(url)}", answer)
        try:
            payload = http_body.decode(answer.body, answer.headers.get("content-type", ""), self.config.answer)
        except http_body.BodyError as error:
            # The server has done its work: to ask again would have it done twice.
            detail = {"status": answer.status, "body": self._excerpt(answer.body)}
            raise NodeError(f"{method} {shown(url)}: {error}", code="bad-answer", detail=detail) from error
        self.send(self.out, message.replace(payload=payload, status_code=answer.status, headers=answer.headers))

    def outgoing(self, message: Message) -> Mapping[str, Any]:
        """Return what would be asked: `method`, `url`, `headers`, and the `body` as the value that it is made from."""
        fields = message.fields
        method = self._method(fields)
        headers, _ = self._content(method, fields)
        described: dict[str, Any] = {"method": method, "url": self._url(fields), "headers": headers}
        body = self.config.body.first(fields)
        if method in _WRITES and body is not MISSING:
            described["body"] = body
        return described

    def _method(self, fields: Mapping[str, Any]) -> str:
        if self.config.method is not None:
            return self.config.method
        method = fields.get("method")
        if method not in _METHODS:
            raise NodeError(
                f"the message's method is {method!r}; it must be GET, POST or the like", code="invalid-method"
            )
        return str(method)

    def _url(self, fields: Mapping[str, Any]) -> str:
        url = self.config.url.of(fields) if self.config.url.text else fields.get("url")
        if not isinstance(url, str):
            raise NodeError("neither the node nor the message has a URL", code="invalid-url")
        if not self.config.url.text:
            try:
                check_url(url)
            except UrlError as error:
                raise NodeError(f"the message's url: {error}", code="invalid-url") from error
        if self.config.query:
            values = {name: text.of(fields) for name, text in self.config.query.items()}
            url = http_body.with_query(url, values)
        return url

    def _content(self, method: str, fields: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
        headers: dict[str, str] = {}
        if self.config.message_headers:
            given = fields.get("headers", {})
            if not isinstance(given, dict):
                raise NodeError("the message's headers must be an object", code="invalid-header")
            headers = {name: header_value(name, value) for name, value in given.items()}
        for name, text in self.config.headers.items():
            headers[name] = header_value(name, text.of(fields))
        body = b""
        if method in _WRITES:
            value = self.config.body.first(fields)
            if value is not MISSING:
                body, content_type = http_body.encode(value, self.config.body_format)
                content_type = self.config.content_type or content_type
                if content_type and not any(name.lower() == "content-type" for name in headers):
                    headers["Content-Type"] = content_type
        headers.update(self._headers)
        return headers, body

    def _key(self, message: Message) -> str:
        if self.config.idempotency_key.text:
            return header_value("Idempotency-Key", self.config.idempotency_key.of(message.fields))
        # Parts of one message share its id, but differ in their fields; so do requests of two nodes in their place.
        place = f"{message.id}\0{self.context.flow}\0{self.context.node}\0".encode()
        return hashlib.blake2b(place + encode_whatever(message.fields), digest_size=16).hexdigest()

    def _refused(self, where: str, answer: Answer) -> NodeError:
        reason = f"{where} answered {answer.status} {answer.reason}".rstrip()
        detail = {"status": answer.status, "body": self._excerpt(answer.body)}
        if answer.status in {408, 425, 429} or answer.status >= 500:
            wait = retry_after(answer.headers.get("retry-after", ""), self.context.clock.time())
            return TransientError(reason, code="http-status", detail=detail, retry_after=wait)
        if 300 <= answer.status < 400:
            reason += "; set 'redirects' to follow it, or ask the other URL"
        return NodeError(reason, code="http-status", detail=detail)

    def _excerpt(self, body: bytes) -> str:
        # Cut only after the secrets are gone: a half of one would not be found.
        text = body[: _EXCERPT * 8].decode("utf-8", "replace")
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}…"


def _basic(username: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"

"""HTTP as Odoo speaks it: one request a connection, unless a proxy in front of it offers more."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson

from flowengine_nodes.network.http_client import Answer, HttpClient, HttpOptions
from flowengine_nodes.network.http_header import retry_after
from flowengine_nodes.odoo.client import errors

KeepAlive = Literal["auto", "always", "never"]
JSON = {"Content-Type": "application/json", "Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Address:
    """Where Odoo is, and who we are to it.

    Args:
        base_url: Its address, without a path, such as ``https://odoo.example``.
        database: Name of the database; may be empty where the server has only one and speaks JSON-2.
        login: Login of the user that the key belongs to; JSON-RPC needs it.
        key: API key.
        timeout: Seconds from the first byte out to the last byte in.
        connect_timeout: Seconds to connect.
        connections: Most connections open at a time.
        max_answer: Largest answer taken, in bytes.
        tls: TLS context; ``None`` for the system's trust.
        server_name: Name to expect in the certificate; empty for the host's.
        keep_alive: Whether a connection serves more than one request. Odoo's own server closes each after its answer,
            and a worker of it hangs if another request comes down the same one; ``auto`` keeps them where what answers
            is a proxy that offers it.
    """

    base_url: str
    database: str = ""
    login: str = ""
    key: str = ""
    timeout: float = 60.0
    connect_timeout: float = 10.0
    connections: int = 8
    max_answer: int = 50_000_000
    tls: ssl.SSLContext | None = None
    server_name: str = ""
    keep_alive: KeepAlive = "auto"


class OdooHttp:
    """Send requests to one Odoo server.

    Args:
        address: Which.

    Attributes:
        address: Which.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self._base = address.base_url.rstrip("/")
        self._options = HttpOptions(
            timeout=address.timeout,
            connect_timeout=address.connect_timeout,
            connections=address.connections,
            max_answer=address.max_answer,
            tls=address.tls,
            server_name=address.server_name,
            keep_alive=address.keep_alive != "never",
        )
        self._client: HttpClient | None = None
        self._opening = asyncio.Lock()

    async def request(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Send a request and wait for the whole answer, whatever its status; a redirect is one too.

        Args:
            method: Upper-case method.
            path: Path and query, percent-encoded.
            headers: Header values by name.
            body: The body.

        Raises:
            TransientError: There was no answer, or not a whole one.
            NodeError: The answer is too large.
        """
        client = self._client or await self._open()
        return await client.request(method, self._base + path, headers, body)

    @asynccontextmanager
    async def stream(
        self, path: str, headers: Mapping[str, str]
    ) -> AsyncIterator[tuple[Answer, AsyncGenerator[bytes, None]]]:
        """Ask for something of any size, and take it as it arrives.

        Args:
            path: Path and query, percent-encoded.
            headers: Header values by name.

        Yields:
            The answer without its body, and the parts of the body.

        Raises:
            TransientError: There was no answer, or not a whole one.
        """
        client = self._client or await self._open()
        async with client.stream(self._base + path, headers) as answered:
            yield answered

    async def close(self) -> None:
        """Close all connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _open(self) -> HttpClient:
        async with self._opening:
            if self._client is None:
                options = self._options
                if self.address.keep_alive == "auto" and not await self._offers_keep_alive():
                    options = replace(options, keep_alive=False)
                client = HttpClient(options)
                await client.open()
                self._client = client
            return self._client

    async def _offers_keep_alive(self) -> bool:
        """Ask once; the library itself never reuses a connection that its server wants closed."""
        client = HttpClient(self._options)
        await client.open()
        try:
            answer = await client.request("GET", f"{self._base}/web/version", {"Accept": "application/json"})
        finally:
            await client.close()
        own = answer.headers.get("server", "").lower().startswith("werkzeug")
        return not own and answer.headers.get("connection", "").lower() != "close"


def json_of(where: str, answer: Answer, now: float) -> Any:
    """Return the JSON of an answer whose status is 2xx.

    Args:
        where: What was called, for errors.
        answer: The answer.
        now: The time, in seconds since 1970.

    Raises:
        OdooRefusedError: Odoo has refused the call.
        OdooAwayError: It cannot do it now.
    """
    document: Any = None
    is_json = False
    if "json" in answer.headers.get("content-type", ""):
        try:
            document = orjson.loads(answer.body)
            is_json = True
        except orjson.JSONDecodeError:
            pass
    if is_json and 200 <= answer.status < 300:
        return document
    if is_json and isinstance(document, dict) and isinstance(document.get("name"), str):
        name, sentence = document["name"], document.get("message")
        raise errors.of_exception(where, name, sentence if isinstance(sentence, str) else "", answer.status)
    wait = retry_after(answer.headers.get("retry-after", ""), now)
    reason = "something that is no JSON" if answer.status < 300 else answer.reason
    if is_json and isinstance(document, dict) and isinstance(document.get("message"), str):
        # The addon's own way to say it.
        reason = document["message"]
    raise errors.of_status(where, answer.status, reason, wait)

"""The HTTP client: one pool of connections, bounded answers, and errors that say whether to try again.

Which library does the work, and why, is in docs/decisions/0003-http-client.md; no other module knows it.
"""

import io
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from flowengine.node import NodeError, TransientError

if TYPE_CHECKING:
    import aiohttp
    import yarl

# A larger body in one piece would make the library warn.
_IN_ONE_PIECE = 1 << 20
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered.

    Args:
        status: Status code.
        reason: The words beside it.
        headers: Header values by lower-case name; one that came more than once is joined by commas.
        body: The whole body.
    """

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """How to send requests.

    Args:
        timeout: Seconds from the first byte out to the last byte in.
        connect_timeout: Seconds to connect.
        connections: Most connections open at a time.
        max_answer: Largest body taken, in bytes.
        redirects: Most redirects followed.
        secret_headers: Lower-case names of headers that go to no other server than the one asked first.
        tls: TLS context; ``None`` for the system's trust.
        server_name: Name to expect in the server's certificate; empty for the host's.
        proxy: URL of an HTTP proxy; empty for none.
        proxy_authorization: The header ``Proxy-Authorization``; empty for none.
        keep_alive: Whether a connection serves more than one request, where the server lets it.
    """

    timeout: float = 30.0
    connect_timeout: float = 10.0
    connections: int = 100
    max_answer: int = 10_000_000
    redirects: int = 0
    secret_headers: frozenset[str] = frozenset()
    tls: ssl.SSLContext | None = None
    server_name: str = ""
    proxy: str = ""
    proxy_authorization: str = ""
    keep_alive: bool = True


class HttpClient:
    """Send requests over a pool of connections.

    Args:
        options: How.
    """

    def __init__(self, options: HttpOptions) -> None:
        self._options = options
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the pool; connections are made when they are needed."""
        # The import takes 0.15 s and 20 MB: only flows that ask servers shall pay for it.
        import aiohttp  # noqa: PLC0415 - see above
        import yarl  # noqa: PLC0415 - see above

        options = self._options
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=options.connections, force_close=not options.keep_alive),
            timeout=aiohttp.ClientTimeout(total=options.timeout, sock_connect=options.connect_timeout),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "flowengine"} | ({} if options.keep_alive else {"Connection": "close"}),
        )
        self._ssl = True if options.tls is None else options.tls
        self._proxy = yarl.URL(options.proxy) if options.proxy else None
        self._parse: Callable[[str], yarl.URL] = lru_cache(maxsize=1000)(yarl.URL)
        self._kinds = _kinds(options)
        self._failures = (aiohttp.ClientError, OSError, TimeoutError, UnicodeError)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def request(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Send a request and wait for the whole answer, whatever its status.

        Args:
            method: Upper-case method.
            url: Where to, already percent-encoded.
            headers: Header values by name.
            body: The body.

        Raises:
            TransientError: There was no answer, or not a whole one.
            NodeError: The answer is too large, or redirects too often or to what is no URL.
        """
        try:
            return await self._follow(method, self._parse(url), headers, body)
        except self._failures as error:
            raise self._failure(f"{method} {shown(url)}", error) from error

    @asynccontextmanager
    async def stream(
        self, url: str, headers: Mapping[str, str]
    ) -> AsyncIterator[tuple[Answer, AsyncGenerator[bytes, None]]]:
        """Ask for something of any size, and take it as it arrives; redirects are not followed.

        The timeout of the options is that of each part then, and no size is too large.

        Args:
            url: Where to, already percent-encoded.
            headers: Header values by name.

        Yields:
            The answer without its body, and the parts of the body.

        Raises:
            TransientError: There was no answer; or, while parts are taken, not a whole one.
        """
        import aiohttp  # noqa: PLC0415 - loaded already

        assert self._session is not None
        options = self._options
        timeout = aiohttp.ClientTimeout(sock_connect=options.connect_timeout, sock_read=options.timeout)
        where = f"GET {shown(url)}"
        try:
            async with self._session.get(
                self._parse(url),
                headers=headers,
                allow_redirects=False,
                ssl=self._ssl,
                server_hostname=options.server_name or None,
                timeout=timeout,
            ) as response:
                yield (
                    Answer(response.status, response.reason or "", _headers(response), b""),
                    self._parts(where, response),
                )
        except self._failures as error:
            raise self._failure(where, error) from error

    async def _parts(self, where: str, response: "aiohttp.ClientResponse") -> AsyncGenerator[bytes, None]:
        try:
            while chunk := await response.content.readany():
                yield chunk
        except self._failures as error:
            raise self._failure(where, error) from error

    async def _follow(self, method: str, url: "yarl.URL", headers: Mapping[str, str], body: bytes) -> Answer:
        left = self._options.redirects
        while True:
            assert self._session is not None
            # In plain HTTP the proxy reads the request itself; for TLS it is asked for a tunnel first.
            to_proxy = (
                {"Proxy-Authorization": self._options.proxy_authorization} if self._options.proxy_authorization else {}
            )
            async with self._session.request(
                method,
                url,
                headers=headers if url.scheme == "https" else {**headers, **to_proxy},
                data=body if len(body) <= _IN_ONE_PIECE else io.BytesIO(body),
                allow_redirects=False,
                ssl=self._ssl,
                server_hostname=self._options.server_name or None,
                proxy=self._proxy,
                proxy_headers=to_proxy or None,
            ) as response:
                location = response.headers.get("Location", "") if response.status in _REDIRECTS else ""
                if not location or not self._options.redirects:
                    return await self._whole(method, response)
            if not left:
                reason = f"{method} {shown(str(url))} redirects more than {self._options.redirects} times"
                raise NodeError(reason, code="too-many-redirects")
            left -= 1
            target = url.join(self._parse(location))
            if target.scheme not in {"http", "https"} or (url.scheme == "https" and target.scheme == "http"):
                reason = f"{method} {shown(str(url))} redirects to {shown(str(target))}, which is not followed"
                raise NodeError(reason, code="unsafe-redirect")
            if target.origin() != url.origin():
                headers = {
                    name: value for name, value in headers.items() if name.lower() not in self._options.secret_headers
                }
            if response.status == 303 or (response.status in {301, 302} and method == "POST"):
                # RFC 9110 §15.4: what every browser makes of these.
                method, body = ("HEAD" if method == "HEAD" else "GET"), b""
                headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
            url = target

    async def _whole(self, method: str, response: "aiohttp.ClientResponse") -> Answer:
        most = self._options.max_answer
        chunks: list[bytes] = []
        size = 0
        if method != "HEAD":
            size = response.content_length or 0
            if size <= most:
                size = 0
                while chunk := await response.content.readany():
                    chunks.append(chunk)
                    size += len(chunk)
                    if size > most:
                        break
            if size > most:
                response.close()
                reason = f"{method} {shown(str(response.url))} answered with more than {most} bytes"
                raise NodeError(reason, code="answer-too-large", detail={"status": response.status, "most": most})
        return Answer(response.status, response.reason or "", _headers(response), b"".join(chunks))

    def _failure(self, where: str, error: BaseException) -> NodeError:
        found = ((code, words) for kind, code, words in self._kinds if isinstance(error, kind))
        code, words = next(found, ("http-connection", "{reason}"))
        reason = f"{where}: {words.format(reason=_reason(error))}"
        return NodeError(reason, code=code) if code == "invalid-url" else TransientError(reason, code=code)


def _headers(response: "aiohttp.ClientResponse") -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in response.headers.items():
        lower = name.lower()
        headers[lower] = f"{headers[lower]}, {value}" if lower in headers else value
    return headers


def _kinds(options: HttpOptions) -> "list[tuple[type[BaseException], str, str]]":
    """Return what each of the library's errors means: word code and words, the most exact first."""
    import aiohttp  # noqa: PLC0415 - loaded already

    return [
        (aiohttp.ClientConnectorCertificateError, "http-tls", "the server's certificate is not trusted: {reason}"),
        (aiohttp.ClientSSLError, "http-tls", "TLS failed: {reason}"),
        (aiohttp.InvalidURL, "invalid-url", "this is no valid URL"),
        (UnicodeError, "invalid-url", "this is no valid URL"),
        (aiohttp.ConnectionTimeoutError, "http-timeout", f"no connection within {options.connect_timeout:g} s"),
        (TimeoutError, "http-timeout", f"no whole answer within {options.timeout:g} s"),
        (aiohttp.ClientProxyConnectionError, "http-proxy", "cannot connect to the proxy: {reason}"),
        (aiohttp.ClientHttpProxyError, "http-proxy", "the proxy refuses: {reason}"),
        (aiohttp.ClientConnectorError, "http-connection", "cannot connect: {reason}"),
        (aiohttp.ServerDisconnectedError, "http-connection", "the server closed the connection"),
        (aiohttp.ClientPayloadError, "http-answer", "the answer broke off"),
        (aiohttp.ClientResponseError, "http-answer", "what came back is not HTTP"),
    ]


def _reason(error: BaseException) -> str:
    for attribute in ("certificate_error", "os_error"):
        error = getattr(error, attribute, error)
    return getattr(error, "strerror", None) or getattr(error, "message", None) or str(error) or type(error).__name__


def shown(url: str) -> str:
    """Return what of a URL may be shown: no user, no query, since both may hold secrets."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

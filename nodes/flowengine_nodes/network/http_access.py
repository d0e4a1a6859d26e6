"""Who may use an HTTP path: config nodes of several kinds decide."""

import ipaddress
from collections.abc import Mapping
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

import orjson

from flowengine.node import Config, ConfigNode, HttpRequest, HttpResponse, NodeError, Resource
from flowengine_nodes.network import http_body

C = TypeVar("C", bound=Config)

KEY_HEADERS = frozenset({"authorization", "x-api-key"})
"""Headers that hold a key, and so never become part of a message."""

AccessId = Annotated[str, Resource("api-keys")]
"""A field that refers to a config node that admits requests."""


class AccessDeniedError(NodeError):
    """Somebody may not have what they ask for.

    Args:
        status: 401 if it is not known who asks, 403 if they may not, 429 if they have been wrong too often.
        code: Word code.
        reason: What is wrong and what to do.
        location: Where it is wrong.
        headers: Further headers of the answer.
    """

    def __init__(
        self, status: int, code: str, reason: str, location: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(reason, code=code)
        self.status = status
        self.location = location
        self.headers = dict(headers or {})

    def response(self) -> HttpResponse:
        """Return the answer that says so."""
        body = orjson.dumps({"code": self.code, "message": self.reason, "location": self.location})
        return HttpResponse(self.status, body, {"Content-Type": http_body.JSON, **self.headers})


class HttpAccess(ConfigNode[C]):
    """Decide who may use the paths of the HTTP in nodes that refer to it."""

    async def admit(self, request: HttpRequest, scope: str) -> str:
        """Return who asks, as the audit trail names them.

        Args:
            request: The request; its body need not have come yet.
            scope: What it takes to be let in; empty for any key.

        Raises:
            AccessDeniedError: They may not come in.
        """
        raise NotImplementedError


def shown_key(headers: Mapping[str, str]) -> str:
    """Return the key that a request shows, as ``Authorization: Bearer`` or ``X-API-Key``; empty if it shows none.

    Args:
        headers: Values by lower-case name.
    """
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        given = headers.get("x-api-key", "")
    return given.strip()


def is_local(request: HttpRequest) -> bool:
    """Tell whether a request comes from this machine itself, and not from a page elsewhere that a browser shows."""
    host = request.headers.get("host", "")
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2].lower() != host.lower():
        return False
    # Another name may be an attacker's, who has given it our address (DNS rebinding).
    return _is_loopback(request.client) and _is_loopback(name)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

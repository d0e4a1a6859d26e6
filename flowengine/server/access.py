"""Who may ask for what, and from where."""

import hmac
import ipaddress
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from enum import IntEnum
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from flowengine.server.problem_response import ApiError

TOKEN_PROTOCOL: Final = "flowengine.token."  # noqa: S105 - the prefix that a token follows
"""Browsers cannot send headers with a WebSocket, so its token comes as a subprotocol: this and base64url of it."""

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Role(IntEnum):
    """What somebody may do; each may all that those before may.

    Attributes:
        VIEWER: Look.
        OPERATOR: Also handle what runs: inject, replay, restart.
        EDITOR: Also change flows and deploy them.
        ADMIN: Everything.
    """

    VIEWER = 1
    OPERATOR = 2
    EDITOR = 3
    ADMIN = 4


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody whom the server knows.

    Args:
        name: As the audit trail shows it.
        role: What they may do.
    """

    name: str
    role: Role


class Access:
    """Decide who may come in.

    With a token, whoever has it is the admin. Without one, the server listens on this machine only and everybody on
    it is the admin; then a browser on this machine must not be led here by a page from elsewhere.

    Args:
        token: What the admin API asks for; empty for nothing.
    """

    def __init__(self, token: str = "") -> None:
        self._token = token.encode()

    def admit(self, connection: HTTPConnection, role: Role) -> Identity:
        """Return who asks.

        Args:
            connection: A request or a WebSocket.
            role: What the thing that is asked for takes.

        Raises:
            ApiError: They may not come in, or may not have this.
        """
        _check_origin(connection)
        identity = self._identify(connection)
        if identity.role < role:
            message = f"{identity.name} is {identity.role.name.lower()}; this takes {role.name.lower()}"
            raise ApiError(403, "forbidden", message, connection.url.path)
        return identity

    def _identify(self, connection: HTTPConnection) -> Identity:
        if not self._token:
            _check_host(connection)
            return Identity("local", Role.ADMIN)
        given = _token_of(connection)
        if not given:
            message = "this needs a token: send the header 'Authorization: Bearer TOKEN'"
            raise ApiError(401, "unauthorized", message, connection.url.path)
        if not hmac.compare_digest(given, self._token):
            raise ApiError(401, "unauthorized", "the token is wrong", connection.url.path)
        return Identity("token", Role.ADMIN)


def _token_of(connection: HTTPConnection) -> bytes:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip().encode("latin-1")
    for protocol in connection.scope.get("subprotocols", ()):
        if protocol.startswith(TOKEN_PROTOCOL):
            encoded = protocol.removeprefix(TOKEN_PROTOCOL)
            try:
                return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
            except ValueError:
                return b""
    return b""


def _check_origin(connection: HTTPConnection) -> None:
    """Refuse what a page of another site makes a browser send: it would come with the rights of who looks at it."""
    if connection.scope["type"] == "http" and connection.scope["method"] in _SAFE_METHODS:
        return
    origin = connection.headers.get("origin")
    host = connection.headers.get("host", "")
    if origin is not None and origin.partition("://")[2].lower() != host.lower():
        message = (
            f"a page of {origin} may not change anything here; "
            f"a proxy in front must pass the header Host on as it is (it is {host or 'missing'} now)"
        )
        raise ApiError(403, "cross-origin", message, connection.url.path)


def _check_host(connection: HTTPConnection) -> None:
    """Refuse other names of this machine: a site can give its own name our address (DNS rebinding)."""
    host = connection.headers.get("host", "")
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        name = ""
    if not is_loopback(name):
        message = (
            f'"{host}" is no name of this machine itself; '
            "open it as localhost or 127.0.0.1, or set FLOWENGINE_ADMIN_TOKEN and use the token"
        )
        raise ApiError(403, "foreign-host", message, connection.url.path)


def is_loopback(host: str) -> bool:
    """Tell whether a name or an address is this machine's alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

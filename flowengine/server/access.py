"""Who may ask for what, and from where."""

import hashlib
import hmac
import ipaddress
import time
from base64 import urlsafe_b64decode
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final, Literal, cast
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from flowengine.server.problem_response import ApiError
from flowengine.storage import Store

TOKEN_PROTOCOL: Final = "flowengine.token."  # noqa: S105 - the prefix that a token follows
"""Browsers cannot send headers with a WebSocket, so its token comes as a subprotocol: this and base64url of it."""

RoleName = Literal["viewer", "operator", "editor", "admin"]
_NOTE_EVERY: Final = 300.0
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Role(IntEnum):
    """What somebody may do; each may all that those before may.

    Attributes:
        VIEWER: Look.
        OPERATOR: Also handle what runs: inject, replay, restart.
        EDITOR: Also change flows and deploy them.
        ADMIN: Everything, users and tokens too.
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
        kind: With what they came in: a password, an API token, the admin token, or nothing, which suffices on this
            machine while there are no users.
        session: Digest of the session that a browser has; empty for none.
    """

    name: str
    role: Role
    kind: Literal["user", "token", "admin-token", "open"]
    session: str = ""


LOCAL: Final = Identity("local", Role.ADMIN, "open")
ADMIN_TOKEN: Final = Identity("token", Role.ADMIN, "admin-token")


class Access:
    """Decide who may come in.

    Users come in with a session that a password or a token began, programs with a token. While there are neither
    users nor an admin token, everybody on this machine is the admin; then a browser on this machine must not be led
    here by a page from elsewhere.

    Args:
        store: Who is known; ``None`` if nobody is asked, because whoever calls has the store itself.
        token: The admin token; empty for none.
        is_local: Whether only this machine can reach the server.
    """

    def __init__(self, store: Store | None = None, token: str = "", *, is_local: bool = True) -> None:
        self._store = store
        self._token = token
        self._is_local = is_local

    async def admit(self, connection: HTTPConnection, role: Role) -> Identity:
        """Return who asks.

        Args:
            connection: A request or a WebSocket.
            role: What the thing that is asked for takes.

        Raises:
            ApiError: They may not come in, or may not have this.
        """
        check_origin(connection)
        identity = await self._identify(connection)
        if identity.role < role:
            message = f"{identity.name} is {role_name(identity.role)}; this takes {role_name(role)}"
            raise ApiError(403, "forbidden", message, connection.url.path)
        return identity

    async def of_token(self, token: str) -> tuple[Identity, str] | None:
        """Return who has a token, and its id; ``None`` for nobody.

        Args:
            token: An API token or the admin token.
        """
        if self._token and hmac.compare_digest(token.encode(), self._token.encode()):
            return ADMIN_TOKEN, digest_of(self._token)
        if self._store is None or not token:
            return None
        found = await self._store.api_tokens.find(digest_of(token))
        now = time.time()
        if found is None or (found.expires_at is not None and found.expires_at <= now):
            return None
        if found.seen_at is None or found.seen_at < now - _NOTE_EVERY:
            await self._store.api_tokens.note_seen(found.id)
        return Identity(found.name, role_of(found.role), "token"), found.id

    async def _identify(self, connection: HTTPConnection) -> Identity:
        if self._store is None:
            return LOCAL
        given = _token_of(connection)
        if given:
            found = await self.of_token(given)
            if found is None:
                raise await self._unauthorized("the token is wrong, or has ended", connection)
            return found[0]
        cookie = connection.cookies.get(cookie_name(connection), "")
        if cookie and (identity := await self._of_session(digest_of(cookie))) is not None:
            _check_same_site(connection)
            return identity
        if self._is_local and not self._token and not await self._store.users.exist():
            _check_host(connection)
            return LOCAL
        message = "this needs a token: send the header 'Authorization: Bearer TOKEN', or sign in"
        raise await self._unauthorized(message, connection)

    async def _of_session(self, digest: str) -> Identity | None:
        assert self._store is not None
        session = await self._store.sessions.find(digest)
        if session is None:
            return None
        if session.kind == "admin-token":
            # Another admin token ends what the one before began.
            fits = bool(self._token) and hmac.compare_digest(session.subject, digest_of(self._token))
            return replace(ADMIN_TOKEN, session=digest) if fits else None
        if session.seen_at < time.time() - _NOTE_EVERY:
            await self._store.sessions.note_seen(digest)
        return Identity(session.name, role_of(session.role), session.kind, digest)

    async def _unauthorized(self, message: str, connection: HTTPConnection) -> ApiError:
        has_users = self._store is not None and await self._store.users.exist()
        return ApiError(401, "unauthorized", message, connection.url.path, {"users": has_users})


def role_of(name: str) -> Role:
    """Return a role by its word."""
    return Role[name.upper()]


def role_name(role: Role) -> RoleName:
    """Return the word for a role."""
    return cast("RoleName", role.name.lower())


def digest_of(secret: str) -> str:
    """Return what is kept of a long random text; no salt is needed, because nobody can guess it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def cookie_name(connection: HTTPConnection) -> str:
    """Return the name of the cookie that holds a session.

    Cookies know no ports: two engines on one machine must not sign each other's users out.
    """
    port = connection.headers.get("host", "").rpartition(":")[2]
    return f"flowengine-session-{port}" if port.isdecimal() else "flowengine-session"


def _token_of(connection: HTTPConnection) -> str:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        # Headers arrive as Latin-1, whatever they hold.
        return token.strip().encode("latin-1").decode(errors="replace") or "-"
    for protocol in connection.scope.get("subprotocols", ()):
        if protocol.startswith(TOKEN_PROTOCOL):
            encoded = protocol.removeprefix(TOKEN_PROTOCOL)
            try:
                return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode(errors="replace") or "-"
            except ValueError:
                return "-"
    return ""


def _check_same_site(connection: HTTPConnection) -> None:
    """Refuse changes by cookie that do not say where they come from.

    Browsers send a cookie by themselves, and an Origin with every request that changes something; its value has been
    checked before. With SameSite=Strict this is what keeps other sites out (OWASP, Cross-Site Request Forgery).
    """
    if _changes(connection) and connection.headers.get("origin") is None:
        message = "a change with a session must come from a page of this server; programs use a token"
        raise ApiError(403, "cross-origin", message, connection.url.path)


def check_origin(connection: HTTPConnection) -> None:
    """Refuse what a page of another site makes a browser send: it would come with the rights of who looks at it.

    Args:
        connection: A request or a WebSocket.

    Raises:
        ApiError: It comes from another site.
    """
    if not _changes(connection):
        return
    origin = connection.headers.get("origin")
    host = connection.headers.get("host", "")
    if origin is not None and origin.partition("://")[2].lower() != host.lower():
        message = (
            f"a page of {origin} may not change anything here; "
            f"a proxy in front must pass the header Host on as it is (it is {host or 'missing'} now)"
        )
        raise ApiError(403, "cross-origin", message, connection.url.path)


def _changes(connection: HTTPConnection) -> bool:
    return bool(connection.scope["type"] != "http" or connection.scope["method"] not in _SAFE_METHODS)


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
            "open it as localhost or 127.0.0.1, or add users with: flowengine user add"
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

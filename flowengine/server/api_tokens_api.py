"""API tokens: what programs come in with."""

import secrets
import time
from typing import Final

from pydantic import Field

from flowengine.server.access import Role, RoleName, digest_of
from flowengine.server.endpoint import Call, Endpoint
from flowengine.server.model import Answer, Body
from flowengine.server.problem_response import not_found
from flowengine.storage import ApiToken

_PATH: Final = "/admin/api/tokens"
PREFIX: Final = "fe_"
"""What a token begins with, so that scanners for secrets can tell one."""
_DAY: Final = 86_400.0


class ShownToken(Answer):
    """A token, without the token itself."""

    id: str
    name: str
    """What it is for; the audit trail shows it."""
    role: str
    owner: str
    """Who made it."""
    created_at: float
    """When, in seconds since 1970."""
    expires_at: float | None
    """When it ends; null for never."""
    seen_at: float | None
    """When it was last used, give or take some minutes; null for never."""


class TokenList(Answer):
    """All tokens, newest first."""

    tokens: list[ShownToken]


class NewToken(Body):
    """A token to make."""

    name: str = Field(min_length=1, max_length=100)
    """What it is for."""
    role: RoleName
    days: int | None = Field(default=None, ge=1, le=3_650)
    """How long it is good; null for until it is removed."""


class MadeToken(ShownToken):
    """A token that was made."""

    token: str
    """The token itself: nobody can see it again."""


async def list_tokens(call: Call) -> TokenList:
    """List the API tokens, newest first."""
    return TokenList(tokens=[ShownToken(**token._asdict()) for token in await call.backend.store.api_tokens.list()])


async def add_token(call: Call, body: NewToken) -> MadeToken:
    """Make an API token; only this answer holds it."""
    assert call.who is not None
    made = f"{PREFIX}{secrets.token_urlsafe(32)}"
    now = time.time()
    ends = now + body.days * _DAY if body.days is not None else None
    token = ApiToken(secrets.token_hex(6), body.name, body.role, call.who.name, now, ends, None)
    await call.backend.store.api_tokens.add(token, digest_of(made))
    call.subject = body.name
    call.facts |= {"id": token.id, "role": body.role, "days": body.days}
    return MadeToken(**token._asdict(), token=made)


async def remove_token(call: Call, token: str) -> None:
    """Remove an API token; what uses it is refused from now on."""
    if not await call.backend.store.api_tokens.remove(token):
        raise not_found("token", token)


_ONE: Final = f"{_PATH}/{{token}}"
ENDPOINTS = (
    Endpoint("GET", _PATH, list_tokens, "List the API tokens", role=Role.ADMIN),
    Endpoint("POST", _PATH, add_token, "Make an API token", role=Role.ADMIN, audit="add-token"),
    Endpoint("DELETE", _ONE, remove_token, "Remove an API token", role=Role.ADMIN, audit="remove-token"),
)

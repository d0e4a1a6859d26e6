"""Signing in and out, and who one is."""

import secrets
from typing import Final

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from flowengine.server.access import (
    Access,
    Identity,
    RoleName,
    check_origin,
    cookie_name,
    digest_of,
    role_name,
    role_of,
)
from flowengine.server.encoding import to_json
from flowengine.server.endpoint import Call, Endpoint
from flowengine.server.model import Answer, Body
from flowengine.server.passwords import LEAST, MOST, Passwords
from flowengine.server.problem_response import ApiError
from flowengine.server.sign_in_tries import SignInTries
from flowengine.storage.sessions import LONGEST, Kind

_PATH: Final = "/admin/api/session"


class SignIn(Body):
    """Who somebody is: a user with a password, or whoever has a token."""

    user: str = Field(default="", max_length=200)
    password: str = Field(default="", max_length=MOST)
    token: str = Field(default="", max_length=1_000)
    """An API token or the admin token, in the place of user and password."""


class WhoAmI(Answer):
    """Who asks."""

    name: str
    role: RoleName
    kind: str
    """`user`, `token` (an API token), `admin-token`, or `open` while everybody on this machine is the admin."""
    session: bool
    """Whether they are signed in, and so can sign out."""


class NewPassword(Body):
    """Another password for whoever asks."""

    old: str = Field(max_length=MOST)
    new: str = Field(min_length=LEAST, max_length=MOST)


class Sessions:
    """Begin and end sessions.

    Args:
        access: Who may come in.
        passwords: Compares passwords.
        tries: Counts what is wrong.
    """

    def __init__(self, access: Access, passwords: Passwords, tries: SignInTries) -> None:
        self._access = access
        self._passwords = passwords
        self._tries = tries

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """What this answers for."""
        return (
            Endpoint("GET", _PATH, self.who_am_i, "Say who I am"),
            Endpoint("POST", _PATH, self.sign_in, "Sign in", role=None, audit="sign-in"),
            Endpoint("DELETE", _PATH, self.sign_out, "Sign out", audit="sign-out"),
            Endpoint("PUT", f"{_PATH}/password", self.change_password, "Change my password", audit="change-password"),
        )

    async def who_am_i(self, call: Call) -> WhoAmI:
        """Say who asks, and what they may do."""
        assert call.who is not None
        return _shown(call.who)

    async def sign_in(self, call: Call, body: SignIn) -> Response:
        """Begin a session, which the answer sets as a cookie.

        The cookie is HttpOnly and SameSite=Strict, and Secure over HTTPS. A session ends after 12 hours without a
        request, and after 7 days in any case. With it, a request that changes something must have the header Origin
        of this server, as browsers send it. Wrong tries are counted; too many are answered with 429 and Retry-After.
        """
        # Nobody may sign somebody else's browser in either.
        check_origin(call.request)
        who, kind, subject = await self._known(call, body)
        secret = secrets.token_urlsafe(32)
        store = call.backend.store
        await store.sessions.begin(digest_of(secret), kind, subject)
        call.who = who
        call.subject = who.name
        response = Response(to_json(_shown(who, session=True).as_json()), media_type="application/json")
        _set_cookie(response, call.request, secret, LONGEST)
        return response

    async def sign_out(self, call: Call) -> Response:
        """End the session, if there is one."""
        assert call.who is not None
        if call.who.session:
            await call.backend.store.sessions.end(call.who.session)
        call.subject = call.who.name
        response = Response(status_code=204)
        _set_cookie(response, call.request, "", 0)
        return response

    async def change_password(self, call: Call, body: NewPassword) -> Response:
        """Change one's own password; all sessions of that user end, and a new one begins."""
        who = call.who
        assert who is not None
        if who.kind != "user":
            raise ApiError(409, "no-password", f"{who.name} has no password: only users have", "old")
        await self._role(call, who.name, body.old)
        store = call.backend.store
        await store.users.change(who.name, password=await self._passwords.hash(body.new))
        secret = secrets.token_urlsafe(32)
        await store.sessions.begin(digest_of(secret), "user", who.name)
        call.subject = who.name
        response = Response(status_code=204)
        _set_cookie(response, call.request, secret, LONGEST)
        return response

    async def _known(self, call: Call, body: SignIn) -> tuple[Identity, Kind, str]:
        """Return who signs in, with what, and its name, id or digest."""
        if body.token:
            self._check_tries("token", _address(call))
            found = await self._access.of_token(body.token)
            if found is None:
                raise await self._refusal(call, "token", "the token is wrong, or has ended")
            self._tries.forget("token", _address(call))
            identity, id = found
            return identity, "token" if identity.kind == "token" else "admin-token", id
        name = body.user.strip().lower()
        role = await self._role(call, name, body.password)
        await call.backend.store.users.note_sign_in(name)
        return Identity(name, role_of(role), "user"), "user", name

    async def _role(self, call: Call, name: str, password: str) -> str:
        """Return the role of a user whose password is right."""
        address = _address(call)
        self._check_tries(name, address)
        user = await call.backend.store.users.find(name)
        if await self._passwords.fits(password, user.password if user is not None else "") and user is not None:
            self._tries.forget(name, address)
            return user.role
        raise await self._refusal(call, name, "the user or the password is wrong")

    def _check_tries(self, name: str, address: str) -> None:
        wait = self._tries.wait(name, address)
        if wait > 0:
            seconds = f"{wait:.0f}"
            message = f"too many wrong tries; try again in {seconds} s"
            raise ApiError(429, "too-many-tries", message, "password", headers={"retry-after": seconds})
        # Before it is known whether it is right: others come while a password is hashed.
        self._tries.count(name, address)

    async def _refusal(self, call: Call, name: str, message: str) -> ApiError:
        await call.backend.store.audit.append("", "sign-in-refused", name, {"from": _address(call)})
        return ApiError(401, "wrong-credentials", message, "password")


def _shown(who: Identity, *, session: bool | None = None) -> WhoAmI:
    is_signed_in = bool(who.session) if session is None else session
    return WhoAmI(name=who.name, role=role_name(who.role), kind=who.kind, session=is_signed_in)


def _address(call: Call) -> str:
    return call.request.client.host if call.request.client is not None else ""


def _set_cookie(response: Response, request: Request, value: str, seconds: float) -> None:
    response.set_cookie(
        cookie_name(request),
        value,
        max_age=int(seconds),
        path="/admin/api",
        httponly=True,
        samesite="strict",
        # Also behind a proxy that speaks TLS and is trusted to say so.
        secure=request.url.scheme == "https",
    )

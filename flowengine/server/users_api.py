"""Users: who they are and what they may do."""

from typing import Annotated, Final

from pydantic import Field

from flowengine.server.access import Role, RoleName
from flowengine.server.endpoint import Call, Endpoint
from flowengine.server.model import Answer, Body
from flowengine.server.passwords import LEAST, MOST, Passwords
from flowengine.storage import User

_PATH: Final = "/admin/api/users"
UserName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._@-]{0,63}$")]
Password = Annotated[str, Field(min_length=LEAST, max_length=MOST)]


class ShownUser(Answer):
    """A user."""

    name: str
    role: str
    created_at: float
    """When they were added, in seconds since 1970."""
    seen_at: float | None
    """When they last signed in; null for never."""


class UserList(Answer):
    """All users, by name."""

    users: list[ShownUser]


class NewUser(Body):
    """A user to add."""

    name: UserName
    """Lower-case letters, digits and `._@-`; such as an e-mail address."""
    role: RoleName
    password: Password
    """At least 10 characters, of whatever kind."""


class ChangeUser(Body):
    """What to change."""

    role: RoleName | None = None
    """Null to leave it."""
    password: Password | None = None
    """Null to leave it; another one ends the user's sessions."""


def endpoints(passwords: Passwords) -> tuple[Endpoint, ...]:
    """Return what looks after users.

    Args:
        passwords: Hashes passwords.
    """

    async def list_users(call: Call) -> UserList:
        """List the users, by name."""
        return UserList(users=[_shown(user) for user in await call.backend.store.users.list()])

    async def add_user(call: Call, body: NewUser) -> ShownUser:
        """Add a user; the first one is admin, and from then on everybody must sign in."""
        users = call.backend.store.users
        await users.add(body.name, body.role, await passwords.hash(body.password))
        call.subject = body.name
        call.facts["role"] = body.role
        return await _found(call, body.name)

    async def change_user(call: Call, user: str, body: ChangeUser) -> ShownUser:
        """Give a user another role or password; one user at least stays admin."""
        hashed = await passwords.hash(body.password) if body.password is not None else None
        await call.backend.store.users.change(user, role=body.role, password=hashed)
        call.facts |= {"role": body.role} if body.role is not None else {}
        call.facts |= {"password": True} if hashed is not None else {}
        return await _found(call, user)

    async def remove_user(call: Call, user: str) -> None:
        """Remove a user and end their sessions; the last admin goes last."""
        await call.backend.store.users.remove(user)

    one = f"{_PATH}/{{user}}"
    return (
        Endpoint("GET", _PATH, list_users, "List the users", role=Role.ADMIN),
        Endpoint("POST", _PATH, add_user, "Add a user", role=Role.ADMIN, audit="add-user"),
        Endpoint("PUT", one, change_user, "Change a user", role=Role.ADMIN, audit="change-user"),
        Endpoint("DELETE", one, remove_user, "Remove a user", role=Role.ADMIN, audit="remove-user"),
    )


async def _found(call: Call, name: str) -> ShownUser:
    user = await call.backend.store.users.find(name)
    assert user is not None
    return _shown(user)


def _shown(user: User) -> ShownUser:
    return ShownUser(name=user.name, role=user.role, created_at=user.created_at, seen_at=user.seen_at)

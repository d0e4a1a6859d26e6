"""``flowengine user``: who may come in, and what they may do."""

import asyncio
import sys
from typing import Annotated, Literal

import typer

from flowengine.cli.commands import group
from flowengine.cli.confirmation import Yes, confirm
from flowengine.cli.desk import EngineUrl, Token, open_desk
from flowengine.cli.parameters import Format
from flowengine.cli.store_address import DEFAULT_STORE, StoreAddress
from flowengine.cli.text import counted, json_text, table, time_text

user = group("user")

Name = Annotated[str, typer.Argument(help="Name of the user: lower-case letters, digits and ._@-")]
RoleOption = Annotated[
    Literal["viewer", "operator", "editor", "admin"],
    typer.Option(
        help="What they may do: viewer looks; operator also handles what runs; editor also changes and deploys flows; "
        "admin also looks after users."
    ),
]


@user.callback()
def look_after() -> None:
    """Look after the users who may sign in."""


@user.command(epilog="Example: flowengine user add ada --role admin")
def add(
    name: Name, role: RoleOption = "admin", store: StoreAddress = DEFAULT_STORE, url: EngineUrl = "", token: Token = ""
) -> None:
    """Add a user; the password is asked for, or read from standard input.

    The first user is admin; from then on everybody must sign in.
    """
    password = _password(name)

    async def work() -> None:
        async with open_desk(store, url, token, make=True) as desk:
            await desk.post("users", {"name": name, "role": role, "password": password})

    asyncio.run(work())
    print(f"the user {name} is added, as {role}")


@user.command(name="list", epilog="Example: flowengine user list")
def list_users(
    store: StoreAddress = DEFAULT_STORE, url: EngineUrl = "", token: Token = "", format: Format = "text"
) -> None:
    """List the users, with their roles and when they last signed in."""

    async def work() -> None:
        async with open_desk(store, url, token) as desk:
            users = (await desk.get("users"))["users"]
        if format == "json":
            print(json_text(users))
            return
        if users:
            seen = (time_text(one["seen_at"]) if one["seen_at"] is not None else "never" for one in users)
            print(table((one["name"], one["role"], when) for one, when in zip(users, seen, strict=True)))
        print(counted(len(users), "user"))

    asyncio.run(work())


@user.command(epilog="Example: flowengine user role ben operator")
def role(
    name: Name,
    role: Annotated[Literal["viewer", "operator", "editor", "admin"], typer.Argument(help="What they may do.")],
    store: StoreAddress = DEFAULT_STORE,
    url: EngineUrl = "",
    token: Token = "",
) -> None:
    """Give a user another role; it holds at once."""

    async def work() -> None:
        async with open_desk(store, url, token) as desk:
            await desk.put(f"users/{name}", {"role": role})

    asyncio.run(work())
    print(f"the user {name} is {role} now")


@user.command(epilog="Example: flowengine user password ben")
def password(name: Name, store: StoreAddress = DEFAULT_STORE, url: EngineUrl = "", token: Token = "") -> None:
    """Give a user another password and end their sessions; it is asked for, or read from standard input."""
    wanted = _password(name)

    async def work() -> None:
        async with open_desk(store, url, token) as desk:
            await desk.put(f"users/{name}", {"password": wanted})

    asyncio.run(work())
    print(f"the user {name} has another password; their sessions have ended")


@user.command(epilog="Example: flowengine user remove ben --yes")
def remove(
    name: Name, *, store: StoreAddress = DEFAULT_STORE, url: EngineUrl = "", token: Token = "", yes: Yes = False
) -> None:
    """Remove a user and end their sessions; the last admin goes last.

    Without any user, everybody on the engine's machine is admin again, unless it has an admin token.
    """

    async def work() -> None:
        async with open_desk(store, url, token) as desk:
            confirm(f'Remove the user "{name}" for good?', yes=yes)
            await desk.delete(f"users/{name}")

    asyncio.run(work())
    print(f"the user {name} is removed")


def _password(name: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(f"Password of {name}", hide_input=True, confirmation_prompt=True))
    return sys.stdin.read().removesuffix("\n")

"""``flowengine token``: keys for the HTTP API of flows."""

import asyncio
import re
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from flowengine.cli.commands import group
from flowengine.cli.parameters import Format
from flowengine.cli.store_address import DEFAULT_STORE, LocalStoreAddress
from flowengine.cli.text import counted, json_text, table, time_text
from flowengine.errors import FlowEngineError
from flowengine.flow.duration import parse_duration
from flowengine.node import SystemClock
from flowengine_nodes.iiot.cli.opening import opened_registry, who
from flowengine_nodes.iiot.registry.api_key import SCOPE_PATTERN, ApiKey

token = group("token")

_SCOPE = re.compile(SCOPE_PATTERN)


class BadScopeError(FlowEngineError):
    """A scope cannot be one.

    Args:
        scope: As it was written.
    """

    code = "bad-scope"

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope

    def __str__(self) -> str:
        return (
            f"'{self.scope}' is no scope; write a word such as command, config, ota, status or firmware, or '*' for all"
        )


class UnknownKeyError(FlowEngineError):
    """No key that is not revoked has this name or id.

    Args:
        name: As it was written.
    """

    code = "unknown-api-key"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f'no key in use has the name or id "{self.name}"; see which there are with: flowengine token list'


@token.callback()
def look() -> None:
    """Make, see and revoke keys for the HTTP API of flows.

    Flows ask for them where their http-in nodes have an access of the type api-keys. It works on the store of the
    engine, which may run meanwhile.
    """


@token.command(epilog="Example: flowengine token add odoo --scope command --scope ota --expires 365d")
def add(
    name: Annotated[str, typer.Argument(help="Who holds the key; what the audit trail shows.")],
    scope: Annotated[list[str], typer.Option(help="What it opens; may be repeated. '*' for everything.")],
    expires: Annotated[str | None, typer.Option(help="After this time it opens nothing: 90d, 12h.")] = None,
    store: LocalStoreAddress = DEFAULT_STORE,
    format: Format = "text",
) -> None:
    """Make a key and print it, this once: only its hash is stored."""
    for one in scope:
        if not _SCOPE.match(one):
            raise BadScopeError(one)
    try:
        lasts = None if expires is None else parse_duration(expires)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--expires") from error

    async def work() -> None:
        async with opened_registry(store, make=True) as registry:
            expires_at = None if lasts is None else SystemClock().time() + lasts
            key, text = await registry.api_keys.add(name, tuple(dict.fromkeys(scope)), expires_at, who())
        if format == "json":
            print(json_text({**_json(key), "key": str(text)}))
            return
        print(text)
        typer.echo("flowengine: keep it well: it is shown only this once", err=True)

    asyncio.run(work())


@token.command(name="list", epilog="Example: flowengine token list")
def list_keys(store: LocalStoreAddress = DEFAULT_STORE, format: Format = "text") -> None:
    """List all keys, without the keys themselves."""

    async def work() -> Sequence[ApiKey]:
        async with opened_registry(store) as registry:
            return await registry.api_keys.list()

    keys = asyncio.run(work())
    if format == "json":
        print(json_text([_json(key) for key in keys]))
        return
    if keys:
        now = SystemClock().time()
        rows = [(key.id, key.name, " ".join(key.scopes), _state(key, now), _time(key.used_at)) for key in keys]
        print(table([("ID", "NAME", "SCOPES", "STATE", "LAST USED"), *rows]))
    print(counted(len(keys), "key"))


@token.command(epilog="Example: flowengine token revoke odoo")
def revoke(
    name: Annotated[str, typer.Argument(help="Name or id of the key.")], store: LocalStoreAddress = DEFAULT_STORE
) -> None:
    """Let a key open nothing any more, from this moment on."""

    async def work() -> ApiKey:
        async with opened_registry(store) as registry:
            for key in await registry.api_keys.list():
                if name in {key.id, key.name} and key.revoked_at is None:
                    return await registry.api_keys.revoke(key.id, who())
        raise UnknownKeyError(name)

    key = asyncio.run(work())
    print(f'the key "{key.name}" ({key.id}) is revoked')


def _state(key: ApiKey, now: float) -> str:
    if key.revoked_at is not None:
        return f"revoked {time_text(key.revoked_at)}"
    if key.expires_at is None:
        return "valid"
    return f"{'valid until' if key.is_valid(now) else 'expired'} {time_text(key.expires_at)}"


def _time(at: float | None) -> str:
    return "never" if at is None else time_text(at)


def _json(key: ApiKey) -> dict[str, Any]:
    times = {
        name: None if (at := getattr(key, name)) is None else time_text(at)
        for name in ("created_at", "expires_at", "revoked_at", "used_at")
    }
    return {"id": key.id, "name": key.name, "scopes": [*key.scopes], "created_by": key.created_by, **times}

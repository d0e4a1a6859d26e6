"""The admin API as commands use it: of an engine that runs, or on a store whose engine does not."""

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import httpx
import typer

from flowengine.cli.store_address import check_store
from flowengine.errors import FlowEngineError
from flowengine.linting import Linter
from flowengine.registry import Registry
from flowengine.runtime import Engine, RouteTable
from flowengine.runtime.workspace import Workspace
from flowengine.server.access import Access
from flowengine.server.app import make_app
from flowengine.server.backend import Backend
from flowengine.storage import Store

EngineUrl = Annotated[
    str,
    typer.Option("--url", envvar="FLOWENGINE_URL", metavar="URL", help="Address of the engine that runs on the store."),
]
Token = Annotated[
    str,
    typer.Option("--token", envvar="FLOWENGINE_ADMIN_TOKEN", help="Token of the engine.", show_default=False),
]
# A replay may take a minute before it answers.
_TIMEOUT: Final = httpx.Timeout(90.0, connect=5.0)


class EngineUrlError(FlowEngineError):
    """A text is no address of an engine.

    Args:
        url: The text.
    """

    code = "bad-url"

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url

    def __str__(self) -> str:
        return f'"{self.url}" is no address of an engine; write for example http://127.0.0.1:8000'


class EngineSilentError(FlowEngineError):
    """No engine answers at an address.

    Args:
        url: The address.
        reason: What happened.
    """

    code = "engine-silent"

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(url, reason)
        self.url = url
        self.reason = reason

    def __str__(self) -> str:
        return f"no engine answers at {self.url} ({self.reason}); start it, or leave --url out to use its store"


class RefusedError(FlowEngineError):
    """The engine refuses what was asked.

    Args:
        code: Its word code.
        message: Its sentence.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code  # type: ignore[misc]  # the engine's own code is more exact
        self.message = message

    def __str__(self) -> str:
        hint = "; give it with --token or FLOWENGINE_ADMIN_TOKEN" if self.code == "unauthorized" else ""
        return f"{self.message}{hint}"


class Desk:
    """Ask the admin API.

    Args:
        client: Reaches it.
        store: The store, where there is no engine that runs on it.
    """

    def __init__(self, client: httpx.AsyncClient, store: Store | None) -> None:
        self._client = client
        self.store = store

    async def get(self, path: str, **query: Any) -> Any:
        """Return an answer; query values that are ``None`` are left out."""
        return await self._ask("GET", path, params={name: value for name, value in query.items() if value is not None})

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask for something to be done."""
        return await self._ask("POST", path, json=body)

    async def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """Ask for something to be changed."""
        return await self._ask("PUT", path, json=body)

    async def delete(self, path: str, **query: Any) -> Any:
        """Ask for something to be removed."""
        return await self._ask("DELETE", path, params=query)

    async def _ask(self, method: str, path: str, **more: Any) -> Any:
        url = str(self._client.base_url)
        try:
            response = await self._client.request(method, f"/admin/api/{path}", **more)
        except httpx.HTTPError as error:
            raise EngineSilentError(url, str(error) or type(error).__name__) from error
        if response.status_code == httpx.codes.NO_CONTENT:
            return None
        try:
            answer = response.json()
            if response.is_success:
                return answer
            raise RefusedError(answer["code"], answer["message"])
        except (ValueError, KeyError, TypeError):
            reason = f"what answers there is something else; it said {response.status_code}"
            raise EngineSilentError(url, reason) from None


@asynccontextmanager
async def open_desk(store: str, url: str, token: str, *, make: bool = False) -> AsyncIterator[Desk]:
    """Reach an engine that runs, or answer in its place from its store.

    Args:
        store: Address of the store; used if there is no ``url``.
        url: Address of the engine; empty for none.
        token: Its token; empty for none.
        make: Whether to make a store where there is none.

    Raises:
        EngineUrlError: The address is none.
        MissingStoreError: There is no such store.
        StorageError: The store cannot be opened.
    """
    if url:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        async with httpx.AsyncClient(base_url=_checked(url), headers=headers, timeout=_TIMEOUT) as client:
            yield Desk(client, None)
        return
    if not make:
        check_store(store)
    opened = await Store.open(store)
    try:
        async with _answering_for(opened) as client:
            yield Desk(client, opened)
    finally:
        await opened.close()


@asynccontextmanager
async def _answering_for(store: Store) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the admin API in this process, for an engine that runs no flow."""
    registry, routes = Registry(), RouteTable()
    with tempfile.TemporaryDirectory(prefix="flowengine-") as folder:
        async with Engine(store, routes, drain=0) as engine:
            workspace = Workspace(Path(folder), Linter(registry), engine, {})
            app = make_app(Backend.of(workspace, registry, store, routes), Access())
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                yield client


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise EngineUrlError(url)
    return url

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from flowengine.storage import Store
from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.odoo_registry import OdooRegistry
from tests.nodes.iiot.odoo_site import Wire, clear, running_odoo_registry
from tests.odoo_server import Odoo, own_odoo

__all__ = ["own_odoo"]

Running = Callable[..., AbstractAsyncContextManager[OdooRegistry]]


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that only tests move; it begins with the time that is there, as Odoo's does."""
    return VirtualClock(float(int(time.time())))


@pytest.fixture
async def store(tmp_path: Path, clock: VirtualClock) -> AsyncIterator[Store]:
    """A store that outlives the registries on it."""
    opened = await Store.open(f"sqlite:///{tmp_path / 'store.db'}", clock=clock.time)
    yield opened
    await opened.close()


@pytest.fixture
def odoo(registry_odoo: Odoo) -> Odoo:
    """An Odoo without records."""
    clear(registry_odoo)
    return registry_odoo


@pytest.fixture
async def wire(odoo: Odoo) -> AsyncIterator[Wire]:
    """What lies between the registry and Odoo."""
    async with Wire(odoo) as one:
        yield one


@pytest.fixture
def running(store: Store, clock: VirtualClock, odoo: Odoo, wire: Wire) -> Running:
    """Runs a registry with these settings, at the other end of the wire."""
    return lambda **config: running_odoo_registry(store, clock, odoo, config, wire.url)


@pytest.fixture
async def registry(running: Running) -> AsyncIterator[OdooRegistry]:
    """A registry that looks again only when it is asked to."""
    async with running(refresh="30d") as one:
        yield one


@pytest.fixture
def ask(odoo: Odoo) -> Callable[..., Any]:
    """Calls a method in Odoo, as somebody there."""

    async def call(model: str, method: str, *arguments: Any, **named: Any) -> Any:
        return await asyncio.to_thread(odoo.call, model, method, *arguments, **named)

    return call

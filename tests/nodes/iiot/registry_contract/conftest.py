"""The back ends that keep to the contract: the engine's own store on two databases, and Odoo with a copy in it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from flowengine.storage import Store
from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.registry.device import BusinessObject, Device
from flowengine_nodes.iiot.registry.registry import Registry
from tests.nodes.iiot.odoo_site import clear, create_devices, running_odoo_registry
from tests.nodes.iiot.registries import add_profile, running_registry
from tests.odoo_server import Odoo
from tests.postgresql import Postgresql

RunningRegistry = AbstractAsyncContextManager[Registry[Any]]
Running = Callable[[Store], RunningRegistry]
AddDevices = Callable[..., Awaitable[None]]
BACK_ENDS = [
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.postgresql),
    # Whoever is first makes the database that all others are copied from.
    pytest.param("odoo", marks=[pytest.mark.odoo, pytest.mark.timeout(240)]),
]


@pytest.fixture(params=BACK_ENDS)
def back_end(request: pytest.FixtureRequest) -> str:
    """Name of the back end."""
    name: str = request.param
    return name


@pytest.fixture
async def url(back_end: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty store."""
    if back_end == "postgresql":
        cluster: Postgresql = request.getfixturevalue("postgresql")
        return await cluster.new_database()
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def clock(back_end: str) -> VirtualClock:
    """A clock that only tests move; beside Odoo it begins with the time that is there."""
    return VirtualClock(float(int(time.time()))) if back_end == "odoo" else VirtualClock()


@pytest.fixture
def running(back_end: str, clock: VirtualClock, request: pytest.FixtureRequest) -> Running:
    """Runs a registry of the back end on a store; a second one on the same database is as in another process."""
    if back_end != "odoo":
        return lambda store: running_registry(store, clock)
    odoo: Odoo = request.getfixturevalue("registry_odoo")
    clear(odoo)
    return lambda store: running_odoo_registry(store, clock, odoo, {"refresh": "30d"})


@pytest.fixture
async def registry(store: Store, running: Running) -> AsyncIterator[Registry[Any]]:
    """A registry of the back end, with no records."""
    async with running(store) as one:
        yield one


@pytest.fixture
def add_devices(back_end: str, registry: Registry[Any], request: pytest.FixtureRequest) -> AddDevices:
    """Stores many devices of the profile "boiler", which is made too."""

    async def add(*devices: Device) -> None:
        await add_profile(registry, "boiler")
        if back_end == "odoo":
            await asyncio.to_thread(create_devices, request.getfixturevalue("registry_odoo"), devices)
            await registry.refresh()
        else:
            for device in devices:
                await registry.devices.add(device, "test")

    return add


@pytest.fixture
def another_registry(url: str, clock: VirtualClock, running: Running) -> Callable[[], RunningRegistry]:
    """Runs a second registry on the same database, as another process does."""

    @asynccontextmanager
    async def run() -> AsyncIterator[Registry[Any]]:
        store = await Store.open(url, clock=clock.time)
        try:
            async with running(store) as one:
                yield one
        finally:
            await store.close()

    return run


@pytest.fixture
async def business(back_end: str, request: pytest.FixtureRequest) -> BusinessObject:
    """A business object that is there, as far as the back end can tell."""
    if back_end != "odoo":
        return BusinessObject("maintenance.equipment", 2**40)
    odoo: Odoo = request.getfixturevalue("registry_odoo")
    id = await asyncio.to_thread(odoo.call, "maintenance.equipment", "create", {"name": "Press"})
    return BusinessObject("maintenance.equipment", id)

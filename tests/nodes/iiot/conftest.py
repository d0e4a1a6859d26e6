from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from flowengine.storage import Store
from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from tests.nodes.iiot.odoo_site import served_odoo
from tests.nodes.iiot.registries import running_registry
from tests.odoo_cluster import OdooCluster
from tests.odoo_server import Odoo, odoo_cluster
from tests.postgresql import Postgresql, postgresql

__all__ = ["odoo_cluster", "postgresql"]


@pytest.fixture(scope="session")
def registry_odoo(odoo_cluster: OdooCluster) -> Iterator[Odoo]:
    """An Odoo that is the master of registries; whoever uses it clears it first."""
    with served_odoo(odoo_cluster) as server:
        yield server


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty store, on either database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    cluster: Postgresql = request.getfixturevalue("postgresql")
    return await cluster.new_database()


@pytest.fixture
async def store(url: str, clock: VirtualClock) -> AsyncIterator[Store]:
    """A store on either database."""
    opened = await Store.open(url, clock=clock.time)
    yield opened
    await opened.close()


@pytest.fixture
async def registry(store: Store, clock: VirtualClock) -> AsyncIterator[EmbeddedRegistry]:
    """A registry that runs in an engine on either database; only the clock's ``advance`` lets time pass."""
    async with running_registry(store, clock) as running:
        yield running


@pytest.fixture
async def memory_registry(clock: VirtualClock) -> AsyncIterator[EmbeddedRegistry]:
    """A registry that runs in an engine on a store in memory: cheap, for tests that are not about databases."""
    store = await Store.in_memory(clock.time)
    async with running_registry(store, clock) as running:
        yield running
    await store.close()

from collections.abc import AsyncIterator

import pytest

from flowengine.runtime import Engine, RouteTable
from flowengine.storage import Store
from flowengine.testing import VirtualClock
from tests.runtime.stand import Stand


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """An engine with nothing deployed."""
    clock = VirtualClock()
    store = await Store.in_memory(clock.time)
    engine = Engine(store, RouteTable(), clock=clock, drain=0)
    async with engine:
        yield Stand(engine, store, clock)
    await store.close()

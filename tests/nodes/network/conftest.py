import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.mosquitto import Mosquitto
from tests.nodes.network.mqtt_site import MqttSite, Peer

NewSite = Callable[..., Any]

_ROOTS = itertools.count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mosquitto]:
    """A broker for all tests of a module; each keeps to topics of its own."""
    directory: Path = tmp_path_factory.mktemp("mosquitto")
    async with Mosquitto(directory) as broker:
        yield broker


@pytest.fixture
def root() -> str:
    """A topic level that no other test uses."""
    return f"root{next(_ROOTS)}"


@pytest.fixture(params=["5", "3.1.1"], ids=["mqtt-5", "mqtt-3.1.1"])
def version(request: pytest.FixtureRequest) -> str:
    """Each MQTT version."""
    version: str = request.param
    return version


@pytest.fixture
async def peer(shared_broker: Mosquitto) -> AsyncIterator[Peer]:
    """Another client of the shared broker."""
    async with Peer(shared_broker) as peer:
        yield peer


@pytest.fixture
async def new_site(shared_broker: Mosquitto) -> AsyncIterator[NewSite]:
    """Make sites on the shared broker, or another, with settings of the broker's resource; closed after the test."""
    async with AsyncExitStack() as stack:

        async def make(broker: Mosquitto = shared_broker, **config: Any) -> MqttSite:
            return await stack.enter_async_context(MqttSite(broker, **config))

        yield make

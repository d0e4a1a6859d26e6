from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from hypothesis import settings

from tests.mosquitto import Mosquitto

# How long an example takes says more about what else the machine does than about us.
settings.register_profile("flowengine", deadline=None)
settings.load_profile("flowengine")

MosquittoFactory = Callable[..., Mosquitto]


@pytest.fixture
async def new_mosquitto(tmp_path: Path) -> AsyncIterator[MosquittoFactory]:
    """Make brokers with the options of ``Mosquitto``, not yet started; all are stopped after the test."""
    made: list[Mosquitto] = []

    def make(**options: object) -> Mosquitto:
        broker = Mosquitto(tmp_path / f"mosquitto-{len(made)}", **options)  # type: ignore[arg-type]  # passed on
        made.append(broker)
        return broker

    yield make
    for broker in made:
        broker.stop()


@pytest.fixture
async def mosquitto(new_mosquitto: MosquittoFactory) -> Mosquitto:
    """A running broker without users or persistence."""
    broker = new_mosquitto()
    await broker.start()
    return broker

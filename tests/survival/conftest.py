import os
import random
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MosquittoFactory
from tests.mosquitto import Mosquitto
from tests.postgresql import Postgresql, postgresql
from tests.survival.engine_process import EngineProcess, Nursery
from tests.survival.flows import FlowsFolder
from tests.survival.http_sink import HttpSink
from tests.survival.load import RUNNING

__all__ = ["postgresql"]

EngineFactory = Callable[..., EngineProcess]


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """What starts engines fast."""
    with Nursery() as nursery:
        yield nursery


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def address(request: pytest.FixtureRequest) -> str:
    """Address of an empty store on either database; empty for the file that an engine has by itself."""
    if request.param == "sqlite":
        return ""
    cluster: Postgresql = request.getfixturevalue("postgresql")
    return await cluster.new_database()


@pytest.fixture
def chance() -> random.Random:
    """Random numbers whose seed is printed; SURVIVAL_SEED sets it."""
    seed = int(os.environ.get("SURVIVAL_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
    print(f"SURVIVAL_SEED={seed}")  # noqa: T201 - shown when the test fails, to run it again
    return random.Random(seed)


@pytest.fixture
async def broker(new_mosquitto: MosquittoFactory, request: pytest.FixtureRequest) -> Mosquitto:
    """A running broker; one that keeps sessions over a restart costs much more, and is asked for by parameter."""
    broker = new_mosquitto(persistence=getattr(request, "param", False))
    await broker.start()
    return broker


@pytest.fixture(autouse=True)
def end_of_load() -> Iterator[None]:
    """End every load that a test has left behind."""
    yield
    while RUNNING:
        RUNNING.pop().abandon()


@pytest.fixture
async def sink() -> AsyncIterator[HttpSink]:
    async with HttpSink() as sink:
        yield sink


@pytest.fixture
def folder(tmp_path: Path, broker: Mosquitto) -> FlowsFolder:
    """A folder with the broker as its resource, and no flows yet."""
    return FlowsFolder(tmp_path / "flows", broker)


@pytest.fixture
async def new_engine(tmp_path: Path, folder: FlowsFolder) -> AsyncIterator[EngineFactory]:
    """Make engines for the folder, not yet started; all are killed after the test."""
    made: list[EngineProcess] = []

    def make(**options: Any) -> EngineProcess:
        engine = EngineProcess(tmp_path, folder.path, **options)
        made.append(engine)
        return engine

    yield make
    for engine in made:
        await engine.end()

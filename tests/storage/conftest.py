from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from flowengine.storage import Store
from tests.postgresql import Postgresql, postgresql

__all__ = ["postgresql"]

NewUrl = Callable[[], Awaitable[str]]
OpenStore = Callable[[], Awaitable[Store]]


class Clock:
    """A wall clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty store, on either database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    cluster: Postgresql = request.getfixturevalue("postgresql")
    return await cluster.new_database()


@pytest.fixture
async def open_store(url: str, clock: Clock) -> AsyncIterator[OpenStore]:
    """Open the same store, as if from several processes; all are closed after the test."""
    opened: list[Store] = []

    async def open_one() -> Store:
        opened.append(await Store.open(url, clock=clock))
        return opened[-1]

    yield open_one
    for store in opened:
        await store.close()


@pytest.fixture
async def store(open_store: OpenStore) -> Store:
    return await open_store()

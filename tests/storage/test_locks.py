import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from flowengine.storage import Store
from tests.postgresql import Postgresql
from tests.storage.conftest import OpenStore


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


async def test_lock_is_held_by_one_store_at_a_time(open_store: OpenStore) -> None:
    one, two = await open_store(), await open_store()
    lock = await one.locks.try_acquire("rollout")
    assert lock is not None
    assert await lock.valid()
    assert await two.locks.try_acquire("rollout") is None
    assert await one.locks.try_acquire("rollout") is None
    other = await two.locks.try_acquire("cron/telemetry 1")
    assert other is not None
    await lock.release()
    await lock.release()
    assert not await lock.valid()
    again = await two.locks.try_acquire("rollout")
    assert again is not None
    # An old lock says nothing about a new one of the same name.
    await lock.release()
    assert await again.valid()


async def test_lock_is_waited_for(open_store: OpenStore) -> None:
    one, two = await open_store(), await open_store()
    order: list[str] = []
    waiting = asyncio.Event()

    async def second() -> None:
        waiting.set()
        async with two.locks.held("rollout"):
            order.append("second")

    async with asyncio.TaskGroup() as group, one.locks.held("rollout"):
        group.create_task(second())
        await waiting.wait()
        await one.flush()
        order.append("first")
    assert order == ["first", "second"]


async def test_lock_is_released_when_its_work_fails(store: Store) -> None:
    with pytest.raises(ValueError, match="work"):
        async with store.locks.held("rollout"):
            raise ValueError("work")
    assert await store.locks.try_acquire("rollout") is not None


_HOLDER = """
import asyncio, sys
from flowengine.storage import Store

async def main():
    store = await Store.open(sys.argv[1])
    async with store.locks.held("rollout"):
        print("held", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_lock_ends_with_its_process(url: str, store: Store) -> None:
    holder = await asyncio.create_subprocess_exec(sys.executable, "-c", _HOLDER, url, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"held\n"
    assert await store.locks.try_acquire("rollout") is None
    holder.kill()
    await holder.wait()
    async with asyncio.timeout(20), store.locks.held("rollout"):
        pass


async def test_lock_files_are_taken_away(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'store.db'}")
    async with store.locks.held("a/b c"):
        assert len([name for name in names(tmp_path) if "-lock-" in name]) == 2
    await store.close()
    assert names(tmp_path) == ["store.db"]


@pytest.mark.postgresql
async def test_lock_is_lost_with_the_connection(postgresql: Postgresql) -> None:
    store = await Store.open(await postgresql.new_database())
    lock = await store.locks.try_acquire("rollout")
    assert lock is not None
    await postgresql.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
    assert not await lock.valid()
    await lock.release()
    again = await store.locks.try_acquire("rollout")
    assert again is not None
    assert await again.valid()
    await store.close()


async def test_lock_of_a_store_in_memory_is_its_own() -> None:
    one, two = await Store.open("sqlite://"), await Store.open("sqlite://")
    assert await one.locks.try_acquire("rollout") is not None
    assert await one.locks.try_acquire("rollout") is None
    assert await two.locks.try_acquire("rollout") is not None
    await one.close()
    await two.close()

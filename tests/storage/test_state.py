import asyncio
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from flowengine.storage import Scope, StateSizeError, StateValueError, Store
from tests.storage.conftest import OpenStore

NODE = Scope("telemetry", "filter")


def plus(number: int) -> Callable[[Any], Any]:
    return lambda value: value + number


async def test_state_gives_back_what_was_set(store: Store) -> None:
    value = {"last": 21.5, "seen": ["a", None, True], "größe": 2**63}
    await store.state.set(NODE, "memory", value)
    assert await store.state.get(NODE, "memory") == value
    await store.state.set(NODE, "memory", None)
    assert await store.state.get(NODE, "memory", "default") is None


async def test_state_gives_the_default_where_there_is_nothing(store: Store) -> None:
    assert await store.state.get(NODE, "nothing") is None
    assert await store.state.get(NODE, "nothing", 7) == 7


async def test_state_keeps_scopes_apart(store: Store) -> None:
    for value, scope in enumerate((Scope(), Scope("telemetry"), NODE, Scope("telemetry", "other"))):
        await store.state.set(scope, "x", value)
    assert await store.state.get(Scope(), "x") == 0
    assert await store.state.get(Scope("telemetry"), "x") == 1
    assert await store.state.get(NODE, "x") == 2
    assert await store.state.get(Scope("alerts", "filter"), "x") is None


async def test_state_lists_keys_and_values(store: Store) -> None:
    await store.state.set(NODE, "b", 2)
    await store.state.set(NODE, "a", 1)
    await store.state.set(Scope("telemetry"), "c", 3)
    assert await store.state.keys(NODE) == ["a", "b"]
    assert await store.state.load(NODE) == {"a": 1, "b": 2}


async def test_state_deletes(store: Store) -> None:
    await store.state.set(NODE, "a", 1)
    await store.state.set(NODE, "b", 2)
    await store.state.delete(NODE, "a")
    await store.state.delete(NODE, "a")
    assert await store.state.keys(NODE) == ["b"]
    await store.state.clear(NODE)
    assert await store.state.keys(NODE) == []


async def test_state_set_without_waiting_keeps_the_last(store: Store) -> None:
    done: asyncio.Queue[BaseException | None] = asyncio.Queue()
    for value in range(100):
        store.state.set_nowait(NODE, "x", value)
    store.state.set_nowait(NODE, "x", "last", done.put_nowait)
    assert await done.get() is None
    assert await store.state.get(NODE, "x") == "last"


async def test_state_updates_from_the_default(store: Store) -> None:
    assert await store.state.update(NODE, "count", plus(2), default=40) == 42
    assert await store.state.update(NODE, "count", plus(2)) == 44
    assert await store.state.get(NODE, "count") == 44


async def test_state_loses_no_update_that_comes_together_with_others(open_store: OpenStore) -> None:
    stores = [await open_store() for _ in range(3)]
    await asyncio.gather(
        *(stores[number % 3].state.update(NODE, f"count{number % 2}", plus(1), 0) for number in range(300))
    )
    assert [await stores[0].state.get(NODE, f"count{number}") for number in range(2)] == [150, 150]


async def test_state_update_starts_again_when_the_value_is_deleted_meanwhile(open_store: OpenStore) -> None:
    one, two = await open_store(), await open_store()
    await one.state.set(NODE, "x", 5)
    for _ in range(20):
        await asyncio.gather(one.state.update(NODE, "x", plus(1), 0), two.state.delete(NODE, "x"))
        assert await one.state.get(NODE, "x") in {None, 1}


async def test_state_update_that_fails_changes_nothing_and_harms_no_other(store: Store) -> None:
    await store.state.set(NODE, "list", [1])

    def spoil(value: Any) -> Any:
        value.append("half done")
        raise ValueError("no")

    results = await asyncio.gather(
        store.state.update(NODE, "list", lambda value: [*value, 2]),
        store.state.update(NODE, "list", spoil),
        store.state.update(NODE, "list", lambda value: [*value, 3]),
        return_exceptions=True,
    )
    assert results[0] == [1, 2]
    assert isinstance(results[1], ValueError)
    assert results[2] == [1, 2, 3]
    assert await store.state.get(NODE, "list") == [1, 2, 3]


@pytest.mark.parametrize(
    "value", [{1, 2}, datetime(2026, 1, 1, tzinfo=UTC), 2**80, "\ud800", float("nan"), [1e999, None]]
)
async def test_state_refuses_what_is_not_json(store: Store, value: Any) -> None:
    with pytest.raises(StateValueError, match='state "x" cannot be stored, its value is not JSON'):
        await store.state.set(NODE, "x", value)
    assert await store.state.get(NODE, "x") is None


async def test_state_refuses_what_is_too_large(store: Store) -> None:
    with pytest.raises(StateSizeError, match="takes 1,048,579 bytes of 1,048,576"):
        await store.state.set(NODE, "x", "a" * (1024 * 1024 + 1))
    with pytest.raises(StateSizeError):
        await store.state.update(NODE, "x", lambda _value: "a" * (1024 * 1024 + 1))


_PROCESS = """
import asyncio, sys
from flowengine.storage import Scope, Store

async def main():
    store = await Store.open(sys.argv[1])
    for _ in range(40):
        await asyncio.gather(
            store.state.update(Scope("f"), "one", lambda value: value + 1, 0),
            store.state.update(Scope("f"), "two", lambda value: value + 1, 0),
        )
    await store.close()

asyncio.run(main())
"""


async def test_state_loses_no_update_of_several_processes(url: str, open_store: OpenStore) -> None:
    store = await open_store()
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", _PROCESS, url, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for process in processes:
        _, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
    assert await store.state.load(Scope("f")) == {"one": 120, "two": 120}

import asyncio

from flowengine.storage import ShelfEntry, ShelvedRow, Store
from tests.storage.conftest import OpenStore

NODE = ("telemetry", "join")


async def test_shelf_keeps_messages_in_order(store: Store) -> None:
    first = await store.shelf.put(ShelfEntry(*NODE, b"one", "a", 17.5, b"meta"))
    second = await store.shelf.put(ShelfEntry(*NODE, b"two"))
    await store.shelf.put(ShelfEntry("telemetry", "other", b"x"))
    assert await store.shelf.load(*NODE) == [
        ShelvedRow(first, "a", b"one", b"meta", 17.5),
        ShelvedRow(second, "", b"two", b"", None),
    ]


async def test_shelf_put_without_waiting_tells_when_it_is_stored(store: Store) -> None:
    done: asyncio.Queue[BaseException | None] = asyncio.Queue()
    ids = [store.shelf.put_nowait(ShelfEntry(*NODE, str(n).encode()), done.put_nowait) for n in range(300)]
    assert [await done.get() for _ in ids] == [None] * 300
    assert [row.id for row in await store.shelf.load(*NODE)] == ids


async def test_shelf_removes_a_message_that_is_not_stored_yet(store: Store) -> None:
    stored: asyncio.Queue[BaseException | None] = asyncio.Queue()
    removed: asyncio.Queue[BaseException | None] = asyncio.Queue()
    kept = store.shelf.put_nowait(ShelfEntry(*NODE, b"kept"), stored.put_nowait)
    gone = store.shelf.put_nowait(ShelfEntry(*NODE, b"gone"), stored.put_nowait)
    store.shelf.remove_nowait([gone], removed.put_nowait)
    assert await removed.get() is None
    assert [row.id for row in await store.shelf.load(*NODE)] == [kept]


async def test_shelf_removes_many_at_once(store: Store) -> None:
    ids = [await store.shelf.put(ShelfEntry(*NODE, b"x")) for _ in range(5)]
    await store.shelf.remove(ids[:4])
    assert [row.id for row in await store.shelf.load(*NODE)] == ids[4:]


async def test_shelf_of_a_living_process_is_its_own(open_store: OpenStore) -> None:
    one, two = await open_store(), await open_store()
    await one.shelf.put(ShelfEntry(*NODE, b"one"))
    await two.shelf.put(ShelfEntry(*NODE, b"two"))
    assert [row.message for row in await two.shelf.load(*NODE)] == [b"two"]
    await one.close()
    assert [row.message for row in await two.shelf.load(*NODE)] == [b"one", b"two"]


async def test_shelf_returns_one_group_in_portions_and_counts_all(store: Store) -> None:
    for number in range(5):
        await store.shelf.put(ShelfEntry(*NODE, str(number).encode(), "ab"[number % 2]))
    await store.shelf.put(ShelfEntry("telemetry", "other", b"x", "a"))
    assert [row.message for row in await store.shelf.load(*NODE, key="a")] == [b"0", b"2", b"4"]
    assert [row.message for row in await store.shelf.load(*NODE, key="a", limit=2)] == [b"0", b"2"]
    assert await store.shelf.counts(*NODE) == {"a": 3, "b": 2}

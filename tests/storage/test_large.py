"""Messages of many megabytes: stored as they are, and not kept in memory."""

import subprocess
import sys
from pathlib import Path

from flowengine.storage import Entry, Failure, NewLetter, ShelfEntry, Store

SCRIPT = """
import asyncio, sys
from flowengine.storage import Entry, Store

def resident() -> float:
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 2**20

async def main() -> None:
    store = await Store.open("sqlite:///" + sys.argv[1])
    await store.outbox.put(Entry("flow", "sink", b"small"))
    before = resident()
    await store.outbox.put(Entry("flow", "sink", bytes(100 << 20)))
    print(resident() - before < 50)
    await store.close()

asyncio.run(main())
"""


def test_large_message_is_not_kept_in_memory(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "store.db")]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    assert ended.stdout == "True\n"


async def test_large_messages_are_stored_as_they_are_beside_small_ones(store: Store) -> None:
    large = bytes(range(256)) * 20_000
    for message in (b"first", large, b"last"):
        await store.outbox.put(Entry("flow", "sink", message))
    assert [row.message for row in await store.outbox.claim("flow", "sink")] == [b"first", large, b"last"]
    await store.shelf.put(ShelfEntry("flow", "node", large))
    await store.dead_letters.put(NewLetter("flow", "node", large, Failure("broken", "it is broken")))
    (letter,) = await store.dead_letters.list()
    found = await store.dead_letters.get(letter.id)
    assert found is not None
    assert found.message == large

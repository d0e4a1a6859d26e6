"""Noticing changes, with the real file system."""

import asyncio
from pathlib import Path

from flowengine.flow.watch import FolderChange, watch_folder


def test_folder_change_tells_files_by_their_names() -> None:
    names = {"a.flow.json", "b.layout.json", "c.flow-test.json", "resources.json", "README.md", ".a.flow.json.1.tmp"}
    assert FolderChange.of_names(names) == FolderChange(
        frozenset({"a"}), frozenset({"b"}), frozenset({"c"}), resources=True
    )
    assert FolderChange.of_names({"notes.txt"}) == FolderChange()


async def test_watch_folder_yields_what_changed_until_it_is_stopped(tmp_path: Path) -> None:
    stop = asyncio.Event()
    seen: list[FolderChange] = []
    noticed = asyncio.Event()

    async def watch() -> None:
        async for change in watch_folder(tmp_path, stop=stop):
            seen.append(change)
            noticed.set()

    async def write_until_noticed(name: str) -> None:
        noticed.clear()
        while not noticed.is_set():  # the watch begins at a time that it does not tell
            (tmp_path / "notes.txt").write_text("not a document")
            (tmp_path / name).write_text(name)
            try:
                await asyncio.wait_for(noticed.wait(), 1)
            except TimeoutError:
                continue

    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(watch(), name="watch")
        await write_until_noticed("a.flow.json")
        await write_until_noticed("resources.json")
        stop.set()
    assert seen[0] == FolderChange(flows=frozenset({"a"}))
    assert seen[-1].resources

"""Noticing that the files of a folder of flows have changed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from watchfiles import awatch

from flowengine.flow.document_file import FLOW_SUFFIX, LAYOUT_SUFFIX, RESOURCES_NAME, TEST_SUFFIX


@dataclass(frozen=True)
class FolderChange:
    """What changed on disk since the last time: files that were written, appeared or went.

    Args:
        flows: Ids of flows.
        layouts: Ids of flows whose layout changed.
        tests: Ids of flows whose tests changed.
        resources: Whether the resources changed.
    """

    flows: frozenset[str] = frozenset()
    layouts: frozenset[str] = frozenset()
    tests: frozenset[str] = frozenset()
    resources: bool = False

    @classmethod
    def of_names(cls, names: set[str]) -> "FolderChange":
        """Tell from the names of changed files what changed; files of other kinds do not count."""

        def ids(suffix: str) -> frozenset[str]:
            return frozenset(name.removesuffix(suffix) for name in names if name.endswith(suffix))

        return cls(ids(FLOW_SUFFIX), ids(LAYOUT_SUFFIX), ids(TEST_SUFFIX), RESOURCES_NAME in names)


async def watch_folder(path: Path, *, stop: asyncio.Event | None = None) -> AsyncIterator[FolderChange]:
    """Yield each change of a folder, until `stop` is set or the iteration is cancelled.

    Files that change shortly after one another, as in a git checkout, are one change.
    """
    async for changes in awatch(path, stop_event=stop, step=100, recursive=False):
        change = FolderChange.of_names({Path(name).name for _, name in changes})
        if change != FolderChange():
            yield change

"""A folder of profiles and devices that the registry follows: what git brings, it takes over."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from flowengine.errors import FlowEngineError
from flowengine.flow.problem import DocumentError
from flowengine.node import Clock
from flowengine_nodes.iiot.embedded.importing import Change, FolderImport
from flowengine_nodes.iiot.registry.folder import read_registry_folder, registry_files

WHO: Final = "registry folder"

PERIOD: Final = 2.0
"""Seconds between two looks: a mounted folder does not always tell of its changes."""

_Marks = frozenset[tuple[str, int, int]]


class FollowedFolder:
    """Take over a folder now, and whenever it changes.

    Args:
        path: The folder.
        folders: Takes it over.
        clock: Measures the time between two looks.
        told: Told each time what has changed, or why nothing has.
    """

    def __init__(
        self,
        path: Path,
        folders: FolderImport,
        clock: Clock,
        told: Callable[[Sequence[Change] | FlowEngineError], object],
    ) -> None:
        self._path = path
        self._folders = folders
        self._clock = clock
        self._told = told
        self._taken: _Marks | None = None

    async def take_over(self) -> None:
        """Take over the folder if it is not as it was the last time; what is wrong is told and never raised."""
        marks = await asyncio.to_thread(self._marks)
        if marks == self._taken:
            return
        try:
            folder = await asyncio.to_thread(read_registry_folder, self._path)
            changes = await self._folders.run(folder, WHO)
        except DocumentError as error:
            self._told(error)
        except FlowEngineError as error:
            # The store may be well again at the next look.
            self._told(error)
            return
        else:
            self._told(changes)
        self._taken = marks

    async def run(self) -> None:
        """Take over the folder whenever it changes, until cancelled."""
        while True:
            await self._clock.sleep(PERIOD)
            await self.take_over()

    def _marks(self) -> _Marks:
        found = set()
        for file in registry_files(self._path):
            try:
                status = file.stat()
            except OSError:
                # Between two looks, or a link that leads to nothing: reading the folder says it.
                continue
            found.add((str(file), status.st_mtime_ns, status.st_size))
        return frozenset(found)

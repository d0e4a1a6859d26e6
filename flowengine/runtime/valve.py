"""The valve between a flow's queues and its sources."""

import asyncio

from flowengine.node import Node


class Valve:
    """Hold a flow's sources back while any of its queues is full.

    Attributes:
        closed_by: What holds the sources back now: ids of nodes, or words such as ``stopping``.
    """

    def __init__(self) -> None:
        self.closed_by: set[str] = set()
        self._sources: list[Node] = []  # type: ignore[type-arg]  # sources of any configuration
        self._open = asyncio.Event()
        self._open.set()

    def join(self, source: "Node") -> None:  # type: ignore[type-arg]  # likewise
        """Let a source be held back from now on."""
        self._sources.append(source)
        if self.closed_by:
            source.pause()

    def leave(self, source: "Node") -> None:  # type: ignore[type-arg]  # likewise
        """Forget a source that stopped."""
        if source in self._sources:
            self._sources.remove(source)

    def close(self, who: str) -> None:
        """Hold the sources back on somebody's behalf."""
        if not self.closed_by:
            self._open.clear()
            for source in self._sources:
                source.pause()
        self.closed_by.add(who)

    def open(self, who: str) -> None:
        """Let the sources go on, unless somebody else holds them."""
        if who not in self.closed_by:
            return
        self.closed_by.remove(who)
        if not self.closed_by:
            self._open.set()
            for source in self._sources:
                source.resume()

    async def wait(self) -> None:
        """Wait until nobody holds the sources back; always lets others run once, so that no source starves the loop."""
        if self._open.is_set():
            await asyncio.sleep(0)
        else:
            await self._open.wait()

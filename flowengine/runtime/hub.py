"""Live events for those who watch: bounded, so that a slow watcher never slows a flow."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flowengine.runtime.lane import Lane


@dataclass(frozen=True, slots=True)
class Event:
    """Something worth showing.

    Args:
        kind: ``status``, ``debug``, ``deploy``, ``error`` and the like.
        at: Wall-clock time, in seconds.
        flow: Id of the flow, or empty.
        node: Id of the node, or empty.
        data: The rest, as JSON.
    """

    kind: str
    at: float
    flow: str
    node: str
    data: Mapping[str, Any]


class Watcher:
    """One who watches.

    Args:
        most: Events that may wait.

    Attributes:
        wanted: Tells the events to queue from those that do not matter; all matter if not set.
        missed: Events left out because the watcher was slow; told with the next one taken.
    """

    def __init__(self, most: int) -> None:
        self._lane: Lane[Event] = Lane()
        self._most = most
        self.wanted: Callable[[Event], bool] | None = None
        self.missed = 0

    def tell(self, event: Event) -> bool:
        """Queue an event, or count it as missed.

        Returns:
            Whether it was not missed.
        """
        return (self.wanted is not None and not self.wanted(event)) or self.put(event)

    def put(self, event: Event) -> bool:
        """Queue an event that this watcher has asked for by itself, or count it as missed.

        Returns:
            Whether it was not missed.
        """
        if len(self._lane) >= self._most:
            self.missed += 1
            return False
        self._lane.put(event)
        return True

    async def take(self) -> tuple[list[Event], int]:
        """Wait for events; return them and how many were missed before."""
        events = await self._lane.take(self._most)
        missed, self.missed = self.missed, 0
        return events, missed


class Hub:
    """Pass events on to all who watch, and remember the last few for those who come late.

    Args:
        remember: Events remembered.

    Attributes:
        missed: Events that some watcher was too slow for, of all watchers.
    """

    def __init__(self, remember: int = 500) -> None:
        self._watchers: set[Watcher] = set()
        self.recent: deque[Event] = deque(maxlen=remember)
        self.missed = 0

    @property
    def watchers(self) -> int:
        """How many watch."""
        return len(self._watchers)

    def tell(self, event: Event) -> None:
        """Pass an event on."""
        self.recent.append(event)
        for watcher in self._watchers:
            if not watcher.tell(event):
                self.missed += 1

    @contextmanager
    def watch(self, most: int = 1000) -> Iterator[Watcher]:
        """Watch while the ``with`` lasts.

        Args:
            most: Events that may wait for the watcher.
        """
        watcher = Watcher(most)
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

"""Messages that wait for a worker, in order."""

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Lane(Generic[T]):
    """A queue whose items come back to the front when their worker is stopped.

    Unlike ``asyncio.Queue`` it puts without waiting (the valve bounds it, at the sources) and wakes its workers at most
    once a pass of the loop.
    """

    __slots__ = ("_waiting", "items")

    def __init__(self) -> None:
        self.items: deque[T] = deque()
        self._waiting: deque[asyncio.Future[None]] = deque()

    def __len__(self) -> int:
        return len(self.items)

    def put(self, item: T) -> None:
        """Add an item at the end."""
        self.items.append(item)
        self._wake()

    def put_back(self, items: "list[T]") -> None:
        """Return items that were taken but not worked on, to the front."""
        self.items.extendleft(reversed(items))
        self._wake()

    async def take(self, most: int = 1) -> list[T]:
        """Wait for items and take some.

        Args:
            most: Largest number to take.
        """
        if not self.items:
            await self.filled()
        return self.pop(most)

    def pop(self, most: int = 1) -> list[T]:
        """Take some items that are there.

        Args:
            most: Largest number to take.
        """
        items = self.items
        return [items.popleft() for _ in range(min(most, len(items)))]

    async def filled(self, count: int = 1) -> None:
        """Wait until there are so many items."""
        while len(self.items) < count:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            try:
                await waiting
            except asyncio.CancelledError:
                # Woken and cancelled at once: pass the wake-up on, or an item would wait for a worker in vain.
                if waiting.done() and not waiting.cancelled():
                    self._wake()
                raise
            finally:
                if waiting in self._waiting:
                    self._waiting.remove(waiting)

    def _wake(self) -> None:
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(None)
                return

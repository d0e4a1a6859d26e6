"""What a stage has in hand of its outbox."""

import asyncio
from collections.abc import Iterable

from flowengine.storage import Claimed, company

#: Bytes in hand at most, where what is stored is handed on at once.
WINDOW_BYTES = 8 * 1024 * 1024


class Hand:
    """The rows that a stage has claimed.

    Args:
        window: How many there may be.
        most_bytes: Bytes in hand at most, where what is stored is handed on at once.

    Attributes:
        rows: The rows by id.
        freed: Set whenever one is no longer among them.
    """

    def __init__(self, window: int, most_bytes: int = WINDOW_BYTES) -> None:
        self.rows: dict[int, Claimed] = {}
        self.freed = asyncio.Event()
        self._window = window
        self._most_bytes = most_bytes
        self._bytes = 0
        self._crashes: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def most(self) -> int:
        """How many rows there may be now."""
        return company(self._window, max(self._crashes.values())) if self._crashes else self._window

    def room_for(self, sizes: Iterable[int]) -> int:
        """Return how many more rows, from the first, may come.

        Args:
            sizes: How many bytes each is.
        """
        rows = self.most - len(self.rows)
        bytes = self._most_bytes - self._bytes
        count = 0
        for size in sizes:
            bytes -= size
            if count >= rows or bytes < 0:
                break
            count += 1
        return count

    def take(self, claimed: Claimed) -> None:
        """Add a row."""
        self.rows[claimed.id] = claimed
        self._bytes += len(claimed.message)
        if claimed.crashes:
            self._crashes[claimed.id] = claimed.crashes

    def drop(self, claimed: Claimed) -> bool:
        """Remove a row, and tell whether it was still there."""
        # A row that is claimed anew is another one.
        known = self.rows.get(claimed.id) is claimed
        if known:
            del self.rows[claimed.id]
            self._bytes -= len(claimed.message)
            if claimed.crashes:
                del self._crashes[claimed.id]
        self.freed.set()
        return known

    def empty(self) -> list[int]:
        """Remove all rows and return their ids."""
        ids = list(self.rows)
        self.rows.clear()
        self._crashes.clear()
        self._bytes = 0
        return ids

"""What waits in the store, asked for at most once in some seconds."""

import asyncio
import math
from collections.abc import Sequence
from typing import NamedTuple

from flowengine.node import Clock
from flowengine.storage import LetterCount, QueueCount, Store

FRESH = 5.0


class StoreCounts(NamedTuple):
    """What waits in the store.

    Args:
        outbox: By sink.
        letters: Dead letters, by flow, node and code.
    """

    outbox: Sequence[QueueCount] = ()
    letters: Sequence[LetterCount] = ()


class Counts:
    """Keep the answer for a while: counting costs the store more than a scrape may.

    Args:
        store: The store.
        clock: Times the answers.
        fresh: Seconds for which an answer is good enough.
    """

    def __init__(self, store: Store, clock: Clock, fresh: float = FRESH) -> None:
        self._store = store
        self._clock = clock
        self._fresh = fresh
        self._asking = asyncio.Lock()
        self._asked = -math.inf
        self._counts = StoreCounts()

    async def read(self) -> StoreCounts:
        """Return the counts.

        Raises:
            StorageError: The store does not answer.
        """
        async with self._asking:
            if self._clock.monotonic() - self._asked >= self._fresh:
                self._counts = StoreCounts(await self._store.outbox.counts(), await self._store.dead_letters.counts())
                self._asked = self._clock.monotonic()
            return self._counts

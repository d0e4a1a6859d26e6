"""Records that calls are under way for: Odoo gets no two calls for one record at once."""

import asyncio
from collections.abc import AsyncGenerator, Hashable
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager


class RecordLocks:
    """Let calls for one record come one after the other.

    Two that write one record at once make PostgreSQL refuse the one that commits last; Odoo then waits for seconds
    before it tries again.
    """

    def __init__(self) -> None:
        self._calls: dict[object, tuple[AbstractSet[Hashable], asyncio.Event]] = {}

    @asynccontextmanager
    async def hold(self, records: AbstractSet[Hashable]) -> AsyncGenerator[None]:
        """Wait until no call that was here before has any of these records, and keep later ones waiting.

        Args:
            records: The records of the call, as model and id, or what else stands for one.
        """
        before = [ended for theirs, ended in self._calls.values() if not theirs.isdisjoint(records)]
        me = object()
        done = asyncio.Event()
        self._calls[me] = (records, done)
        try:
            for ended in before:
                await ended.wait()
            yield
        finally:
            del self._calls[me]
            done.set()

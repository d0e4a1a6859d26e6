"""Records that calls are under way for: Odoo gets no two calls for one record at once."""

import asyncio
from collections.abc import AsyncGenerator
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager

from flowengine_nodes.odoo.writing.wanted import Record


class RecordLocks:
    """Let calls for one record come one after the other.

    Two that write one record at once make PostgreSQL refuse the one that commits last; Odoo then waits for seconds
    before it tries again.
    """

    def __init__(self) -> None:
        self._calls: dict[object, tuple[AbstractSet[Record], asyncio.Event]] = {}

    @asynccontextmanager
    async def hold(self, records: AbstractSet[Record]) -> AsyncGenerator[None]:
        """Wait until no call that was here before has any of these records, and keep later ones waiting.

        Args:
            records: The records of the call.
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

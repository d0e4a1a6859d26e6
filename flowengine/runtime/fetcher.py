"""What fetches the rows that wait in an outbox for one node."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from flowengine.node import Clock
from flowengine.runtime.breaker import Breaker
from flowengine.runtime.hand import Hand
from flowengine.storage import Claimed, Outbox, StorageError

log = logging.getLogger("flowengine.outbox")
# Another process may put rows, and leases end, without an event in this one.
LOOK_AGAIN = 5.0
LEASE = 300.0


class Fetcher:
    """Claim the rows of a node, as many as may be in hand, and hold on to them.

    Args:
        outbox: Where they wait.
        flow: Id of the flow.
        node: Id of the node.
        hand: What is claimed; claimed rows are added.
        breaker: Says when to leave the node alone.
        clock: Times leases.
        begin: Begins with a row.

    Attributes:
        is_claiming: Whether rows may be claimed that are not begun with.
    """

    def __init__(
        self,
        outbox: Outbox,
        flow: str,
        node: str,
        hand: Hand,
        breaker: Breaker,
        clock: Clock,
        begin: Callable[[Claimed], Awaitable[None]],
    ) -> None:
        self._outbox = outbox
        self._flow = flow
        self._node = node
        self._hand = hand
        self._breaker = breaker
        self._clock = clock
        self._begin = begin
        self._offset = clock.time() - clock.monotonic()
        self.is_claiming = False

    async def fetch(self) -> None:
        """Fetch rows until cancelled."""
        added = self._outbox.event(self._flow, self._node)
        while True:
            # After each wait everything is looked at anew: the breaker may have opened meanwhile.
            if self._breaker.wait:
                await self._clock.sleep(self._breaker.wait)
                continue
            most = 1 if self._breaker.is_open else self._hand.most
            if len(self._hand) >= max(1, most // 2):
                self._hand.freed.clear()
                await self._hand.freed.wait()
                continue
            added.clear()
            if not await self._fetched(most - len(self._hand)):
                await self._wait_for_rows(added)

    async def hold(self) -> None:
        """Hold on to rows that take long, until cancelled."""
        before: set[int] = set()
        while True:
            await self._clock.sleep(LEASE / 3)
            ids = [id for id in self._hand.rows if id in before]
            if ids:
                await self._outbox.renew(ids, LEASE)
            before = set(self._hand.rows)

    async def _fetched(self, limit: int) -> bool:
        """Begin with rows, and tell whether there were any."""
        self.is_claiming = True
        try:
            rows = await self._claim(limit)
            for row in rows:
                self._hand.take(row)
            for row in rows:
                await self._begin(row)
        finally:
            self.is_claiming = False
        return bool(rows)

    async def _claim(self, limit: int) -> list[Claimed]:
        claiming = asyncio.ensure_future(
            self._outbox.claim(self._flow, self._node, limit, lease=LEASE, held=len(self._hand))
        )
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            # The store may be giving them all the same: they are given back at the end, or nobody would get them again.
            with suppress(StorageError):
                for row in await claiming:
                    self._hand.take(row)
            raise

    async def _heed_clock(self) -> None:
        """Try at once what waits, when the wall clock was set back: else it would wait for as much longer."""
        offset = self._clock.time() - self._clock.monotonic()
        set_back, self._offset = self._offset - offset, offset
        if set_back > 1.0:
            log.warning(
                "the clock was set back by %.0f s: the outbox of %s/%s tries again what waits",
                set_back,
                self._flow,
                self._node,
            )
            await self._outbox.hasten(self._flow, self._node)

    async def _wait_for_rows(self, added: asyncio.Event) -> None:
        await self._heed_clock()
        due = await self._outbox.next_due(self._flow, self._node)
        wait = LOOK_AGAIN if due is None else min(LOOK_AGAIN, max(0.01, due - self._clock.time()))
        if due is not None and due <= self._clock.time() and self._hand:
            # What is due may not be taken together with what is in hand.
            self._hand.freed.clear()
            await self._hand.freed.wait()
            return
        timer = self._clock.call_later(wait, added.set)
        try:
            await added.wait()
        finally:
            timer.cancel()

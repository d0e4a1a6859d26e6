"""Messages that an outbox stage has handed on before they are stored."""

import asyncio
from collections.abc import Callable

from flowengine.node import Clock, Timer
from flowengine.runtime.row_delivery import RowDelivery
from flowengine.storage import Claimed

#: Seconds that a message may be on its way unstored, or up to twice as long. Its source has no answer meanwhile.
LINGER = 0.05
#: Seconds for which all messages are stored, after a time in which most had to be: their sources need not wait.
REST = 1.0


class Passing:
    """Follow messages that a node has and the store has not, and have those stored that take long.

    Args:
        clock: Times them.
        keep: Has one stored; called in the order they came.
        slow: Called when most messages take long.

    Attributes:
        count: How many have neither ended nor been stored.
        passed: How many have ended before they were stored.
    """

    def __init__(self, clock: Clock, keep: Callable[[RowDelivery], None], slow: Callable[[], None]) -> None:
        self._clock = clock
        self._keep = keep
        self._slow = slow
        # What has ended stays in its list until its turn: to look for it would cost more.
        self._young: list[RowDelivery] = []
        self._old: list[RowDelivery] = []
        self._timer: Timer | None = None
        self._being_stored = 0
        self._all_stored = asyncio.Event()
        self._rests_until = 0.0
        self.count = 0
        self.passed = 0

    @property
    def is_worthwhile(self) -> bool:
        """Whether messages are likely to end soon."""
        return self._clock.monotonic() >= self._rests_until

    def add(self, row: RowDelivery) -> None:
        """Follow a message that was handed on."""
        self.count += 1
        self._young.append(row)
        if self._timer is None:
            self._timer = self._clock.call_later(LINGER, self._turn)

    def keep_all(self) -> None:
        """Have all of them stored now."""
        rows, self._old, self._young = self._old + self._young, [], []
        self._keep_open(rows)

    async def all_kept(self) -> None:
        """Have all of them stored, and wait until the store has said what became of them."""
        self.keep_all()
        while self._being_stored:
            self._all_stored.clear()
            await self._all_stored.wait()

    def given_to_store(self, row: RowDelivery) -> None:
        """Take note that one is on its way into the store."""
        row.is_being_stored = True
        self._being_stored += 1

    def stored(self, row: RowDelivery, claimed: Claimed) -> None:
        """Take note that one is stored; it may have ended meanwhile."""
        self._told(row)
        self.count -= 1
        row.stored(claimed)

    def refused(self, row: RowDelivery) -> None:
        """Take note that the store does not take one; its source has its answer when it ends."""
        self._told(row)

    def ended(self, row: RowDelivery) -> bool:
        """Answer for one that is not stored, unless the store has still to say whether it is.

        Returns:
            Whether its source was answered.
        """
        if row.source is None or row.is_being_stored:
            return False
        self.count -= 1
        self.passed += 1
        row.source.delivery.end_as(row)
        return True

    def _told(self, row: RowDelivery) -> None:
        row.is_being_stored = False
        self._being_stored -= 1
        if not self._being_stored:
            self._all_stored.set()

    def _turn(self) -> None:
        rows, self._old, self._young = self._old, self._young, []
        if self._keep_open(rows) > len(rows) // 2:
            self._rests_until = self._clock.monotonic() + REST
            self._slow()
        self._timer = self._clock.call_later(LINGER, self._turn) if self._old else None

    def _keep_open(self, rows: list[RowDelivery]) -> int:
        left = [row for row in rows if row.pending]
        for row in left:
            self._keep(row)
        return len(left)

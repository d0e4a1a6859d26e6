"""The way of an outbox's messages into the store, in the order they came."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

from flowengine.message import Message
from flowengine.node import Clock
from flowengine.runtime.insistence import FIRST_WAIT, LONGEST_WAIT
from flowengine.runtime.row_delivery import RowDelivery
from flowengine.storage import Entry, Lot, Outbox, StorageClosedError, StorageError

log = logging.getLogger("flowengine.store")


class Arrived(NamedTuple):
    """A message on its way into the store.

    Args:
        entry: What is stored.
        message: The message as it came.
        begun: The delivery under which the node has it already, if it has.
    """

    entry: Entry
    message: Message
    begun: RowDelivery | None = None


class Intake:
    """Store messages, however long it takes, and none before those that came earlier.

    What comes while the store commits goes with the next commit. What the store could not take is tried again before
    anything else: a disk that is full for a moment must not turn a device's messages round.

    Args:
        outbox: Where to.
        clock: Times the tries.
        what: What is being stored, for the log.
        wanted: Says how many of some messages, from the first, the node would begin with at once.
        asks: Says whether to find out if all that waits for the node is in its hand.
        stored: Called with messages once they are durable, and with the ids of their rows where the node may begin
            with them, else 0.
        cleared: Called when all that was stored is in the node's hand; what is still to be stored can be recalled.
        refused: Called with a message that the store will never take, and why.
        trouble: Called at every try that fails.
        lease: How long the node may take with messages that it gets at once, in seconds.
    """

    def __init__(
        self,
        outbox: Outbox,
        clock: Clock,
        what: str,
        *,
        wanted: Callable[[Sequence[Arrived]], int],
        asks: Callable[[], bool],
        stored: Callable[[Sequence[Arrived], Sequence[int]], None],
        cleared: Callable[[], None],
        refused: Callable[[Arrived, StorageError], None],
        trouble: Callable[[], None],
        lease: float,
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._what = what
        self._wanted = wanted
        self._asks = asks
        self._stored = stored
        self._cleared = cleared
        self._refused = refused
        self._trouble = trouble
        self._lease = lease
        self._waiting: list[Arrived] = []
        self._failed: list[Arrived] = []
        self._error: BaseException | None = None
        self._outstanding = 0
        self._is_planned = False
        self._wait = FIRST_WAIT
        self._at_rest: asyncio.Event | None = None

    def put(self, arrived: Arrived) -> None:
        """Store a message with the next commit; the caller holds its delivery."""
        self._waiting.append(arrived)
        if not self._outstanding and not self._is_planned:
            # What else comes in this pass of the loop goes along.
            self._is_planned = True
            asyncio.get_running_loop().call_soon(self._submit)

    def recall(self) -> list[Arrived]:
        """Take back what is still to be stored and not begun with."""
        recalled = [one for one in self._waiting if one.begun is None]
        self._waiting = [one for one in self._waiting if one.begun is not None]
        return recalled

    async def rest(self) -> None:
        """Wait until the store has said what became of what was put; what it did not take then will not be stored."""
        if self._wait == FIRST_WAIT and not self._outstanding:
            self._submit()
        while self._outstanding:
            self._at_rest = asyncio.Event()
            await self._at_rest.wait()

    def _submit(self) -> None:
        self._is_planned = False
        if self._outstanding or not self._waiting:
            return
        most, size, count = self._outbox.most_bytes, 0, 0
        for count, one in enumerate(self._waiting, 1):  # noqa: B007 - how far it came is what counts
            size += len(one.entry.message)
            if size >= most:
                break
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        self._outstanding = 1
        self._store(batch)

    def _store(self, batch: list[Arrived]) -> None:
        # After one that was not taken, none may be.
        error = self._error
        if error is None:
            lot: Lot | None = None

            def told(error: BaseException | None) -> None:
                assert lot is not None
                self._told(batch, error, lot.given, is_clear=lot.is_clear)

            try:
                lot = self._outbox.put_nowait(
                    [one.entry for one in batch],
                    told,
                    wanted=self._wanted(batch),
                    begun=sum(one.begun is not None for one in batch),
                    asks=self._asks(),
                    lease=self._lease,
                )
            except StorageError as problem:
                error = problem
            else:
                return
        self._told(batch, error)

    def _told(
        self, batch: list[Arrived], error: BaseException | None, given: Sequence[int] = (), *, is_clear: bool = False
    ) -> None:
        if error is None:
            self._stored(batch, given)
            if is_clear and self._outstanding == 1 and self._error is None:
                self._cleared()
        elif not isinstance(error, StorageError) or error.whole:
            self._failed += batch
            self._error = error
        elif len(batch) == 1:
            self._refused(batch[0], error)
        else:
            # One of them it will never take; the others must not suffer for it.
            self._outstanding += len(batch)
            for one in batch:
                self._store([one])
        # Only now: each of these may have put another message, which is for the next commit.
        self._outstanding -= 1
        if not self._outstanding:
            self._ended()

    def _ended(self) -> None:
        if self._at_rest is not None:
            self._at_rest.set()
        error, self._error = self._error, None
        if error is None:
            self._wait = FIRST_WAIT
            self._submit()
            return
        self._waiting[:0] = self._failed
        self._failed.clear()
        self._trouble()
        if isinstance(error, StorageClosedError):
            # The engine stops; who sent these will send them again.
            return
        log.error(
            "%s cannot be written, %d messages wait and are tried again in %g s: %s",
            self._what,
            len(self._waiting),
            self._wait,
            error,
        )
        self._is_planned = True
        self._clock.call_later(self._wait, self._submit)
        self._wait = min(self._wait * 2, LONGEST_WAIT)

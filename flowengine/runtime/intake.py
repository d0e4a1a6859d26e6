"""The way of an outbox's messages into the store, in the order they came."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from flowengine.message import Message
from flowengine.node import Clock
from flowengine.runtime.insistence import FIRST_WAIT, LONGEST_WAIT
from flowengine.storage import Entry, Outbox, StorageClosedError, StorageError

log = logging.getLogger("flowengine.store")


class Stored(NamedTuple):
    """A message on its way into the store."""

    entry: Entry
    message: Message


class Intake:
    """Store messages, however long it takes, and none before those that came earlier.

    What comes while the store commits goes with the next commit. What the store could not take is tried again before
    anything else: a disk that is full for a moment must not turn a device's messages round.

    Args:
        outbox: Where to.
        clock: Times the tries.
        what: What is being stored, for the log.
        stored: Called with each message once it is durable.
        refused: Called with a message that the store will never take, and why.
        trouble: Called at every try that fails.
    """

    def __init__(
        self,
        outbox: Outbox,
        clock: Clock,
        what: str,
        *,
        stored: Callable[[Message], None],
        refused: Callable[[Message, StorageError], None],
        trouble: Callable[[], None],
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._what = what
        self._stored = stored
        self._refused = refused
        self._trouble = trouble
        self._waiting: deque[Stored] = deque()
        self._failed: list[Stored] = []
        self._error: BaseException | None = None
        self._outstanding = 0
        self._is_planned = False
        self._wait = FIRST_WAIT

    def put(self, entry: Entry, message: Message) -> None:
        """Store a message with the next commit; the caller holds its delivery."""
        self._waiting.append(Stored(entry, message))
        if not self._outstanding and not self._is_planned:
            # What else comes in this pass of the loop goes along.
            self._is_planned = True
            asyncio.get_running_loop().call_soon(self._submit)

    def _submit(self) -> None:
        self._is_planned = False
        batch, self._waiting = self._waiting, deque()
        self._outstanding = len(batch)
        for one in batch:
            # After one that was not taken, none may be.
            error = self._error
            if error is None:
                try:
                    self._outbox.put_nowait(one.entry, partial(self._told, one))
                    continue
                except StorageError as problem:
                    error = problem
            self._told(one, error)

    def _told(self, one: Stored, error: BaseException | None) -> None:
        if error is None:
            self._stored(one.message)
        elif isinstance(error, StorageError) and not error.whole:
            self._refused(one.message, error)
        else:
            self._failed.append(one)
            self._error = error
        # Only now: each of these may have put another message, which is for the next commit.
        self._outstanding -= 1
        if not self._outstanding:
            self._ended()

    def _ended(self) -> None:
        error, self._error = self._error, None
        if error is None:
            self._wait = FIRST_WAIT
            if self._waiting:
                self._submit()
            return
        self._waiting.extendleft(reversed(self._failed))
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

"""Have the store do something, however long it takes."""

import logging
from collections.abc import Awaitable, Callable

from flowengine.node import Clock
from flowengine.storage import StorageError

log = logging.getLogger("flowengine.store")
FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0

Done = Callable[[BaseException | None], None]


async def insist(write: Callable[[], Awaitable[None]], clock: Clock, what: str) -> None:
    """Await a write, and try it again until it succeeds.

    Args:
        write: Starts the write.
        clock: Times the tries.
        what: What is being written, for the log.
    """
    wait = FIRST_WAIT
    while True:
        try:
            await write()
        except StorageError as error:
            log.error("%s cannot be written, and is tried again in %g s: %s", what, wait, error)  # noqa: TRY400 - the sentence says it
            await clock.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)
        else:
            return


class Insistence:
    """Try a write until it is durable, with growing waits.

    Whoever waits for it keeps a hold on the delivery meanwhile: what is not durable is not acknowledged.

    Args:
        write: Starts the write; told to call its argument when it knows how it ended.
        stored: Called once when it is durable.
        clock: Times the tries.
        what: What is being stored, for the log.
    """

    __slots__ = ("_clock", "_stored", "_wait", "_what", "_write")

    def __init__(
        self,
        write: Callable[[Done], object],
        stored: Callable[[], None],
        clock: Clock,
        what: str,
    ) -> None:
        self._write = write
        self._stored = stored
        self._clock = clock
        self._what = what
        self._wait = FIRST_WAIT

    def begin(self) -> None:
        """Try, now and as often as it takes."""
        try:
            self._write(self._tried)
        except StorageError as error:
            self._tried(error)

    def _tried(self, error: BaseException | None) -> None:
        if error is None:
            self._stored()
            return
        log.error("%s cannot be written, and is tried again in %g s: %s", self._what, self._wait, error)
        self._clock.call_later(self._wait, self.begin)
        self._wait = min(self._wait * 2, LONGEST_WAIT)

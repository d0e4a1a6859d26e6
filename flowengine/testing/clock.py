"""A clock that only tests move."""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from typing import Any


class VirtualTimer:
    """A call that is due at a virtual time."""

    __slots__ = ("args", "callback", "cancelled", "due")

    def __init__(self, due: float, callback: Callable[..., object], args: tuple[Any, ...]) -> None:
        self.due = due
        self.callback = callback
        self.args = args
        self.cancelled = False

    def cancel(self) -> None:
        """Call it off."""
        self.cancelled = True


class VirtualClock:
    """Stand still until told to advance.

    Args:
        start: Wall-clock time at the beginning, in seconds; 2026-01-01 00:00 UTC if not given.
    """

    def __init__(self, start: float = 1_767_225_600.0) -> None:
        self._wall = start
        self._elapsed = 0.0
        self._timers: list[tuple[float, int, VirtualTimer]] = []
        self._order = itertools.count()

    def time(self) -> float:
        """Return the wall clock's time."""
        return self._wall + self._elapsed

    def monotonic(self) -> float:
        """Return the seconds that have been advanced."""
        return self._elapsed

    def set_wall(self, time: float) -> None:
        """Let the wall clock jump, as a correction by NTP does; timers are not moved."""
        self._wall = time - self._elapsed

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has been advanced far enough."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self.call_later(seconds, _wake, waiting)
        try:
            await waiting
        finally:
            timer.cancel()

    def call_later(self, seconds: float, callback: Callable[..., object], *args: Any) -> VirtualTimer:
        """Call a plain function once the clock has been advanced far enough."""
        timer = VirtualTimer(self._elapsed + max(seconds, 0), callback, args)
        heapq.heappush(self._timers, (timer.due, next(self._order), timer))
        return timer

    @property
    def next_due(self) -> float | None:
        """Seconds until the next timer, or ``None`` when none waits."""
        while self._timers and self._timers[0][2].cancelled:
            heapq.heappop(self._timers)
        return self._timers[0][0] - self._elapsed if self._timers else None

    async def advance(self, seconds: float, settle: Callable[[], Any] | None = None) -> None:
        """Let time pass, timer by timer, and let the work that each one starts come to rest.

        Args:
            seconds: How far.
            settle: Awaited after each timer; :func:`settled` if not given.
        """
        rest = settle or settled
        end = self._elapsed + seconds
        await rest()
        while self.next_due is not None and self._timers[0][0] <= end:
            due, _, timer = heapq.heappop(self._timers)
            self._elapsed = max(self._elapsed, due)
            timer.callback(*timer.args)
            await rest()
        self._elapsed = end


def _wake(waiting: "asyncio.Future[None]") -> None:
    if not waiting.done():
        waiting.set_result(None)


async def settled() -> None:
    """Wait until the event loop has nothing left to run at once."""
    loop: Any = asyncio.get_running_loop()
    await asyncio.sleep(0)
    # The loop has no public way to tell that it is idle; its queue of ready calls is stable since Python 3.4.
    while loop._ready:  # noqa: ASYNC110, SLF001 - nobody could set an event
        await asyncio.sleep(0)

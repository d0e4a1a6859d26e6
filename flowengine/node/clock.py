"""Time, as nodes and the runtime see it: injected, so that tests need not wait."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Timer(Protocol):
    """A call that is due later."""

    def cancel(self) -> None:
        """Call it off; harmless when it has run."""


class Clock(Protocol):
    """Tell the time and wait for it."""

    def time(self) -> float:
        """Return the wall clock's time, in seconds since 1970-01-01 UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""

    def call_later(self, seconds: float, callback: Callable[..., object], *args: Any) -> Timer:
        """Call a plain function after some seconds, in the event loop."""
        ...


class SystemClock:
    """The computer's own clocks."""

    def time(self) -> float:
        """Return the wall clock's time, in seconds since 1970-01-01 UTC."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def call_later(self, seconds: float, callback: Callable[..., object], *args: Any) -> Timer:
        """Call a plain function after some seconds, in the event loop."""
        return asyncio.get_running_loop().call_later(seconds, callback, *args)


async def within(clock: Clock, seconds: float, work: Awaitable[T]) -> T:
    """Await something for a limited time: ``asyncio.timeout`` by an injected clock.

    Args:
        clock: Measures the time.
        seconds: Longest time; with 0 or less only what is done already counts.
        work: What to await; cancelled when the time is up.

    Raises:
        TimeoutError: The time is up.
    """
    if seconds <= 0:
        return await _at_once(work)
    task = asyncio.current_task()
    assert task is not None
    cancelled_before = task.cancelling()
    expired = False

    def expire() -> None:
        nonlocal expired
        expired = True
        task.cancel()

    timer = clock.call_later(seconds, expire)
    try:
        return await work
    except asyncio.CancelledError:
        if expired and task.uncancel() <= cancelled_before:
            raise TimeoutError(f"not done within {seconds:g} s") from None
        raise
    finally:
        timer.cancel()


async def _at_once(work: Awaitable[T]) -> T:
    task = asyncio.ensure_future(work)
    # What is already true needs no time.
    await asyncio.sleep(0)
    if not task.done():
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise TimeoutError("not done at once")
    return task.result()

"""Time, as nodes and the runtime see it: injected, so that tests need not wait."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Protocol


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

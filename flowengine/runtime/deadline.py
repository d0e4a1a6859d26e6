"""Wait for something, but not for ever."""

import asyncio
from collections.abc import Awaitable

from flowengine.node import Clock


async def within(clock: Clock, seconds: float, work: Awaitable[object]) -> bool:
    """Wait for work to end.

    Args:
        clock: Times the wait.
        seconds: Longest wait; the work is cancelled then.
        work: What to wait for.

    Returns:
        Whether it ended in time.
    """
    task = asyncio.ensure_future(work)
    # What is already true needs no time, not even with a deadline of nothing.
    await asyncio.sleep(0)
    if not seconds and not task.done():
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return False
    timer = clock.call_later(seconds, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        current = asyncio.current_task()
        if current is not None and current.cancelling():
            raise
        return False
    finally:
        timer.cancel()
        if not task.done():
            task.cancel()
    return True

import asyncio

import pytest

from flowengine.node import within
from flowengine.testing import VirtualClock


async def test_within_gives_what_is_done_in_time() -> None:
    clock = VirtualClock()

    async def work() -> str:
        await clock.sleep(1)
        return "done"

    task = asyncio.create_task(within(clock, 2, work()))
    await clock.advance(1)
    assert await task == "done"
    assert clock.next_due is None


async def test_within_cancels_what_takes_too_long() -> None:
    clock = VirtualClock()
    cancelled = []

    async def work() -> None:
        try:
            await clock.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    task = asyncio.create_task(within(clock, 2, work()))
    await clock.advance(2)
    with pytest.raises(TimeoutError, match="within 2 s"):
        await task
    assert cancelled == [True]


async def test_within_lets_a_cancellation_from_outside_through() -> None:
    clock = VirtualClock()
    task = asyncio.create_task(within(clock, 2, clock.sleep(60)))
    await clock.advance(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert clock.next_due is None


async def test_within_raises_what_the_work_raises() -> None:
    async def work() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await within(VirtualClock(), 2, work())


async def test_within_no_time_takes_what_is_done_already() -> None:
    async def work() -> str:
        return "done"

    assert await within(VirtualClock(), 0, work()) == "done"


async def test_within_no_time_waits_for_nothing() -> None:
    clock = VirtualClock()
    with pytest.raises(TimeoutError):
        await within(clock, 0, clock.sleep(1))
    assert clock.next_due is None

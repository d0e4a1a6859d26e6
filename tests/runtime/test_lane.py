import asyncio

from flowengine.runtime.lane import Lane


async def test_lane_hands_out_in_order_and_takes_back_to_the_front() -> None:
    lane: Lane[int] = Lane()
    for number in range(4):
        lane.put(number)
    taken = await lane.take(2)
    assert taken == [0, 1]
    lane.put_back(taken)
    assert await lane.take(9) == [0, 1, 2, 3]


async def test_lane_wakes_another_worker_when_the_one_it_woke_is_cancelled() -> None:
    lane: Lane[int] = Lane()
    first = asyncio.create_task(lane.take())
    second = asyncio.create_task(lane.take())
    await asyncio.sleep(0)
    lane.put(1)
    first.cancel()
    assert await second == [1]
    assert first.cancelled()


async def test_lane_does_not_wake_a_worker_that_was_cancelled_before() -> None:
    lane: Lane[int] = Lane()
    first = asyncio.create_task(lane.take())
    second = asyncio.create_task(lane.take())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    lane.put(1)
    assert await second == [1]

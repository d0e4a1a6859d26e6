"""The wall clock is set while messages wait in the store: none waits for longer than it was told to."""

from typing import Any

import pytest

from flowengine.node import Node
from flowengine.testing import NodeHarness
from flowengine_nodes.function.delay import Delay
from flowengine_nodes.function.trigger import Trigger
from flowengine_nodes.sequence.batch import Batch
from flowengine_nodes.sequence.join import Join

DAY = 86_400.0
WAIT = 10.0

HOLDERS: dict[str, tuple[type[Node[Any]], dict[str, Any]]] = {
    "delay": (Delay, {"delay": "10s", "durable": True}),
    "trigger": (Trigger, {"first": {"send": "nothing"}, "then": {"send": "first"}, "wait": "10s", "durable": True}),
    "batch": (Batch, {"count": None, "interval": "10s", "durable": True}),
    "join": (
        Join,
        {"mode": "group", "count": 5, "timeout": "10s", "on_timeout": "send", "durable": True},
    ),
}


@pytest.fixture(params=HOLDERS)
def holder(request: pytest.FixtureRequest) -> tuple[type[Node[Any]], dict[str, Any]]:
    return HOLDERS[request.param]


@pytest.mark.parametrize("jump", [-365 * DAY, -60.0, -1.0, 1.0, 60.0, 365 * DAY])
async def test_jump_while_a_message_waits_changes_nothing(
    holder: tuple[type[Node[Any]], dict[str, Any]], jump: float
) -> None:
    async with NodeHarness(*holder) as harness:
        await harness.feed(payload=1)
        await harness.advance(2)
        harness.clock.set_wall(harness.clock.time() + jump)
        assert await harness.advance(WAIT - 2.1) == []
        assert len(await harness.advance(0.2)) == 1


@pytest.mark.parametrize("jump", [-365 * DAY, -60.0, -1.0, 0.0, 1.0, 60.0, 365 * DAY])
async def test_message_waits_no_longer_when_the_clock_is_set_over_a_restart(
    holder: tuple[type[Node[Any]], dict[str, Any]], jump: float
) -> None:
    async with NodeHarness(*holder) as harness:
        await harness.feed(payload=1)
        await harness.advance(2)
        harness.clock.set_wall(harness.clock.time() + jump)
        await harness.restart()
        left = min(max(WAIT - 2 - jump, 0), WAIT)
        if left > 0.1:
            assert await harness.advance(left - 0.1) == []
        assert len(await harness.advance(0.2)) == 1


async def test_clock_set_back_twice_makes_nothing_wait_again(holder: tuple[type[Node[Any]], dict[str, Any]]) -> None:
    async with NodeHarness(*holder) as harness:
        await harness.feed(payload=1)
        sent: list[Any] = []
        for _ in range(2):
            harness.clock.set_wall(harness.clock.time() - DAY)
            await harness.restart()
            sent += await harness.advance(WAIT + 0.1)
        assert len(sent) == 1

"""The wall clock is set back or forward while messages wait: nothing waits for longer than it was told to."""

from typing import Any

import pytest

from flowengine.flow.document import ErrorPolicy
from flowengine.graph import StagePlan
from tests.runtime.stand import Sink, Source, Stand, Worker, node, plan

POLICY = ErrorPolicy.model_validate({"retry": {"attempts": 10, "initial": "10s", "maximum": "10s", "jitter": False}})
DAY = 86_400.0


@pytest.fixture(params=[False, True], ids=["memory", "outbox"])
def outbox(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def staged(outbox: bool, **options: Any) -> Any:
    return plan(
        node(Source, "in"),
        node(Worker, "work", stage=StagePlan(outbox=outbox, **options)),
        node(Sink, "out"),
        wires=["in -> work", "work -> out"],
        errors=POLICY,
    )


@pytest.mark.parametrize("jump", [-DAY, -30.0, 30.0, DAY])
async def test_retry_comes_in_time_whatever_the_wall_clock_does(stand: Stand, outbox: bool, jump: float) -> None:
    await stand.deploy(staged(outbox))
    stand["work"].down = 1
    for number in range(3):
        stand["in"].produce(payload=number, topic="a")
    await stand.advance(1)
    assert len(stand["work"].begun) == 1
    stand.clock.set_wall(stand.clock.time() + jump)
    # The outbox looks at the clock every few seconds.
    await stand.advance(15)
    assert stand["out"].payloads == [0, 1, 2]
    assert stand.balance()["settled"] == 3


async def test_clock_set_back_while_a_row_is_sent_sends_it_once(stand: Stand) -> None:
    await stand.deploy(staged(True))
    stand["in"].produce(payload=1, topic="a", seconds=60)
    await stand.advance(1)
    for jump in (DAY, -2 * DAY):
        stand.clock.set_wall(stand.clock.time() + jump)
        await stand.advance(20)
    await stand.advance(60)
    assert stand["work"].begun == [1]
    assert stand["out"].payloads == [1]
    assert await stand.store.outbox.counts() == []

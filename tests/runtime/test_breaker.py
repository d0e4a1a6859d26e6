from flowengine.flow.document import RetryPolicy
from flowengine.runtime.breaker import Breaker
from flowengine.testing import VirtualClock

POLICY = RetryPolicy.model_validate({"attempts": 3, "initial": "1s", "maximum": "60s", "jitter": False})


async def test_breaker_waits_longer_after_each_try_that_fails() -> None:
    clock = VirtualClock()
    breaker = Breaker(POLICY, clock)
    breaker.failed(None)
    assert not breaker.is_open
    waits = []
    for _ in range(8):
        breaker.failed(None)
        waits.append(breaker.wait)
        await clock.advance(breaker.wait)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    breaker.succeeded()
    assert (breaker.is_open, breaker.wait) == (False, 0)


async def test_breaker_takes_many_failures_at_one_moment_for_one() -> None:
    clock = VirtualClock()
    breaker = Breaker(POLICY, clock)
    for _ in range(50):
        breaker.failed(None)
    assert breaker.wait == 1
    # What the other side asks for counts all the same.
    breaker.failed(7.0)
    assert breaker.wait == 7
    await clock.advance(7)
    breaker.failed(None)
    assert breaker.wait == 2

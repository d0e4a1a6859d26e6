"""Cases 30 to 34 of what a Node-RED user expects of the delay node."""

from typing import Any

import pytest
from pydantic import ValidationError

from flowengine.testing import NodeHarness
from flowengine_nodes.function.delay import Delay, DelayConfig


def payloads(sent: list[Any], port: str = "out") -> list[Any]:
    return [message.fields["payload"] for message in sent if message.port == port]


async def test_delay_holds_each_message_for_its_time_in_order() -> None:
    async with NodeHarness(Delay, {"delay": "2s"}) as harness:
        await harness.feed(payload=1)
        assert await harness.advance(1.5) == []
        harness.receive(payload=2)
        harness.receive(payload=3)
        assert payloads(await harness.advance(0.5)) == [1]
        assert payloads(await harness.advance(1.5)) == [2, 3]
        assert harness.account.as_dict() == {"received": 3, "settled": 3, "failed": 0, "dropped": {}, "in_flight": 0}


async def test_delay_settles_a_message_only_when_it_has_left() -> None:
    async with NodeHarness(Delay, {"delay": "2s"}) as harness:
        await harness.feed(payload=1)
        assert harness.account.in_flight == 1
        await harness.advance(2)
        assert harness.account.settled == 1


async def test_delay_random_stays_within_its_bounds() -> None:
    async with NodeHarness(Delay, {"mode": "random", "delay": "1s", "at_most": "3s"}) as harness:
        for number in range(50):
            harness.receive(payload=number)
        assert await harness.advance(0.99) == []
        early = await harness.advance(1)
        late = await harness.advance(1.01)
        assert sorted(payloads(early) + payloads(late)) == list(range(50))
        assert early
        assert late


@pytest.mark.parametrize(("own", "seconds"), [(2, 2), ("500ms", 0.5), (None, 5), (0, 0), (-3, 0)])
async def test_delay_from_the_message_or_the_default(own: Any, seconds: float) -> None:
    async with NodeHarness(Delay, {"mode": "message"}) as harness:
        harness.receive({"payload": 1, **({"delay": own} if own is not None else {})})
        if seconds:
            assert await harness.advance(seconds - 0.1) == []
        assert payloads(await harness.advance(0.1)) == [1]


async def test_delay_from_the_message_fails_where_it_is_no_time() -> None:
    async with NodeHarness(Delay, {"mode": "message"}) as harness:
        await harness.feed(payload=1, delay="soon")
        assert [error.code for error in harness.errors] == ["bad-duration"]


async def test_delay_rate_passes_the_first_at_once_and_spaces_the_others() -> None:
    async with NodeHarness(Delay, {"mode": "rate", "count": 2, "per": "1s"}) as harness:
        for number in range(4):
            harness.receive(payload=number)
        assert payloads(harness.take()) == [0]
        assert payloads(await harness.advance(0.5)) == [1]
        assert payloads(await harness.advance(1)) == [2, 3]
        await harness.advance(10)
        assert payloads(await harness.feed(payload=9)) == [9]


async def test_delay_rate_in_bursts_lets_so_many_through_in_any_such_time() -> None:
    async with NodeHarness(Delay, {"mode": "rate", "count": 2, "per": "1s", "spread": False}) as harness:
        for number in range(5):
            harness.receive(payload=number)
        assert payloads(harness.take()) == [0, 1]
        assert payloads(await harness.advance(0.9)) == []
        assert payloads(await harness.advance(0.1)) == [2, 3]
        assert payloads(await harness.advance(1)) == [4]


async def test_delay_rate_sends_what_is_over_it_by_its_own_port() -> None:
    config = {"mode": "rate", "count": 2, "per": "1s", "spread": False, "excess": "leave"}
    async with NodeHarness(Delay, config) as harness:
        for number in range(4):
            harness.receive(payload=number)
        sent = harness.take()
        assert (payloads(sent), payloads(sent, "excess")) == ([0, 1], [2, 3])
        assert harness.account.settled == 4


async def test_delay_rate_of_each_key_is_its_own() -> None:
    async with NodeHarness(Delay, {"mode": "rate", "key": "$.topic"}) as harness:
        for topic in ("a", "b", "a"):
            harness.receive(topic=topic, payload=topic)
        assert payloads(harness.take()) == ["a", "b"]
        assert payloads(await harness.advance(1)) == ["a"]


async def test_delay_rate_forgets_keys_that_are_idle() -> None:
    async with NodeHarness(Delay, {"mode": "rate", "key": "$.topic"}) as harness:
        for number in range(2_500):
            harness.receive(topic=str(number), payload=number)
            if number % 100 == 0:
                await harness.clock.advance(2)
        assert len(harness.node._waiting._lanes) < 1_200


async def test_delay_rate_may_be_set_by_a_message_only_where_allowed() -> None:
    for allowed, expected in (("$.rate", []), (None, [2])):
        async with NodeHarness(Delay, {"mode": "rate", "rate_path": allowed}) as harness:
            harness.receive(payload=1, rate="10s")
            harness.receive(payload=2)
            harness.take()
            assert payloads(await harness.advance(1)) == expected


async def test_delay_to_front_jumps_the_queue() -> None:
    async with NodeHarness(Delay, {"mode": "rate"}) as harness:
        for number in range(3):
            harness.receive(payload=number)
        harness.receive(payload="first", toFront=True)
        harness.take()
        assert payloads(await harness.advance(3)) == ["first", 1, 2]


@pytest.mark.parametrize("mode", ["fixed", "rate", "latest"])
async def test_delay_reset_drops_what_waits_and_counts_it(mode: str) -> None:
    async with NodeHarness(Delay, {"mode": mode, "key": "$.topic"}) as harness:
        for number in range(3):
            harness.receive(payload=number, topic=str(number) if mode == "latest" else "t")
        harness.take()
        waiting = harness.account.in_flight
        assert waiting == (3 if mode == "fixed" else 2)
        await harness.feed(reset=True)
        assert await harness.advance(60) == []
        assert harness.account.in_flight == 0
        assert harness.dropped == {"reset": waiting}


async def test_delay_reset_with_nothing_waiting_sends_nothing() -> None:
    async with NodeHarness(Delay) as harness:
        assert await harness.feed(reset=True) == []
        assert harness.account.settled == 1


async def test_delay_reset_with_a_key_means_that_key() -> None:
    async with NodeHarness(Delay, {"key": "$.topic"}) as harness:
        harness.receive(payload=1, topic="a")
        harness.receive(payload=2, topic="b")
        harness.receive(reset=True, topic="a")
        assert payloads(await harness.advance(5)) == [2]


@pytest.mark.parametrize("mode", ["fixed", "rate", "latest"])
async def test_delay_flush_lets_all_or_some_leave_in_order(mode: str) -> None:
    async with NodeHarness(
        Delay, {"mode": mode, "key": "$.topic" if mode == "latest" else None, "per": "1h"}
    ) as harness:
        for number in range(5):
            harness.receive(payload=number, topic=str(number))
        first = payloads(harness.take())
        assert payloads(await harness.feed(flush=2)) == [0, 1, 2][len(first) : len(first) + 2]
        rest = payloads(await harness.feed(flush=True))
        assert rest == list(range(len(first) + 2, 5))
        assert harness.account.settled == harness.account.received == 7


async def test_delay_flush_of_many_is_quick() -> None:
    async with NodeHarness(Delay) as harness:
        for number in range(10_000):
            harness.receive(payload=number)
        assert payloads(await harness.feed(flush=True)) == list(range(10_000))


async def test_delay_latest_keeps_the_newest_of_each_key_in_the_place_of_the_first() -> None:
    async with NodeHarness(Delay, {"mode": "latest", "key": "$.topic"}) as harness:
        for topic, value in (("x", 0), ("a", 1), ("b", 2), ("a", 3)):
            harness.receive(topic=topic, payload=value)
        assert payloads(harness.take()) == [0]
        assert payloads(await harness.advance(1)) == [3]
        assert payloads(await harness.advance(1)) == [2]
        assert harness.dropped == {"superseded": 1}
        assert harness.node.keeper.count == 0


async def test_delay_latest_may_let_all_keys_through_at_once() -> None:
    async with NodeHarness(Delay, {"mode": "latest", "key": "$.topic", "release": "all"}) as harness:
        for topic, value in (("x", 0), ("a", 1), ("b", 2)):
            harness.receive(topic=topic, payload=value)
        harness.take()
        assert payloads(await harness.advance(1)) == [1, 2]


async def test_delay_refuses_more_than_it_may_hold() -> None:
    async with NodeHarness(Delay, {"most": 2, "delay": "1h"}) as harness:
        for number in range(3):
            harness.receive(payload=number)
        assert [error.code for error in harness.errors] == ["delay-full"]
        await harness.feed(flush=True)
        await harness.advance(5)
        assert payloads(await harness.feed(flush=True)) == [2]


@pytest.mark.parametrize("mode", ["fixed", "rate"])
async def test_delay_in_memory_leaves_messages_unanswered_at_a_stop(mode: str) -> None:
    async with NodeHarness(Delay, {"mode": mode}) as harness:
        harness.receive(payload=1)
        second = harness.receive(payload=2)
        await harness.restart()
        assert second not in harness.closed


async def test_delay_durable_goes_on_after_a_restart() -> None:
    async with NodeHarness(Delay, {"delay": "10s", "durable": True}) as harness:
        await harness.feed(payload=1)
        assert harness.account.settled == 1
        await harness.advance(4)
        await harness.restart()
        assert await harness.advance(5.9) == []
        assert payloads(await harness.advance(0.1)) == [1]
        await harness.restart()
        assert await harness.advance(60) == []


async def test_delay_durable_sends_at_once_what_fell_due_while_it_was_down() -> None:
    async with NodeHarness(Delay, {"delay": "10s", "durable": True}) as harness:
        await harness.feed(payload=1)
        harness.clock.set_wall(harness.clock.time() + 3_600)
        await harness.restart()
        assert payloads(await harness.advance(0)) == [1]


@pytest.mark.parametrize(
    "config", [{"mode": "random", "delay": "2s", "at_most": "1s"}, {"mode": "latest"}, {"mode": "rate", "per": 0}]
)
def test_delay_refuses_a_bad_configuration(config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DelayConfig.model_validate(config)


async def test_delay_reset_counts_what_waited_in_the_store_apart_from_the_sum() -> None:
    async with NodeHarness(Delay, {"durable": True}) as harness:
        for number in range(3):
            await harness.feed(payload=number)
        assert harness.account.in_flight == 0
        await harness.feed(reset=True)
        account = harness.account
        assert account.dropped_later == {"reset": 3}
        assert (account.received, account.settled, account.dropped.total()) == (4, 4, 0)

from typing import Any

import pytest
from pydantic import ValidationError

from flowengine.testing import NodeHarness, Sent
from flowengine_nodes.sequence.batch import Batch, BatchConfig

BOTH = pytest.mark.parametrize("durable", [True, False], ids=["durable", "memory"])


def payloads(sent: list[Sent]) -> list[Any]:
    return [one.fields["payload"] for one in sent]


async def feed(harness: NodeHarness, *values: Any, **more: Any) -> list[Any]:
    return [payload for value in values for payload in payloads(await harness.feed(payload=value, **more))]


async def shelved(harness: NodeHarness) -> int:
    await harness.settle()
    return len(await harness.store.shelf.load("test", "node"))


@BOTH
async def test_batch_leaves_when_it_is_full(*, durable: bool) -> None:
    async with NodeHarness(Batch, {"count": 3, "durable": durable}) as harness:
        assert await feed(harness, 1, 2, 3, 4, 5, 6, 7) == [[1, 2, 3], [4, 5, 6]]
        assert harness.account.in_flight == (0 if durable else 1)
        assert await shelved(harness) == (1 if durable else 0)


@BOTH
async def test_batch_slides_over_the_messages(*, durable: bool) -> None:
    async with NodeHarness(Batch, {"count": 3, "overlap": 1, "durable": durable}) as harness:
        assert await feed(harness, 1, 2, 3, 4, 5, 6) == [[1, 2, 3], [3, 4, 5]]
        # 5 belongs to the next batch too.
        assert harness.account.in_flight == (0 if durable else 2)
        assert await shelved(harness) == (2 if durable else 0)
        assert await feed(harness, 7) == [[5, 6, 7]]
        await harness.feed(reset=True)
        assert harness.account.in_flight == 0
        assert await shelved(harness) == 0


@BOTH
async def test_batch_leaves_in_time(*, durable: bool) -> None:
    config = {"count": 3, "interval": "10s", "durable": durable}
    async with NodeHarness(Batch, config) as harness:
        await harness.advance(7)
        assert await feed(harness, 1) == []
        assert await harness.advance(9) == []
        assert await feed(harness, 2) == []
        assert payloads(await harness.advance(1)) == [[1, 2]]
        assert await harness.advance(100) == []
        # One that was full in time leaves no timer behind.
        assert await feed(harness, 3, 4, 5, 6) == [[3, 4, 5]]
        assert payloads(await harness.advance(10)) == [[6]]
        assert harness.account.in_flight == 0
        assert await shelved(harness) == 0


async def test_batch_keeps_keys_apart() -> None:
    async with NodeHarness(Batch, {"count": 2, "key": "$.topic"}) as harness:
        assert await feed(harness, 1, topic="a") == []
        assert await feed(harness, 2, topic="b") == []
        assert await feed(harness, 3, topic="a") == [[1, 3]]
        assert await feed(harness, 4, topic=5) == []
        assert await feed(harness, 5, topic=5) == [[4, 5]]


@BOTH
async def test_batch_sends_the_messages_themselves_where_told(*, durable: bool) -> None:
    config = {"count": 2, "overlap": 1, "send": "parts", "durable": durable}
    async with NodeHarness(Batch, config) as harness:
        await harness.feed(payload=1, topic="a", parts={"id": "outer", "index": 4})
        first, second = await harness.feed(payload=2, topic="b")
        assert (first.fields["payload"], first.fields["topic"], second.fields["topic"]) == (1, "a", "b")
        assert first.fields["parts"]["parts"] == {"id": "outer", "index": 4}
        assert [sent.fields["parts"]["index"] for sent in (first, second)] == [0, 1]
        assert [sent.fields["parts"]["count"] for sent in (first, second)] == [2, 2]
        assert first.fields["parts"]["id"] == second.fields["parts"]["id"]
        assert harness.account.in_flight == (0 if durable else 1)
        assert await shelved(harness) == (1 if durable else 0)


async def test_batch_ends_with_the_last_part_of_a_sequence_where_told() -> None:
    async with NodeHarness(Batch, {"count": 10, "honour_parts": True}) as harness:
        await harness.feed(payload=1, parts={"id": "s", "index": 0, "count": 2})
        assert payloads(await harness.feed(payload=2, parts={"id": "s", "index": 1, "count": 2})) == [[1, 2]]


async def test_batch_survives_a_restart_with_its_deadline() -> None:
    async with NodeHarness(Batch, {"count": 3, "interval": "10s"}) as harness:
        await feed(harness, 1, 2)
        assert harness.account.settled == 2
        await harness.advance(6)
        await harness.restart()
        assert await harness.advance(3.9) == []
        assert payloads(await harness.advance(0.1)) == [[1, 2]]
        assert await shelved(harness) == 0


async def test_batch_goes_on_where_a_restart_left_it() -> None:
    async with NodeHarness(Batch, {"count": 3, "overlap": 1}) as harness:
        assert await feed(harness, 1, 2, 3, 4) == [[1, 2, 3]]
        await harness.restart()
        assert await harness.advance(0) == []
        assert await feed(harness, 5) == [[3, 4, 5]]


async def test_batch_sends_again_what_a_crash_kept_from_being_done() -> None:
    async with NodeHarness(Batch, {"count": 2}) as harness:
        harness.node.outputs["out"].deliver = lambda message: message.delivery.hold()
        await feed(harness, 1, 2, 3)
        await harness.restart()
        assert payloads(await harness.advance(0)) == [[1, 2]]
        assert await feed(harness, 4) == [[3, 4]]
        assert await shelved(harness) == 0


async def test_batch_gives_a_successor_what_it_holds_in_memory() -> None:
    async with NodeHarness(Batch, {"count": 5, "interval": "10s", "durable": False}) as harness:
        await feed(harness, 1, 2)
        given = await harness.flow.halt("node")
        assert [message.payload for message in given] == [1, 2]
        await harness.clock.advance(20)
        assert harness.account.in_flight == 2
        for message in given:
            message.delivery.release()


@BOTH
async def test_batch_gives_up_when_told(*, durable: bool) -> None:
    async with NodeHarness(Batch, {"count": 3, "key": "$.topic", "durable": durable}) as harness:
        await feed(harness, 1, topic="a")
        await feed(harness, 2, topic="b")
        await harness.feed(reset=True, topic="a")
        assert await feed(harness, 3, 4, topic="b") == [[2, 3, 4]]
        await feed(harness, 5, topic="a")
        await harness.feed(reset=True)
        assert harness.account.in_flight == 0
        assert await shelved(harness) == 0
        assert harness.dropped == ({} if durable else {"reset": 2})


async def test_batch_refuses_only_what_does_not_fit() -> None:
    config = {"count": 5, "key": "$.topic", "max_groups": 2, "max_messages": 3}
    async with NodeHarness(Batch, config) as harness:
        for number, topic in enumerate("abcab"):
            await harness.feed(payload=number, topic=topic)
        await harness.feed(topic="a")
        codes = [error.code for error in harness.errors]
        assert codes == ["too-many-groups", "too-many-messages", "missing-value"]
        assert await shelved(harness) == 3


@pytest.mark.parametrize(
    "config",
    [
        {"count": None},
        {"overlap": 10},
        {"overlap": 1, "count": None, "interval": "1s"},
        {"overlap": 1, "interval": "1s"},
    ],
)
def test_batch_refuses_a_bad_configuration(config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        BatchConfig.model_validate(config)

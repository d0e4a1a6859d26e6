import asyncio
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flowengine.message import same_json
from flowengine.node import Message
from flowengine.testing import NodeHarness, Sent
from flowengine_nodes.sequence.join import Join, JoinConfig
from flowengine_nodes.sequence.split import Split

BOTH = pytest.mark.parametrize("durable", [True, False], ids=["durable", "memory"])


def part(index: int, payload: Any = None, *, id: str = "s", count: int | None = None, **more: Any) -> dict[str, Any]:
    return {"payload": payload, "parts": {"id": id, "index": index, "count": count, **more}}


def payloads(sent: list[Sent]) -> list[Any]:
    return [one.fields["payload"] for one in sent]


async def shelved(harness: NodeHarness) -> int:
    await harness.settle()
    return len(await harness.store.shelf.load("test", "node"))


@BOTH
async def test_join_puts_parts_together_in_any_order(*, durable: bool) -> None:
    async with NodeHarness(Join, {"durable": durable}) as harness:
        assert await harness.feed(part(2, "c", count=3)) == []
        assert await harness.feed(part(0, "a", count=3)) == []
        outer = {"id": "outer", "index": 1}
        (sent,) = await harness.feed({**part(1, "b", count=3, parts=outer), "topic": "newest"})
        assert sent.fields == {"payload": ["a", "b", "c"], "parts": outer, "topic": "newest"}
        assert harness.account.settled == 3
        assert harness.account.in_flight == 0
        assert await shelved(harness) == 0


async def test_join_holds_its_sources_in_memory_until_the_result_is_done() -> None:
    async with NodeHarness(Join, {"durable": False}) as harness:
        results: list[Message] = []

        def keep(message: Message) -> None:
            message.delivery.hold()
            results.append(message)

        harness.node.outputs["out"].deliver = keep
        first = harness.receive(part(0, count=2))
        second = harness.receive(part(1, count=2))
        assert harness.account.in_flight == 2
        results[0].delivery.fail("late-failure")
        results[0].delivery.release()
        assert harness.account.failed == 2
        assert [first.reason, second.reason] == ["late-failure", "late-failure"]


async def test_join_answers_durable_sources_at_once_and_survives_a_restart() -> None:
    async with NodeHarness(Join) as harness:
        await harness.feed(part(1, "b", count=2))
        assert harness.account.settled == 1
        await harness.restart()
        assert await harness.advance(0) == []
        assert payloads(await harness.feed(part(0, "a", count=2))) == [["a", "b"]]
        assert await shelved(harness) == 0


async def test_join_finishes_a_group_that_a_crash_left_complete() -> None:
    async with NodeHarness(Join) as harness:
        harness.node.outputs["out"].deliver = lambda message: message.delivery.hold()
        await harness.feed(part(0, "a", count=2))
        await harness.feed(part(1, "b", count=2))
        # The result was never done with, so its parts are still in the store.
        assert await shelved(harness) == 2
        await harness.restart()
        assert payloads(await harness.advance(0)) == [["a", "b"]]
        assert await shelved(harness) == 0


async def test_join_keeps_the_deadline_over_a_restart() -> None:
    async with NodeHarness(Join, {"timeout": "10s", "on_timeout": "send"}) as harness:
        await harness.feed(part(0, "a", count=2))
        await harness.advance(6)
        await harness.restart()
        assert await harness.advance(3.9) == []
        assert payloads(await harness.advance(0.1)) == [["a"]]


async def test_join_gives_a_successor_what_it_holds_in_memory() -> None:
    async with NodeHarness(Join, {"durable": False}) as harness:
        await harness.feed(part(0, "a", count=2))
        given = await harness.flow.halt("node")
        assert [message.payload for message in given] == ["a"]
        assert harness.account.in_flight == 1
        for message in given:
            message.delivery.release()


@BOTH
async def test_join_takes_a_repeated_part_once(*, durable: bool) -> None:
    async with NodeHarness(Join, {"durable": durable}) as harness:
        await harness.feed(part(0, "old", count=2))
        assert await harness.feed(part(0, "new", count=2)) == []
        assert payloads(await harness.feed(part(1, "b", count=2))) == [["new", "b"]]
        assert harness.dropped == ({} if durable else {"duplicate-part": 1})
        assert await shelved(harness) == 0
        assert harness.account.in_flight == 0


@BOTH
async def test_join_fails_a_group_that_is_not_complete_in_time(*, durable: bool) -> None:
    async with NodeHarness(Join, {"durable": durable, "timeout": "10s"}) as harness:
        await harness.feed(part(0, count=3))
        await harness.advance(9)
        await harness.feed(part(1, count=3))
        assert await harness.advance(1) == []
        assert [error.code for error in harness.errors] == ["incomplete-group"] * 2
        assert harness.errors[0].message == "only 2 of 3 messages of a group came in time"
        assert await harness.store.dead_letters.count() == 2
        assert await shelved(harness) == 0
        assert harness.account.in_flight == 0
        assert await harness.feed(part(2, count=3)) == []


async def test_join_can_count_the_timeout_from_the_newest_message() -> None:
    async with NodeHarness(Join, {"timeout": "10s", "restart_timeout": True}) as harness:
        await harness.feed(part(0, "a", count=3))
        await harness.advance(9)
        await harness.feed(part(1, "b", count=3))
        await harness.advance(9)
        assert payloads(await harness.feed(part(2, "c", count=3))) == [["a", "b", "c"]]
        await harness.advance(100)
        assert not harness.errors


@pytest.mark.parametrize(
    ("config", "messages", "result"),
    [
        ({"count": 2}, [{"payload": 1}, {"payload": 2}], [1, 2]),
        ({"count": 2, "build": "text", "separator": "-"}, [{"payload": "a"}, {"payload": {"b": 1}}], 'a-{"b":1}'),
        ({"count": 2, "build": "bytes", "separator": ""}, [{"payload": b"\xff"}, {"payload": "a"}], b"\xffa"),
        ({"count": 2, "build": "merged"}, [{"payload": {"a": 1, "b": 1}}, {"payload": {"b": 2}}], {"a": 1, "b": 2}),
        (
            {"count": 2, "build": "object"},
            [{"payload": 1, "topic": "a"}, {"payload": 2, "topic": "a"}, {"payload": 3, "topic": 4}],
            {"a": 2, "4": 3},
        ),
        ({}, [{"payload": 1}, {"payload": 2, "complete": True}], [1, 2]),
        ({}, [{"payload": 1}, {"complete": True}], [1]),
    ],
)
@BOTH
async def test_join_gathers_groups(
    config: dict[str, Any], messages: list[dict[str, Any]], result: Any, *, durable: bool
) -> None:
    async with NodeHarness(Join, {"mode": "group", "durable": durable, **config}) as harness:
        sent = [one for fields in messages for one in await harness.feed(fields)]
        assert payloads(sent) == [result]
        assert await shelved(harness) == 0
        assert harness.account.in_flight == 0


async def test_join_keeps_groups_apart() -> None:
    async with NodeHarness(Join, {"mode": "group", "count": 2, "group": "$.line"}) as harness:
        await harness.feed(payload=1, line="a")
        await harness.feed(payload=2, line=7)
        assert payloads(await harness.feed(payload=3, line=7)) == [[2, 3]]
        assert payloads(await harness.feed(payload=4, line="a")) == [[1, 4]]


async def test_join_sends_an_accumulated_group_with_each_message() -> None:
    config = {"mode": "group", "build": "object", "count": 2, "accumulate": True}
    async with NodeHarness(Join, config) as harness:
        assert await harness.feed(payload=1, topic="a") == []
        assert payloads(await harness.feed(payload=2, topic="b")) == [{"a": 1, "b": 2}]
        await harness.restart()
        await harness.advance(0)
        assert payloads(await harness.feed(payload=3, topic="a")) == [{"b": 2, "a": 3}]
        assert await shelved(harness) == 2
        assert await harness.feed(reset=True) == []
        assert await shelved(harness) == 0
        assert harness.account.in_flight == 0


@BOTH
async def test_join_gives_groups_up_when_told(*, durable: bool) -> None:
    async with NodeHarness(Join, {"durable": durable}) as harness:
        await harness.feed(part(0, id="one", count=2))
        await harness.feed(part(0, id="two", count=2))
        await harness.feed({"reset": True, "parts": {"id": "one", "index": 0}})
        assert payloads(await harness.feed(part(1, "b", id="two", count=2))) == [[None, "b"]]
        await harness.feed(part(0, id="three", count=2))
        await harness.feed(reset=True)
        assert await shelved(harness) == 0
        assert harness.account.in_flight == 0
        assert harness.dropped == ({} if durable else {"reset": 2})


@pytest.mark.parametrize(
    ("config", "result"),
    [
        ({"reduce": "$A & payload", "init": ""}, "abc"),
        ({"reduce": "$A & payload", "init": "", "backwards": True}, "cba"),
        ({"reduce": "$A & payload & $I & $N", "init": "", "fixup": '$A & "!" & $N'}, "a03b13c23!3"),
        ({"reduce": "$append($A, payload)", "init": []}, ["a", "b", "c"]),
        ({"reduce": "$A + $number($I)", "init": 10}, 13),
        ({"reduce": "$A & payload", "init": {"path": "$.topic"}}, "tabc"),
        ({"reduce": "nothing"}, None),
    ],
)
async def test_join_reduces(config: dict[str, Any], result: Any) -> None:
    async with NodeHarness(Join, {"mode": "reduce", **config}) as harness:
        # Only the last part knows the count.
        await harness.feed({**part(1, "b"), "topic": "t"})
        await harness.feed({**part(0, "a"), "topic": "t"})
        assert payloads(await harness.feed({**part(2, "c", count=3), "topic": "t"})) == [result]


async def test_join_fails_every_part_when_it_cannot_reduce() -> None:
    async with NodeHarness(Join, {"mode": "reduce", "reduce": "$A + payload", "init": 0}) as harness:
        await harness.feed(part(0, 1))
        assert await harness.feed(part(1, "x", count=2)) == []
        assert await harness.store.dead_letters.count() == 2
        assert await shelved(harness) == 0
        assert harness.account.in_flight == 0


@pytest.mark.parametrize(
    ("config", "fields", "code"),
    [
        ({}, {"payload": 1}, "no-parts"),
        ({}, {"payload": 1, "parts": {"id": "s"}}, "no-parts"),
        ({}, {"payload": 1, "parts": {"id": "s", "index": -1}}, "no-parts"),
        ({}, part(3, count=3), "no-parts"),
        ({}, part(0, count=100), "too-many-messages"),
        ({"mode": "group"}, {"topic": "t"}, "missing-value"),
        ({"mode": "group", "build": "object"}, {"payload": 1}, "missing-name"),
        ({"mode": "group", "build": "merged"}, {"payload": [1]}, "not-an-object"),
        ({"mode": "group", "build": "text"}, {"payload": {1}}, "not-json"),
    ],
)
async def test_join_refuses_what_it_cannot_join(config: dict[str, Any], fields: dict[str, Any], code: str) -> None:
    async with NodeHarness(Join, {"max_messages": 10, **config}) as harness:
        await harness.feed(fields)
        assert [error.code for error in harness.errors] == [code]
        assert await shelved(harness) == 0


@BOTH
async def test_join_is_bounded(*, durable: bool) -> None:
    async with NodeHarness(Join, {"durable": durable, "max_groups": 2, "max_messages": 3}) as harness:
        for id, index in (("a", 0), ("b", 0), ("c", 0), ("a", 1), ("b", 1)):
            await harness.feed(part(index, id=id, count=3))
        assert [error.code for error in harness.errors] == ["too-many-groups", "too-many-messages"]
        # What was held is not touched by what did not fit.
        assert payloads(await harness.feed({"reset": True, "parts": {"id": "b", "index": 0}})) == []
        assert payloads(await harness.feed(part(2, "z", id="a", count=3))) == [[None, None, "z"]]
        assert payloads(await harness.feed(part(0, "z", id="c", count=1))) == [["z"]]


async def test_join_reports_what_no_longer_fits_after_a_change_of_its_settings() -> None:
    async with NodeHarness(Join, {"mode": "group", "count": 5}) as harness:
        await harness.feed(payload=1)
        planned = NodeHarness(Join)._plan
        harness._plan = planned
        await harness.restart()
        await harness.advance(0)
        assert [error.code for error in harness.errors] == ["no-parts"]
        assert await harness.store.dead_letters.count() == 1
        assert await shelved(harness) == 0


@pytest.mark.parametrize(
    "config",
    [
        {"mode": "reduce"},
        {"reduce": "$A"},
        {"mode": "reduce", "reduce": "$A +"},
        {"accumulate": True},
        {"mode": "group", "accumulate": True, "durable": False},
    ],
)
def test_join_refuses_a_bad_configuration(config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        JoinConfig.model_validate(config)


SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)
WHOLES = st.lists(JSON) | st.dictionaries(st.text(), JSON) | st.text() | st.binary()


@given(
    whole=WHOLES,
    size=st.integers(1, 4),
    length=st.integers(0, 3),
    separator=st.text(min_size=1, max_size=2),
    chance=st.randoms(use_true_random=False),
    durable=st.booleans(),
)
def test_join_gives_back_what_split_took_apart(
    whole: Any, size: int, length: int, separator: str, chance: random.Random, *, durable: bool
) -> None:
    cut = {"separator": "", "length": length} if length else {"separator": separator}

    async def there_and_back() -> list[Sent]:
        async with NodeHarness(Split, {"size": size, **cut}) as split:
            split.receive(payload=whole, topic="t")
            pieces = [sent.fields for sent in split.take()]
        chance.shuffle(pieces)
        async with NodeHarness(Join, {"durable": durable}) as join:
            for piece in pieces:
                join.receive(piece)
            await join.settle()
            assert join.account.in_flight == 0
            return join.take()

    try:
        (sent,) = asyncio.run(there_and_back())
    except UnicodeEncodeError:
        assert any("\ud800" <= character <= "\udfff" for character in repr(whole))
        return
    assert same_json(sent.fields["payload"], whole)
    assert "parts" not in sent.fields

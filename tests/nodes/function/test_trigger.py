"""Cases 35 to 39 of what a Node-RED user expects of the trigger node."""

from typing import Any

import pytest

from flowengine.testing import NodeHarness
from flowengine_nodes.function.trigger import Trigger


def payloads(sent: list[Any], port: str = "out") -> list[Any]:
    return [message.fields["payload"] for message in sent if message.port == port]


async def test_trigger_sends_1_then_0_and_takes_no_notice_in_between() -> None:
    async with NodeHarness(Trigger) as harness:
        assert payloads(await harness.feed(payload="a", topic="t")) == [1]
        await harness.advance(0.2)
        assert payloads(await harness.feed(payload="b")) == []
        sent = await harness.advance(0.05)
        assert [message.fields for message in sent] == [{"payload": 0, "topic": "t"}]
        assert payloads(await harness.feed(payload="c")) == [1]
        assert harness.account.in_flight == 0


async def test_trigger_extends_its_time_with_each_message() -> None:
    async with NodeHarness(Trigger, {"extend": True, "wait": "1s"}) as harness:
        await harness.feed(payload="a")
        await harness.advance(0.9)
        await harness.feed(payload="b")
        assert payloads(await harness.advance(0.9)) == []
        assert payloads(await harness.advance(0.1)) == [0]


@pytest.mark.parametrize(("send", "expected"), [("first", "a"), ("latest", "c")])
@pytest.mark.parametrize("extend", [True, False])
@pytest.mark.parametrize("durable", [True, False])
async def test_trigger_sends_the_first_or_the_latest_message(
    *, send: str, expected: str, extend: bool, durable: bool
) -> None:
    config = {"then": {"send": send}, "first": {"send": "nothing"}, "extend": extend, "durable": durable}
    async with NodeHarness(Trigger, config) as harness:
        for value in "abc":
            assert await harness.feed(payload=value) == []
        assert harness.account.in_flight == (0 if durable else 1)
        assert payloads(await harness.advance(0.25)) == [expected]
        await harness.settle()
        assert harness.account.settled == 3
        assert await harness.store.shelf.load("test", "node") == []


async def test_trigger_sends_the_message_itself_first() -> None:
    async with NodeHarness(Trigger, {"first": {"send": "message"}, "then": {"send": "nothing"}}) as harness:
        assert payloads(await harness.feed(payload={"a": 1})) == [{"a": 1}]
        assert await harness.advance(1) == []
        assert payloads(await harness.feed(payload="b")) == ["b"]


async def test_trigger_computes_its_payloads() -> None:
    config = {"first": {"value": {"path": "$.topic"}}, "then": {"value": {"jsonata": "payload * 2"}}}
    async with NodeHarness(Trigger, config) as harness:
        assert payloads(await harness.feed(payload=4, topic="t")) == ["t"]
        assert payloads(await harness.advance(1)) == [8]


async def test_trigger_keeps_a_time_for_each_key() -> None:
    async with NodeHarness(Trigger, {"key": "$.unit.id", "wait": "1s"}) as harness:
        assert payloads(await harness.feed(unit={"id": 1})) == [1]
        await harness.advance(0.5)
        assert payloads(await harness.feed(unit={"id": 2})) == [1]
        assert payloads(await harness.feed(unit={"id": 1})) == []
        assert [sent.fields["unit"]["id"] for sent in await harness.advance(1)] == [1, 2]


@pytest.mark.parametrize("reset", [{"reset": True}, {"payload": "off"}, {"payload": False}])
async def test_trigger_resets_by_field_and_by_payload(reset: dict[str, Any]) -> None:
    async with NodeHarness(Trigger, {"reset_on": ["off", False]}) as harness:
        await harness.feed(payload="on")
        assert await harness.feed(reset) == []
        assert await harness.advance(1) == []
        assert payloads(await harness.feed(payload=0)) == [1]


@pytest.mark.parametrize("durable", [True, False])
async def test_trigger_reset_gives_up_the_message_it_kept(*, durable: bool) -> None:
    async with NodeHarness(Trigger, {"then": {"send": "latest"}, "durable": durable, "key": "$.topic"}) as harness:
        await harness.feed(payload=1, topic="a")
        await harness.feed(payload=1, topic="b")
        await harness.feed(reset=True, topic="a")
        assert len(await harness.advance(1)) == 1
        assert harness.dropped == ({} if durable else {"reset": 1})
        assert await harness.store.shelf.load("test", "node") == []


async def test_trigger_until_reset_sends_once() -> None:
    async with NodeHarness(Trigger, {"mode": "until-reset"}) as harness:
        assert payloads(await harness.feed(payload="a")) == [1]
        await harness.advance(3_600)
        assert await harness.feed(payload="b") == []
        await harness.feed(reset=1)
        assert payloads(await harness.feed(payload="c")) == [1]


async def test_trigger_repeats_until_a_reset() -> None:
    async with NodeHarness(Trigger, {"mode": "repeat", "wait": "1s", "first": {"send": "message"}}) as harness:
        assert payloads(await harness.feed(payload="a")) == ["a"]
        assert payloads(await harness.advance(2.5)) == ["a", "a"]
        assert payloads(await harness.feed(payload="b")) == []
        await harness.feed(reset=1)
        assert await harness.advance(10) == []


async def test_trigger_may_send_nothing_at_either_end_and_by_two_ports() -> None:
    async with NodeHarness(Trigger, {"separate": True}) as harness:
        first = await harness.feed(payload="a")
        assert (payloads(first), payloads(await harness.advance(1), "then")) == ([1], [0])
    async with NodeHarness(Trigger, {"first": {"send": "nothing"}, "then": {"send": "nothing"}}) as harness:
        assert await harness.feed(payload="a") == []
        assert await harness.advance(1) == []
        assert harness.account.in_flight == 0


async def test_trigger_takes_its_time_from_the_message_only_where_allowed() -> None:
    async with NodeHarness(Trigger, {"wait_path": "$.delay"}) as harness:
        await harness.feed(payload="a", delay="2s")
        assert await harness.advance(1.9) == []
        assert payloads(await harness.advance(0.1)) == [0]


async def test_trigger_durable_goes_on_after_a_restart() -> None:
    async with NodeHarness(Trigger, {"durable": True, "wait": "10s", "extend": True, "key": "$.topic"}) as harness:
        await harness.feed(payload="a", topic="t")
        await harness.advance(8)
        await harness.feed(payload="b", topic="t")
        await harness.restart()
        assert await harness.advance(9.9) == []
        assert [sent.fields for sent in await harness.advance(0.1)] == [{"payload": 0, "topic": "t"}]
        await harness.restart()
        assert await harness.advance(60) == []


async def test_trigger_refuses_more_keys_than_it_may_hold() -> None:
    async with NodeHarness(Trigger, {"most": 1, "key": "$.topic"}) as harness:
        await harness.feed(topic="a")
        assert await harness.feed(topic="b") == []
        assert [error.code for error in harness.errors] == ["trigger-full"]

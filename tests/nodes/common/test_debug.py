import logging
from typing import Any

import pytest

from flowengine.testing import NodeHarness
from flowengine_nodes.common.debug import Debug


async def shown(harness: NodeHarness) -> list[Any]:
    return [event.data for event in harness.events if event.kind == "debug"]


async def test_debug_shows_the_payload_with_the_messages_id() -> None:
    async with NodeHarness(Debug) as harness:
        delivery = harness.receive(payload={"level": 3}, topic="t")
        assert await shown(harness) == [
            {
                "path": "$.payload",
                "value": {"level": 3},
                "missing": False,
                "topic": "t",
                "message_id": delivery.id,
                "skipped": 0,
            }
        ]
        assert harness.account.settled == 1


async def test_debug_tells_missing_from_null_and_shows_the_whole_message() -> None:
    async with NodeHarness(Debug) as harness:
        harness.receive()
        harness.receive(payload=None)
        assert [data["missing"] for data in await shown(harness)] == [True, False]
    async with NodeHarness(Debug, {"path": "$"}) as harness:
        harness.receive(payload=1, topic="t")
        assert [data["value"] for data in await shown(harness)] == [{"payload": 1, "topic": "t"}]


async def test_debug_samples_and_says_how_many_it_left_out() -> None:
    async with NodeHarness(Debug, {"per_second": 2}) as harness:
        for number in range(10):
            harness.receive(payload=number)
        await harness.advance(1)
        harness.receive(payload=10)
        assert [(data["value"], data["skipped"]) for data in await shown(harness)] == [(0, 0), (1, 0), (10, 8)]
        assert harness.account.settled == 11


async def test_debug_cuts_what_is_large() -> None:
    async with NodeHarness(Debug, {"size": 100}) as harness:
        harness.receive(payload="x" * 10_000)
        harness.receive(payload=list(range(10_000)))
        text, numbers = [data["value"] for data in await shown(harness)]
        assert text == "x" * 100 + "…"
        assert len(numbers) < 20
        assert numbers[-1].endswith("more")


async def test_debug_shows_what_is_no_json() -> None:
    async with NodeHarness(Debug) as harness:
        harness.receive(payload={"raw": b"\x01\x02", "nan": float("nan"), "when": object})
        (data,) = await shown(harness)
        assert data["value"] == {"raw": {"bytes": 2, "hex": "0102"}, "nan": "nan", "when": "<class 'object'>"}


async def test_debug_that_is_not_active_shows_nothing() -> None:
    async with NodeHarness(Debug, {"active": False}) as harness:
        harness.receive(payload=1)
        assert await shown(harness) == []
        assert harness.account.settled == 1


async def test_debug_may_write_to_the_log_and_beside_the_node(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="flowengine.node")
    async with NodeHarness(Debug, {"log": True, "status": True}) as harness:
        harness.receive(payload=21.5)
        assert harness.status == "21.5"
    assert "$.payload: 21.5" in caplog.text

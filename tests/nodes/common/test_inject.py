from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from flowengine.testing import NodeHarness, VirtualClock
from flowengine_nodes.common.inject import Inject, InjectConfig

START = 1_767_225_600_000


def at(text: str) -> VirtualClock:
    return VirtualClock(datetime.fromisoformat(text).timestamp())


def times(sent: list[Any]) -> list[str]:
    found = [datetime.fromtimestamp(message.fields["payload"] / 1000, UTC) for message in sent]
    return [f"{moment:%m-%d %H:%M:%S}" for moment in found]


async def test_inject_sends_at_a_steady_pace_and_the_time_by_default() -> None:
    async with NodeHarness(Inject, {"every": "10s"}) as harness:
        assert await harness.advance(9) == []
        sent = await harness.advance(21)
        assert [message.fields for message in sent] == [{"payload": START + n * 10_000} for n in (1, 2, 3)]
        assert harness.account.settled == 3


async def test_inject_sends_at_the_start_after_a_while() -> None:
    async with NodeHarness(Inject, {"at_start": True, "start_delay": "3s"}) as harness:
        assert await harness.advance(2) == []
        assert len(await harness.advance(60)) == 1


async def test_inject_with_nothing_set_waits_for_a_hand() -> None:
    async with NodeHarness(Inject, {"fields": {"payload": "on", "topic": "t"}}) as harness:
        assert await harness.advance(3_600) == []
        assert [sent.fields for sent in await harness.feed()] == [{"payload": "on", "topic": "t"}]
        assert [sent.fields for sent in await harness.feed(payload=1, a=2)] == [{"payload": 1, "topic": "t", "a": 2}]


async def test_inject_computes_fields_and_leaves_missing_ones_out() -> None:
    fields = {"payload": {"jsonata": "1 + 1"}, "plant": {"env": "PLANT"}, "none": {"env": "NONE"}}
    async with NodeHarness(Inject, {"fields": fields}, env={"PLANT": "north"}) as harness:
        assert [sent.fields for sent in await harness.feed()] == [{"payload": 2, "plant": "north"}]


async def test_inject_that_cannot_compute_fails_and_goes_on() -> None:
    config = {"every": "1s", "fields": {"payload": {"template": "{{ nothing }}"}}}
    async with NodeHarness(Inject, config) as harness:
        assert await harness.advance(2) == []
        assert [error.code for error in harness.errors] == ["expression-failed"] * 2
        assert harness.account.failed == 2


async def test_inject_by_cron_follows_the_time_zone() -> None:
    config = {"cron": "0 6 * * *", "time_zone": "Europe/Berlin"}
    async with NodeHarness(Inject, config, clock=at("2026-01-01T00:00:00+00:00")) as harness:
        assert times(await harness.advance(2 * 86_400)) == ["01-01 05:00:00", "01-02 05:00:00"]


async def test_inject_by_cron_follows_summer_time() -> None:
    config = {"cron": "0 6 * * *", "time_zone": "Europe/Berlin"}
    async with NodeHarness(Inject, config, clock=at("2026-03-28T00:00:00+00:00")) as harness:
        assert times(await harness.advance(2 * 86_400)) == ["03-28 05:00:00", "03-29 04:00:00"]


async def test_inject_by_cron_notices_that_the_clock_was_set() -> None:
    async with NodeHarness(Inject, {"cron": "0 * * * *"}, clock=at("2026-01-01T00:30:00+00:00")) as harness:
        await harness.advance(60)
        harness.clock.set_wall(harness.clock.time() + 28 * 60)
        assert times(await harness.advance(61)) == ["01-01 01:00:00"]


async def test_inject_by_cron_sends_no_time_twice_when_the_clock_is_set_back() -> None:
    async with NodeHarness(Inject, {"cron": "0 * * * *"}, clock=at("2026-01-01T00:59:00+00:00")) as harness:
        assert times(await harness.advance(90)) == ["01-01 01:00:00"]
        harness.clock.set_wall(harness.clock.time() - 120)
        assert times(await harness.advance(600)) == []
        assert times(await harness.advance(3_600)) == ["01-01 02:00:00"]


async def test_inject_makes_up_for_nothing_while_the_flow_is_held_back() -> None:
    async with NodeHarness(Inject, {"every": "10s"}) as harness:
        harness.flow.valve.close("a full queue")
        assert await harness.advance(35) == []
        harness.flow.valve.open("a full queue")
        assert len(await harness.advance(0)) == 1
        assert len(await harness.advance(5)) == 1
        assert len(await harness.advance(10)) == 1


@pytest.mark.parametrize(
    "config",
    [
        {"every": "1s", "cron": "* * * * *"},
        {"every": "0s"},
        {"cron": "* * *"},
        {"cron": "0 6 * * *", "time_zone": "Europe/Nowhere"},
        {"fields": {"payload": {"pth": "$.x"}}},
    ],
)
def test_inject_refuses_a_bad_configuration(config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        InjectConfig.model_validate(config)

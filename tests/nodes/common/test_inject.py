from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
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


@pytest.mark.parametrize(("cron", "interval"), [("* * * * *", 60), ("*/15 * * * *", 900), ("0 * * * *", 3_600)])
@pytest.mark.parametrize("back", [1, 59, 3_600, 86_400, 10 * 365 * 86_400])
async def test_inject_by_cron_falls_silent_for_no_longer_than_two_intervals(
    cron: str, interval: int, back: float
) -> None:
    async with NodeHarness(Inject, {"cron": cron}, clock=at("2026-03-01T05:59:30+00:00")) as harness:
        await harness.advance(60)
        harness.clock.set_wall(harness.clock.time() - back)
        assert await harness.advance(2 * interval + 60)


@pytest.mark.parametrize(("hours", "sent"), [(2, 1), (24, 0), (24 * 365, 0)])
async def test_inject_by_cron_makes_up_for_a_short_leap_only(hours: int, sent: int) -> None:
    async with NodeHarness(Inject, {"cron": "0 6 * * *"}, clock=at("2026-01-01T05:00:00+00:00")) as harness:
        await harness.advance(60)
        harness.clock.set_wall(harness.clock.time() + hours * 3_600 - (20 * 3_600 if hours > 2 else 0))
        assert len(await harness.advance(60)) == sent
        assert len(await harness.advance(86_400)) == 1


@settings(max_examples=25)
@given(
    jumps=st.lists(st.tuples(st.floats(1, 7_200), st.floats(-20_000, 20_000)), max_size=8),
    minutes=st.sampled_from([1, 5, 30]),
)
async def test_inject_by_cron_neither_rushes_nor_falls_silent_whatever_the_clock_does(
    jumps: list[tuple[float, float]], minutes: int
) -> None:
    async with NodeHarness(Inject, {"cron": f"*/{minutes} * * * *"}) as harness:
        for wait, jump in jumps:
            sent = await harness.advance(wait)
            # One more may have been due at once, because of the last jump.
            assert wait / (60 * minutes) - 3 <= len(sent) <= wait / (60 * minutes) + 2
            harness.clock.set_wall(harness.clock.time() + jump)


@pytest.mark.parametrize("jump", [-1e9, -3_600, -5, 5, 3_600, 1e9])
async def test_inject_keeps_its_pace_whatever_the_clock_does(jump: float) -> None:
    async with NodeHarness(Inject, {"every": "10s"}) as harness:
        await harness.advance(15)
        harness.clock.set_wall(harness.clock.time() + jump)
        assert len(await harness.advance(5)) == 1
        assert len(await harness.advance(100)) == 10


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

"""What every back end keeps to with rollouts."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

import pytest

from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.ota.description import describe_rollout
from flowengine_nodes.iiot.ota.report import read_report
from flowengine_nodes.iiot.registry.device import Device, Lifecycle
from flowengine_nodes.iiot.registry.errors import UnknownRecordError
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.iiot.registry.registry import Registry
from flowengine_nodes.iiot.registry.rollout import GroupCounts, RolloutAction, RolloutPlan, RolloutState
from flowengine_nodes.iiot.registry.rollouts import EmptyRolloutError, RolloutStateError
from flowengine_nodes.iiot.registry.update import UpdateState
from flowengine_nodes.iiot.registry.updates import NoticeOutcome, UpdateFilter, UpdateRequest
from tests.nodes.iiot.registries import add_device

AnyRegistry = Registry[Any]
FAST = {"rate": 1_000_000}
ONCE = {"policy": {"attempts": 1}}
IN_TWO = {"groups": [{"name": "canary", "percent": 20}, {"name": "all"}]}


@pytest.fixture(autouse=True)
async def plant(registry: AnyRegistry, add_devices: Callable[..., Awaitable[None]]) -> None:
    """Ten devices that have version 1.0.0, and firmware of two versions."""
    devices = [
        Device(
            id=f"d{number}",
            serial=f"SN-d{number}",
            profile="boiler",
            firmware="1.0.0",
            groups=("north",) if number < 3 else (),
        )
        for number in range(10)
    ]
    await add_devices(*devices)
    for version in ("1.0.0", "2.0.0"):
        await registry.firmware.add(Firmware(id=version, version=version, size=1, sha256="00" * 32), "test")


async def start(registry: AnyRegistry, **plan: Any) -> str:
    checked = RolloutPlan.model_validate({"firmware": "2.0.0", **FAST, **plan})
    return (await registry.rollouts.start(checked, "me")).id


async def step(registry: AnyRegistry, id: str) -> None:
    """Do what the control and the dispatch node do in one round."""
    while await registry.rollouts.step(id):
        pass
    notices = await registry.updates.due(100)
    outcomes = [
        NoticeOutcome(one.update.id, one.update.attempt, one.update.state.is_end, is_told=True) for one in notices
    ]
    await registry.updates.settle(outcomes, 10)


async def end(registry: AnyRegistry, id: str, state: str, count: int = 100) -> list[str]:
    """Let devices of a rollout that are told end so."""
    running = await registry.updates.list(UpdateFilter(rollout=id, running=True))
    reports = []
    for one in running[:count]:
        said = {"version": one.version} if state == "succeeded" else {"update": one.id, "state": state}
        reports.append(read_report(one.device, {**said, "attempt": one.attempt}))
    await registry.updates.report(reports)
    return [one.device for one in running[:count]]


async def counts(registry: AnyRegistry, id: str) -> list[GroupCounts]:
    return list((await registry.rollouts.get(id)).groups)


async def state(registry: AnyRegistry, id: str) -> tuple[str, str]:
    rollout = (await registry.rollouts.get(id)).rollout
    return rollout.state.value, rollout.reason


async def test_rollout_goes_from_group_to_group_and_finishes(registry: AnyRegistry) -> None:
    id = await start(registry, **IN_TWO)
    assert await counts(registry, id) == [GroupCounts(waiting=2), GroupCounts(waiting=8)]
    await step(registry, id)
    assert await counts(registry, id) == [GroupCounts(running=2), GroupCounts(waiting=8)]
    await step(registry, id)
    canary = await end(registry, id, "succeeded")
    await step(registry, id)
    assert await counts(registry, id) == [GroupCounts(succeeded=2), GroupCounts(running=8)]
    others = await end(registry, id, "succeeded")
    assert sorted(canary + others) == [f"d{number}" for number in range(10)]
    await step(registry, id)
    assert await state(registry, id) == ("finished", "")
    assert await registry.rollouts.running() == []


async def test_rollout_pauses_when_a_group_cannot_succeed_and_goes_on_when_resumed(registry: AnyRegistry) -> None:
    id = await start(registry, **IN_TWO, **ONCE)
    await step(registry, id)
    await end(registry, id, "failed", 1)
    await step(registry, id)
    assert await state(registry, id) == ("paused", "success-threshold")
    await end(registry, id, "succeeded")
    await registry.rollouts.act(id, RolloutAction.RESUME, "me")
    await step(registry, id)
    assert await counts(registry, id) == [GroupCounts(succeeded=1, failed=1), GroupCounts(running=8)]


async def test_rollout_pauses_when_too_many_fail_and_counts_anew_when_resumed(
    registry: AnyRegistry, clock: VirtualClock
) -> None:
    id = await start(registry, groups=[{"name": "all"}], error=20, error_minimum=4, **ONCE)
    await step(registry, id)
    await end(registry, id, "failed", 3)
    await step(registry, id)
    assert await state(registry, id) == ("running", "")
    await end(registry, id, "succeeded", 1)
    await step(registry, id)
    assert await state(registry, id) == ("paused", "error-threshold")
    await clock.advance(1)
    await registry.rollouts.act(id, RolloutAction.RESUME, "me")
    await end(registry, id, "succeeded")
    await step(registry, id)
    assert await state(registry, id) == ("finished", "")


async def test_devices_that_it_does_not_fit_are_left_out(registry: AnyRegistry) -> None:
    await registry.firmware.add(
        Firmware(id="b", version="3.0.0", size=1, sha256="00" * 32, hardware=("rev-b",), min_version="1.0.0"), "test"
    )
    for id, values in {
        "x0": {"hardware": "rev-a", "firmware": "1.0.0"},
        "x1": {"hardware": "rev-b", "firmware": "0.9"},
        "x2": {"hardware": "rev-b", "firmware": "3.0.0"},
        "x3": {"hardware": "rev-b", "firmware": "1.0.0"},
        "x4": {"hardware": "rev-b", "firmware": "1.0.0", "lifecycle": Lifecycle.SUSPENDED},
    }.items():
        await add_device(registry, id, **values)
    id = await start(registry, firmware="b", devices={"text": "x"}, groups=[{"name": "all"}])
    await step(registry, id)
    status = await registry.rollouts.get(id)
    assert status.groups == [GroupCounts(running=1, left_out=3)]
    assert status.left_out == {"has-version": 1, "version-too-old": 1, "wrong-hardware": 1}
    await end(registry, id, "succeeded")
    await step(registry, id)
    assert await state(registry, id) == ("finished", "")


async def test_device_that_is_busy_waits(registry: AnyRegistry) -> None:
    busy = (await registry.updates.request(UpdateRequest(device="d0", firmware="2.0.0"), "me")).update
    id = await start(registry, devices={"devices": ["d0", "d1"]}, groups=[{"name": "all"}])
    await step(registry, id)
    assert await counts(registry, id) == [GroupCounts(waiting=1, running=1)]
    await registry.updates.cancel(busy.id, "me")
    await step(registry, id)
    assert await counts(registry, id) == [GroupCounts(running=2)]


async def test_groups_may_be_groups_of_devices(registry: AnyRegistry) -> None:
    groups = [{"name": "north", "device_group": "north"}, {"name": "rest"}]
    id = await start(registry, groups=groups)
    await step(registry, id)
    running = await registry.updates.list(UpdateFilter(rollout=id))
    assert sorted(one.device for one in running) == ["d0", "d1", "d2"]


async def test_rollout_begins_at_its_rate(registry: AnyRegistry, clock: VirtualClock) -> None:
    id = await start(registry, rate=60, groups=[{"name": "all"}])
    began = []
    for _ in range(5):
        await step(registry, id)
        began.append((await counts(registry, id))[0].running)
        await clock.advance(1)
    # Two at first, since the second before counts as well.
    assert began == [2, 3, 4, 5, 6]


async def test_rollout_that_is_paused_begins_nothing(registry: AnyRegistry, clock: VirtualClock) -> None:
    id = await start(registry, rate=60)
    await registry.rollouts.act(id, RolloutAction.PAUSE, "me")
    assert await state(registry, id) == ("paused", "operator")
    await clock.advance(60)
    await step(registry, id)
    assert all(not one.running for one in await counts(registry, id))


async def test_rollout_that_is_cancelled_ends_what_it_can(registry: AnyRegistry) -> None:
    id = await start(registry, **IN_TWO)
    await step(registry, id)
    first = (await registry.updates.list(UpdateFilter(rollout=id)))[0]
    await registry.updates.report([read_report(first.device, {"update": first.id, "state": "installing"})])
    await registry.rollouts.act(id, RolloutAction.CANCEL, "me")
    assert await counts(registry, id) == [GroupCounts(running=1, cancelled=1), GroupCounts(cancelled=8)]
    assert await state(registry, id) == ("cancelled", "operator")


async def test_rollback_gives_each_device_the_version_it_had(registry: AnyRegistry) -> None:
    await registry.devices.change("d9", {"firmware": "0.5"}, "test")
    id = await start(registry, groups=[{"name": "first", "percent": 50}, {"name": "all"}], success=0, **ONCE)
    await step(registry, id)
    first = await end(registry, id, "succeeded", 3)
    failed = await end(registry, id, "failed", 2)
    # The others have not begun.
    back = await registry.rollouts.act(id, RolloutAction.ROLL_BACK, "me")
    assert await state(registry, id) == ("rolled_back", "operator")
    assert back.rolls_back == id
    await step(registry, back.id)
    await step(registry, back.id)
    told = await registry.updates.list(UpdateFilter(rollout=back.id))
    wanted = set(first) - {"d9"}
    assert {one.device: one.version for one in told} == dict.fromkeys(wanted, "1.0.0")
    left_out = (await registry.rollouts.get(back.id)).left_out
    # Without a firmware for 0.5 there is no way back.
    assert left_out.get("no-firmware", 0) == ("d9" in {*first, *failed})
    assert left_out.get("not-needed", 0) == len(set(failed) - {"d9"})
    await end(registry, back.id, "succeeded")
    await step(registry, back.id)
    assert await state(registry, back.id) == ("finished", "")
    assert all([(await registry.devices.get(one)).firmware == "1.0.0" for one in wanted])


POSSIBLE = {
    RolloutAction.PAUSE: {"running"},
    RolloutAction.RESUME: {"paused"},
    RolloutAction.CANCEL: {"running", "paused"},
    RolloutAction.ROLL_BACK: {"running", "paused", "finished", "cancelled"},
}
WAYS = {
    RolloutState.PAUSED: RolloutAction.PAUSE,
    RolloutState.CANCELLED: RolloutAction.CANCEL,
    RolloutState.ROLLED_BACK: RolloutAction.ROLL_BACK,
}


@pytest.mark.parametrize("before", RolloutState)
async def test_action_is_possible_in_some_states_only(registry: AnyRegistry, before: RolloutState) -> None:
    for number, action in enumerate(RolloutAction):
        id = await start(registry, groups=[{"name": "all"}], devices={"devices": [f"d{number}"]})
        await step(registry, id)
        if before in WAYS:
            await registry.rollouts.act(id, WAYS[before], "me")
        elif before is RolloutState.FINISHED:
            await end(registry, id, "succeeded")
            await step(registry, id)
        assert (await state(registry, id))[0] == before
        if before in POSSIBLE[action]:
            await registry.rollouts.act(id, action, "me")
        else:
            with pytest.raises(RolloutStateError):
                await registry.rollouts.act(id, action, "me")


async def test_rollout_is_told_until_it_is_noted(registry: AnyRegistry, clock: VirtualClock) -> None:
    id = await start(registry)
    (told,) = await registry.rollouts.untold(10)
    await clock.advance(1)
    await registry.rollouts.act(id, RolloutAction.PAUSE, "me")
    # What was told is old by now.
    await registry.rollouts.told([told])
    (told,) = await registry.rollouts.untold(10)
    assert told.state is RolloutState.PAUSED
    await registry.rollouts.told([told])
    assert await registry.rollouts.untold(10) == []


async def test_rollout_with_a_known_key_is_the_same(registry: AnyRegistry) -> None:
    plan = RolloutPlan(firmware="2.0.0")
    first = await registry.rollouts.start(plan, "me", "k")
    assert (await registry.rollouts.start(plan, "me", "k")).id == first.id
    assert (await registry.rollouts.start(plan, "you", "k")).id != first.id
    assert describe_rollout((await registry.rollouts.get(first.id)).rollout)["idempotency_key"] == "k"
    assert len(await registry.rollouts.list()) == 2


async def test_rollout_is_found_by_its_key_by_all_users_of_a_system(registry: AnyRegistry) -> None:
    begun = await registry.rollouts.start(RolloutPlan(firmware="2.0.0"), "odoo:anna", "k")
    for who in ("odoo:", "odoo:anna"):
        assert await registry.rollouts.find(who, "k") == begun
    for who, key in (("odoo:", "other"), ("odoo", "k"), ("odoo:ben", "k"), ("api:", "k")):
        assert await registry.rollouts.find(who, key) is None


async def test_rollouts_asked_for_at_once_with_one_key_are_the_same(
    registry: AnyRegistry, another_registry: Callable[[], AbstractAsyncContextManager[AnyRegistry]]
) -> None:
    plan = RolloutPlan(firmware="2.0.0")
    async with AsyncExitStack() as stack:
        registries = [registry, *[await stack.enter_async_context(another_registry()) for _ in range(3)]]
        for number in range(5):
            started = await asyncio.gather(*(one.rollouts.start(plan, "me", f"k{number}") for one in registries))
            assert len({one.id for one in started}) == 1
    assert len(await registry.rollouts.list()) == 5


async def test_rollout_of_nothing_is_refused(registry: AnyRegistry) -> None:
    with pytest.raises(EmptyRolloutError):
        await start(registry, devices={"profile": "press"})
    with pytest.raises(UnknownRecordError):
        await start(registry, firmware="9")
    for call in (registry.rollouts.get("r"), registry.rollouts.act("r", RolloutAction.PAUSE, "me")):
        with pytest.raises(UnknownRecordError):
            await call
    assert await registry.rollouts.list() == []
    assert await registry.updates.list(UpdateFilter(state=UpdateState.SCHEDULED)) == []

"""Rollouts as they run: dispatch, devices, reports and control, in virtual time."""

import os
from collections import Counter

import pytest

from flowengine.storage import Store
from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.registry.devices import DeviceFilter
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.iiot.registry.rollout import RolloutAction, RolloutPlan, RolloutState
from flowengine_nodes.iiot.registry.updates import UpdateFilter
from tests.nodes.iiot.ota.fleet import Fleet, Plant, running_plant
from tests.nodes.iiot.registries import add_profile

NEW = Firmware(id="2.0.0", version="2.0.0", size=1, sha256="00", url="https://files.test/2")
OLD = Firmware(id="1.0.0", version="1.0.0", size=1, sha256="01", url="https://files.test/1")
MANY = 10_000 if "SOAK_ROUNDS" in os.environ else 2_000
POLICY = {"attempts": 2, "backoff": "10s", "timeouts": {"notified": "2m", "installing": "2m"}}


async def furnish(plant: Plant, count: int) -> None:
    await add_profile(plant.registry)
    await plant.registry.firmware.add(NEW, "test")
    await plant.registry.firmware.add(OLD, "test")
    await plant.add_devices(count)


async def begin(plant: Plant, **plan: object) -> str:
    checked = RolloutPlan.model_validate({"firmware": "2.0.0", "rate": 600, "policy": POLICY, **plan})
    return (await plant.registry.rollouts.start(checked, "test")).id


async def state(plant: Plant, id: str) -> RolloutState:
    return (await plant.registry.rollouts.get(id)).rollout.state


async def ends(plant: Plant, id: str) -> Counter[str]:
    updates = await plant.registry.updates.list(UpdateFilter(rollout=id), limit=100_000)
    return Counter(one.state.value for one in updates)


async def right_ends(plant: Plant, id: str, count: int) -> None:
    """Check that each device has the end that it deserves, and the firmware that goes with that."""
    fleet = plant.engine.flows["ota"].cells["fleet"].node
    assert isinstance(fleet, Fleet)
    updates = await plant.registry.updates.list(UpdateFilter(rollout=id), limit=100_000)
    assert len({one.device for one in updates}) == len(updates) == count
    wrong = {one.device: one.state for one in updates if one.state.value != fleet.fate(one.device)}
    assert wrong == {}
    assert {one.attempt for one in updates if one.state.value != "succeeded"} <= {2}
    new = await plant.registry.devices.count(DeviceFilter(firmware="2.0.0"))
    assert new == sum(one.state.value == "succeeded" for one in updates)


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_rollout_to_many_devices_ends_in_the_right_state_for_each(clock: VirtualClock) -> None:
    store = await Store.in_memory(clock.time)
    async with running_plant(clock, store, failing=2, silent=1) as plant:
        await furnish(plant, MANY)
        id = await begin(plant, rate=6_000, success=90, error=10)
        for _ in range(60):
            await plant.advance(30)
            if await state(plant, id) is not RolloutState.RUNNING:
                break
        assert await state(plant, id) is RolloutState.FINISHED
        assert await ends(plant, id) == {
            "succeeded": MANY * 97 // 100,
            "failed": MANY * 2 // 100,
            "timed_out": MANY // 100,
        }
        await right_ends(plant, id, MANY)
        assert await plant.registry.updates.untold(1) == []
    await store.close()


async def test_rollout_with_too_many_failures_pauses_and_rolls_back(clock: VirtualClock) -> None:
    store = await Store.in_memory(clock.time)
    async with running_plant(clock, store, failing=40) as plant:
        await furnish(plant, 1_000)
        id = await begin(plant, success=0, error=20, error_minimum=20, groups=[{"name": "all"}])
        await plant.advance(300)
        status = await plant.registry.rollouts.get(id)
        assert (status.rollout.state, status.rollout.reason) == (RolloutState.PAUSED, "error-threshold")
        # It has stopped long before the end.
        assert status.groups[0].waiting > 0
        back = await plant.registry.rollouts.act(id, RolloutAction.ROLL_BACK, "test")
        await plant.advance(600)
        assert await state(plant, back.id) is RolloutState.FINISHED
        assert await plant.registry.devices.count(DeviceFilter(firmware="1.0.0")) == 1_000 - (
            await ends(plant, back.id)
        ).get("failed", 0)
    await store.close()


async def test_rollout_goes_on_after_a_restart_at_every_moment(clock: VirtualClock) -> None:
    store = await Store.in_memory(clock.time)
    id = ""
    for turn in range(60):
        async with running_plant(clock, store, failing=20, silent=10) as plant:
            if not id:
                await furnish(plant, 30)
                id = await begin(plant, rate=60, success=0, error=100)
            # Sometimes right after something was begun, sometimes later.
            await plant.advance(0.5 if turn % 2 else 7.3)
    async with running_plant(clock, store, failing=20, silent=10) as plant:
        await plant.advance(600)
        assert await state(plant, id) is RolloutState.FINISHED
        updates = await plant.registry.updates.list(UpdateFilter(rollout=id), limit=1000)
        assert len(updates) == 30
        assert all(one.state.is_end for one in updates)
    await store.close()

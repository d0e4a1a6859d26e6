"""Everything at once: devices pair, measure, obey and update through the shipped flows, and Odoo hears of it."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from flowengine_nodes.iiot.ota.signing import new_key, public_key
from flowengine_nodes.iiot.registry.automation import AutomationRule
from flowengine_nodes.iiot.registry.updates import UpdateFilter
from flowengine_nodes.iiot.simulator.behaviour import Behaviour
from flowengine_nodes.iiot.simulator.registration import names
from tests.mosquitto import Mosquitto
from tests.nodes.iiot.plant import Plant, running_plant, until, until_true

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow]

FAILING, DARK = "meter-01", "press-01"
SPECIAL = frozenset({FAILING, DARK})
RULE = {
    "id": "cool-down",
    "devices": {"profile": "boiler"},
    "trigger": {"kind": "threshold", "path": "$.temperature_c", "above": 20},
    "command": {"action": "cool", "params": {"was": "{value}"}},
    "throttle": {"every": "1h"},
    "interlock": {"online": True},
}
POLICY = {"attempts": 2, "backoff": "0s"}


async def roll_out(plant: Plant) -> dict[str, Any]:
    """Upload firmware, roll it out to all devices, and return what became of the rollout."""
    image = os.urandom(300_000)
    digest = hashlib.sha256(image).hexdigest()
    uploaded = await plant.api.put(f"/api/v1/firmware/2.0.0?sha256={digest}", content=image)
    assert uploaded.is_success, uploaded.text
    order = {
        "firmware": "2.0.0",
        "groups": [{"name": "canary", "percent": 20}, {"name": "all"}],
        "rate": 6_000,
        "success": 0,
        "error": 100,
        "policy": POLICY,
    }
    rollout = await plant.asked("POST", "/api/v1/rollouts", order)
    told: dict[str, Any] = {}

    async def has_ended() -> bool:
        told.update(await plant.asked("GET", f"/api/v1/rollouts/{rollout['id']}"))
        return bool(told["state"] == "finished")

    await until_true(has_ended, 40)
    return told


async def status(plant: Plant, device: str) -> Mapping[str, Any]:
    told: Mapping[str, Any] = await plant.asked("GET", f"/api/v1/device/{device}/status")
    return told


async def are_online(plant: Plant, ids: Iterable[str]) -> bool:
    return all([(await status(plant, id))["presence"]["online"] for id in ids])


async def test_plant_pairs_measures_obeys_and_updates(tmp_path: Path, mosquitto: Mosquitto) -> None:
    private = new_key()
    ids = names(12)
    async with AsyncExitStack() as stack:
        plant = await stack.enter_async_context(running_plant(tmp_path, mosquitto, private))
        plant.firmware_key = public_key(private)
        sound = [id for id in ids if id not in SPECIAL]
        fleets = [
            await plant.fleet(sound),
            await plant.fleet([FAILING], Behaviour(failing_updates=1)),
            await plant.fleet([DARK], Behaviour(power_loss=1)),
        ]
        for fleet in fleets:
            await stack.enter_async_context(fleet)
        await until(lambda: all(fleet.totals.connected == len(fleet.devices) > 0 for fleet in fleets))
        await until(lambda: sum(fleet.totals.paired for fleet in fleets) == len(ids))

        # A rule's interlock is looked at when the rule is set off: by then the devices are known to be online.
        await until(lambda: plant.odoo.news["presence"] == len(ids))
        await plant.registry.automations.save(AutomationRule.model_validate(RULE), "test")
        command = await plant.asked(
            "POST", "/api/v1/command/send", {"device": "chiller-02", "action": "reset", "params": {"delay": 3}}
        )

        async def has_succeeded() -> bool:
            told = await plant.asked("GET", f"/api/v1/command/{command['id']}")
            return bool(told["state"] == "succeeded")

        await until_true(has_succeeded)
        # One that was asked for, and one by automation for each boiler.
        await until(lambda: sum(fleet.totals.commands for fleet in fleets) == 4)

        told = await roll_out(plant)
        assert (told["devices"]["succeeded"], told["devices"]["failed"]) == (11, 1)
        updates = await plant.registry.updates.list(UpdateFilter(rollout=told["id"]), limit=100)
        ends = {one.device: (one.state.value, one.attempt, one.error_code) for one in updates if one.device in SPECIAL}
        assert ends[FAILING] == ("failed", 2, "bad-digest")
        assert ends[DARK][0] == "succeeded"
        assert [fleet.totals.updates for fleet in fleets] == [{"succeeded": 10}, {"failed": 1}, {"succeeded": 1}]
        assert fleets[2].totals.power_losses == 1
        # Each has come back from its restart, and has said so.
        await until(lambda: all(fleet.totals.connected == len(fleet.devices) for fleet in fleets))
        await until_true(partial(are_online, plant, ids))

        for id in ids:
            one = await status(plant, id)
            assert one["firmware"] == ("1.0.0" if id == FAILING else "2.0.0"), one
            assert (one["lifecycle"], one["presence"]["online"], one["update"]) == ("active", True, None)
            assert one["pending_commands"] == {"count": 0, "commands": []}
            assert one["telemetry"]["values"]["sequence"] > 0

        totals = [await fleet.stop() for fleet in fleets]
        sent = sum(one.sent for one in totals)
        assert sent == sum(one.acknowledged for one in totals)
        await until_true(plant.is_quiet)
        assert plant.odoo.received == sent
        # A message that was on its way when its device restarted comes again (MQTT 5.0 §4.4).
        assert plant.odoo.duplicates <= sum(one.disconnects for one in totals)
        assert plant.odoo.news["command"] >= 4
        assert plant.odoo.news["update"] >= 12
        assert plant.odoo.news["presence"] >= 12
        assert await plant.service.engine.world.store.dead_letters.count() == 0

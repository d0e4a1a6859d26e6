"""One day in a factory: everything at once, on real parts."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright, expect

from flowengine_nodes.iiot.simulator.behaviour import Behaviour
from tests.editor.conftest import ARGUMENTS, CHROMIUM
from tests.mosquitto import Mosquitto
from tests.nodes.iiot.plant import until, until_true
from tests.odoo.factory import EQUIPMENT, Factory, Machine, running_factory
from tests.odoo_server import Odoo

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow, pytest.mark.timeout(480)]

# Two minutes: each device measures twice a second.
READINGS_WITHOUT_ODOO = 240
NAMES = tuple(f"boiler-{number}" for number in range(1, 7))
REVERTING = NAMES[-1]
CODE = """
for record in records:
    device = env["iiot.device"].search([("business_ref", "=", f"maintenance.equipment,{record.id}")])
    if device:
        device.send_command("enter_maintenance_mode", equipment_id=record.id)
"""


async def automate(factory: Factory) -> None:
    """Send a command when somebody notes that an equipment is in maintenance: option B of the specification."""
    [model] = await factory.read("ir.model", [("model", "=", EQUIPMENT)], "id")
    [field] = await factory.read("ir.model.fields", [("model", "=", EQUIPMENT), ("name", "=", "note")], "id")
    action = {"name": "Maintenance", "model_id": model["id"], "state": "code", "code": CODE}
    await factory.call(
        "base.automation",
        "create",
        {
            "name": "Maintenance",
            "model_id": model["id"],
            "trigger": "on_create_or_write",
            "trigger_field_ids": [(6, 0, [field["id"]])],
            "filter_domain": "[('note', 'ilike', 'maintenance')]",
            "action_server_ids": [(0, 0, action)],
        },
    )


# By language: what the form of a device has on its buttons, and what it calls a device that was turned off.
FORMS = {
    "en_US": ("Generate Configuration Token", "Send Reset Command", "OTA Update", "Offline"),
    "zh_CN": ("生成配置令牌", "发送重置指令", "OTA升级", "离线"),
}


async def look(factory: Factory, machine: Machine, pictures: Path) -> None:
    """Look at the form of a device as a user of each language does."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for language, texts in FORMS.items():
            [user] = await factory.read("res.users", [("login", "=", "engineer")], "id")
            await factory.call("res.users", "write", [user["id"]], {"lang": language})
            page = await (await browser.new_context(viewport={"width": 1400, "height": 900})).new_page()
            await page.goto(f"{factory.odoo.url}/web/login")
            await page.locator("input[name=login]").fill("engineer")
            await page.locator("input[name=password]").fill("engineer")
            await page.locator("button[type=submit]").first.click()
            await page.wait_for_url("**/odoo/**")
            await page.goto(f"{factory.odoo.url}/odoo/iiot.device/{machine.device}")
            for text in texts:
                await expect(page.get_by_text(text, exact=True).first).to_be_visible(timeout=30_000)
            await page.screenshot(path=pictures / f"device-{language}.png")
        await browser.close()


async def commands(factory: Factory) -> list[dict[str, Any]]:
    return await factory.read("iiot.command", [], "action", "params", "state", "result")


async def have_succeeded(factory: Factory, count: int) -> bool:
    return [one["state"] for one in await commands(factory)] == ["succeeded"] * count


async def versions(factory: Factory) -> dict[str, str]:
    devices = await factory.read("iiot.device", [], "device_id", "firmware_version")
    return {one["device_id"]: one["firmware_version"] for one in devices}


async def written(factory: Factory, machines: Sequence[Machine]) -> Mapping[str, int]:
    return {name: one["x_sequence"] for name, one in (await factory.equipment(machines)).items()}


async def finished(factory: Factory, rollout: int) -> bool:
    [one] = await factory.read("iiot.rollout", [("id", "=", rollout)], "state")
    return bool(one["state"] == "finished")


async def test_one_day_in_a_factory(tmp_path: Path, mosquitto: Mosquitto, own_odoo: Odoo) -> None:
    async with AsyncExitStack() as stack:
        factory = await stack.enter_async_context(running_factory(tmp_path, mosquitto, own_odoo))
        # In the morning: a profile with its rules, and devices; each gets a token and pairs.
        machines = await factory.make_machines(NAMES, await factory.make_profile())
        await automate(factory)
        sound = await factory.fleet([one for one in machines if one.name != REVERTING])
        reverting = await factory.fleet(
            [one for one in machines if one.name == REVERTING], Behaviour(reverted_updates=1)
        )
        fleets = (sound, reverting)
        for fleet in fleets:
            await stack.enter_async_context(fleet)
        await until(lambda: sum(fleet.totals.paired for fleet in fleets) == len(NAMES), 60)

        async def are_active() -> bool:
            found = await factory.read("iiot.device", [], "lifecycle", "connection_status")
            return all((one["lifecycle"], one["connection_status"]) == ("active", "online") for one in found)

        await until_true(are_active, 60)

        # What they measure is on their equipment.
        async def has_values() -> bool:
            found = await factory.equipment(machines)
            return all(one["x_sequence"] and one["x_temperature_c"] > 20 for one in found.values())

        await until_true(has_values, 60)

        # An automated action sends a command, and the device's answer is on the record.
        await factory.call(EQUIPMENT, "write", [machines[0].equipment], {"note": "In maintenance"})
        await until_true(lambda: have_succeeded(factory, 1), 60)
        [command] = await commands(factory)
        assert command["action"] == "enter_maintenance_mode"
        assert command["params"] == {"equipment_id": machines[0].equipment}

        # At noon Odoo is away, and everything else goes on.
        before = await written(factory, machines)
        await asyncio.to_thread(own_odoo.stop)
        sent = sum(fleet.totals.sent for fleet in fleets)
        missed = READINGS_WITHOUT_ODOO * len(NAMES)
        await until(lambda: sum(fleet.totals.sent for fleet in fleets) >= sent + missed, 180)
        await asyncio.to_thread(own_odoo.start)

        async def has_caught_up() -> bool:
            now = await written(factory, machines)
            return all(now[name] >= before[name] + READINGS_WITHOUT_ODOO for name in NAMES)

        await until_true(has_caught_up, 60)

        # In the afternoon firmware is rolled out; one device cannot start it, and goes back.
        firmware = await factory.upload_firmware("2.0.0", os.urandom(300_000))
        wizard = await factory.call(
            "iiot.rollout.wizard",
            "create",
            {"firmware_id": firmware, "canary_sizes": "20", "success": 0, "error": 100, "rate": 6000, "attempts": 1},
        )
        rollout = (await factory.call("iiot.rollout.wizard", "action_start", [wizard]))["res_id"]
        await until_true(lambda: finished(factory, rollout), 90)
        expected = {name: "1.0.0" if name == REVERTING else "2.0.0" for name in NAMES}

        async def has_versions() -> bool:
            return await versions(factory) == expected

        await until_true(has_versions, 60)
        updates = await factory.read("iiot.update", [("rollout_id", "=", rollout)], "device_id", "state", "error_code")
        ends = {one["device_id"][1]: (one["state"], one["error_code"]) for one in updates}
        assert ends.pop(REVERTING) == ("rolled_back", "does-not-start")
        assert [*ends.values()] == [("succeeded", False)] * (len(NAMES) - 1)

        # In the evening: nothing was lost.
        await until(lambda: all(len(fleet.devices) == fleet.totals.connected for fleet in fleets))
        totals = [await fleet.stop() for fleet in fleets]
        assert sum(one.sent for one in totals) == sum(one.acknowledged for one in totals)
        await until_true(factory.is_quiet, 60)
        assert sum((await written(factory, machines)).values()) == sum(one.sent for one in totals)
        accounts = [flow.account for flow in factory.service.engine.flows.values()]
        assert [(account.failed, dict(account.dropped)) for account in accounts] == [(0, {})] * len(accounts)
        assert await factory.service.engine.world.store.dead_letters.count() == 0
        await look(factory, machines[0], tmp_path)

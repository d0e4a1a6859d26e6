"""The pages of devices, profiles, commands, firmware, rollouts and automation, as a person uses them."""

import asyncio
import os
import re
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect
from sqlalchemy import Connection, insert

from flowengine.server.service import Service
from flowengine_nodes.iiot.embedded.device_rows import device, membership, presence, row_of
from flowengine_nodes.iiot.registry.automation import ThresholdTrigger
from flowengine_nodes.iiot.registry.device import BusinessObject, Device, Lifecycle
from flowengine_nodes.iiot.registry.registry import Registry
from flowengine_nodes.iiot.simulator.fleet import Fleet
from flowengine_nodes.iiot.simulator.pairing import Applicant
from flowengine_nodes.iiot.simulator.site import Site
from tests.editor.conftest import OpenEditor, StartEngine, say_yes
from tests.mosquitto import Mosquitto
from tests.nodes.iiot.registries import add_device, add_profile

# The machine may be busy with other tests.
expect.set_options(timeout=15_000)

FLOWS = Path(__file__).parents[2] / "flows"
RESOURCES: dict[str, Any] = {
    "flowengine": 1,
    "resources": {
        "registry": {"type": "iiot-registry"},
        "firmware": {"type": "firmware-store", "config": {"folder": "${FIRMWARE}"}},
    },
}
ACTIONS = {
    "restart": {
        "description": "Start anew.",
        "params": {
            "type": "object",
            "properties": {
                "delay": {"type": "integer", "title": "Delay", "description": "Seconds.", "minimum": 0, "maximum": 60},
                "mode": {"enum": ["soft", "hard"], "default": "soft"},
            },
            "required": ["delay"],
            "additionalProperties": False,
            "examples": [{"delay": 5}],
        },
    }
}
RULES = [{"path": "$.temperature_c", "field": "x_temperature"}]


@pytest_asyncio.fixture(loop_scope="session")
async def service(start_engine: StartEngine, tmp_path: Path) -> Service:
    """An engine with a registry and a store of firmware, and no flows."""
    variables = {"FIRMWARE": str(tmp_path / "firmware")}
    return await start_engine({"resources.json": RESOURCES}, variables=variables)


@pytest_asyncio.fixture(loop_scope="session")
async def plant(start_engine: StartEngine, tmp_path: Path) -> AsyncIterator[tuple[Service, Fleet]]:
    """The shipped flows on a real broker, with two simulated devices at it."""
    shutil.copytree(FLOWS, tmp_path / "flows")
    async with Mosquitto(tmp_path / "broker") as broker:
        variables = {
            "PATH": os.environ["PATH"],
            "MQTT_BROKER_HOST": broker.host,
            "MQTT_BROKER_PORT": str(broker.port),
            "FIRMWARE_DIR": str(tmp_path / "firmware"),
        }
        running = await start_engine(variables=variables)
        await add_profile(registry_of(running), actions=ACTIONS, rules=RULES)
        for id in ("b1", "b2"):
            await add_device(registry_of(running), id, lifecycle=Lifecycle.ACTIVE)
        applicants = [Applicant(serial=id, kind="boiler") for id in ("b1", "b2")]
        async with Fleet(applicants, Site(host=broker.host, port=broker.port, interval=0.3)) as fleet:
            yield running, fleet


def registry_of(service: Service) -> Registry[Any]:
    registry = service.engine.world.resource("registry")
    assert isinstance(registry, Registry)
    return registry


def row(page: Page, id: str) -> Any:
    return page.locator(f"tr[data-id='{id}']")


async def test_devices_are_found_and_leafed_through(service: Service, open_editor: OpenEditor) -> None:
    registry = registry_of(service)
    for number in range(130):
        groups = ("north",) if number % 10 == 0 else ()
        await add_device(registry, f"b{number:03}", name=f"Boiler {number}", groups=groups)
    page = await open_editor(service, "#/devices")
    await expect(page.get_by_text("Devices: 130")).to_be_visible()
    await expect(row(page, "b099")).to_be_visible()
    await page.get_by_role("button", name="Next").click()
    await expect(row(page, "b129")).to_be_visible()
    await expect(row(page, "b099")).to_have_count(0)
    await page.get_by_role("button", name="Previous").click()
    await page.get_by_label("Id, serial number or name").fill("boiler 12")
    await expect(page.get_by_text("Devices: 11")).to_be_visible()
    await page.get_by_label("Group").fill("north")
    await expect(page.get_by_text("Devices: 1", exact=True)).to_be_visible()
    await expect(page).to_have_url(re.compile("text=boiler\\+12&group=north"))


async def test_device_is_added_changed_and_suspended(service: Service, open_editor: OpenEditor) -> None:
    await add_profile(registry_of(service))
    page = await open_editor(service, "#/devices")
    await page.get_by_role("button", name="Add a device").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Id", exact=False).first.fill("a/b")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("cannot be the id of a device")
    await dialog.get_by_label("Id", exact=False).first.fill("b1")
    await dialog.get_by_role("button", name="Save").click()
    await expect(page).to_have_url(re.compile("#/devices/b1$"))
    await page.get_by_role("button", name="Change").click()
    await dialog.get_by_label("Name").fill("Boiler in hall 3")
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="Boiler in hall 3 (b1)")).to_be_visible()
    await page.get_by_role("button", name="Suspend").click()
    await expect(page.get_by_text("Suspended")).to_be_visible()
    await page.get_by_role("button", name="Resume").click()
    await expect(page.get_by_text("Draft")).to_be_visible()
    assert (await registry_of(service).devices.get("b1")).name == "Boiler in hall 3"


async def test_nothing_is_saved_before_what_it_takes_has_come(service: Service, open_editor: OpenEditor) -> None:
    await add_device(registry_of(service), "b1")
    page = await open_editor(service, "#/devices")
    come = asyncio.Event()

    async def late(route: Route) -> None:
        await come.wait()
        await route.continue_()

    await page.route("**/iiot/profiles**", late)
    await page.get_by_role("button", name="Add a device").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Id", exact=False).first.fill("b2")
    await expect(dialog.get_by_role("button", name="Save")).to_be_disabled()
    come.set()
    await dialog.get_by_role("button", name="Save").click()
    await expect(page).to_have_url(re.compile("#/devices/b2$"))
    come.clear()
    await page.get_by_role("button", name="Send a command").click()
    await expect(dialog.get_by_role("button", name="Send")).to_be_disabled()
    come.set()
    await expect(dialog.get_by_role("button", name="Send")).to_be_enabled()
    await expect(dialog.get_by_label("Action")).to_be_focused()
    await page.unroute_all()


async def test_token_is_shown_as_text_and_as_a_code(service: Service, open_editor: OpenEditor) -> None:
    await add_device(registry_of(service), "b1")
    page = await open_editor(service, "#/devices/b1")
    await page.get_by_role("button", name="Pairing token").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Make a token").click()
    image = dialog.get_by_role("img", name="QR code")
    await expect(image).to_be_visible()
    assert await image.evaluate("image => image.complete && image.naturalWidth > 0")
    shown = await dialog.locator("code").inner_text()
    found = await registry_of(service).tokens.find(shown.replace("-", ""))
    assert found is not None
    assert found[1].id == "b1"


@pytest.mark.mosquitto
async def test_command_is_sent_and_succeeds(plant: tuple[Service, Fleet], open_editor: OpenEditor) -> None:
    service, fleet = plant
    page = await open_editor(service, "#/devices")
    await expect(row(page, "b1").get_by_text("Online")).to_be_visible()
    await row(page, "b1").get_by_role("link", name="b1").click()
    telemetry = page.get_by_role("region", name="Last telemetry")
    await expect(telemetry.get_by_text("pressure_bar").first).to_be_visible()
    await expect(telemetry.get_by_role("img")).to_have_accessible_name(re.compile(r"^\w+: [2-9]"))
    await page.get_by_role("button", name="Send a command").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("Delay")).to_have_value("5")
    await expect(dialog.get_by_text("Seconds. 0 … 60")).to_be_visible()
    await dialog.get_by_label("mode").select_option("hard")
    await dialog.get_by_label("Delay").fill("99")
    await dialog.get_by_role("button", name="Send a command").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("99")
    await dialog.get_by_role("button", name="As JSON").click()
    await dialog.get_by_label("Parameters (JSON)").fill("{")
    await dialog.get_by_role("button", name="Send a command").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("are no JSON")
    await dialog.get_by_label("Parameters (JSON)").fill('{"delay": 7}')
    await dialog.get_by_role("button", name="As a form").click()
    await expect(dialog.get_by_label("Delay")).to_have_value("7")
    await dialog.get_by_role("button", name="Send a command").click()
    commands = page.get_by_role("region", name="Commands")
    await expect(commands.get_by_text("Succeeded")).to_be_visible()
    assert fleet.totals.commands == 1
    await commands.get_by_role("button", name="restart").click()
    history = page.get_by_role("dialog").get_by_role("list", name="What happened")
    await expect(history.get_by_role("listitem")).to_contain_text(["Queued", "Sent", "Delivered", "Succeeded"])
    await page.keyboard.press("Escape")
    await page.goto(f"{service.url}/editor/#/commands?state=succeeded")
    await expect(page.get_by_role("link", name="b1")).to_be_visible()


async def test_profile_is_written_in_a_form_and_tried(service: Service, open_editor: OpenEditor) -> None:
    registry = registry_of(service)
    await add_device(registry, "b1", business=BusinessObject("maintenance.equipment", 7))
    await add_profile(registry, rules=RULES)
    registry.roster.note_telemetry("b1", 1_000.0, {"temperature_c": 81.5})
    page = await open_editor(service, "#/profiles")
    await page.get_by_role("link", name="boiler", exact=True).click()
    tester = page.get_by_role("complementary", name="Try the rules")
    await expect(tester.get_by_label("Payload")).to_have_value(re.compile("81.5"))
    await expect(tester.get_by_text('"x_temperature": 81.5')).to_be_visible()
    # It follows what the device sends, until somebody writes a payload.
    registry.roster.note_telemetry("b1", 1_002.0, {"temperature_c": 82.5})
    await expect(tester.get_by_text('"x_temperature": 82.5')).to_be_visible()
    await tester.get_by_label("Payload").fill('{"other": 1}')
    await expect(tester.get_by_text("No rule finds a value.")).to_be_visible()
    form = page.locator("form.document")
    await form.get_by_label("Name", exact=True).first.fill("Boilers")
    await form.get_by_label("Telemetry", exact=True).fill("telemetry/#/data")
    await expect(form.get_by_role("button", name="Save")).to_be_disabled()
    await form.get_by_label("Telemetry", exact=True).fill("t/{device}")
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_text("Saved")).to_be_visible()
    saved = await registry.profiles.get("boiler")
    assert (saved.name, saved.topics.telemetry.text) == ("Boilers", "t/{device}")


async def test_firmware_is_uploaded_and_rolled_out(service: Service, open_editor: OpenEditor, tmp_path: Path) -> None:
    registry = registry_of(service)
    for number in range(4):
        await add_device(registry, f"b{number}", firmware="1.0.0")
    file = tmp_path / "new.bin"
    file.write_bytes(b"new" * 1000)
    page = await open_editor(service, "#/firmware")
    await page.get_by_role("button", name="Upload firmware").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("File").set_input_files(file)
    await dialog.get_by_label("Version", exact=False).first.fill("2.0.0")
    await dialog.get_by_role("button", name="Upload firmware").click()
    await expect(row(page, "2.0.0")).to_be_visible()
    await page.get_by_role("link", name="Rollouts").click()
    await page.get_by_role("button", name="New rollout").click()
    await page.locator("form.document").get_by_label("Name", exact=True).first.fill("Boilers")
    await page.get_by_role("button", name="Start the rollout").click()
    card = page.get_by_role("article", name="Boilers (2.0.0)")
    await expect(card.get_by_role("progressbar", name="canary")).to_be_visible()
    await card.get_by_role("button", name="Pause").click()
    await expect(card.get_by_text("Paused")).to_be_visible()
    await card.get_by_role("button", name="Resume").click()
    await card.get_by_role("button", name="Cancel").click()
    await say_yes(page, "Cancel the rollout")
    await expect(card.get_by_text("Cancelled", exact=True)).to_be_visible()
    await page.goto(f"{service.url}/editor/#/devices/b1")
    update = page.get_by_role("region", name="Update")
    await update.get_by_role("button", name="Update", exact=True).click()
    await expect(update.get_by_text("Scheduled")).to_be_visible()
    await update.get_by_role("button", name="Cancel the update").click()
    await expect(update.get_by_text("Cancelled")).to_be_visible()


async def test_automation_rule_is_written_and_switched(service: Service, open_editor: OpenEditor) -> None:
    page = await open_editor(service, "#/automation/+")
    form = page.locator("form.document")
    await form.get_by_label("Id", exact=False).first.fill("too-hot")
    await expect(form.get_by_role("button", name="Save")).to_be_disabled()
    trigger = form.locator("[data-field=trigger]")
    await trigger.get_by_label("Kind").select_option("telemetry")
    await expect(trigger.get_by_text("When telemetry begins to fit conditions")).to_be_visible()
    await trigger.get_by_label("Kind").select_option("threshold")
    await trigger.get_by_label("Path").fill("$.temperature_c")
    await trigger.get_by_label("Above").fill("hot")
    await expect(trigger.locator("[data-field=above] .field-problem")).to_contain_text("must be a number")
    await trigger.get_by_label("Above").fill("90")
    await expect(trigger.locator(".field-problem")).to_have_count(0)
    await form.locator("[data-field=command] [data-field=action] input").fill("restart")
    await form.get_by_role("button", name="Save").click()
    await expect(page).to_have_url(re.compile("#/automation/too-hot$"))
    stored = await registry_of(service).automations.get("too-hot")
    assert isinstance(stored.trigger, ThresholdTrigger)
    assert (stored.trigger.path.text, stored.trigger.above) == ("$.temperature_c", 90)
    await page.get_by_role("link", name="Automation").first.click()
    switch = page.get_by_role("switch", name="Let too-hot work")
    await expect(switch).to_be_checked()
    await switch.click()
    await expect(switch).not_to_be_checked()
    assert not (await registry_of(service).automations.get("too-hot")).active


async def test_pages_speak_chinese(service: Service, open_editor: OpenEditor) -> None:
    page = await open_editor(service, "#/devices", locale="zh-CN")
    await expect(page.get_by_role("heading", name="设备", exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name="添加设备")).to_be_visible()


async def test_pages_without_a_registry_say_what_to_do(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    service = await start_engine({})
    page = await open_editor(service, "#/devices")
    for title in ("Devices", "Profiles", "Commands", "Firmware", "Rollouts", "Automation"):
        await page.get_by_role("link", name=title, exact=True).click()
        await expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
        await expect(page.get_by_role("region", name="No registry runs")).to_be_visible()
        await expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.slow
async def test_list_of_a_hundred_thousand_devices_is_found_and_filtered(
    service: Service, open_editor: OpenEditor
) -> None:
    await add_profile(registry_of(service))
    devices = [
        Device(
            id=f"b{number:06}",
            serial=f"SN-{number}",
            name=f"Boiler {number}",
            profile="boiler",
            groups=(f"hall-{number % 50}",),
        )
        for number in range(100_000)
    ]
    rows = [{**row_of(one), "revision": 0} for one in devices]
    members = [{"name": one.groups[0], "device": one.id} for one in devices]
    presences = [
        {"device": one.id, "online": bool(number % 10), "seen_at": float(number)} for number, one in enumerate(devices)
    ]

    def store(connection: Connection) -> None:
        connection.execute(insert(device), rows)
        connection.execute(insert(membership), members)
        connection.execute(insert(presence), presences)

    await service.engine.world.store.tables.write(store)
    async with httpx.AsyncClient(base_url=service.url) as client:
        for query in (
            "",
            "text=boiler+99",
            "text=nothing",
            "online=false",
            "group=hall-7",
            "profile=boiler&after=b099000",
        ):
            began = time.monotonic()
            answer = await client.get(f"/admin/api/iiot/devices?limit=100&{query}")
            # Measured at 0.16 s at most.
            assert time.monotonic() - began < 3, query
            assert answer.status_code == 200
    page = await open_editor(service, "#/devices")
    await expect(page.get_by_text("Devices: 100000")).to_be_visible()
    await expect(page.locator("tbody tr")).to_have_count(100)
    await page.get_by_label("Id, serial number or name").fill("boiler 4321")
    await expect(page.get_by_text("Devices: 11", exact=True)).to_be_visible()
    await page.get_by_label("Presence").select_option("Offline")
    await expect(page.get_by_text("Devices: 1", exact=True)).to_be_visible()
    await expect(row(page, "b043210")).to_be_visible()

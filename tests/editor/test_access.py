"""Signing in, and what each role may do, as a person sees it."""

from typing import Any

import httpx
from playwright.async_api import expect

from flowengine_nodes.iiot.registry.registry import Registry
from tests.editor.conftest import OpenEditor, StartEngine
from tests.nodes.iiot.registries import add_profile

PASSWORD = "correct horse battery"
FLOW: dict[str, Any] = {
    "flowengine": 1,
    "id": "boiler",
    "name": "Boiler",
    "nodes": {
        "button": {"type": "inject", "config": {"fields": {"payload": 1}}, "wires": {"out": ["seen"]}},
        "seen": {"type": "debug"},
    },
}


async def test_first_user_is_made_in_the_editor_and_signs_in(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    page = await open_editor(await start_engine({"boiler.flow.json": FLOW}), "#/users")
    await page.get_by_role("button", name="Add user").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("ada")
    await dialog.get_by_label("Password").fill(PASSWORD)
    await dialog.get_by_role("button", name="Save").click()
    await page.get_by_label("User", exact=True).fill("ada")
    await page.get_by_label("Password", exact=True).last.fill("wrong password")
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_text("the user or the password is wrong")).to_be_visible()
    await page.get_by_label("Password", exact=True).last.fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_role("button", name="Signed in as ada, Admin")).to_be_visible()
    await page.goto(page.url.partition("#")[0] + "#/audit")
    await expect(page.get_by_role("cell", name="add-user")).to_be_visible()
    await page.get_by_role("button", name="Signed in as ada, Admin").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_label("User", exact=True)).to_be_visible()


async def test_viewer_looks_and_is_offered_nothing_to_change(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine({"boiler.flow.json": FLOW}, admin_token="right")
    admin = await open_editor(service)
    await admin.get_by_label("Token").fill("right")
    await admin.get_by_role("button", name="Sign in", exact=True).click()
    await admin.get_by_role("link", name="Users").click()
    await admin.get_by_role("button", name="Make token").click()
    await admin.get_by_label("What it is for").fill("screen on the wall")
    await admin.get_by_label("Role", exact=False).last.select_option("viewer")
    await admin.get_by_role("dialog").get_by_role("button", name="Make token").click()
    token = await admin.get_by_role("textbox", name="Token").input_value()
    page = await open_editor(service)
    await page.get_by_label("Token").fill(token)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.locator("[data-node=seen]")).to_be_visible()
    await expect(page.get_by_text("Connected")).to_be_visible()
    for name in ("Deploy", "New flow"):
        await expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    await expect(page.get_by_role("button", name="Undo")).to_be_hidden()
    await page.get_by_role("tab", name="Tests").click()
    await expect(page.get_by_role("button", name="Run all")).to_be_hidden()
    for name in ("Users",):
        await expect(page.get_by_role("link", name=name)).to_have_count(0)
    await page.locator("[data-node=seen]").click()
    await page.keyboard.press("Delete")
    await expect(page.locator("[data-node=seen]")).to_be_visible()


async def test_viewer_reads_forms_and_copies_from_them_but_writes_nothing(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    resources = {"registry": {"type": "iiot-registry"}, "broker": {"type": "mqtt-broker", "config": {"host": "far"}}}
    nodes = {
        "code": {"type": "function", "config": {"code": "return msg"}, "wires": {"out": ["rules"]}},
        "rules": {"type": "change", "config": {"rules": [{"set": "$.unit", "to": "C"}]}, "wires": {"out": ["send"]}},
        "send": {"type": "mqtt-out", "config": {"broker": "broker", "topic": "a"}},
    }
    documents = {
        "resources.json": {"flowengine": 1, "resources": resources},
        "boiler.flow.json": {**FLOW, "nodes": nodes},
    }
    service = await start_engine(documents, admin_token="right")
    registry = service.engine.world.resource("registry")
    assert isinstance(registry, Registry)
    await add_profile(registry)
    async with httpx.AsyncClient(base_url=service.url, headers={"Authorization": "Bearer right"}) as client:
        made = await client.post("/admin/api/tokens", json={"name": "wall", "role": "viewer", "days": None})
    page = await open_editor(service)
    await page.get_by_label("Token").fill(made.json()["token"])
    await page.get_by_role("button", name="Sign in", exact=True).click()
    form = page.get_by_role("complementary", name="Node", exact=True)

    await page.locator("[data-node=code]").click()
    code = form.get_by_role("textbox", name="Code")
    await expect(code).to_have_attribute("aria-readonly", "true")
    await code.click()
    await page.keyboard.type("x")
    await expect(code).to_have_text("return msg")
    await page.locator("[data-node=rules]").click()
    await expect(form.get_by_role("button", name="Add", exact=True)).to_have_count(0)
    await expect(form.get_by_label("Name")).not_to_be_editable()

    await page.locator("[data-node=send]").click()
    await expect(form.get_by_label("Broker", exact=False).first).to_be_disabled()
    await form.get_by_role("button", name="Show…").click()
    dialog = page.get_by_role("dialog", name="broker")
    await expect(dialog.get_by_label("Host")).to_have_value("far")
    await expect(dialog.get_by_label("Host")).not_to_be_editable()
    await expect(dialog.get_by_role("button", name="Save")).to_have_count(0)
    await dialog.get_by_role("button", name="Close").last.click()

    await page.goto(f"{service.url}/editor/#/profiles/boiler")
    name = page.get_by_label("Name", exact=True)
    await expect(name).to_be_visible()
    await expect(name).not_to_be_editable()
    await name.focus()
    await expect(name).to_be_focused()
    await expect(page.get_by_role("button", name="Save")).to_have_count(0)
    await expect(page.get_by_role("main").get_by_role("button", name="Add", exact=True)).to_have_count(0)


async def test_health_page_shows_engine_and_flows(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page = await open_editor(await start_engine({"boiler.flow.json": FLOW}), "#/health")
    await expect(page.get_by_role("heading", name="System health")).to_be_visible()
    await expect(page.get_by_role("table", name="Flows").get_by_role("link", name="boiler")).to_be_visible()

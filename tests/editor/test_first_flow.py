import json
from typing import Any

from playwright.async_api import expect

from tests.editor.conftest import OpenEditor, StartEngine

FLOW: dict[str, Any] = {
    "flowengine": 1,
    "id": "boiler",
    "name": "Boiler",
    "nodes": {
        "button": {"type": "inject", "config": {"fields": {"payload": 1}}, "wires": {"out": ["seen"]}},
        "seen": {"type": "debug"},
    },
}


async def test_editor_shows_the_flows_and_draws_the_first(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page = await open_editor(await start_engine({"boiler.flow.json": FLOW}))
    await expect(page.get_by_role("button", name="Boiler")).to_be_visible()
    await expect(page.locator("[data-node=button]")).to_be_visible()
    await expect(page.locator("[data-node=seen]")).to_be_visible()
    await expect(page.locator(".react-flow__edge")).to_have_count(1)


async def test_editor_deploys_what_was_typed_into_a_form(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    service = await start_engine({"boiler.flow.json": FLOW})
    page = await open_editor(service)
    await page.locator("[data-node=seen]").click()
    await page.get_by_label("Name", exact=True).fill("What came")
    await page.get_by_role("button", name="Deploy", exact=True).click()
    await expect(page.get_by_text("Deployed", exact=True)).to_be_visible()
    saved = json.loads((service.workspace.path / "boiler.flow.json").read_text())
    assert saved["nodes"]["seen"]["name"] == "What came"
    assert service.engine.flows["boiler"].cells["seen"].planned.id == "seen"


async def test_editor_takes_an_edit_back(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page = await open_editor(await start_engine({"boiler.flow.json": FLOW}))
    await page.locator("[data-node=seen]").click()
    await page.keyboard.press("Delete")
    await expect(page.locator("[data-node=seen]")).to_have_count(0)
    await expect(page.locator(".react-flow__edge")).to_have_count(0)
    await page.keyboard.press("Control+z")
    await expect(page.locator("[data-node=seen]")).to_be_visible()
    await expect(page.locator(".react-flow__edge")).to_have_count(1)

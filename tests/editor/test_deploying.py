"""Deploying, and changes of others, as a person sees them."""

import json
import re
from typing import Any

from playwright.async_api import Page, expect

from flowengine.server.service import Service
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


async def rename(page: Page, node: str, name: str) -> None:
    await page.locator(f"[data-node={node}]").click()
    await page.get_by_label("Name", exact=True).fill(name)


def write(service: Service, document: dict[str, Any]) -> None:
    (service.workspace.path / "boiler.flow.json").write_text(json.dumps(document, indent=2) + "\n")


def with_name(node: str, name: str) -> dict[str, Any]:
    return {**FLOW, "nodes": {**FLOW["nodes"], node: {**FLOW["nodes"][node], "name": name}}}


async def test_deploy_shows_in_another_browser(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    service = await start_engine({"boiler.flow.json": FLOW})
    one, other = await open_editor(service), await open_editor(service)
    await expect(other.locator("[data-node=seen]")).to_be_visible()
    await expect(other.get_by_text("Connected")).to_be_visible()
    await rename(one, "seen", "What came")
    await one.get_by_role("button", name="Deploy", exact=True).click()
    await expect(one.get_by_text("Deployed", exact=True)).to_be_visible()
    await expect(other.locator("[data-node=seen]")).to_contain_text("What came", timeout=1_000)


async def test_review_shows_what_changes_and_restarts(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page = await open_editor(await start_engine({"boiler.flow.json": FLOW}))
    await rename(page, "seen", "What came")
    await page.get_by_role("button", name="How to deploy").click()
    await expect(page.get_by_role("region", name="What changes")).to_contain_text(re.compile("nodes . seen . name"))
    await page.get_by_label("Changed flows").check()
    await expect(page.get_by_role("region", name="What restarts")).to_contain_text("Boiler: button, seen")
    await page.get_by_role("button", name="Deploy now").click()
    await expect(page.get_by_text("Deployed", exact=True)).to_be_visible()


async def test_what_restarts_stands_beside_the_button(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page = await open_editor(await start_engine({"boiler.flow.json": FLOW}))
    await rename(page, "seen", "What came")
    await page.get_by_role("button", name="Nodes that restart: 1").click()
    await expect(page.get_by_role("region", name="What restarts")).to_contain_text("Boiler: seen")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Deploy", exact=True).click()
    await expect(page.get_by_text("Deployed", exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name="Nodes that restart")).to_have_count(0)


async def test_what_restarts_is_shown_first_on_a_narrow_screen(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    page = await open_editor(
        await start_engine({"boiler.flow.json": FLOW}), viewport={"width": 390, "height": 844}, has_touch=True
    )
    await page.locator("[data-node=seen]").tap()
    await page.get_by_label("Name", exact=True).fill("What came")
    await page.get_by_role("button", name="Deploy", exact=True).tap()
    await expect(page.get_by_role("region", name="What restarts")).to_contain_text("Boiler: seen")
    await page.get_by_role("button", name="Deploy now").tap()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_role("button", name="Deploy", exact=True)).to_be_disabled()


async def test_errors_hold_up_a_deploy(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    broken = {**FLOW, "nodes": {**FLOW["nodes"], "odd": {"type": "no-such-type"}}}
    service = await start_engine({"boiler.flow.json": broken})
    page = await open_editor(service)
    await rename(page, "seen", "What came")
    await page.get_by_role("button", name="Deploy", exact=True).click()
    await expect(page.get_by_text("Not deployed: mend these errors first.")).to_be_visible()
    await expect(page.get_by_role("button", name="Deploy now")).to_be_disabled()
    assert "What came" not in (service.workspace.path / "boiler.flow.json").read_text()


async def test_flow_follows_its_file(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    service = await start_engine({"boiler.flow.json": FLOW})
    page = await open_editor(service)
    await expect(page.get_by_text("Connected")).to_be_visible()
    write(service, with_name("seen", "From git"))
    await expect(page.locator("[data-node=seen]")).to_contain_text("From git")


async def test_edits_and_a_changed_file_are_brought_together(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine({"boiler.flow.json": FLOW})
    page = await open_editor(service)
    await rename(page, "seen", "Mine")
    theirs = with_name("seen", "Theirs")
    theirs["nodes"]["button"] = {**theirs["nodes"]["button"], "name": "Press"}
    write(service, theirs)
    await expect(page.get_by_text("This flow was changed on disk.")).to_be_visible()
    await page.get_by_role("button", name="Deploy", exact=True).click()
    await page.get_by_label("nodes seen name: Theirs").check()
    await page.get_by_label("nodes seen name: Mine").check()
    await page.get_by_role("button", name="Take these and save").click()
    await expect(page.get_by_text("Deployed", exact=True)).to_be_visible()
    saved = json.loads((service.workspace.path / "boiler.flow.json").read_text())
    assert saved["nodes"]["seen"]["name"] == "Mine"
    assert saved["nodes"]["button"]["name"] == "Press"
    await expect(page.get_by_text("This flow was changed on disk.")).to_have_count(0)


async def test_theirs_is_taken_with_one_click(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    service = await start_engine({"boiler.flow.json": FLOW})
    page = await open_editor(service)
    await rename(page, "seen", "Mine")
    write(service, with_name("seen", "Theirs"))
    await page.get_by_role("button", name="Take theirs").click()
    await expect(page.locator("[data-node=seen]")).to_contain_text("Theirs")

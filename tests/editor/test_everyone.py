"""For everyone: whoever cannot see well, has no mouse, reads another language or has only a phone."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from flowengine.server.service import Service
from tests.editor.conftest import OpenEditor, StartEngine

AXE = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
# WCAG 2.2 at level AA, which holds those of 2.0 and 2.1.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FLOW: dict[str, Any] = {
    "flowengine": 1,
    "id": "boiler",
    "name": "Boiler",
    "nodes": {
        "button": {"type": "inject", "config": {"fields": {"payload": 1}}, "wires": {"out": ["shape"]}},
        "shape": {"type": "change", "config": {"rules": [{"delete": "$.payload.raw"}]}, "wires": {"out": ["seen"]}},
        "seen": {"type": "debug"},
        "in": {"type": "mqtt-in", "config": {"topic": "boiler/#/temperature"}, "wires": {"out": ["shape"]}},
    },
}


async def violations(page: Page) -> list[str]:
    """What axe-core finds serious or critical on the page as it is now."""
    if not await page.evaluate("typeof axe !== 'undefined'"):
        await page.evaluate(AXE.read_text())
    await page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null)))")
    found: Sequence[dict[str, Any]] = await page.evaluate(
        "async (rules) => (await axe.run(document, {runOnly: rules, resultTypes: ['violations']})).violations", RULES
    )
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {node['html'][:160]} {node['failureSummary']}"
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


async def opened(service: Service, open_editor: OpenEditor, path: str = "", **options: Any) -> Page:
    """Open a page of the editor, and wait until it is there."""
    page = await open_editor(service, path, **options)
    await expect(page.locator("main").first).to_be_visible()
    await page.wait_for_load_state("networkidle")
    return page


async def pages_of(page: Page) -> list[str]:
    """Addresses of all pages that the editor offers."""
    links: list[str] = await page.locator(".rail a").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    return links


async def turn_to(page: Page, address: str) -> None:
    """Show another page, and wait until it is there: each is loaded when it is first shown."""
    await page.evaluate("(address) => { location.hash = address }", address)
    await expect(page.locator(f'.rail a[href="{address}"]')).to_have_attribute("aria-current", "page")
    await expect(page.locator("main[aria-busy]")).to_have_count(0)
    await expect(page.locator("main")).to_be_visible()
    await page.wait_for_load_state("networkidle")


async def overflow(page: Page) -> list[str]:
    """What reaches over the right edge of the screen, though nothing scrolls it."""
    wide: list[str] = await page.evaluate(
        """() => {
          const scrolls = (one) => one !== null && one !== document.body && (
            /auto|scroll|hidden|clip/.test(getComputedStyle(one).overflowX) || scrolls(one.parentElement));
          return [...document.body.querySelectorAll("*")]
            .filter((one) => one.checkVisibility({visibilityProperty: true}) && !scrolls(one.parentElement)
              && one.getBoundingClientRect().right > innerWidth + 1)
            .map((one) => one.outerHTML.slice(0, 120));
        }"""
    )
    return wide


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_editor_has_no_serious_violation_on_any_page(
    theme: str, start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine({"boiler.flow.json": FLOW})
    page = await opened(service, open_editor, color_scheme=theme)
    found: list[str] = []
    for address in await pages_of(page):
        await turn_to(page, address)
        found += [f"{address}: {one}" for one in await violations(page)]
    assert found == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_editor_has_no_serious_violation_in_forms_and_dialogs(
    theme: str, start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine({"boiler.flow.json": FLOW})
    page = await opened(service, open_editor, color_scheme=theme)
    found: list[str] = []
    for node in ("shape", "in"):
        await page.locator(f"[data-node={node}]").click()
        await expect(page.locator("#node-name")).to_be_visible()
        found += [f"{node}: {one}" for one in await violations(page)]
    await page.locator("[data-field=broker]").get_by_role("button", name="New…").click()
    found += [f"config node: {one}" for one in await violations(page)]
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.locator(".canvas-surface").focus()
    for key in ("Control+k", "?", "Control+f", "Alt+n", "Control+i", "Control+e"):
        await page.keyboard.press(key)
        await expect(page.get_by_role("dialog")).to_be_visible()
        found += [f"{key}: {one}" for one in await violations(page)]
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.locator("[data-node=shape]").click(button="right")
    await expect(page.get_by_role("menu")).to_be_visible()
    found += [f"menu: {one}" for one in await violations(page)]
    await page.keyboard.press("Escape")
    await page.get_by_role("tab", name="Tests").click()
    await page.get_by_role("option", name="Message by hand").click()
    await page.get_by_role("button", name="Send into the node").click()
    await expect(page.get_by_role("alertdialog").get_by_role("button", name="Cancel")).to_be_focused()
    found += [f"question: {one}" for one in await violations(page)]
    assert found == []


async def test_editor_speaks_the_first_language_of_the_browser_that_it_knows(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine({"boiler.flow.json": FLOW})
    page = await opened(service, open_editor, locale="zh-CN")
    await expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    await expect(page.get_by_role("button", name="部署", exact=True)).to_be_visible()
    page = await opened(service, open_editor, locale="de-DE")
    await expect(page.locator("html")).to_have_attribute("lang", "en")


async def test_editor_keeps_the_language_that_was_chosen(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page = await opened(await start_engine({"boiler.flow.json": FLOW}), open_editor)
    await page.get_by_role("button", name="中文").click()
    await expect(page.get_by_role("button", name="部署", exact=True)).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("button", name="部署", exact=True)).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")


async def test_editor_fits_on_a_phone(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    service = await start_engine({"boiler.flow.json": FLOW})
    page = await opened(service, open_editor, viewport={"width": 390, "height": 844}, has_touch=True)
    found: list[str] = []
    for address in await pages_of(page):
        await turn_to(page, address)
        found += [f"{address}: {one}" for one in await overflow(page)]
        box = await page.locator("main").bounding_box()
        if box is None or (box["x"], box["width"]) != (0, 390):
            found.append(f"{address}: the page does not fill the screen")
    assert found == []
    # Also while the header says something.
    await turn_to(page, "#/flows/boiler")
    await page.locator(".notice").evaluate("notice => { notice.textContent = 'Deployed' }")
    for name in ("Undo", "Deploy", "How to deploy"):
        await expect(page.get_by_role("button", name=name, exact=True)).to_be_in_viewport(ratio=1)
    assert await page.locator(".notice").evaluate("notice => notice.scrollWidth <= notice.clientWidth")
    await page.get_by_role("button", name="Signed in as").tap()
    await page.get_by_role("button", name="中文").tap()
    await expect(page.get_by_role("button", name="部署", exact=True)).to_be_in_viewport(ratio=1)


async def test_editor_opens_menu_and_form_over_the_canvas_on_a_phone(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine({"boiler.flow.json": FLOW})
    page = await opened(service, open_editor, viewport={"width": 390, "height": 844}, has_touch=True)
    menu = page.get_by_role("button", name="Flows, palette and pages")
    health = page.get_by_role("link", name="System health")
    await expect(health).to_be_hidden()
    await menu.tap()
    await expect(menu).to_have_attribute("aria-expanded", "true")
    await expect(page.get_by_role("searchbox", name="Search node types")).to_be_visible()
    await health.tap()
    await expect(page.get_by_role("heading", name="System health")).to_be_visible()
    await expect(health).to_be_hidden()
    await page.go_back()
    await page.locator("[data-node=shape]").tap()
    await expect(page.locator("#node-name")).to_be_visible()
    assert await overflow(page) == []


async def test_editor_builds_and_deploys_a_flow_by_keyboard_alone(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine()
    page = await opened(service, open_editor)
    await page.keyboard.press("Alt+n")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    await page.keyboard.type("Night shift")
    await page.keyboard.press("Enter")
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("tab", name="Night shift")).to_be_visible()
    # Where the keyboard is after a dialog counts as the canvas until something is chosen.
    search = page.get_by_role("dialog", name="Search node types").get_by_role("combobox")
    await page.keyboard.press("a")
    await expect(search).to_be_focused()
    await page.keyboard.type("inject")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-node=inject]")).to_be_visible()
    await page.keyboard.press("Control+Enter")
    await expect(search).to_be_focused()
    await page.keyboard.type("debug")
    await page.keyboard.press("Enter")
    await expect(page.locator(".react-flow__edge")).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(page.locator("#node-name")).to_be_focused()
    await page.keyboard.type("What came")
    await page.keyboard.press("Control+s")
    await expect(page.locator(".node-changed")).to_have_count(0)
    saved = json.loads((service.workspace.path / "night-shift.flow.json").read_text())
    assert saved["nodes"]["debug"]["name"] == "What came"
    assert saved["nodes"]["inject"]["wires"] == {"out": ["debug"]}


async def test_editor_shows_where_the_keyboard_is(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page = await opened(await start_engine({"boiler.flow.json": FLOW}), open_editor)
    await page.locator("[data-node=shape]").click()
    await expect(page.locator("#node-name")).to_be_visible()
    await page.locator(".bar button").first.focus()
    stops: list[str] = []
    hidden: list[str] = []
    for _ in range(120):
        await page.keyboard.press("Tab")
        stop, is_shown = await page.evaluate(
            """() => {
              const one = document.activeElement;
              const shows = (part) => part !== null && getComputedStyle(part).outlineStyle !== "none";
              return [one.outerHTML.slice(0, 140), shows(one) || shows(one.firstElementChild)];
            }"""
        )
        if stop in stops and stop.startswith("<body"):
            break
        stops.append(stop)
        if not is_shown and not stop.startswith("<body"):
            hidden.append(stop)
    assert hidden == []
    assert any("node-name" in stop for stop in stops)

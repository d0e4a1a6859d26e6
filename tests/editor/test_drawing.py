import json
import re
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.editor.conftest import OpenEditor, StartEngine

FLOW: dict[str, Any] = {
    "flowengine": 1,
    "id": "boiler",
    "name": "Boiler",
    "nodes": {
        "button": {"type": "inject", "config": {"fields": {"payload": 1}}, "wires": {"out": ["seen"]}},
        "seen": {"type": "debug"},
        "scale": {"type": "change", "config": {"rules": []}},
    },
}
LAYOUT: dict[str, Any] = {
    "flowengine": 1,
    "nodes": {"button": {"x": 0, "y": 0}, "seen": {"x": 400, "y": 0}, "scale": {"x": 200, "y": 150}},
}
DOCUMENTS = {"boiler.flow.json": FLOW, "boiler.layout.json": LAYOUT}
TO_KELVIN: dict[str, Any] = {
    "flowengine": 1,
    "id": "to-kelvin",
    "name": "To kelvin",
    "inputs": {"in": {"targets": ["add"]}},
    "outputs": {"out": {"sources": ["add"]}},
    "nodes": {"add": {"type": "change", "config": {"rules": []}}},
}


def node(page: Page, id_: str) -> Locator:
    return page.locator(f"[data-node={id_}]")


def wires(page: Page) -> Locator:
    return page.locator(".react-flow__edge")


def tabs(page: Page) -> Locator:
    return page.locator(".tabs").get_by_role("tab")


async def middle(found: Locator) -> tuple[float, float]:
    box = await found.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    await page.mouse.move(*start)
    await page.mouse.down()
    # A drag begins with the first small movement.
    await page.mouse.move(start[0] + 2, start[1] + 2)
    await page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
    await page.mouse.move(*end, steps=4)
    await page.mouse.up()


async def opened(start_engine: StartEngine, open_editor: OpenEditor, **documents: Any) -> Page:
    page = await open_editor(await start_engine({**DOCUMENTS, **documents}), "#/flows/boiler")
    await expect(node(page, "seen")).to_be_visible()
    return page


async def command(page: Page, text: str) -> None:
    await page.keyboard.press("Control+k")
    await page.get_by_role("combobox", name="Search commands").fill(text)
    await page.keyboard.press("Enter")


async def exported(page: Page) -> Any:
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+e")
    text = await page.get_by_label("JSON", exact=True).input_value()
    await page.keyboard.press("Escape")
    return json.loads(text)


async def test_drawing_puts_a_node_into_the_wire_it_is_dropped_on(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    page = await opened(start_engine, open_editor)
    button, seen = await middle(node(page, "button")), await middle(node(page, "seen"))
    await drag(page, await middle(node(page, "scale")), ((button[0] + seen[0]) / 2, button[1]))
    await expect(wires(page)).to_have_count(2)
    nodes = (await exported(page))["nodes"]
    assert nodes["button"]["wires"] == {"out": ["scale"]}
    assert nodes["scale"]["wires"] == {"out": ["seen"]}


async def test_drawing_deletes_a_node_and_joins_what_was_beside_it(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    wired = {**FLOW["nodes"], "scale": {"type": "change", "config": {"rules": []}, "wires": {"out": ["seen"]}}}
    wired["button"] = {**wired["button"], "wires": {"out": ["scale"]}}
    page = await opened(start_engine, open_editor, **{"boiler.flow.json": {**FLOW, "nodes": wired}})
    await node(page, "scale").click()
    await page.keyboard.press("Shift+Delete")
    await expect(node(page, "scale")).to_have_count(0)
    assert (await exported(page))["nodes"]["button"]["wires"] == {"out": ["seen"]}
    await page.keyboard.press("Control+z")
    await expect(wires(page)).to_have_count(2)


async def test_drawing_cuts_the_wires_a_line_crosses(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page = await opened(start_engine, open_editor)
    button, seen = await middle(node(page, "button")), await middle(node(page, "seen"))
    at = (button[0] + seen[0]) / 2
    await page.keyboard.down("Alt")
    await drag(page, (at, button[1] - 60), (at, button[1] + 60))
    await page.keyboard.up("Alt")
    await expect(wires(page)).to_have_count(0)
    await expect(node(page, "scale")).to_be_visible()


async def test_drawing_offers_what_fits_where_a_wire_is_dropped(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    page = await opened(start_engine, open_editor)
    scale = await middle(node(page, "scale"))
    await drag(page, await middle(node(page, "scale").locator(".port-in")), (scale[0] - 160, scale[1] + 90))
    await expect(page.get_by_role("option", name="debug")).to_have_count(0)
    await page.keyboard.type("inject")
    await page.keyboard.press("Enter")
    await expect(wires(page)).to_have_count(2)
    assert (await exported(page))["nodes"]["inject"]["wires"] == {"out": ["scale"]}


async def test_drawing_wires_nodes_with_two_clicks(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page = await opened(start_engine, open_editor)
    await node(page, "scale").locator(".port-out").click()
    await node(page, "seen").locator(".port-in").click()
    await expect(wires(page)).to_have_count(2)


async def test_drawing_works_by_keyboard_alone(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page = await opened(start_engine, open_editor)
    await node(page, "button").locator("xpath=..").focus()
    await page.keyboard.press("ArrowRight")
    await expect(node(page, "seen").locator("xpath=..")).to_be_focused()
    before = await middle(node(page, "seen"))
    await page.keyboard.press("Space")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Shift+ArrowDown")
    await expect(node(page, "seen")).to_have_class(re.compile("is-selected"))
    assert (await middle(node(page, "seen")))[1] > before[1]
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Name", exact=True)).to_be_focused()
    await page.keyboard.type("What came")
    await expect(node(page, "seen")).to_contain_text("What came")


async def test_drawing_copies_cuts_pastes_and_duplicates(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page = await opened(start_engine, open_editor)
    await page.keyboard.press("Control+a")
    await page.keyboard.press("Control+d")
    await expect(page.locator("[data-node]")).to_have_count(6)
    await expect(wires(page)).to_have_count(2)
    await page.keyboard.press("Control+x")
    await expect(page.locator("[data-node]")).to_have_count(3)
    await page.keyboard.press("Control+v")
    await expect(page.locator("[data-node]")).to_have_count(6)


async def test_drawing_groups_nodes_and_moves_them_together(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    service = await start_engine(DOCUMENTS)
    page = await open_editor(service, "#/flows/boiler")
    await expect(node(page, "seen")).to_be_visible()
    await node(page, "button").click()
    await node(page, "scale").click(modifiers=["Shift"])
    await page.keyboard.press("Control+g")
    await page.get_by_label("Name", exact=True).last.fill("Reading")
    await page.get_by_role("radio").nth(2).check()
    await page.keyboard.press("Enter")
    frame = page.get_by_role("button", name="Reading")
    start, before = await middle(frame), await middle(node(page, "button"))
    await drag(page, start, (start[0] + 50, start[1] + 60))
    after = await middle(node(page, "button"))
    assert after[0] > before[0] + 30
    assert after[1] > before[1] + 40
    await page.get_by_role("button", name="Deploy", exact=True).first.click()
    await expect(page.locator(".tab-mark")).to_have_count(0)
    saved = json.loads((service.workspace.path / "boiler.flow.json").read_text())
    assert saved["groups"] == {"group": {"name": "Reading", "nodes": ["button", "scale"]}}


async def test_commands_are_found_and_their_keys_changed(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page = await opened(start_engine, open_editor)
    await page.keyboard.press("Control+a")
    await command(page, "disable nodes")
    await expect(page.locator(".node.is-disabled")).to_have_count(3)
    await page.keyboard.press("?")
    await page.get_by_role("button", name="Change the keys of “Disable or enable nodes”").click()
    await page.keyboard.press("Control+Shift+e")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+Shift+e")
    await expect(page.locator(".node.is-disabled")).to_have_count(0)
    await page.reload()
    await expect(node(page, "seen")).to_be_visible()
    await page.keyboard.press("?")
    await expect(page.get_by_role("button", name="Change the keys of “Disable or enable nodes”")).to_have_text(
        "Ctrl+Shift+E"
    )


async def test_flows_are_made_in_tabs_imported_and_deleted(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    service = await start_engine(DOCUMENTS)
    page = await open_editor(service, "#/flows/boiler")
    await expect(node(page, "seen")).to_be_visible()
    whole = await exported(page)
    await page.get_by_role("button", name="New flow").first.click()
    await page.keyboard.type("Cooling tower")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("tab", name="Cooling tower")).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Control+i")
    await page.get_by_label("Paste JSON here").fill(json.dumps(whole))
    await page.get_by_role("button", name="Import", exact=True).click()
    await expect(page.locator("[data-node]")).to_have_count(3)
    await expect(tabs(page)).to_have_count(3)
    await tabs(page).first.click()
    await command(page, "delete the flow")
    await page.get_by_role("button", name="Delete the flow").click()
    await expect(tabs(page)).to_have_count(2)
    assert not (service.workspace.path / "boiler.flow.json").exists()


async def test_search_finds_nodes_of_all_flows_and_goes_there(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    page = await opened(start_engine, open_editor, **{"to-kelvin.flow.json": TO_KELVIN})
    await page.keyboard.press("Control+f")
    await page.keyboard.type("type:change flow:kelvin")
    await expect(page.get_by_role("option")).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("tab", name="To kelvin")).to_have_attribute("aria-selected", "true")
    await expect(node(page, "add").locator("xpath=..")).to_be_focused()


async def test_subflows_are_in_the_palette_and_open_on_double_click(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    page = await opened(start_engine, open_editor, **{"to-kelvin.flow.json": TO_KELVIN})
    await page.get_by_role("navigation", name="Palette").get_by_role("button", name="To kelvin").click()
    made = node(page, "subflow-to-kelvin")
    await expect(made.locator(".port-in")).to_have_count(1)
    await expect(made.locator(".port-out")).to_have_count(1)
    await made.dblclick()
    await expect(page.get_by_role("tab", name="To kelvin")).to_have_attribute("aria-selected", "true")
    await command(page, "inputs and outputs")
    await page.get_by_role("button", name="Add", exact=True).last.click()
    await page.get_by_label("Nodes joined to out-2").select_option("add")
    await page.get_by_role("button", name="Done").click()
    assert set((await exported(page))["outputs"]) == {"out", "out-2"}


async def test_edits_outlive_a_reload_until_they_are_deployed(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    page = await opened(start_engine, open_editor)
    await node(page, "scale").click()
    await page.keyboard.press("Delete")
    await expect(node(page, "scale")).to_have_count(0)
    await page.reload()
    await expect(node(page, "scale")).to_be_visible()
    await page.get_by_role("button", name="Restore").click()
    await expect(node(page, "scale")).to_have_count(0)
    await page.get_by_role("button", name="Deploy", exact=True).first.click()
    await expect(page.locator(".tab-mark")).to_have_count(0)
    await page.reload()
    await expect(node(page, "seen")).to_be_visible()
    await expect(page.get_by_role("button", name="Restore")).to_have_count(0)


async def test_drawing_copies_a_group_with_its_nodes(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    groups = {"group": {"name": "Reading", "nodes": ["button", "scale"]}}
    page = await opened(start_engine, open_editor, **{"boiler.flow.json": {**FLOW, "groups": groups}})
    await page.keyboard.press("Control+a")
    await page.keyboard.press("Control+d")
    await expect(page.get_by_role("button", name="Reading")).to_have_count(2)
    assert (await exported(page))["groups"]["group-2"] == {"name": "Reading", "nodes": ["button-2", "scale-2"]}


async def test_drawing_offers_a_menu_on_what_was_pressed(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page = await opened(start_engine, open_editor)
    menu = page.get_by_role("menu", name="What can be done here")
    await node(page, "scale").click(button="right")
    await expect(menu.get_by_role("menuitem").first).to_be_focused()
    await page.keyboard.press("End")
    await expect(menu.get_by_role("menuitem", name="Delete", exact=True)).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(menu).to_have_count(0)
    await expect(node(page, "scale").locator("xpath=..")).to_be_focused()
    x, y = await middle(node(page, "scale"))
    await page.mouse.click(x, y + 120, button="right")
    await menu.get_by_role("menuitem", name="Add a node").click()
    await page.keyboard.type("debug")
    await page.keyboard.press("Enter")
    assert abs((await middle(node(page, "debug")))[1] - y - 120) < 60


async def test_drawing_moves_the_flow_with_the_right_button(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page = await opened(start_engine, open_editor)
    x, y = await middle(node(page, "scale"))
    await page.mouse.move(x, y + 120)
    await page.mouse.down(button="right")
    await page.mouse.move(x + 50, y + 150, steps=5)
    await page.mouse.up(button="right")
    assert (await middle(node(page, "scale")))[0] > x + 40
    await expect(page.get_by_role("menu")).to_have_count(0)


async def test_field_leads_to_where_its_resource_is_used(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    broker = {"type": "mqtt-in", "config": {"broker": "plant", "topic": "a"}, "wires": {"out": ["seen"]}}
    nodes = {**FLOW["nodes"], "read": broker, "also": {"type": "mqtt-out", "config": {"broker": "plant", "topic": "b"}}}
    resources = {"plant": {"type": "mqtt-broker", "config": {"host": "127.0.0.1", "port": 1}}}
    page = await opened(
        start_engine,
        open_editor,
        **{"boiler.flow.json": {**FLOW, "nodes": nodes}, "resources.json": {"flowengine": 1, "resources": resources}},
    )
    await node(page, "read").click()
    await page.get_by_role("button", name="Where plant is used").click()
    await expect(page.get_by_role("dialog").get_by_role("option")).to_have_count(2)
    await page.get_by_role("dialog").get_by_role("option", name="also").click()
    await expect(node(page, "also").locator("xpath=..")).to_be_focused()


async def test_node_types_have_icons_of_their_own(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page = await opened(start_engine, open_editor)
    for id_ in ("button", "seen", "scale"):
        drawn = await node(page, id_).locator(".node-icon path").get_attribute("d")
        title = {"button": "inject", "seen": "debug", "scale": "change"}[id_]
        button = page.get_by_role("navigation", name="Palette").get_by_role("button", name=title, exact=True)
        assert await button.locator("path").get_attribute("d") == drawn
    icons = await page.locator(".palette .node-icon path").evaluate_all(
        "all => all.map((one) => one.getAttribute('d'))"
    )
    assert len(set(icons)) > len(icons) / 2

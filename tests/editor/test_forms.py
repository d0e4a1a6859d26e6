import json
from typing import Any

from playwright.async_api import Page, expect

from flowengine.server.service import Service
from tests.editor.conftest import OpenEditor, StartEngine

FLOW: dict[str, Any] = {
    "flowengine": 1,
    "id": "boiler",
    "nodes": {
        "in": {
            "type": "mqtt-in",
            "config": {"broker": "main", "topic": "boiler/{device}/temperature"},
            "wires": {"out": ["shape"]},
        },
        "shape": {"type": "change", "config": {"rules": [{"delete": "$.payload.raw"}]}, "wires": {"out": ["hot"]}},
        "hot": {
            "type": "switch",
            "config": {"value": {"path": "$.payload"}, "rules": [{"when": "gt", "value": 90, "port": "hot"}]},
        },
        "code": {"type": "function", "config": {"code": "return msg"}},
    },
}


async def opened(start_engine: StartEngine, open_editor: OpenEditor, node: str) -> tuple[Service, Page]:
    resources = {"flowengine": 1, "resources": {"main": {"type": "mqtt-broker", "config": {"port": 1}}}}
    service = await start_engine({"boiler.flow.json": FLOW, "resources.json": resources})
    page = await open_editor(service)
    await page.locator(f"[data-node={node}]").click()
    return service, page


async def kept(service: Service, page: Page) -> dict[str, Any]:
    """Deploy, and return the nodes as they are on disk then."""
    await page.get_by_role("button", name="Deploy", exact=True).click()
    await expect(page.locator(".node-changed")).to_have_count(0)
    nodes: dict[str, Any] = json.loads((service.workspace.path / "boiler.flow.json").read_text())["nodes"]
    return nodes


async def test_form_adds_a_rule_and_gives_it_a_value_from_the_message(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service, page = await opened(start_engine, open_editor, "shape")
    rules = page.locator("[data-field=rules]")
    await rules.get_by_role("button", name="Add").click()
    second = rules.locator(".list-item").nth(1)
    await second.get_by_role("combobox", name="Kind", exact=True).select_option("set")
    await second.get_by_label("Set").fill("$.payload.device")
    await second.get_by_role("combobox", name="Kind of value").select_option("message")
    await second.locator("[data-field=to] input").fill("$.device")
    await expect(page.locator("[data-node=shape] .node-changed")).to_have_count(1)
    assert (await kept(service, page))["shape"]["config"]["rules"] == [
        {"delete": "$.payload.raw"},
        {"set": "$.payload.device", "to": {"path": "$.device"}},
    ]


async def test_form_shows_at_the_field_what_lint_finds(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    _, page = await opened(start_engine, open_editor, "in")
    topic = page.locator("[data-field=topic]")
    await topic.get_by_role("textbox").fill("boiler/#/temperature")
    await expect(topic.locator(".field-problem")).to_contain_text("'#' must be the last level")
    await expect(topic.get_by_role("textbox")).to_have_attribute("aria-invalid", "true")
    await topic.get_by_role("textbox").fill("boiler/#")
    await expect(topic.locator(".field-problem")).to_have_count(0)


async def test_form_makes_a_config_node_where_it_is_needed(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    service, page = await opened(start_engine, open_editor, "in")
    broker = page.locator("[data-field=broker]")
    await broker.get_by_role("combobox").select_option("")
    await broker.get_by_role("button", name="New…").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name", exact=True).fill("Plant broker")
    await dialog.get_by_label("Host").fill("broker.plant.test")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    await expect(broker.get_by_role("combobox")).to_have_value("plant-broker")
    resources = json.loads((service.workspace.path / "resources.json").read_text())["resources"]
    assert resources["plant-broker"] == {
        "type": "mqtt-broker",
        "name": "Plant broker",
        "config": {"host": "broker.plant.test"},
    }


async def test_form_gives_a_node_the_ports_that_its_rules_name(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    _, page = await opened(start_engine, open_editor, "hot")
    rules = page.locator("[data-field=rules]")
    await rules.get_by_role("button", name="Add").click()
    second = rules.locator(".list-item").nth(1)
    await second.get_by_role("combobox", name="Kind", exact=True).select_option("else")
    await second.get_by_label("Port").fill("cold")
    await expect(page.locator("[data-node=hot] .port-out")).to_have_count(2)


async def test_form_edits_code_in_an_editor_with_colours(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    _, page = await opened(start_engine, open_editor, "code")
    code = page.get_by_role("textbox", name="Code")
    await code.click()
    await page.keyboard.press("Control+a")
    await page.keyboard.insert_text("msg['payload'] = 1")
    await expect(page.locator("[data-node=code] .node-changed")).to_have_count(1)
    await expect(page.locator(".cm-content").first).to_contain_text("msg['payload'] = 1")


async def test_form_shows_the_help_of_the_node_type(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    _, page = await opened(start_engine, open_editor, "hot")
    await page.get_by_text("Help", exact=True).click()
    await expect(page.locator(".node-help .markdown p").first).to_be_visible()

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from flowengine.server.service import Service
from tests.editor.conftest import OpenEditor, StartEngine
from tests.mosquitto import Mosquitto, free_port

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


async def inject(service: Service, node: str, **fields: Any) -> None:
    """Put a message into a node."""
    async with httpx.AsyncClient(base_url=service.url) as client:
        answer = await client.post("/admin/api/flows/plain/inject", json={"node": node, "message": fields})
        answer.raise_for_status()


PLAIN: dict[str, Any] = {
    "flowengine": 1,
    "id": "plain",
    "nodes": {
        "button": {"type": "inject", "wires": {"out": ["shape"]}},
        "shape": {
            "type": "change",
            "config": {"rules": [{"set": "$.payload.device", "to": {"path": "$.payload.temperature"}}]},
            "wires": {"out": ["text"]},
        },
        "text": {
            "type": "template",
            "config": {"template": "{{ payload.temperature }} °C"},
            "wires": {"out": ["seen"]},
        },
        "seen": {"type": "debug"},
    },
}


async def test_fields_show_what_they_give_on_the_last_message(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine({"plain.flow.json": PLAIN})
    page = await open_editor(service)
    form = page.get_by_role("complementary", name="Node")
    await page.locator("[data-node=shape]").click()
    await expect(form.get_by_text("No message has come here yet")).to_be_visible()
    await inject(service, "shape", payload={"temperature": 81.5})
    result = form.locator("[data-field=to] .field-result")
    await expect(result).to_have_text(re.compile(r"81\.5$"))
    await expect(form.locator("[data-field=set] .field-result")).to_have_text(re.compile("nothing there$"))
    # It follows the messages, and what is typed.
    await inject(service, "shape", payload={"temperature": 90})
    await expect(result).to_have_text(re.compile("90$"))
    await form.locator("[data-field=to] input").fill("$.payload.")
    await expect(form.locator("[data-field=to] .field-result.is-failed")).to_contain_text("JSONPath")
    await form.locator("[data-field=to] input").fill("$.payload")
    await expect(result).to_have_text(re.compile(r'\{"temperature":90\}$'))
    await page.locator("[data-node=text]").click()
    await expect(form.locator("[data-field=template] .field-result")).to_have_text(re.compile("90 °C$"))
    await form.locator(".last-message summary").click()
    await expect(form.locator(".value-tree")).to_contain_text("temperature")


async def test_node_that_is_new_in_a_place_shows_what_its_neighbour_got(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine({"plain.flow.json": PLAIN})
    await inject(service, "shape", payload={"temperature": 81.5})
    page = await open_editor(service)
    form = page.get_by_role("complementary", name="Node")
    await page.locator("[data-node=shape]").click()
    await page.keyboard.press("Control+Enter")
    await page.keyboard.insert_text("filter")
    await page.keyboard.press("Enter")
    await expect(form.get_by_role("heading", name="filter")).to_be_visible()
    await expect(form.get_by_text("as text got it")).to_be_visible()
    await expect(form.locator(".field-result").first).to_contain_text("81.5")


@pytest.mark.mosquitto
async def test_config_node_is_tried_in_its_dialog(
    start_engine: StartEngine, open_editor: OpenEditor, tmp_path: Path
) -> None:
    service, page = await opened(start_engine, open_editor, "in")
    await page.locator("[data-field=broker]").get_by_role("button", name="Edit…").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Port", exact=True).fill(str(free_port()))
    await dialog.get_by_role("button", name="Connect").click()
    await expect(dialog.get_by_role("status")).to_contain_text("It does not work")
    async with Mosquitto(tmp_path / "broker") as broker:
        await dialog.get_by_label("Host").fill(broker.host)
        await dialog.get_by_label("Port", exact=True).fill(str(broker.port))
        await expect(dialog.get_by_role("status")).to_be_empty()
        await dialog.get_by_role("button", name="Connect").click()
        await expect(dialog.get_by_role("status")).to_contain_text("It works: connected")
    # Nothing was saved, and what runs is as it was.
    assert (
        json.loads((service.workspace.path / "resources.json").read_text())["resources"]["main"]["config"]["port"] == 1
    )


async def test_form_takes_a_value_of_several_kinds(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    service, page = await opened(start_engine, open_editor, "in")
    await page.locator("[data-field=broker]").get_by_role("button", name="Edit…").click()
    dialog = page.get_by_role("dialog")
    tls = dialog.locator("[data-field=tls]")
    await tls.get_by_label("TLS", exact=True).select_option("yes, and how")
    await tls.get_by_label("CA file").fill("ca.pem")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    resources = json.loads((service.workspace.path / "resources.json").read_text())["resources"]
    assert resources["main"]["config"]["tls"] == {"ca": "ca.pem"}


async def test_forms_and_lint_speak_chinese(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    service = await start_engine({"plain.flow.json": PLAIN})
    page = await open_editor(service, locale="zh-CN")
    await page.locator("[data-node=shape]").click()
    form = page.locator(".node-panel")
    await expect(form.get_by_role("heading", name="修改", exact=True)).to_be_visible()
    await expect(form.get_by_text("设置、替换、删除和移动消息的各部分。").first).to_be_visible()
    await expect(page.get_by_role("navigation", name="节点面板").get_by_text("MQTT 接收")).to_be_visible()
    await page.locator("[data-node=seen]").click()
    await form.locator("[data-field=size] input").fill("no")
    await expect(form.locator("[data-field=size] .field-problem")).to_contain_text("必须是整数")
    await page.get_by_role("button", name="English").click()
    await expect(form.locator("[data-field=size] .field-problem")).to_have_text('must be a whole number, not "no"')
    await expect(form.get_by_role("heading", name="debug")).to_be_visible()

"""Seeing what runs and testing it, as a person does it in the editor."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from flowengine.server.service import Service
from tests.editor.conftest import OpenEditor, StartEngine, say_yes

FLOW: dict[str, Any] = {
    "flowengine": 1,
    "id": "boiler",
    "name": "Boiler",
    "nodes": {
        "button": {"type": "inject", "config": {"fields": {"payload": 95}}, "wires": {"out": ["convert"]}},
        "convert": {
            "type": "change",
            "config": {"rules": [{"set": "$.unit", "to": "C"}]},
            "wires": {"out": ["check"]},
        },
        "check": {
            "type": "function",
            "config": {"code": 'msg["payload"] = 100 / msg["payload"]\nreturn msg'},
            "wires": {"out": ["seen"]},
        },
        "seen": {"type": "debug", "config": {"path": "$", "status": True}},
    },
}
LAYOUT: dict[str, Any] = {
    "flowengine": 1,
    "nodes": {id: {"x": 200 * number, "y": 0} for number, id in enumerate(FLOW["nodes"])},
}
DOCUMENTS: dict[str, Any] = {"boiler.flow.json": FLOW, "boiler.layout.json": LAYOUT}
ROUNDS = 5
ROUND = 1.0
"""Seconds of CPU."""
BATCH = 100
WATCH_FOR_FREEZES = """() => {
  window.longestGap = 0;
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    window.longestGap = Math.max(window.longestGap, now - last);
    last = now;
  }, 20);
}"""


async def inject(service: Service, node: str, **fields: Any) -> str:
    """Put a message into a node and return its id."""
    async with httpx.AsyncClient(base_url=service.url) as client:
        answer = await client.post("/admin/api/flows/boiler/inject", json={"node": node, "message": fields})
        return str(answer.raise_for_status().json()["message_id"])


def panel(page: Page) -> Locator:
    """Return the panel below the canvas."""
    return page.get_by_role("region", name="Below the canvas")


async def click_wire(page: Page, source: str, target: str) -> None:
    """Click in the middle of the wire between two nodes that stand side by side."""
    boxes = [await page.locator(f"[data-node={id}]").bounding_box() for id in (source, target)]
    (left, right) = (box for box in boxes if box is not None)
    between = (left["x"] + left["width"] + right["x"]) / 2
    await page.mouse.click(between, left["y"] + left["height"] / 2)


async def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so that nothing tells of."""
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110 - a port that is left alone tells nobody
            await asyncio.sleep(0.01)


async def open_tab(page: Page, name: str) -> Locator:
    """Open a tab of the panel below the canvas and return what it shows."""
    await panel(page).get_by_role("tab", name=name).click()
    return panel(page).get_by_role("tabpanel", name=name)


def entries(body: Locator, name: str = "Entries") -> Locator:
    """Return the rows of a list."""
    return body.get_by_role("listbox", name=name).get_by_role("option")


async def test_node_shows_its_status_and_its_errors(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    service = await start_engine(DOCUMENTS)
    await inject(service, "seen", payload="before")
    page = await open_editor(service)
    status = page.locator("[data-status-of=seen]")
    await expect(status).to_contain_text("before")
    await inject(service, "seen", payload="after")
    await expect(status).to_contain_text("after")
    await inject(service, "check", payload=0)
    await expect(page.locator("[data-errors-of=check]")).to_have_text("1")
    # What is out of sight is drawn anew when it comes back.
    await page.mouse.move(600, 400)
    await page.mouse.wheel(0, 3000)
    await expect(page.locator("[data-node=seen]")).to_have_count(0)
    await page.mouse.wheel(0, -3000)
    await expect(status).to_contain_text("after")
    await expect(page.locator("[data-errors-of=check]")).to_have_text("1")


async def test_debug_panel_shows_messages_filters_pauses_and_leads_to_the_node(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine(DOCUMENTS)
    page = await open_editor(service)
    body = await open_tab(page, "Debug")
    await inject(service, "seen", payload="first")
    await inject(service, "check", payload=0)
    rows = entries(body)
    await expect(rows).to_have_count(2)
    await body.get_by_label("Level").select_option("error")
    await expect(rows).to_have_count(1)
    await expect(rows.first).to_contain_text("division by zero")
    await body.get_by_label("Level").select_option("")
    await body.get_by_label("Search in messages").fill("FIRST")
    await expect(rows).to_have_count(1)
    await body.get_by_label("Search in messages").fill("")
    await body.get_by_role("button", name="Pause").click()
    await inject(service, "seen", payload="second")
    await expect(body.get_by_role("button", name="Go on (1 new)")).to_be_visible()
    await expect(rows).to_have_count(2)
    await body.get_by_role("button", name="Go on (1 new)").click()
    await expect(rows).to_have_count(3)
    await rows.first.click()
    await expect(page.locator("[data-node=seen]")).to_contain_class("is-selected")
    await body.get_by_role("button", name="Clear").click()
    await expect(body.get_by_text("Messages of debug nodes and errors appear here.")).to_be_visible()


async def test_value_unfolds_and_its_path_is_copied(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    service = await start_engine(DOCUMENTS)
    page = await open_editor(service, permissions=["clipboard-read", "clipboard-write"])
    body = await open_tab(page, "Debug")
    await inject(service, "seen", payload={"rooms": [{"name": "kitchen", "celsius": 21.5}]})
    await entries(body).click()
    await body.get_by_role("button", name="Unfold rooms").click()
    await body.get_by_role("button", name="Unfold 0").click()
    await body.get_by_role("button", name="Copy the path $.payload.rooms[0].celsius").click()
    assert await page.evaluate("navigator.clipboard.readText()") == "$.payload.rooms[0].celsius"


async def test_wire_shows_its_last_messages(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    service = await start_engine(DOCUMENTS)
    await inject(service, "convert", payload=21)
    page = await open_editor(service)
    await click_wire(page, "convert", "check")
    side = page.get_by_role("complementary", name="Wire")
    await expect(side.get_by_text("Waiting for the next message")).to_be_visible()
    await expect(side.get_by_text("21", exact=True).first).to_be_visible()
    await inject(service, "convert", payload=22)
    messages = side.get_by_role("list", name="Last messages").get_by_role("listitem")
    await expect(messages).to_have_count(1)
    await expect(messages.first).to_contain_text("22")
    await expect(side.get_by_role("img", name=re.compile("Messages a second: now"))).to_be_visible()
    node = service.engine.flows["boiler"].cells["convert"].node
    assert node is not None
    tapped = node.outputs["out"].deliver
    await page.locator("[data-node=seen]").click()
    await expect(side).to_have_count(0)
    # Nobody looks any more: the port is as it was.
    await wait_until(lambda: node.outputs["out"].deliver != tapped)


async def test_trace_shows_what_each_node_received_and_changed_and_where_it_failed(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine(DOCUMENTS)
    await inject(service, "convert", payload=0)
    page = await open_editor(service)
    body = await open_tab(page, "Trace")
    await entries(body, "Traces").click()
    way = body.get_by_role("region", name="Way of the message")
    stops = way.get_by_role("listitem")
    await expect(way.get_by_role("button", expanded=False)).not_to_have_count(0)
    await way.get_by_role("button", name="check").first.click()
    await expect(way.locator(".changes")).to_contain_text("unit")
    await expect(way.locator(".value-line.is-changed")).to_contain_text("unit")
    await expect(stops.last).to_contain_text("division by zero")
    await expect(page.locator("[data-node=convert][data-way=came]")).to_be_visible()
    await expect(page.locator("[data-node=check][data-way=failed]")).to_be_visible()
    await expect(page.locator("[data-node=seen][data-way]")).to_have_count(0)


async def test_next_messages_are_followed_and_one_is_replayed(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine(DOCUMENTS)
    service.engine.world.traces.every = 1_000_000
    page = await open_editor(service)
    body = await open_tab(page, "Trace")
    await body.get_by_label("Messages to follow").fill("2")
    await body.get_by_role("button", name="Follow the next").click()
    await expect(body.get_by_text("The next 2 messages of this flow are traced.")).to_be_visible()
    await inject(service, "convert", payload=4)
    await entries(body, "Traces").first.click()
    await body.get_by_role("button", name="Replay").click()
    await say_yes(page, "Replay")
    await expect(body.get_by_text("Put into convert again as a new message.")).to_be_visible()
    await expect(entries(body, "Traces")).to_have_count(2)


async def test_dead_letter_is_mended_and_replayed_and_another_dropped(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine(DOCUMENTS)
    for _ in range(2):
        await inject(service, "check", payload=0)
    page = await open_editor(service)
    body = await open_tab(page, "Dead letters")
    letters = entries(body, "Dead letters")
    await expect(letters).to_have_count(2)
    await letters.first.click()
    await body.get_by_role("button", name="Edit the message").click()
    await body.get_by_role("textbox", name="Edit the message").fill("{")
    await body.get_by_role("button", name="Save").click()
    await expect(body.get_by_text("This is no JSON object")).to_be_visible()
    await body.get_by_role("textbox", name="Edit the message").fill('{"payload": 8}')
    await body.get_by_role("button", name="Save").click()
    await body.get_by_role("button", name="Replay", exact=True).click()
    await expect(body.get_by_text("1 settled")).to_be_visible()
    await expect(page.locator("[data-status-of=seen]")).to_contain_text("12.5")
    await expect(letters).to_have_count(1)
    await letters.first.click()
    await body.get_by_role("button", name="Drop", exact=True).click()
    await say_yes(page, "Drop")
    await expect(body.get_by_text("There are no dead letters.")).to_be_visible()


async def test_value_that_is_remembered_is_changed_and_deleted(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine(DOCUMENTS)
    convert = service.engine.flows["boiler"].cells["convert"].node
    assert convert is not None
    await convert.context.state.set("total", {"count": 7})
    page = await open_editor(service)
    body = await open_tab(page, "State")
    await body.get_by_label("Whose values").select_option("convert")
    await entries(body, "Values").click()
    await body.get_by_role("button", name="Edit the value").click()
    await body.get_by_role("textbox", name="Edit the value").fill('{"count": 8}')
    await body.get_by_role("button", name="Save").click()
    await expect(entries(body, "Values").first).to_contain_text('{"count":8}')
    assert convert.context.state.get("total") == {"count": 8}
    await body.get_by_role("button", name="Delete").click()
    await say_yes(page, "Delete")
    await expect(body.get_by_text("Nothing is remembered here.")).to_be_visible()
    assert convert.context.state.get("total") is None


async def test_traced_message_becomes_a_test_that_passes_until_the_flow_is_changed(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine(DOCUMENTS)
    await inject(service, "convert", payload=4)
    page = await open_editor(service)
    body = await open_tab(page, "Trace")
    await entries(body, "Traces").click()
    await body.get_by_role("button", name="Record as a test").click()
    asked = page.get_by_role("dialog")
    await asked.get_by_role("textbox").fill("divides")
    await asked.get_by_role("button", name="Record as a test").click()
    await expect(body.get_by_text("Recorded as the test “divides”.")).to_be_visible()
    document = json.loads((service.workspace.path / "boiler.flow-test.json").read_text())
    assert document["cases"][0]["given"] == [{"into": "convert", "message": {"payload": 4}, "as": "message"}]
    body = await open_tab(page, "Tests")
    await body.get_by_role("button", name="Run all").click()
    row = entries(body, "Tests").filter(has_text="divides")
    await expect(row).to_contain_text("passed")
    document["cases"][0]["expect"]["messages"]["seen"][0]["payload"] = 26
    (service.workspace.path / "boiler.flow-test.json").write_text(json.dumps(document))
    await body.get_by_role("button", name="Run all").click()
    await expect(row).to_contain_text("failed")
    await row.click()
    await expect(body.locator(".difference")).to_contain_text("expected 26")
    await expect(body.locator(".difference")).to_contain_text("got 25")
    await expect(page.locator("[data-node=seen][data-way=differed]")).to_be_visible()


async def test_message_by_hand_is_tried_without_effects_and_then_sent(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine(DOCUMENTS)
    page = await open_editor(service)
    body = await open_tab(page, "Tests")
    await entries(body, "Tests").filter(has_text="Message by hand").click()
    await body.get_by_label("Node").select_option("check")
    await body.get_by_label("Message (JSON)").fill('{"payload": 5}')
    await body.get_by_role("button", name="Try without effects").click()
    await expect(body.get_by_text("Tried: nothing was sent outside")).to_be_visible()
    await expect(body.locator(".value-tree").last).to_contain_text("20")
    account = service.engine.flows["boiler"].account
    assert account.received == 0
    await body.get_by_role("button", name="Send into the node").click()
    await say_yes(page, "Send into the node")
    await expect(body.get_by_text("Sent. Its trace is in the list of traces.")).to_be_visible()
    assert account.received == 1


async def test_figures_draw_the_rates_of_the_flow_and_of_chosen_nodes(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine(DOCUMENTS)
    page = await open_editor(service)
    body = await open_tab(page, "Figures")
    await page.locator("[data-node=seen]").click()
    chart = body.get_by_role("group", name="seen").get_by_role("img", name="Messages a second")
    await expect(chart).to_be_visible()
    on_node = page.locator("[data-rate-of=seen]")
    on_wire = page.locator("[data-rate-of-port='check.out']")
    async with asyncio.timeout(20):
        while await on_node.text_content() == "" or await on_wire.text_content() == "":
            await inject(service, "check", payload=1)
            await asyncio.sleep(0.1)
    await expect(chart).to_have_attribute("aria-label", re.compile("at most [1-9]"))
    await expect(chart.locator("path")).to_have_attribute("d", re.compile("^M.*L"))
    # The engine tells of nothing any more, and what is shown goes on all the same.
    await expect(chart).to_have_attribute("aria-label", re.compile(": now 0, at most [1-9]"), timeout=15_000)
    await expect(on_node).to_be_empty()
    await expect(on_wire).to_be_empty()


@pytest.mark.serial
async def test_ten_thousand_messages_a_second_neither_slow_the_flow_nor_freeze_the_page(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine(DOCUMENTS)
    page = await open_editor(service)
    await open_tab(page, "Debug")
    await click_wire(page, "convert", "check")
    await expect(page.get_by_role("complementary", name="Wire")).to_be_visible()
    await page.evaluate(WATCH_FOR_FREEZES)
    seen = [await cost_of_messages(service) for _ in range(ROUNDS)]
    longest = await page.evaluate("window.longestGap")
    await expect(page.get_by_role("listitem").first).to_be_visible()
    rows = entries(panel(page), "Entries")
    assert 0 < await rows.count() < 60
    await page.goto("about:blank")
    await wait_until(lambda: service.engine.world.hub.watchers == 0)
    alone = [await cost_of_messages(service) for _ in range(ROUNDS)]
    # Measured: 0.98 to 1.05. What more is allowed here is what other work on the machine makes of the figures.
    assert min(seen) < 1.15 * min(alone)
    assert 1 / min(seen) > 10_000
    assert longest < 1_000


async def cost_of_messages(service: Service) -> float:
    """Send messages as fast as they go, and return the seconds of CPU that each one took, with all that goes on."""
    source = service.engine.flows["boiler"].cells["button"].node
    assert source is not None
    began = time.thread_time()
    sent = 0
    while (took := time.thread_time() - began) < ROUND:
        for number in range(BATCH):
            source.emit(source.outputs["out"], {"payload": number + 1})
        sent += BATCH
        await asyncio.sleep(0)
    return took / sent


async def test_path_of_a_message_is_pinned_and_shows_its_newest_value(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine(DOCUMENTS)
    page = await open_editor(service)
    body = await open_tab(page, "Debug")
    await inject(service, "seen", payload={"temperature": 20})
    await entries(body).first.click()
    await body.get_by_role("button", name="Pin the path $.payload.temperature").click()
    pinned = body.get_by_role("list", name="Pinned")
    await expect(pinned.get_by_role("listitem")).to_contain_text("seen $.payload.temperature 20")
    await inject(service, "seen", payload={"temperature": 21})
    await inject(service, "seen", payload={"other": 1})
    await expect(pinned.get_by_role("listitem")).to_contain_text("$.payload.temperature 21")
    # What is pinned outlives a look at something else.
    await open_tab(page, "Trace")
    await open_tab(page, "Debug")
    await pinned.get_by_role("button", name="Unpin seen $.payload.temperature").click()
    await expect(pinned).to_have_count(0)


async def test_outbox_panel_shows_what_waits_tries_and_drops_it(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    # Nobody listens at that port.
    send: dict[str, Any] = {"type": "http-request", "config": {"url": "http://127.0.0.1:1/", "method": "POST"}}
    flow = {"flowengine": 1, "id": "boiler", "nodes": {"send": {**send, "stage": {"outbox": True}}}}
    service = await start_engine({"boiler.flow.json": flow})
    page = await open_editor(service)
    body = await open_tab(page, "Outbox")
    await expect(body.get_by_text("Nothing waits in an outbox.")).to_be_visible()
    await inject(service, "send", payload={"temperature": 95})
    await inject(service, "send", payload={"temperature": 96})
    outbox = body.get_by_role("listbox", name="Outboxes")
    async with asyncio.timeout(20):
        while not await outbox.get_by_role("option").count():
            await body.get_by_role("button", name="Read again").click()
    await outbox.get_by_role("option").click()
    messages = body.get_by_role("region", name="Messages that wait")
    await expect(messages.get_by_role("listitem")).to_have_count(2)
    await messages.get_by_role("listitem").first.get_by_role("button").first.click()
    await expect(messages.get_by_role("listitem").first).to_contain_text("95")
    await messages.get_by_role("button", name="Try now").click()
    await expect(body.get_by_text("tried now")).to_be_visible()
    await messages.get_by_role("button", name="Drop all").click()
    await say_yes(page, "Drop all")
    await expect(body.get_by_text("Nothing waits in an outbox.")).to_be_visible()
    assert (await service.engine.world.store.outbox.list("boiler", "send")) == []

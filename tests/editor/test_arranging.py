"""Automatic layout, as a person sees it."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.editor.conftest import OpenEditor, StartEngine

SHIPPED = Path(__file__).parents[2] / "flows"
FLOW: dict[str, Any] = {
    "flowengine": 1,
    "id": "boiler",
    "nodes": {
        "button": {"type": "inject", "wires": {"out": ["scale", "seen"]}},
        "scale": {"type": "change", "config": {"rules": []}, "wires": {"out": ["seen"]}},
        "seen": {"type": "debug"},
    },
}
LAYOUT: dict[str, Any] = {
    "flowengine": 1,
    "nodes": {"button": {"x": 0, "y": 0}, "scale": {"x": 0, "y": 100}, "seen": {"x": 0, "y": 200}},
}
# Along every wire that is drawn: the nodes that it does not belong to, and that it runs behind.
HIDDEN = """() => {
  const nodes = [...document.querySelectorAll('.react-flow__node')]
    .map((one) => [one.dataset.id, one.getBoundingClientRect()]);
  return [...document.querySelectorAll('.react-flow__edge')].flatMap((wire) => {
    const path = wire.querySelector('.react-flow__edge-path');
    const [from, to] = wire.dataset.id.split('>').map((end) => end.split('.')[0]);
    const matrix = path.getScreenCTM();
    const points = Array.from({ length: 301 }, (_, step) =>
      path.getPointAtLength((path.getTotalLength() * step) / 300).matrixTransform(matrix));
    return nodes
      .filter(([id]) => id !== from && id !== to)
      .filter(([, box]) => points.some(({ x, y }) => x > box.left && x < box.right && y > box.top && y < box.bottom))
      .map(([id]) => `${wire.dataset.id} behind ${id}`);
  });
}"""


def node(page: Page, id_: str) -> Locator:
    return page.locator(f"[data-node={id_}]")


async def place(page: Page, id_: str) -> str:
    return str(await node(page, id_).locator("xpath=..").evaluate("one => one.style.transform"))


async def laid_out(page: Page) -> None:
    """Wait until nodes stand at places of their own, and not all at one."""
    await page.wait_for_function("""() => {
      const nodes = [...document.querySelectorAll('.react-flow__node')];
      return new Set(nodes.map((one) => one.style.transform)).size > 2;
    }""")


class Layouter:
    """Holds back what lays a flow out until it is let go."""

    def __init__(self) -> None:
        self.is_asked = asyncio.Event()
        self._may_go = asyncio.Event()

    async def hold(self, route: Route) -> None:
        self.is_asked.set()
        await self._may_go.wait()
        await route.continue_()

    def let_go(self) -> None:
        self._may_go.set()


async def test_arranging_leaves_a_flow_alone_that_is_changed_meanwhile(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    page = await open_editor(
        await start_engine({"boiler.flow.json": FLOW, "boiler.layout.json": LAYOUT}), "#/flows/boiler"
    )
    layouter = Layouter()
    await page.route("**/elk-api.js", layouter.hold)
    await node(page, "scale").click()
    before = await place(page, "scale")
    await page.keyboard.press("ArrowRight")
    moved = await place(page, "scale")
    assert moved != before
    await page.keyboard.press("Control+Shift+L")
    await layouter.is_asked.wait()
    await page.keyboard.press("Control+z")
    layouter.let_go()
    await expect(page.locator(".notice")).to_have_text(
        "Not arranged: the flow was changed meanwhile. Arrange it again if you still want to."
    )
    assert await place(page, "scale") == before
    await page.get_by_role("button", name="Redo").click()
    assert await place(page, "scale") == moved
    await page.keyboard.press("Control+Shift+L")
    await expect(page.locator(".notice")).to_be_empty()
    assert await page.evaluate(HIDDEN) == []
    await page.keyboard.press("Control+z")
    assert await place(page, "scale") == moved


async def test_arranging_a_flow_without_places_keeps_them_when_an_earlier_move_is_undone(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine({"boiler.flow.json": FLOW, "other.flow.json": {"flowengine": 1, "id": "other"}})
    page = await open_editor(service, "#/flows/other")
    layouter = Layouter()
    await page.route("**/elk-api.js", layouter.hold)
    await page.get_by_role("navigation", name="Flows").get_by_role("button", name="boiler").click()
    await layouter.is_asked.wait()
    await page.locator(".react-flow__node[data-id=seen]").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("ArrowDown")
    layouter.let_go()
    await laid_out(page)
    await page.get_by_role("button", name="Undo").click()
    places = {await place(page, id_) for id_ in FLOW["nodes"]}
    assert len(places) == len(FLOW["nodes"])
    assert await page.evaluate(HIDDEN) == []


@pytest.mark.parametrize("name", ["commands", "odoo", "ota"])
async def test_arranging_leaves_no_wire_behind_a_node(
    start_engine: StartEngine, open_editor: OpenEditor, name: str
) -> None:
    document = json.loads((SHIPPED / f"{name}.flow.json").read_text())
    page = await open_editor(await start_engine({f"{name}.flow.json": document}), f"#/flows/{document['id']}")
    await laid_out(page)
    # All of it is on the screen.
    await page.locator(".react-flow__node").first.focus()
    await page.keyboard.press("1")
    await expect(page.locator(".react-flow__node")).to_have_count(len(document["nodes"]))
    assert await page.evaluate(HIDDEN) == []

"""The canvas under fingers: Chromium is told of touches as a screen would tell it."""

from collections.abc import Mapping, Sequence
from typing import Any

from playwright.async_api import CDPSession, Page, expect

from tests.editor.conftest import OpenEditor, StartEngine
from tests.editor.test_drawing import DOCUMENTS, middle, node

Point = tuple[float, float]


async def touched(start_engine: StartEngine, open_editor: OpenEditor) -> tuple[Page, CDPSession]:
    service = await start_engine(DOCUMENTS)
    screen: Mapping[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = await open_editor(service, "#/flows/boiler", **screen)
    await expect(node(page, "seen")).to_be_visible()
    return page, await page.context.new_cdp_session(page)


async def touch(session: CDPSession, kind: str, points: Sequence[Point]) -> None:
    fingers = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    await session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})


async def slide(session: CDPSession, before: Sequence[Point], after: Sequence[Point]) -> None:
    """Put fingers down, move them in ten steps, and lift them."""
    await touch(session, "touchStart", before)
    for step in range(1, 11):
        now = [
            (start[0] + (end[0] - start[0]) * step / 10, start[1] + (end[1] - start[1]) * step / 10)
            for start, end in zip(before, after, strict=True)
        ]
        await touch(session, "touchMove", now)
    await touch(session, "touchEnd", [])


async def empty_place(page: Page) -> Point:
    """Return a place on the canvas with nothing at it, below the nodes."""
    box = await page.locator(".canvas-surface").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.8


async def test_one_finger_moves_the_flow(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page, session = await touched(start_engine, open_editor)
    before = await middle(node(page, "seen"))
    x, y = await empty_place(page)
    await slide(session, [(x, y)], [(x - 60, y - 80)])
    after = await middle(node(page, "seen"))
    assert (round(after[0] - before[0]), round(after[1] - before[1])) == (-60, -80)


async def test_two_fingers_zoom(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page, session = await touched(start_engine, open_editor)
    before = await node(page, "scale").bounding_box()
    x, y = await empty_place(page)
    await slide(session, [(x - 30, y), (x + 30, y)], [(x - 60, y), (x + 60, y)])
    after = await node(page, "scale").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] > before["width"] * 1.5


async def test_a_finger_moves_a_node(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page, session = await touched(start_engine, open_editor)
    x, y = await middle(node(page, "scale"))
    await slide(session, [(x, y)], [(x, y + 60)])
    assert (await middle(node(page, "scale")))[1] > y + 30
    await expect(page.locator(".tab-mark")).to_have_count(1)


async def test_a_long_touch_opens_the_menu(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page, session = await touched(start_engine, open_editor)
    menu = page.get_by_role("menu")
    await touch(session, "touchStart", [await middle(node(page, "scale"))])
    await expect(menu).to_be_visible()
    await touch(session, "touchEnd", [])
    await menu.get_by_role("menuitem", name="Delete", exact=True).tap()
    await expect(menu).to_have_count(0)
    await expect(node(page, "scale")).to_have_count(0)


async def test_a_finger_that_moves_opens_no_menu(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page, session = await touched(start_engine, open_editor)
    x, y = await empty_place(page)
    await touch(session, "touchStart", [(x, y)])
    await touch(session, "touchMove", [(x, y - 40)])
    await page.wait_for_timeout(700)
    await touch(session, "touchEnd", [])
    await expect(page.get_by_role("menu")).to_have_count(0)

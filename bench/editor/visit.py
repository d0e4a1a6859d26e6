"""One visit of an editor in headless Chromium, and what it costs the browser's main thread."""

from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, CDPSession, Page

from bench.editor.side import Side

STEPS = 40
WIDTH = 1400
HEIGHT = 900
# Stands for "the browser has done what it had to, and nothing waits".
IDLE = "() => new Promise(done => requestIdleCallback(done))"
FRAME = "() => new Promise(done => requestAnimationFrame(done))"
INSIDE = """([canvas, nodes]) => {
    const box = document.querySelector(canvas).getBoundingClientRect();
    for (const node of document.querySelectorAll(nodes)) {
        const at = node.getBoundingClientRect();
        const isInside = at.left > box.left + 20 && at.right < box.right - 220;
        if (isInside && at.top > box.top + 20 && at.bottom < box.bottom - 160) {
            return [at.left + at.width / 2, at.top + at.height / 2];
        }
    }
    return null;
}"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a visit costs: milliseconds of CPU of the main thread, and what is sent.

    Attributes:
        load: Until the nodes are drawn and nothing waits.
        drag: One step of dragging a node, in true size.
        pan: One step of panning by the wheel, in true size.
        pan_far: One step of panning as the flow is first shown.
        sent: Megabytes that came over the network.
    """

    load: float
    drag: float
    pan: float
    pan_far: float
    sent: float


async def visit(browser: Browser, side: Side, url: str, nodes: int) -> Cost:
    """Open the editor, pan and drag."""
    context = await browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    sent = 0.0

    def loaded(event: dict[str, Any]) -> None:
        nonlocal sent
        sent += event["encodedDataLength"] / 1e6

    session.on("Network.loadingFinished", loaded)
    await session.send("Network.enable")
    # CPU of the thread: a wall clock would also count what other processes do.
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = await spent(session)
    await page.goto(url)
    await page.wait_for_function(
        "([nodes, count]) => document.querySelectorAll(nodes).length >= count",
        arg=[side.node, nodes if side.all_drawn else 1],
        timeout=120_000,
    )
    await page.evaluate(IDLE)
    load = await spent(session) - before
    # Rates come each second: the steps below are taken while they arrive.
    await page.wait_for_timeout(2500)
    pan_far = await panned(page, session, side)
    await page.locator(side.canvas).first.focus()
    # Ours shows a large flow from further away at first; Node-RED shows it in true size.
    if not side.all_drawn:
        await page.keyboard.press("0")
        await page.wait_for_timeout(800)
    pan = await panned(page, session, side)
    drag = await dragged(page, session, side)
    await context.close()
    return Cost(load, drag, pan, pan_far, sent)


async def spent(session: CDPSession) -> float:
    """Return the milliseconds of CPU that the main thread has used so far."""
    answer = await session.send("Performance.getMetrics")
    return float(next(metric["value"] for metric in answer["metrics"] if metric["name"] == "TaskDuration")) * 1000


async def panned(page: Page, session: CDPSession, side: Side) -> float:
    box = await page.locator(side.canvas).first.bounding_box()
    assert box is not None
    right, bottom = min(box["x"] + box["width"], WIDTH), min(box["y"] + box["height"], HEIGHT)
    shown = (right + max(box["x"], 0)) / 2, (bottom + max(box["y"], 0)) / 2
    await page.mouse.move(*shown)
    before = await spent(session)
    for step in range(STEPS):
        sign = 1 if step < STEPS / 2 else -1
        await page.mouse.wheel(6 * sign, 4 * sign)
        await page.evaluate(FRAME)
    return (await spent(session) - before) / STEPS


async def dragged(page: Page, session: CDPSession, side: Side) -> float:
    x, y = await page.evaluate(INSIDE, [side.canvas, side.node])
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 3, y + 3)
    before = await spent(session)
    for step in range(STEPS):
        await page.mouse.move(x + 5 + step * 4, y + step * 2)
        await page.evaluate(FRAME)
    cost = (await spent(session) - before) / STEPS
    await page.mouse.up()
    return cost

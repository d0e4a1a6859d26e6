"""Measure the editor in headless Chromium: ``python -m bench.editor [--rounds 3] [--nodes 500 --nodes 2000]``.

What counts is the time of the main thread (``TaskDuration`` of the DevTools protocol), not the wall clock, so that a
busy machine changes little.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, CDPSession, Page, async_playwright

from bench.editor.flow import flow
from flowengine.server.service import Service, ServiceOptions

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
STEPS = 40


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of the main thread: to load the page, and for one step of a drag and of panning."""

    load: float
    drag: float
    pan: float
    pan_far: float


async def spent(session: CDPSession) -> float:
    """Return the milliseconds that the main thread has worked so far."""
    answer = await session.send("Performance.getMetrics")
    return next(metric["value"] for metric in answer["metrics"] if metric["name"] == "TaskDuration") * 1000


async def per_step(page: Page, session: CDPSession, start: tuple[float, float], button: str | None) -> float:
    await page.mouse.move(*start)
    if button == "left":
        await page.mouse.down()
        await page.mouse.move(start[0] + 3, start[1] + 3)
    before = await spent(session)
    for step in range(STEPS):
        if button == "left":
            await page.mouse.move(start[0] + 5 + step * 4, start[1] + step * 2)
        else:
            await page.mouse.wheel(6 if step < STEPS / 2 else -6, 4 if step < STEPS / 2 else -4)
        await page.evaluate("() => new Promise(done => requestAnimationFrame(done))")
    cost = (await spent(session) - before) / STEPS
    if button == "left":
        await page.mouse.up()
    return cost


async def cost(browser: Browser, url: str) -> Cost:
    """Measure one visit."""
    context = await browser.new_context(viewport={"width": 1400, "height": 900})
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("Performance.enable")
    before = await spent(session)
    await page.goto(f"{url}/editor/#/flows/large")
    await page.wait_for_selector("[data-node]")
    await page.evaluate("() => new Promise(done => requestIdleCallback(done))")
    load = await spent(session) - before
    # Rates come each second: the steps below are taken while they arrive.
    await page.wait_for_timeout(2500)
    canvas = await page.locator(".canvas-surface").bounding_box()
    assert canvas is not None
    middle = (canvas["x"] + canvas["width"] / 2, canvas["y"] + canvas["height"] / 2)
    pan_far = await per_step(page, session, middle, None)
    await page.mouse.move(*middle)
    await page.keyboard.press("0")
    await page.wait_for_timeout(800)
    pan = await per_step(page, session, middle, None)
    node = await page.evaluate(
        """() => {
            const box = document.querySelector(".canvas-surface").getBoundingClientRect();
            for (const node of document.querySelectorAll(".react-flow__node")) {
                const at = node.getBoundingClientRect();
                const isInside = at.left > box.left + 20 && at.right < box.right - 220;
                if (isInside && at.top > box.top + 20 && at.bottom < box.bottom - 160) {
                    return [at.left + at.width / 2, at.top + at.height / 2];
                }
            }
            return null;
        }"""
    )
    drag = await per_step(page, session, (node[0], node[1]), "left")
    await context.close()
    return Cost(load, drag, pan, pan_far)


async def measure(nodes: int, rounds: int) -> Cost:
    """Measure a flow of so many nodes; the medians of all rounds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        document, layout = flow(nodes)
        (folder / "large.flow.json").write_text(json.dumps(document))
        (folder / "large.layout.json").write_text(json.dumps(layout))
        options = ServiceOptions(folder=folder, port=0, watch=False, drain=1.0)
        async with Service(options).running() as service, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            costs = [await cost(browser, service.url) for _ in range(rounds)]
            await browser.close()
    return Cost(
        *(statistics.median(getattr(one, field) for one in costs) for field in ("load", "drag", "pan", "pan_far"))
    )


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.editor", description="Measure the editor in Chromium.")
    parser.add_argument("--rounds", type=int, default=3, help="visits of each flow (default: 3)")
    parser.add_argument("--nodes", type=int, action="append", help="sizes of flows (default: 500 and 2000)")
    chosen = parser.parse_args()
    print("| nodes | load, ms | drag, ms a step | pan, ms a step | pan far out, ms a step |")
    print("|---|---|---|---|---|")
    for nodes in chosen.nodes or [500, 2000]:
        found = await measure(nodes, chosen.rounds)
        print(f"| {nodes} | {found.load:.0f} | {found.drag:.1f} | {found.pan:.1f} | {found.pan_far:.1f} |", flush=True)


asyncio.run(main())

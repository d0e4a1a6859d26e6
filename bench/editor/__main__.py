"""Measure editors in headless Chromium: ``python -m bench.editor [--rounds 3] [--nodes 500] [--side flowengine]``.

What counts is CPU time of the page's main thread (``TaskDuration`` of the DevTools protocol in thread ticks), not the
wall clock, so that a busy machine changes little. The editors take turns, visit by visit.
"""

import argparse
import asyncio
import statistics
import tempfile
from contextlib import AsyncExitStack
from dataclasses import astuple
from pathlib import Path

from playwright.async_api import async_playwright

from bench.editor.side import Side, flowengine, nodered
from bench.editor.visit import Cost, visit

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
SIDES = {"flowengine": flowengine, "node-red": nodered}


async def measure(sides: list[Side], nodes: int, rounds: int) -> dict[str, Cost]:
    """Measure a flow of so many nodes in all editors; the medians of all rounds, by editor."""
    found: dict[str, list[Cost]] = {side.name: [] for side in sides}
    async with async_playwright() as playwright, AsyncExitStack() as stack:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        stack.push_async_callback(browser.close)
        for _ in range(rounds):
            for side in sides:
                with tempfile.TemporaryDirectory() as folder:
                    async with side.serving(nodes, Path(folder)) as url:
                        found[side.name].append(await visit(browser, side, url, nodes))
    return {
        name: Cost(*(statistics.median(values) for values in zip(*map(astuple, costs), strict=True)))
        for name, costs in found.items()
    }


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.editor", description="Measure editors in Chromium.")
    parser.add_argument("--rounds", type=int, default=3, help="visits of each flow (default: 3)")
    parser.add_argument("--nodes", type=int, action="append", help="sizes of flows (default: 500 and 2000)")
    parser.add_argument("--side", action="append", choices=SIDES, help="an editor to measure (default: both)")
    chosen = parser.parse_args()
    sides = [SIDES[name]() for name in chosen.side or SIDES]
    print("| editor | nodes | load, ms | drag, ms a step | pan, ms a step | pan as first shown, ms a step | sent, MB |")
    print("|---|---|---|---|---|---|---|")
    for nodes in chosen.nodes or [500, 2000]:
        for name, cost in (await measure(sides, nodes, chosen.rounds)).items():
            figures = f"{cost.load:.0f} | {cost.drag:.1f} | {cost.pan:.1f} | {cost.pan_far:.1f} | {cost.sent:.2f}"
            print(f"| {name} | {nodes} | {figures} |", flush=True)


asyncio.run(main())

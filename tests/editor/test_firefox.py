import json
from pathlib import Path

from tests.editor.conftest import StartEngine
from tests.editor.firefox import firefox
from tests.editor.test_seeing import inject

CONTROL = "\ue009"
ENTER = "\ue007"
SHIFT = "\ue008"
LEFT = "\ue012"
INJECT, DEBUG = "[data-node=inject]", "[data-node=debug]"


async def test_firefox_draws_a_flow_deploys_it_and_sees_the_message(start_engine: StartEngine, tmp_path: Path) -> None:
    service = await start_engine({"boiler.flow.json": {"flowengine": 1, "id": "boiler", "name": "Boiler"}})
    profile = tmp_path / "profile"
    profile.mkdir()
    async with firefox(profile) as page:
        await page.open(f"{service.url}/editor/#/flows/boiler")
        await page.click(".react-flow__pane")
        for node in ("inject", "debug"):
            await page.keys("a")
            await page.holds("document.activeElement.matches('.quick-add input')")
            await page.keys(*node)
            await page.keys(ENTER)
            await page.holds(f"document.querySelector('[data-node={node}]') !== null")
            if node == "inject":
                # Out of the way of the next, which comes to the same place.
                await page.keys(*[LEFT] * 5, held=SHIFT)
        await page.drag(f"{INJECT} .port-out", f"{DEBUG} .port-in")
        await page.holds("document.querySelectorAll('.react-flow__edge').length === 1")
        await page.keys("s", held=CONTROL)
        await page.holds("document.querySelectorAll('.node-changed').length === 0")
        await page.click("[data-tab=debug]")
        await inject(service, "inject", payload="hello from the boiler")
        await page.holds("document.body.innerText.includes('hello from the boiler')")
        assert page.complaints == []
    saved = json.loads((service.workspace.path / "boiler.flow.json").read_text())
    assert saved["nodes"]["inject"]["wires"] == {"out": ["debug"]}

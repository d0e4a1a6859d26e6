"""Signing in, and what each role may do, as a person sees it."""

from typing import Any

from playwright.async_api import expect

from tests.editor.conftest import OpenEditor, StartEngine

PASSWORD = "correct horse battery"
FLOW: dict[str, Any] = {
    "flowengine": 1,
    "id": "boiler",
    "name": "Boiler",
    "nodes": {
        "button": {"type": "inject", "config": {"fields": {"payload": 1}}, "wires": {"out": ["seen"]}},
        "seen": {"type": "debug"},
    },
}


async def test_first_user_is_made_in_the_editor_and_signs_in(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    page = await open_editor(await start_engine({"boiler.flow.json": FLOW}), "#/users")
    await page.get_by_role("button", name="Add user").click()
    await page.get_by_label("Name", exact=False).first.fill("ada")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Save").click()
    await page.get_by_label("User", exact=True).fill("ada")
    await page.get_by_label("Password", exact=True).last.fill("wrong password")
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_text("the user or the password is wrong")).to_be_visible()
    await page.get_by_label("Password", exact=True).last.fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_role("button", name="Signed in as ada, Admin")).to_be_visible()
    await page.goto(page.url.partition("#")[0] + "#/audit")
    await expect(page.get_by_role("cell", name="add-user")).to_be_visible()
    await page.get_by_role("button", name="Signed in as ada, Admin").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_label("User", exact=True)).to_be_visible()


async def test_viewer_looks_and_is_offered_nothing_to_change(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine({"boiler.flow.json": FLOW}, admin_token="right")
    admin = await open_editor(service)
    await admin.get_by_label("Token").fill("right")
    await admin.get_by_role("button", name="Sign in", exact=True).click()
    await admin.get_by_role("link", name="Users").click()
    await admin.get_by_role("button", name="Make token").click()
    await admin.get_by_label("What it is for").fill("screen on the wall")
    await admin.get_by_label("Role", exact=False).last.select_option("viewer")
    await admin.get_by_role("dialog").get_by_role("button", name="Make token").click()
    token = await admin.get_by_role("textbox", name="Token").input_value()
    page = await open_editor(service)
    await page.get_by_label("Token").fill(token)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.locator("[data-node=seen]")).to_be_visible()
    await expect(page.get_by_text("Connected")).to_be_visible()
    for name in ("Deploy", "New flow"):
        await expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    await expect(page.get_by_role("button", name="Undo")).to_be_hidden()
    await page.get_by_role("tab", name="Tests").click()
    await expect(page.get_by_role("button", name="Run all")).to_be_hidden()
    for name in ("Users",):
        await expect(page.get_by_role("link", name=name)).to_have_count(0)
    await page.locator("[data-node=seen]").click()
    await page.keyboard.press("Delete")
    await expect(page.locator("[data-node=seen]")).to_be_visible()


async def test_health_page_shows_engine_and_flows(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page = await open_editor(await start_engine({"boiler.flow.json": FLOW}), "#/health")
    await expect(page.get_by_role("heading", name="System health")).to_be_visible()
    await expect(page.get_by_role("table", name="Flows").get_by_role("link", name="boiler")).to_be_visible()

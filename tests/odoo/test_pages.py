"""What people see in the browser: every menu opens, in English and in Chinese, and the buttons are there."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.odoo_server import ADMIN, Odoo

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
# Odoo makes the scripts and styles of its pages when the first page is asked for.
FIRST_PAGE_MS = 90_000
PAGE_MS = 30_000
# Opens a window action in one of its views, on a record where the view shows one.
OPEN = """async ([action, viewType, resId]) => {
    const env = odoo.__WOWL_DEBUG__.root.env;
    const props = resId ? { resId } : {};
    await env.services.action.doAction(action, { clearBreadcrumbs: true, viewType, props });
}"""
BUTTONS = {
    "en_US": ["Generate Configuration Token", "Send Reset Command", "OTA Update"],
    "zh_CN": ["生成配置令牌", "发送重置指令", "OTA升级"],
}


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        opened = browser.new_page(viewport={"width": 1400, "height": 900})
        opened.set_default_timeout(PAGE_MS)
        yield opened
        browser.close()


def make_records(odoo: Odoo) -> int:
    """Make one record of each kind and return the id of the device."""
    odoo.call("ir.config_parameter", "set_param", "iiot.bridge_key", "k" * 40)
    profile = odoo.call("iiot.device.profile", "create", {"name": "Sensor", "code": "sensor"})
    rule = {"profile_id": profile, "json_path": "$.t", "field_name": "comment"}
    odoo.call("iiot.telemetry.rule", "create", rule)
    odoo.call("iiot.command.template", "create", {"name": "Restart", "code": "reset", "profile_id": profile})
    device: int = odoo.call("iiot.device", "create", {"serial_number": "S-1", "profile_id": profile})
    odoo.call("iiot.device", "action_send_reset", [device])
    firmware = odoo.call("iiot.firmware", "create", {"version": "1.0", "file": "aGVsbG8="})
    odoo.call("iiot.update", "create", {"device_id": device, "firmware_id": firmware})
    odoo.call("iiot.rollout", "create", {"name": "All", "firmware_id": firmware})
    model = odoo.call("ir.model", "search", [["model", "=", "iiot.device"]])[0]
    odoo.call("iiot.automation.rule", "create", {"name": "Check", "command_action": "check", "model_id": model})
    return device


def menu_actions(odoo: Odoo) -> list[dict[str, Any]]:
    """Return what the addon's menus open."""
    names = odoo.call("ir.model.data", "search_read", [["module", "=", "industrial_iot"]], ["model", "res_id"])
    menus = [name["res_id"] for name in names if name["model"] == "ir.ui.menu"]
    opened = odoo.call("ir.ui.menu", "search_read", [["id", "in", menus], ["action", "!=", False]], ["action"])
    ids = [int(menu["action"].split(",")[1]) for menu in opened]
    found: list[dict[str, Any]] = odoo.call("ir.actions.act_window", "read", ids, ["name", "res_model", "view_mode"])
    return found


def log_in(page: Page, odoo: Odoo, login: str) -> None:
    page.goto(f"{odoo.url}/web/login", timeout=FIRST_PAGE_MS)
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", login)
    page.click("form.oe_login_form button[type=submit]")
    page.wait_for_selector(".o_main_navbar", timeout=FIRST_PAGE_MS)


@pytest.mark.slow
def test_every_menu_opens_in_all_its_views(odoo: Odoo, page: Page) -> None:
    device = make_records(odoo)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    log_in(page, odoo, ADMIN)

    actions = menu_actions(odoo)
    assert len(actions) >= 13
    for action in actions:
        for view in action["view_mode"].split(","):
            records = [] if view != "form" else odoo.call(action["res_model"], "search", [], limit=1)
            page.evaluate(OPEN, [action["id"], view, records[0] if records else None])
            dialog = page.query_selector(".o_error_dialog")
            assert dialog is None, f"{action['name']}, {view}: {dialog.inner_text()}"
    assert not complaints

    devices = next(action["id"] for action in actions if action["res_model"] == "iiot.device")
    for language, buttons in BUTTONS.items():
        odoo.call("res.users", "write", odoo.call("res.users", "search", [["login", "=", ADMIN]]), {"lang": language})
        page.reload()
        page.wait_for_selector(".o_main_navbar")
        page.evaluate(OPEN, [devices, "form", device])
        for button in buttons:
            page.get_by_role("button", name=button, exact=True).wait_for()
    page.get_by_role("button", name="生成配置令牌", exact=True).click()
    page.wait_for_selector(".modal .o_field_widget[name=token]")
    assert page.inner_text(".modal .o_field_widget[name=token]").strip()

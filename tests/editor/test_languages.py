"""What the engine says, in the language of whoever looks at the editor."""

import asyncio
import re
from typing import Any

import httpx
from playwright.async_api import Page, Route, expect

from flowengine.server.service import Service
from tests.editor.conftest import OpenEditor, StartEngine

FLOW: dict[str, Any] = {
    "flowengine": 1,
    "id": "boiler",
    "nodes": {
        "check": {"type": "change", "config": {"rules": [{"set": "$.payload", "to": 1}]}, "wires": {"out": ["slow"]}},
        "slow": {"type": "delay", "config": {"mode": "latest", "key": "$.topic"}, "wires": {"out": ["broken"]}},
        "broken": {"type": "json", "config": {"action": "parse"}, "wires": {"out": ["seen"]}},
        "seen": {"type": "debug", "config": {"path": "$.payload", "status": True}},
    },
}
TESTS: dict[str, Any] = {
    "flowengine": 1,
    "cases": [
        {
            "name": "fails",
            "given": [{"into": "broken", "message": {"payload": "{"}, "as": "bad"}],
            "expect": {"ends": {"bad": "acknowledged"}, "counts": {"seen": 1}},
        },
        {"name": "cannot be", "given": [{"into": "pump"}], "expect": {"counts": {"seen": 1}}},
    ],
}
DOCUMENTS: dict[str, Any] = {
    "boiler.flow.json": FLOW,
    "boiler.flow-test.json": TESTS,
    "resources.json": {"flowengine": 1, "resources": {"registry": {"type": "iiot-registry"}}},
}


async def speak(page: Page, language: str) -> None:
    """Choose the other language."""
    await page.get_by_role("button", name=language, exact=True).click()


async def inject(service: Service, node: str, payload: object) -> None:
    async with httpx.AsyncClient(base_url=service.url) as client:
        body = {"node": node, "message": {"payload": payload}}
        (await client.post("/admin/api/flows/boiler/inject", json=body)).raise_for_status()


async def test_refusals_are_told_in_the_language_that_is_chosen(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    page = await open_editor(await start_engine(DOCUMENTS), "#/users", locale="zh-CN")
    await page.get_by_role("button", name="添加用户").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("名称").fill("Ada!")
    await dialog.get_by_label("密码").fill("correct horse battery")
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog.get_by_role("alert")).to_have_text(re.compile("^name: 不允许“Ada!”"))
    await page.keyboard.press("Escape")
    await speak(page, "English")
    await page.get_by_role("button", name="Add user").click()
    await dialog.get_by_label("Name").fill("Ada!")
    await dialog.get_by_label("Password").fill("correct horse battery")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("alert")).to_have_text(re.compile('^name: "Ada!" is not allowed: '))


async def test_choices_of_a_form_are_told_in_chinese(start_engine: StartEngine, open_editor: OpenEditor) -> None:
    page = await open_editor(await start_engine(DOCUMENTS), locale="zh-CN")
    await page.locator("[data-node=slow]").click()
    mode = page.locator(".node-panel [data-field=mode] select")
    await expect(mode.locator("option:checked")).to_have_text("最新")
    await expect(page.locator(".node-panel [data-field=release] option")).to_have_text(["下一个键", "所有键"])
    await page.locator("[data-node=check]").click()
    kind = page.locator(".node-panel [data-field=rules] select").first
    await expect(kind.locator("option")).to_have_text(["设置", "替换", "删除", "移动", "保存"])
    await speak(page, "English")
    await expect(kind.locator("option")).to_have_text(["set", "change", "delete", "move", "store"])
    await page.locator("[data-node=slow]").click()
    await expect(mode.locator("option:checked")).to_have_text("latest")


async def test_statuses_are_told_in_chinese_but_not_the_values_that_somebody_sent(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine(DOCUMENTS)
    page = await open_editor(service, locale="zh-CN")
    status = page.locator("[data-node=seen] .node-status")
    await inject(service, "seen", "connected")
    await expect(status).to_have_text("connected")
    await page.goto(f"{service.url}/editor/#/health")
    chip = page.get_by_role("row").filter(has_text="iiot-registry").locator(".chip")
    await expect(chip).to_have_text("0 台设备")
    await speak(page, "English")
    await expect(chip).to_have_text("0 devices")


async def test_differences_and_problems_of_tests_are_told_in_chinese(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    page = await open_editor(await start_engine(DOCUMENTS), locale="zh-CN")
    await page.get_by_role("tab", name="测试").click()
    await page.get_by_role("button", name="全部运行").click()
    await page.get_by_role("option", name="fails").click()
    difference = page.locator(".difference .detail-error").first
    await expect(difference).to_have_text(re.compile("^预期 acknowledged.得到 failed: bad-json$"))
    await page.get_by_role("option", name="cannot be").click()
    problem = page.locator(".split-detail .detail-error").first
    await expect(problem).to_contain_text("没有节点“pump”")
    await speak(page, "English")
    await expect(problem).to_contain_text('has no node "pump"')


async def test_page_to_sign_in_refuses_in_chinese_though_the_texts_come_late(
    start_engine: StartEngine, open_editor: OpenEditor
) -> None:
    service = await start_engine(DOCUMENTS, admin_token="right")
    page = await open_editor(service, locale="zh-CN")
    asked, may_go = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        asked.set()
        await may_go.wait()
        await route.continue_()

    await page.route("**/translations/zh", hold)
    await page.reload()
    await asked.wait()
    await expect(page.get_by_label("令牌")).to_have_count(0)
    may_go.set()
    await page.get_by_label("令牌").fill("wrong")
    await page.get_by_role("button", name="登录", exact=True).click()
    await expect(page.get_by_role("alert")).to_have_text("令牌错误或已失效")

"""A real engine and a real Chromium for tests of the editor, which see what a person sees."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from flowengine.server.service import Service, ServiceOptions

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]

StartEngine = Callable[..., Awaitable[Service]]
OpenEditor = Callable[..., Awaitable[Page]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all tests here in one loop: the browser lives in it."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            item.add_marker(pytest.mark.editor)


async def say_yes(page: Page, button: str) -> None:
    """Go on when the editor asks whether to, by the button that says so."""
    await page.get_by_role("alertdialog").get_by_role("button", name=button, exact=True).click()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all tests."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def start_engine(tmp_path: Path) -> AsyncIterator[StartEngine]:
    """Start an engine on documents: ``await start_engine({"a.flow.json": {...}})``; it stops after the test."""
    async with AsyncExitStack() as stack:

        async def start(documents: Mapping[str, Any] | None = None, **options: Any) -> Service:
            folder = tmp_path / "flows"
            folder.mkdir(exist_ok=True)
            for name, document in (documents or {}).items():
                (folder / name).write_text(json.dumps(document, indent=2) + "\n")
            chosen = {"folder": folder, "port": 0, "watch": True, "drain": 1.0, **options}
            return await stack.enter_async_context(Service(ServiceOptions(**chosen)).running())

        yield start


@pytest_asyncio.fixture(loop_scope="session")
async def open_editor(browser: Browser) -> AsyncIterator[OpenEditor]:
    """Open the editor of an engine in a browser of its own; an error on its console fails the test."""
    complaints: list[str] = []
    contexts = []

    def listen(page: Page) -> None:
        def heard(message: ConsoleMessage) -> None:
            # A request that is refused is the test's business; a page that breaks is not.
            if message.type == "error" and not message.text.startswith("Failed to load resource"):
                complaints.append(message.text)

        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))

    async def opened(service: Service, path: str = "", **options: Any) -> Page:
        chosen = {"locale": "en-GB", "viewport": {"width": 1400, "height": 900}, **options}
        context = await browser.new_context(**chosen)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = await context.new_page()
        listen(page)
        await page.goto(f"{service.url}/editor/{path}")
        # The first page of a process waits until the engine has described its node types.
        await page.locator(".editor, .sign-in").first.wait_for()
        return page

    yield opened
    for context in contexts:
        await context.close()
    assert complaints == []

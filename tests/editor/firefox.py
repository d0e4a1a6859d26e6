"""Firefox, led by WebDriver BiDi (W3C Working Draft): what one test needs of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect

FIREFOX: Final = "firefox-esr"
LISTENING: Final = "WebDriver BiDi listening on "
PATIENCE: Final = 20.0


class FirefoxError(Exception):
    """Firefox refused a command, or what was waited for did not come.

    Attributes:
        reason: What it said.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Firefox:
    """One page of a Firefox."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = count(1)
        self._page = ""
        self.complaints: list[str] = []
        """Errors on the console, and what the page threw."""

    async def begin(self) -> None:
        """Take the page that is there."""
        await self._ask("session.new", {"capabilities": {}})
        tree = await self._ask("browsingContext.getTree", {})
        self._page = tree["contexts"][0]["context"]
        await self._ask("session.subscribe", {"events": ["log.entryAdded"]})
        size = {"width": 1400, "height": 900}
        await self._ask("browsingContext.setViewport", {"context": self._page, "viewport": size})

    async def open(self, url: str) -> None:
        await self._ask("browsingContext.navigate", {"context": self._page, "url": url, "wait": "complete"})

    async def holds(self, expression: str) -> None:
        """Wait until an expression of the page is true.

        Raises:
            FirefoxError: It did not become true.
        """
        waited = f"""new Promise((done) => {{
            const end = performance.now() + {PATIENCE * 1000};
            const look = () => {{
                if ({expression}) done(true);
                else if (performance.now() > end) done(false);
                else setTimeout(look, 50);
            }};
            look();
        }})"""
        if not await self.value(waited):
            raise FirefoxError(f"never true: {expression}")

    async def value(self, expression: str) -> Any:
        """Return what an expression of the page comes to, through JSON."""
        asked = {
            "expression": f"Promise.resolve({expression}).then((value) => JSON.stringify(value ?? null))",
            "target": {"context": self._page},
            "awaitPromise": True,
        }
        answer = await self._ask("script.evaluate", asked)
        if answer["type"] != "success":
            raise FirefoxError(str(answer["exceptionDetails"]["text"]))
        return json.loads(answer["result"]["value"])

    async def middle(self, selector: str) -> tuple[int, int]:
        """Return the middle of an element on the screen."""
        await self.holds(f"document.querySelector({selector!r}) !== null")
        box = await self.value(f"document.querySelector({selector!r}).getBoundingClientRect()")
        return round(box["x"] + box["width"] / 2), round(box["y"] + box["height"] / 2)

    async def click(self, selector: str) -> None:
        await self.drag(selector, selector)

    async def drag(self, start: str, end: str) -> None:
        """Press at the middle of one element, and let go at the middle of another."""
        (x, y), (to_x, to_y) = await self.middle(start), await self.middle(end)
        moves = [] if start == end else [move((x + to_x) // 2, (y + to_y) // 2), move(to_x, to_y)]
        press, release = {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}
        await self._act({"type": "pointer", "id": "mouse", "actions": [move(x, y), press, *moves, release]})

    async def keys(self, *keys: str, held: str = "") -> None:
        """Press keys one after another, perhaps with another held down."""
        strokes = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        if held:
            strokes = [{"type": "keyDown", "value": held}, *strokes, {"type": "keyUp", "value": held}]
        await self._act({"type": "key", "id": "keyboard", "actions": strokes})

    async def _act(self, source: Mapping[str, Any]) -> None:
        await self._ask("input.performActions", {"context": self._page, "actions": [source]})

    async def _ask(self, method: str, parameters: Mapping[str, Any]) -> Any:
        number = next(self._numbers)
        await self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            told = json.loads(await self._socket.recv())
            if told["type"] == "event":
                entry = told["params"]
                if entry.get("level") == "error":
                    self.complaints.append(str(entry["text"]))
            elif told.get("id") == number:
                if told["type"] == "error":
                    raise FirefoxError(f"{method}: {told['error']}: {told['message']}")
                return told["result"]


def move(x: int, y: int) -> dict[str, Any]:
    return {"type": "pointerMove", "x": x, "y": y, "duration": 50}


@asynccontextmanager
async def firefox(profile: Path) -> AsyncIterator[Firefox]:
    """Run a Firefox without a screen on a profile of its own.

    Args:
        profile: An empty folder.

    Raises:
        FirefoxError: It does not say where it listens.
    """
    settings = {"intl.accept_languages": "en-GB", "browser.shell.checkDefaultBrowser": False}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in settings.items()]
    await asyncio.to_thread((profile / "user.js").write_text, "\n".join(lines))
    command = [FIREFOX, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    process = await asyncio.create_subprocess_exec(
        *command, "about:blank", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with connect(f"{await _address(process)}/session", max_size=None) as socket:
            page = Firefox(socket)
            await page.begin()
            yield page
    finally:
        process.terminate()
        # It writes more than fits the pipe before it ends.
        await process.communicate()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE * 2):
        async for line in process.stderr:
            text = line.decode(errors="replace").strip()
            if text.startswith(LISTENING):
                return text.removeprefix(LISTENING)
    raise FirefoxError("it ended without saying where it listens")

"""Live events for browsers and commands, over WebSockets: bounded and sampled, so that no reader slows a flow."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import ExitStack, suppress
from typing import Any, Final, Literal

import orjson
from pydantic import Field, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from flowengine.node import Clock
from flowengine.runtime import Engine, Event, Watcher
from flowengine.runtime.tap import TapPlace, Taps
from flowengine.server.access import Access, Role
from flowengine.server.encoding import to_json
from flowengine.server.figures import Figures
from flowengine.server.model import Body
from flowengine.server.problem_response import ApiError, error_response, invalid

PROTOCOL: Final = "flowengine.events"
MOST_STREAMS: Final = 100
MOST_WAITING: Final = 1_000
GATHER: Final = 0.05
"""Seconds between two messages with events: many small ones cost a browser more than a few large ones."""
FIGURES_EVERY: Final = 1.0
LOOK_EVERY: Final = 60.0
"""Seconds after which those who watch are asked again who they are: a session may have ended."""
_GOING_AWAY: Final = 1001
_NO_LONGER_ALLOWED: Final = 1008
_TRY_AGAIN_LATER: Final = 1013


class TappedPort(Body):
    """A port to look at."""

    flow: str
    node: str
    """Inside a subflow `instance/node`."""
    port: str


class Subscription(Body):
    """What somebody wants to hear; each one takes the place of the one before."""

    type: Literal["subscribe"]
    kinds: list[str] | None = None
    """Kinds of events, such as `debug`, `status`, `error`, `deploy`, `broken`, `files`; null for all."""
    flows: list[str] | None = None
    """Flows whose events matter; events of no flow always do. Null for all."""
    figures: list[str] = Field(default=[], max_length=100)
    """Flows whose counters are sent every second, as far as they have changed."""
    taps: list[TappedPort] = Field(default=[], max_length=10)
    """Ports of which a few messages a second are sent, as events of the kind `tap`."""
    recent: bool = False
    """Send the events that are still remembered first."""


class EventStreams:
    """Serve those who watch.

    Args:
        engine: Tells the events.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._taps = Taps(engine.flows, engine.world.clock)
        self._open = 0
        self._stopping = asyncio.Event()

    def route(self, access: Access) -> Callable[[WebSocket], Awaitable[None]]:
        """Return what serves a WebSocket.

        Args:
            access: Who may watch.
        """

        async def serve(websocket: WebSocket) -> None:
            try:
                await access.admit(websocket, Role.VIEWER)
            except ApiError as error:
                await websocket.send_denial_response(error_response(error))
            else:
                await self._serve(websocket, access)

        return serve

    def close(self) -> None:
        """Tell all who watch to come back later."""
        self._stopping.set()

    async def _serve(self, websocket: WebSocket, access: Access) -> None:
        await websocket.accept(PROTOCOL if PROTOCOL in websocket.scope["subprotocols"] else None)
        if self._open >= MOST_STREAMS:
            await websocket.close(_TRY_AGAIN_LATER, "too many watch already")
            return
        self._open += 1
        try:
            with self._engine.world.hub.watch(MOST_WAITING) as watcher:
                await _Stream(websocket, watcher, self._engine, self._taps).run(access, self._stopping)
        finally:
            self._open -= 1


class _Stream:
    """One who watches."""

    def __init__(self, websocket: WebSocket, watcher: Watcher, engine: Engine, taps: Taps) -> None:
        self._websocket = websocket
        self._watcher = watcher
        self._engine = engine
        self._clock: Clock = engine.world.clock
        self._sending = asyncio.Lock()
        self._figures: dict[str, Figures] = {}
        self._taps = taps
        self._tapped = ExitStack()
        watcher.wanted = _nothing

    async def run(self, access: Access, stopping: asyncio.Event) -> None:
        """Serve until the other side goes, may no longer watch, or the server stops."""
        work = [
            asyncio.create_task(one, name=f"event stream {name}")
            for name, one in (
                ("reader", self._read()),
                ("events", self._tell_events()),
                ("figures", self._tell_figures()),
                ("access", self._look_again(access)),
                ("end", stopping.wait()),
            )
        ]
        try:
            await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in work:
                task.cancel()
            ended = await asyncio.gather(*work, return_exceptions=True)
            self._tapped.close()
        if stopping.is_set():
            # Whoever has gone already needs not be told.
            with suppress(WebSocketDisconnect):
                await self._websocket.close(_GOING_AWAY, "the server stops")
        for error in ended:
            if isinstance(error, Exception) and not isinstance(error, WebSocketDisconnect):
                raise error

    async def _look_again(self, access: Access) -> None:
        while True:
            await self._clock.sleep(LOOK_EVERY)
            try:
                await access.admit(self._websocket, Role.VIEWER)
            except ApiError as error:
                await self._websocket.close(_NO_LONGER_ALLOWED, error.code)
                return

    async def _read(self) -> None:
        while True:
            received = await self._websocket.receive()
            if received["type"] == "websocket.disconnect":
                return
            try:
                self._subscribe(_read_subscription(received.get("text") or ""))
            except ApiError as error:
                facts = {"code": error.code, "message": error.message, "location": error.location}
                await self._send({"type": "error", **facts})

    def _subscribe(self, wanted: Subscription) -> None:
        self._watcher.wanted = _matching(wanted.kinds, wanted.flows)
        self._figures = {id: Figures() for id in wanted.figures}
        self._tapped.close()
        for one in wanted.taps:
            self._tapped.enter_context(self._taps.watch(TapPlace(one.flow, one.node, one.port), self._watcher.put))
        if wanted.recent:
            for event in self._engine.world.hub.recent:
                self._watcher.tell(event)

    async def _tell_events(self) -> None:
        while True:
            events, missed = await self._watcher.take()
            shown = [
                {"kind": one.kind, "at": one.at, "flow": one.flow, "node": one.node, "data": one.data} for one in events
            ]
            await self._send({"type": "events", "events": shown, "missed": missed})
            await self._clock.sleep(GATHER)

    async def _tell_figures(self) -> None:
        while True:
            for id, figures in list(self._figures.items()):
                flow = self._engine.flows.get(id)
                changed = figures.changed(flow) if flow is not None else None
                if changed is not None:
                    await self._send({"type": "figures", "flow": id, "at": self._clock.time(), **changed})
            await self._clock.sleep(FIGURES_EVERY)

    async def _send(self, message: dict[str, Any]) -> None:
        async with self._sending:
            await self._websocket.send_text(to_json(message).decode())


def _read_subscription(text: str) -> Subscription:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ApiError(400, "invalid-json", f"the message is no JSON: {error.msg}") from None
    try:
        return Subscription.model_validate(value)
    except ValidationError as error:
        raise invalid(error, Subscription) from None


def _matching(kinds: Collection[str] | None, flows: Collection[str] | None) -> Callable[[Event], bool]:
    of_kind = None if kinds is None else frozenset(kinds)
    of_flow = None if flows is None else frozenset(flows) | {""}
    return lambda event: (of_kind is None or event.kind in of_kind) and (of_flow is None or event.flow in of_flow)


def _nothing(event: Event) -> bool:
    return False

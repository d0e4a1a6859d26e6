import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import websockets
from websockets.asyncio.client import ClientConnection

from flowengine.runtime import Event
from tests.server.stand import API, Stand, flow, serving


@asynccontextmanager
async def watching(stand: Stand, **wanted: Any) -> AsyncIterator[ClientConnection]:
    """Watch events; subscribed once the context is entered."""
    url = f"ws{stand.service.url.removeprefix('http')}{API}/events"
    async with websockets.connect(url) as socket:
        await subscribe(socket, **wanted)
        yield socket


async def subscribe(socket: ClientConnection, **wanted: Any) -> None:
    """Subscribe, and wait until the server has read it."""
    await socket.send(json.dumps({"type": "subscribe", **wanted}))
    await socket.send("no json")
    while (await message(socket))["type"] != "error":
        pass


async def message(socket: ClientConnection) -> dict[str, Any]:
    received: dict[str, Any] = json.loads(await socket.recv())
    return received


async def events(socket: ClientConnection) -> list[dict[str, Any]]:
    """Return the next events."""
    while True:
        received = await message(socket)
        if received["type"] == "events":
            found: list[dict[str, Any]] = received["events"]
            return found


async def test_debug_messages_are_seen_as_they_happen(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand, watching(stand, kinds=["debug"]) as socket:
        id = await stand.inject("a", "gate", payload=21.5)
        (event,) = await events(socket)
        assert (event["kind"], event["flow"], event["node"]) == ("debug", "a", "show")
        assert (event["data"]["value"], event["data"]["message_id"]) == (21.5, id)


async def test_subscription_chooses_kinds_and_flows(tmp_path: Path) -> None:
    async with (
        serving(tmp_path, flow("a"), flow("b")) as stand,
        watching(stand, kinds=["debug", "deploy"], flows=["b"]) as socket,
    ):
        await stand.inject("a", "gate", payload="not wanted")
        await stand.inject("b", "gate", payload="bug")
        await stand.inject("b", "gate", payload="wanted")
        (event,) = await events(socket)
        assert event["data"]["value"] == "wanted"
        await stand.post("/deploy")
        (event,) = await events(socket)
        assert event["kind"] == "deploy"
        await subscribe(socket, kinds=["error"])
        await stand.inject("b", "gate", payload="bug")
        (event,) = await events(socket)
        assert (event["kind"], event["data"]["code"]) == ("error", "unexpected-error")


async def test_nothing_is_sent_before_the_subscription_and_the_recent_on_request(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        url = f"ws{stand.service.url.removeprefix('http')}{API}/events"
        async with websockets.connect(url) as socket:
            await stand.inject("a", "gate", payload=1)
            await socket.send(json.dumps({"type": "subscribe", "kinds": ["debug"], "recent": True}))
            received = await message(socket)
            assert [one["data"]["value"] for one in received["events"]] == [1]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "invalid-json"),
        ("{}", "missing-field"),
        ('{"type": "subscribe", "kind": []}', "unknown-field"),
        ("[]", "wrong-type"),
    ],
)
async def test_message_that_is_wrong_is_answered_and_the_stream_goes_on(tmp_path: Path, text: str, code: str) -> None:
    async with serving(tmp_path, flow("a")) as stand, watching(stand, kinds=["debug"]) as socket:
        await socket.send(text)
        error = await message(socket)
        assert (error["type"], error["code"]) == ("error", code)
        await stand.inject("a", "gate", payload=1)
        assert await events(socket)


async def test_slow_reader_is_told_how_many_it_missed_and_slows_nobody(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand, watching(stand, kinds=["test"]) as socket:
        hub = stand.service.engine.world.hub
        sent = 5_000
        for number in range(sent):
            hub.tell(Event("test", 0.0, "a", "gate", {"number": number}))
        seen, missed = 0, 0
        while seen + missed < sent:
            received = await message(socket)
            seen += len(received["events"])
            missed += received["missed"]
            if received["events"] and seen + missed < sent:
                hub.tell(Event("test", 0.0, "a", "gate", {"number": sent}))
                sent += 1
        assert (seen + missed, hub.missed) == (sent, missed)
        assert missed > 3_000


async def test_reader_that_never_reads_holds_up_no_flow(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        url = f"ws{stand.service.url.removeprefix('http')}{API}/events"
        # A thousand events are more than the megabyte at which this client would hang up.
        async with websockets.connect(url, max_queue=1, max_size=None, ping_interval=None, close_timeout=0.1) as socket:
            await subscribe(socket, kinds=["test"])
            hub = stand.service.engine.world.hub
            while hub.missed < 10_000:
                for _ in range(1_000):
                    hub.tell(Event("test", 0.0, "a", "gate", {"text": "x" * 1_000}))
                await asyncio.sleep(0)
            await stand.inject("a", "gate", payload=1)
            assert stand.running("a").account.settled == 1


async def test_figures_come_when_they_have_changed(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a"), flow("b")) as stand, watching(stand, kinds=[]) as socket:
        await socket.send(json.dumps({"type": "subscribe", "kinds": [], "figures": ["a", "none"]}))
        first = await message(socket)
        assert (first["type"], first["flow"]) == ("figures", "a")
        assert first["nodes"] == {"start": [0, 0, 0], "gate": [0, 0, 0], "show": [0, 0, 0]}
        await stand.inject("a", "gate", payload=1)
        changed = await message(socket)
        assert changed["nodes"] == {"gate": [1, 0, 0], "show": [1, 0, 0]}
        assert changed["ports"] == {"gate.out": 1}
        assert changed["account"]["settled"] == 1


async def test_stream_is_closed_when_the_service_stops(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        url = f"ws{stand.service.url.removeprefix('http')}{API}/events"
        socket = await websockets.connect(url)
        await subscribe(socket)
    await socket.wait_closed()
    assert (socket.close_code, socket.close_reason) == (1001, "the server stops")


async def test_watcher_that_goes_is_forgotten(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        async with watching(stand):
            assert (await stand.get("/summary"))["watchers"] == 1
        while (await stand.get("/summary"))["watchers"]:
            pass


async def test_change_of_a_file_is_told(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand, watching(stand, kinds=["files"]) as socket:
        await stand.put("/flows/a", base=None, document=flow("a"))
        (event,) = await events(socket)
        assert event["data"]["flows"] == ["a"]


async def test_tap_shows_what_leaves_a_port_and_only_to_who_asked(tmp_path: Path) -> None:
    async with (
        serving(tmp_path, flow("a")) as stand,
        watching(stand, kinds=[], taps=[{"flow": "a", "node": "gate", "port": "out"}]) as socket,
        watching(stand, kinds=["debug", "tap"]) as other,
    ):
        id = await stand.inject("a", "gate", payload=21.5)
        (event,) = await events(socket)
        assert (event["kind"], event["flow"], event["node"], event["data"]["port"]) == ("tap", "a", "gate", "out")
        assert (event["data"]["message_id"], event["data"]["message"]["payload"]) == (id, 21.5)
        assert [one["kind"] for one in await events(other)] == ["debug"]
        assert stand.service.engine.world.hub.recent[-1].kind == "debug"


async def test_tap_is_taken_off_when_nobody_looks_any_more(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        gate = stand.running("a").cells["gate"].node
        assert gate is not None
        before = gate.outputs["out"].deliver
        tap = {"flow": "a", "node": "gate", "port": "out"}
        async with watching(stand, kinds=[], taps=[tap]) as socket:
            assert gate.outputs["out"].deliver != before
            await subscribe(socket, kinds=["debug"])
            assert gate.outputs["out"].deliver == before
            await subscribe(socket, kinds=[], taps=[tap, {"flow": "none", "node": "gate", "port": "out"}])
            assert gate.outputs["out"].deliver != before
        while (await stand.get("/summary"))["watchers"]:
            pass
        assert gate.outputs["out"].deliver == before

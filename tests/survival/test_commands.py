"""``kill -9`` at every point of a command: it is not lost, and what comes twice is marked."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiomqtt
import httpx
import orjson
import pytest
from aiohttp import web
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from flowengine.node import SystemClock
from flowengine.storage import Store
from flowengine_nodes.iiot.embedded.groups import EmbeddedGroups
from flowengine_nodes.iiot.registry.command import CommandState
from flowengine_nodes.iiot.registry.commands import CommandFilter
from flowengine_nodes.iiot.registry.device import Device, Lifecycle
from flowengine_nodes.iiot.registry.profile import Profile
from tests.conftest import MosquittoFactory
from tests.mosquitto import Mosquitto
from tests.nodes.iiot.pairing.site import copy_flows
from tests.survival.engine_process import EngineProcess, Nursery
from tests.survival.victim import Victim

pytestmark = [pytest.mark.slow, pytest.mark.mosquitto, pytest.mark.timeout(600)]

PATIENCE = 60.0


class Odoo:
    """Stands for Odoo's webhook, and keeps what it is told of commands."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self._news = asyncio.Event()

    async def until_told(self, id: str, state: str) -> None:
        """Wait until it is told that a command has come to a state."""
        while not any(told["id"] == id and told["state"] == state for told in self.told):
            self._news.clear()
            await self._news.wait()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/iiot/webhook", self._take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        items = await request.json()
        self.told += [item["command"] for item in items]
        self._news.set()
        return web.json_response({"status": "ok", "results": [{"status": "ok"}] * len(items)})


class Obedient:
    """A device that does every command once, however often it comes, and answers each time.

    Attributes:
        got: Id and attempt of everything that came.
        done: Ids of the commands that it has carried out.
    """

    def __init__(self, broker: Mosquitto, name: str) -> None:
        self._broker = broker
        self._name = name
        self.got: list[tuple[str, str]] = []
        self.done: list[str] = []

    async def __aenter__(self) -> Self:
        self._client = aiomqtt.Client(
            self._broker.host, self._broker.port, identifier=self._name, protocol=aiomqtt.ProtocolVersion.V5
        )
        await self._client.__aenter__()
        await self._client.subscribe(f"command/{self._name}/action", qos=1)
        self._obeying = asyncio.create_task(self._obey(), name=self._name)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._obeying.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._obeying
        await self._client.__aexit__(None, None, None)

    async def _obey(self) -> None:
        async for message in self._client.messages:
            assert isinstance(message.payload, bytes)
            assert orjson.loads(message.payload) == {"action": "reset", "params": {"delay": 1}}
            asked: Any = message.properties
            marks = dict(asked.UserProperty)
            self.got.append((marks["command-id"], marks["attempt"]))
            if marks["command-id"] not in self.done:
                self.done.append(marks["command-id"])
            answer: Any = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            answer.CorrelationData = asked.CorrelationData
            await self._client.publish(asked.ResponseTopic, b'{"status": "ok"}', qos=1, properties=answer)


@asynccontextmanager
async def opened(engine: EngineProcess) -> AsyncIterator[EmbeddedGroups]:
    """Open the registry of an engine, as a command does."""
    store = await Store.open(engine.address)
    try:
        groups = EmbeddedGroups(store.tables, SystemClock())
        await groups.migrate()
        yield groups
    finally:
        await store.close()


async def test_engine_killed_at_any_point_of_a_command_loses_none_and_marks_what_comes_twice(
    tmp_path: Path, new_mosquitto: MosquittoFactory, nursery: Nursery, address: str
) -> None:
    broker = new_mosquitto()
    await broker.start()
    flows = copy_flows(tmp_path / "flows", "commands")
    async with Odoo() as odoo:
        env = {"MQTT_BROKER_HOST": broker.host, "MQTT_BROKER_PORT": str(broker.port), "ODOO_BASE_URL": odoo.url}
        victim = Victim(
            tmp_path,
            lambda **more: EngineProcess(tmp_path, flows, address=address, **more),
            env=env,
            nursery=nursery,
            sparse=bool(address),
        )
        engine = victim.engine
        async with opened(engine) as groups:
            await groups.profiles.save(Profile(id="boiler"), "test")
        await engine.start()
        try:
            deaths: list[str] = []
            async for point, passed in victim.walk(lambda point: _command(engine, broker, odoo, point)):
                print(point, passed[-1:])  # noqa: T201 - shows where it died when the test fails
                deaths += passed[-1:]
            assert {"before a commit", "after a commit", "before answering over HTTP"} <= set(deaths)
            assert any(point.startswith("before publishing to command/") for point in deaths)
            assert any(point.startswith("after publishing to command/") for point in deaths)
            assert any(point.startswith("before acknowledging command/") for point in deaths)
        finally:
            await engine.end()


async def _command(engine: EngineProcess, broker: Mosquitto, odoo: Odoo, point: int) -> None:
    name = f"boiler-{point}"
    async with opened(engine) as groups:
        await groups.devices.add(Device(id=name, serial=name, profile="boiler", lifecycle=Lifecycle.ACTIVE), "test")
    async with Obedient(broker, name) as device, asyncio.timeout(PATIENCE):
        id = await _ask(engine, name)
        await odoo.until_told(id, "succeeded")
        async with opened(engine) as groups:
            (command,) = await groups.commands.list(CommandFilter(device=name))
        assert (command.id, command.state) == (id, CommandState.SUCCEEDED)
        assert device.done == [id]
        assert len(set(device.got)) == len(device.got), "it came twice, and nothing tells"
        assert command.attempts == max(int(attempt) for _, attempt in device.got)


async def _ask(engine: EngineProcess, device: str) -> str:
    body = {"device": device, "action": "reset", "params": {"delay": 1}, "idempotency_key": f"key of {device}"}
    async with httpx.AsyncClient(base_url=engine.url, timeout=10) as client:
        while True:
            try:
                response = await client.post("/api/v1/command/send", json=body)
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
                continue
            if response.status_code in {200, 202}:
                id: str = response.json()["id"]
                return id
            assert response.status_code in {404, 500, 503}, response.text
            await asyncio.sleep(0.1)

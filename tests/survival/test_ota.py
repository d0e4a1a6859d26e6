"""``kill -9`` at every point of an update and of a small rollout: none is stuck, and what comes twice is marked."""

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

from flowengine.node import SystemClock
from flowengine.storage import Store
from flowengine_nodes.iiot.embedded.groups import EmbeddedGroups
from flowengine_nodes.iiot.registry.device import Device, Lifecycle
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.iiot.registry.profile import Profile
from flowengine_nodes.iiot.registry.update import Update, UpdateState
from flowengine_nodes.iiot.registry.updates import UpdateFilter
from tests.conftest import MosquittoFactory
from tests.mosquitto import Mosquitto
from tests.nodes.iiot.pairing.site import copy_flows
from tests.survival.engine_process import EngineProcess, Nursery
from tests.survival.victim import Victim

pytestmark = [pytest.mark.slow, pytest.mark.mosquitto, pytest.mark.timeout(600)]

PATIENCE = 60.0
NEW = Firmware(id="2.0.0", version="2.0.0", size=1, sha256="00" * 32, url="https://files.test/2")


class Updating:
    """Devices that install what they are told, once for each attempt, and say which version they run then.

    Args:
        broker: Where they are told.
        brief: Whether that is all they say.

    Attributes:
        notices: Update, attempt and copy of every notice that came.
        installed: Update and attempt of everything that was installed.
    """

    def __init__(self, broker: Mosquitto, *, brief: bool = False) -> None:
        self._broker = broker
        self._brief = brief
        self.notices: list[tuple[str, int, int]] = []
        self.installed: list[tuple[str, int]] = []

    async def __aenter__(self) -> Self:
        self._client = aiomqtt.Client(
            self._broker.host, self._broker.port, identifier="devices", protocol=aiomqtt.ProtocolVersion.V5
        )
        await self._client.__aenter__()
        await self._client.subscribe("ota/+/notify", qos=1)
        self._working = asyncio.create_task(self._work(), name="devices")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._working
        await self._client.__aexit__(None, None, None)

    async def _work(self) -> None:
        async for message in self._client.messages:
            assert isinstance(message.payload, bytes)
            notice = orjson.loads(message.payload)
            device = str(message.topic).split("/")[1]
            self.notices.append((notice["update"], notice["attempt"], notice["copy"]))
            said = {"update": notice["update"], "attempt": notice["attempt"]}
            if (notice["update"], notice["attempt"]) not in self.installed:
                self.installed.append((notice["update"], notice["attempt"]))
                if not self._brief:
                    await self._say(device, {**said, "state": "installing", "expected": "notified"})
            await self._say(device, {**said, "version": notice["version"]})

    async def _say(self, device: str, payload: dict[str, Any]) -> None:
        await self._client.publish(f"ota/{device}/status", orjson.dumps(payload), qos=1)


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


@asynccontextmanager
async def victim_of(tmp_path: Path, broker: Mosquitto, nursery: Nursery, address: str) -> AsyncIterator[Victim]:
    """Run the shipped flow, with changes told to nobody, in an engine that can be made to die."""
    flows = copy_flows(tmp_path / "flows", "ota")
    path = flows / "ota.flow.json"
    document = orjson.loads(path.read_bytes())
    # An outbox has points of its own, which other tests walk.
    for id in ("shape", "odoo", "shape-rollout", "odoo-rollouts"):
        del document["nodes"][id]
    document["nodes"]["dispatch"]["wires"] = {"notify": ["publish"], "changed": ["changes"]}
    document["nodes"]["control"]["wires"] = {"changed": ["changes"]}
    document["nodes"]["changes"] = {"type": "debug"}
    path.write_bytes(orjson.dumps(document))
    env = {"MQTT_BROKER_HOST": broker.host, "MQTT_BROKER_PORT": str(broker.port)}
    victim = Victim(
        tmp_path,
        lambda **more: EngineProcess(tmp_path, flows, address=address, **more),
        env=env,
        nursery=nursery,
        sparse=bool(address),
    )
    await _furnish(victim.engine, [])
    await victim.engine.start()
    try:
        yield victim
    finally:
        await victim.engine.end()


async def test_engine_killed_at_any_point_of_an_update_ends_it_once(
    tmp_path: Path, new_mosquitto: MosquittoFactory, nursery: Nursery, address: str
) -> None:
    broker = new_mosquitto()
    await broker.start()
    async with victim_of(tmp_path, broker, nursery, address) as victim:
        deaths: list[str] = []
        async for point, passed in victim.walk(lambda point: _update(victim.engine, broker, point)):
            print(point, passed[-1:])  # noqa: T201 - shows where it died when the test fails
            deaths += passed[-1:]
        assert {"before a commit", "after a commit", "before answering over HTTP"} <= set(deaths)
        for words in ("before publishing to ota/", "after publishing to ota/", "before acknowledging ota/"):
            assert any(point.startswith(words) for point in deaths), words


async def test_engine_killed_at_any_point_of_a_rollout_ends_it(
    tmp_path: Path, new_mosquitto: MosquittoFactory, nursery: Nursery, address: str
) -> None:
    broker = new_mosquitto()
    await broker.start()
    async with victim_of(tmp_path, broker, nursery, address) as victim:
        deaths: list[str] = []
        async for point, passed in victim.walk(lambda point: _rollout(victim.engine, broker, point)):
            print(point, passed[-1:])  # noqa: T201 - likewise
            deaths += passed[-1:]
        assert {"before a commit", "after a commit"} <= set(deaths)


async def _update(engine: EngineProcess, broker: Mosquitto, point: int) -> None:
    name = f"boiler-{point}"
    await _furnish(engine, [name])
    async with Updating(broker) as devices, asyncio.timeout(PATIENCE):
        body = {"device": name, "firmware": "2.0.0", "idempotency_key": name}
        id = (await _ask(engine, "/api/v1/ota/send", body))["id"]
        (update,) = await _ended(engine, UpdateFilter(device=name), 1)
        assert update.id == id
        await _right(engine, update, devices)


async def _rollout(engine: EngineProcess, broker: Mosquitto, point: int) -> None:
    names = [f"boiler-{point}-{number}" for number in range(2)]
    await _furnish(engine, names)
    async with Updating(broker, brief=True) as devices, asyncio.timeout(PATIENCE):
        groups = [{"name": "canary", "percent": 50}, {"name": "all"}]
        plan = {"firmware": "2.0.0", "devices": {"devices": names}, "groups": groups, "rate": 60_000}
        id = (await _ask(engine, "/api/v1/rollouts", {**plan, "idempotency_key": f"rollout {point}"}))["id"]
        updates = await _ended(engine, UpdateFilter(rollout=id), 2)
        assert sorted(one.device for one in updates) == names
        for update in updates:
            await _right(engine, update, devices)
        async with opened(engine) as registry:
            while (await registry.rollouts.get(id)).rollout.state != "finished":  # noqa: ASYNC110 - the engine is elsewhere
                await asyncio.sleep(0.05)
            while await registry.rollouts.untold(1):  # noqa: ASYNC110 - likewise
                await asyncio.sleep(0.05)
            assert len(await registry.rollouts.list(limit=1000)) == point


async def _furnish(engine: EngineProcess, names: list[str]) -> None:
    async with opened(engine) as registry:
        await registry.profiles.save(Profile(id="boiler"), "test")
        if not await registry.firmware.list():
            await registry.firmware.add(NEW, "test")
        for name in names:
            one = Device(id=name, serial=name, profile="boiler", lifecycle=Lifecycle.ACTIVE, firmware="1.0.0")
            await registry.devices.add(one, "test")


async def _ended(engine: EngineProcess, which: UpdateFilter, count: int) -> list[Update]:
    """Wait until so many updates have ended, and everybody was told."""
    async with opened(engine) as registry:
        while True:
            updates = list(await registry.updates.list(which))
            is_told = not await registry.updates.untold(1)
            if len(updates) == count and all(one.state.is_end for one in updates) and is_told:
                return updates
            await asyncio.sleep(0.05)


async def _right(engine: EngineProcess, update: Update, devices: Updating) -> None:
    """Check that an update has succeeded in one attempt, was done once, and was told apart where it came twice."""
    assert (update.state, update.attempt) == (UpdateState.SUCCEEDED, 1)
    assert devices.installed.count((update.id, 1)) == 1
    copies = [copy for id, _, copy in devices.notices if id == update.id]
    assert len(set(copies)) == len(copies), "a notice came twice, and nothing tells"
    async with opened(engine) as registry:
        history = [change.state for change in await registry.updates.history(update.id)]
        assert (await registry.devices.get(update.device)).firmware == "2.0.0"
    # Each state once, in their order.
    assert history == sorted(set(history), key=list(UpdateState).index)


async def _ask(engine: EngineProcess, path: str, body: dict[str, Any]) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=engine.url, timeout=10) as client:
        while True:
            try:
                response = await client.post(path, json=body)
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
                continue
            if response.is_success:
                answer: dict[str, Any] = response.json()
                return answer
            assert response.status_code in {404, 500, 503}, response.text
            await asyncio.sleep(0.1)

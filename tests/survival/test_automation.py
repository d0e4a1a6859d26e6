"""``kill -9`` at every point of an automatic command: it is decided once, sent, and carried out once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import httpx
import orjson
import pytest

from flowengine.node import SystemClock
from flowengine.storage import Store
from flowengine_nodes.iiot.embedded.groups import EmbeddedGroups
from flowengine_nodes.iiot.registry.automation import AutomationRule
from flowengine_nodes.iiot.registry.command import CommandState
from flowengine_nodes.iiot.registry.commands import CommandFilter
from flowengine_nodes.iiot.registry.device import Device, Lifecycle
from flowengine_nodes.iiot.registry.profile import Profile
from tests.conftest import MosquittoFactory
from tests.mosquitto import Mosquitto
from tests.nodes.iiot.pairing.site import copy_flows
from tests.survival.engine_process import EngineProcess, Nursery
from tests.survival.test_commands import Obedient
from tests.survival.victim import Victim

pytestmark = [pytest.mark.slow, pytest.mark.mosquitto, pytest.mark.timeout(600)]

PATIENCE = 60.0
RULES = [
    {
        "id": "hot",
        "trigger": {"kind": "threshold", "path": "$.t", "above": 80},
        "command": {"action": "reset", "params": {"delay": 1}},
    },
    {
        "id": "told",
        "trigger": {"kind": "event", "event": "write"},
        "command": {"action": "reset", "params": {"delay": 1}},
    },
]


@asynccontextmanager
async def opened(engine: EngineProcess) -> AsyncIterator[tuple[Store, EmbeddedGroups]]:
    """Open the store of an engine, as a command does."""
    store = await Store.open(engine.address)
    try:
        groups = EmbeddedGroups(store.tables, SystemClock())
        await groups.migrate()
        yield store, groups
    finally:
        await store.close()


@pytest.mark.parametrize(
    ("address", "way"),
    [
        ("sqlite", "telemetry"),
        ("sqlite", "event"),
        pytest.param("postgresql", "telemetry", marks=pytest.mark.postgresql),
    ],
    indirect=["address"],
)
async def test_engine_killed_at_any_point_of_a_firing_sends_its_command_once(
    tmp_path: Path, new_mosquitto: MosquittoFactory, nursery: Nursery, address: str, way: str
) -> None:
    broker = new_mosquitto(persistence=True)
    await broker.start()
    flows = copy_flows(tmp_path / "flows", "automation", "commands")
    document = orjson.loads((flows / "commands.flow.json").read_bytes())
    # An outbox has points of its own, which other tests walk.
    for id in ("shape", "odoo"):
        del document["nodes"][id]
    document["nodes"]["dispatch"]["wires"] = {"command": ["publish"]}
    (flows / "commands.flow.json").write_bytes(orjson.dumps(document))
    env = {"MQTT_BROKER_HOST": broker.host, "MQTT_BROKER_PORT": str(broker.port)}
    victim = Victim(
        tmp_path,
        lambda **more: EngineProcess(tmp_path, flows, address=address, **more),
        env=env,
        nursery=nursery,
        sparse=bool(address),
    )
    engine = victim.engine
    async with opened(engine) as (_, groups):
        await groups.profiles.save(Profile(id="boiler"), "test")
        for rule in RULES:
            await groups.automations.save(AutomationRule.model_validate(rule), "test")
    await engine.start()
    try:
        deaths: list[str] = []
        async for point, passed in victim.walk(lambda point: _fire(engine, broker, way, point)):
            print(point, passed[-1:])  # noqa: T201 - shows where it died when the test fails
            deaths += passed[-1:]
        assert {"before a commit", "after a commit"} <= set(deaths)
        wanted = "before answering over HTTP" if way == "event" else "before acknowledging telemetry/"
        assert any(point.startswith(wanted) for point in deaths)
        assert any("publishing to command/" in point for point in deaths)
    finally:
        await engine.end()


async def _fire(engine: EngineProcess, broker: Mosquitto, way: str, point: int) -> None:
    name = f"boiler-{point}"
    async with opened(engine) as (_, groups):
        await groups.devices.add(Device(id=name, serial=name, profile="boiler", lifecycle=Lifecycle.ACTIVE), "test")
    async with Obedient(broker, name) as device, asyncio.timeout(PATIENCE):
        await (_tell(engine, name) if way == "event" else _measure(broker, engine, name))
        async with opened(engine) as (store, groups):
            while True:
                commands = await groups.commands.list(CommandFilter(device=name))
                if commands and commands[0].state is CommandState.SUCCEEDED and not await groups.automations.firings(1):
                    break
                await asyncio.sleep(0.05)
            (command,) = commands
            lines = [line for line in await store.audit.list(limit=1000) if line.subject == name]
        assert [line.what for line in lines].count("automation-fire") == 1, "decided more than once"
        assert device.done == [command.id]
        assert len(set(device.got)) == len(device.got), "it came twice, and nothing tells"


async def _measure(broker: Mosquitto, engine: EngineProcess, device: str) -> None:
    async with (
        opened(engine) as (_, groups),
        aiomqtt.Client(broker.host, broker.port, protocol=aiomqtt.ProtocolVersion.V5) as client,
    ):
        # The roster learns of the device within a second; readings come as long as nothing has happened.
        while ("hot", device) not in await groups.automations.watches():
            await client.publish(f"telemetry/{device}/data", orjson.dumps({"t": 90}), qos=1)
            await asyncio.sleep(0.2)


async def _tell(engine: EngineProcess, device: str) -> None:
    body = {"event": "write", "event_id": f"event {device}", "device": device, "values": {}}
    async with httpx.AsyncClient(base_url=engine.url, timeout=10) as client, opened(engine) as (_, groups):
        while True:
            try:
                response = await client.post("/api/v1/automation/event", json=body)
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
                continue
            assert response.status_code in {204, 404, 500, 503}, response.text
            # Told before the roster had the device: nobody stands for it yet.
            if response.status_code == 204 and await groups.commands.list(CommandFilter(device=device)):
                return
            await asyncio.sleep(0.1)

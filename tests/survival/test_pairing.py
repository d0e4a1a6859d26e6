"""``kill -9`` at every point of a pairing: no token is used twice, and the device is paired in the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import httpx
import pytest

from flowengine.node import SystemClock
from flowengine.storage import Store
from flowengine_nodes.iiot.embedded.groups import EmbeddedGroups
from flowengine_nodes.iiot.registry.device import Device, Lifecycle
from flowengine_nodes.iiot.registry.profile import Profile
from tests.conftest import MosquittoFactory
from tests.mosquitto import Mosquitto
from tests.nodes.iiot.pairing.deployed_mosquitto import ADMIN, ADMIN_PASSWORD, with_dynamic_security
from tests.nodes.iiot.pairing.site import PAIRING, PAIRING_PASSWORD, Applicant, copy_flows, may_log_in
from tests.survival.engine_process import EngineProcess, Nursery
from tests.survival.victim import Victim

pytestmark = [pytest.mark.slow, pytest.mark.mosquitto, pytest.mark.timeout(600)]

PATIENCE = 60.0


@asynccontextmanager
async def opened(engine: EngineProcess) -> AsyncIterator[tuple[Store, EmbeddedGroups]]:
    """Open the store of an engine, as a command does."""
    store = await Store.open(engine.address)
    try:
        groups = EmbeddedGroups(store.tables, SystemClock())
        await groups.migrate()
        await groups.tokens.load("")
        yield store, groups
    finally:
        await store.close()


async def new_token(engine: EngineProcess, device: str) -> str:
    async with opened(engine) as (_, groups):
        await groups.profiles.save(Profile(id="boiler"), "test")
        await groups.devices.add(Device(id=device, serial=f"SN-{device}", profile="boiler"), "test")
        return (await groups.tokens.issue(f"SN-{device}", 900, "test")).text


async def check_paired_once(engine: EngineProcess, device: str) -> None:
    async with opened(engine) as (store, groups):
        assert (await groups.devices.get(device)).lifecycle is Lifecycle.PAIRED
        lines = await store.audit.list(limit=1000)
        assert [line.subject for line in lines if line.what == "pair"].count(device) == 1


@pytest.mark.parametrize(
    ("address", "way"),
    [("sqlite", "mqtt"), ("sqlite", "http"), pytest.param("postgresql", "mqtt", marks=pytest.mark.postgresql)],
    indirect=["address"],
)
async def test_engine_killed_at_any_point_of_a_pairing_pairs_the_device_once(
    tmp_path: Path, new_mosquitto: MosquittoFactory, nursery: Nursery, address: str, way: str
) -> None:
    broker = with_dynamic_security(new_mosquitto())
    await broker.start()
    flows = copy_flows(tmp_path / "flows", "pairing")
    env = {
        "MQTT_BROKER_HOST": broker.host,
        "MQTT_BROKER_PORT": str(broker.port),
        "MQTT_BROKER_USERNAME": ADMIN,
        "MQTT_BROKER_PASSWORD": ADMIN_PASSWORD,
        "MQTT_DEVICE_CREDENTIALS": "mosquitto",
        "MQTT_PAIRING_USERNAME": PAIRING,
        "MQTT_PAIRING_PASSWORD": PAIRING_PASSWORD,
    }
    victim = Victim(
        tmp_path,
        lambda **more: EngineProcess(tmp_path, flows, address=address, **more),
        env=env,
        nursery=nursery,
        sparse=bool(address),
    )
    engine = victim.engine
    await engine.start()
    try:
        deaths: set[str] = set()
        async for point, passed in victim.walk(lambda point: _pair(engine, way, broker, point)):
            print(point, passed[-1:])  # noqa: T201 - shows where it died when the test fails
            deaths.update(passed[-1:])
        assert {"before a commit", "after a commit"} <= deaths
        assert any("$CONTROL" in point for point in deaths), "the account was never put in place"
        wanted = "before answering over HTTP" if way == "http" else "before acknowledging iiot/config/request"
        assert wanted in deaths
    finally:
        await engine.end()


async def _pair(engine: EngineProcess, way: str, broker: Mosquitto, point: int) -> None:
    device = f"boiler-{point}"
    request = {"serial": f"SN-{device}", "token": await new_token(engine, device), "request_id": f"request {point}"}
    async with asyncio.timeout(PATIENCE):
        configuration = await (_ask_over_http(engine, request) if way == "http" else _ask_over_mqtt(broker, request))
    assert configuration["device"] == device
    assert await may_log_in(broker, configuration)
    await check_paired_once(engine, device)


async def _ask_over_http(engine: EngineProcess, request: dict[str, str]) -> dict[str, str]:
    async with httpx.AsyncClient(base_url=engine.url, timeout=10) as client:
        while True:
            try:
                response = await client.post("/iiot/config", json=request)
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
                continue
            if response.status_code == 200:
                answer: dict[str, str] = response.json()
                return answer
            assert response.status_code in {404, 500, 503}, response.text
            await asyncio.sleep(0.1)


async def _ask_over_mqtt(broker: Mosquitto, request: dict[str, str]) -> dict[str, str]:
    while True:
        try:
            async with Applicant(broker) as applicant:
                return await _ask_until_answered(applicant, request)
        except aiomqtt.MqttError:
            # The engine has not made the account by which devices ask.
            await asyncio.sleep(0.1)


async def _ask_until_answered(applicant: Applicant, request: dict[str, str]) -> dict[str, str]:
    while True:
        await applicant.send({**request, "reply_to": applicant.reply})
        try:
            answer = await applicant.answer(seconds=2)
        except TimeoutError:
            continue
        assert "code" not in answer, answer
        return answer

"""From a request over HTTP to a device at a real broker and back, with the shipped flow."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import httpx
import orjson
import pytest
from openapi_spec_validator import validate

from flowengine.server.service import Service, ServiceOptions
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from tests.conftest import MosquittoFactory
from tests.mosquitto import Mosquitto
from tests.nodes.iiot.pairing.site import copy_flows
from tests.nodes.iiot.registries import add_device, add_profile

pytestmark = pytest.mark.mosquitto

SEND = "/api/v1/command/send"


@asynccontextmanager
async def running(directory: Path, broker: Mosquitto) -> AsyncIterator[tuple[Service, EmbeddedRegistry]]:
    """Run the flow of commands."""
    service = Service(
        ServiceOptions(
            folder=copy_flows(directory / "flows", "commands"),
            port=0,
            store=f"sqlite:///{directory}/store.db",
            variables={
                "PATH": os.environ["PATH"],
                "MQTT_BROKER_HOST": broker.host,
                "MQTT_BROKER_PORT": str(broker.port),
                # Nobody listens there: what is told to Odoo waits in the outbox.
                "ODOO_BASE_URL": "http://127.0.0.1:9",
            },
        )
    )
    async with service.running():
        registry = service.engine.world.resource("registry")
        assert isinstance(registry, EmbeddedRegistry)
        yield service, registry


async def test_command_goes_from_the_api_to_an_old_device_and_back(
    tmp_path: Path, new_mosquitto: MosquittoFactory
) -> None:
    broker = new_mosquitto()
    await broker.start()
    async with running(tmp_path, broker) as (service, registry), httpx.AsyncClient(base_url=service.url) as client:
        await add_profile(registry, command_id_field="id")
        await add_device(registry, "boiler-1")
        _, key = await registry.api_keys.add("odoo", ("command",), None, "test")
        asked = {"device": "boiler-1", "action": "reset", "params": {"delay": 10}}
        assert (await client.post(SEND, json=asked)).status_code == 401
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "k1"}
        async with aiomqtt.Client(broker.host, broker.port, protocol=aiomqtt.ProtocolVersion.V311) as device:
            await device.subscribe("command/boiler-1/action", qos=1)
            answers = await asyncio.gather(*(client.post(SEND, json=asked, headers=headers) for _ in range(5)))
            assert sorted(one.status_code for one in answers) == [200, 200, 200, 200, 202]
            (id,) = {one.json()["id"] for one in answers}
            message = await asyncio.wait_for(anext(device.messages), 20)
            assert isinstance(message.payload, bytes)
            assert message.payload.decode() == f'{{"action": "reset", "params": {{"delay": 10}}, "id": "{id}"}}'
            answer = orjson.dumps({"id": id, "status": "done"})
            await device.publish("command/boiler-1/response", answer, qos=1)
            told = await _told(client, id, "succeeded", headers)
        assert (told["who"], told["attempts"], told["result"]) == ("odoo", 1, {"id": id, "status": "done"})
        assert service.engine.flows["commands"].account.failed == 0


async def test_commands_are_in_the_description_of_the_api(tmp_path: Path, new_mosquitto: MosquittoFactory) -> None:
    broker = new_mosquitto()
    await broker.start()
    async with running(tmp_path, broker) as (service, _), httpx.AsyncClient(base_url=service.url) as client:
        document = (await client.get("/openapi.json")).json()
    validate(document)
    send = document["paths"][SEND]["post"]
    assert send["summary"] == "Send a command to a device"
    assert send["security"] == [{"api_key": []}]
    assert send["requestBody"]["content"]["application/json"]["schema"]["required"] == ["action"]
    assert "state" in send["responses"]["202"]["content"]["application/json"]["schema"]["properties"]
    assert {"401", "403", "429"} <= send["responses"].keys()
    find = document["paths"]["/api/v1/command/{id}"]["get"]
    assert [one["name"] for one in find["parameters"]] == ["id"]


async def _told(client: httpx.AsyncClient, id: str, state: str, headers: dict[str, str]) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            response = await client.get(f"/api/v1/command/{id}", headers=headers)
            assert response.status_code == 200
            told: dict[str, Any] = response.json()
            if told["state"] == state:
                return told
            await asyncio.sleep(0.02)

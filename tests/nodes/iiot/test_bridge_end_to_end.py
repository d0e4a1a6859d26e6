"""The shipped flows telemetry and presence, against a real broker and a stand-in for Odoo."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import httpx
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from flowengine.server.service import Service, ServiceOptions
from flowengine_nodes.demo.odoo_stand_in import OdooStandIn
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from flowengine_nodes.iiot.registry.device import BusinessObject
from tests.mosquitto import Mosquitto
from tests.nodes.iiot.registries import add_device, add_profile

FLOWS = Path(__file__).parents[3] / "flows"
RULES = [{"path": "$.n", "field": "x_sequence"}, {"path": "$.celsius", "field": "x_temperature"}]

pytestmark = pytest.mark.mosquitto


def flows(folder: Path) -> Path:
    """Copy the flows; a device that is gone has a moment to come back, instead of seconds."""
    folder.mkdir()
    shutil.copy(FLOWS / "telemetry.flow.json", folder)
    presence = json.loads((FLOWS / "presence.flow.json").read_text())
    presence["nodes"]["presence"]["config"]["settle"] = "200ms"
    (folder / "presence.flow.json").write_text(json.dumps(presence))
    resources = json.loads((FLOWS / "resources.json").read_text())
    resources["resources"] = {id: resources["resources"][id] for id in ("main", "odoo", "registry")}
    (folder / "resources.json").write_text(json.dumps(resources))
    return folder


@asynccontextmanager
async def bridge(directory: Path, broker: Mosquitto, odoo: OdooStandIn) -> AsyncIterator[Service]:
    variables = {"PATH": os.environ["PATH"], "MQTT_BROKER_HOST": broker.host, "MQTT_BROKER_PORT": str(broker.port)}
    store = f"sqlite:///{directory}/store.db"
    folder = directory / "flows"
    options = ServiceOptions(
        folder=folder if folder.exists() else flows(folder),
        port=0,
        store=store,
        variables={**variables, "ODOO_BASE_URL": odoo.url, "ODOO_COALESCE": "false"},
    )
    async with Service(options).running() as service:
        await until(lambda: "connected" in str(service.engine.resources.cells["main"].status))
        yield service


def registry_of(service: Service) -> EmbeddedRegistry:
    registry = service.engine.world.resource("registry")
    assert isinstance(registry, EmbeddedRegistry)
    return registry


async def until(happened: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not happened():  # noqa: ASYNC110 - broker and server bring it about
            await asyncio.sleep(0.01)


async def test_telemetry_and_presence_reach_odoo(tmp_path: Path, mosquitto: Mosquitto) -> None:
    async with OdooStandIn() as odoo, bridge(tmp_path, mosquitto, odoo) as service:
        await add_profile(registry_of(service), rules=RULES)
        await add_device(registry_of(service), "b1", business=BusinessObject("maintenance.equipment", 1))
        device = paho.Client(CallbackAPIVersion.VERSION2, "b1", protocol=paho.MQTTv5)
        device.will_set("presence/b1", "offline", qos=1, retain=True)
        device.connect(mosquitto.host, mosquitto.port)
        device.loop_start()
        device.publish("presence/b1", "online", qos=1, retain=True)
        for number in range(1, 101):
            device.publish("telemetry/b1/data", json.dumps({"n": number, "celsius": number / 10}), qos=1)
        await until(lambda: odoo.received == 100 and odoo.news["presence"] == 1)
        assert odoo.duplicates == 0
        # Without a goodbye, so that the broker speaks its last will.
        connection = device.socket()
        assert connection is not None
        device.loop_stop()
        connection.close()
        await until(lambda: odoo.news["presence"] == 2)
        async with httpx.AsyncClient(base_url=service.url) as client:
            metrics = (await client.get("/metrics")).text
        assert 'flowengine_telemetry_readings_total{flow="telemetry",node="map",profile="boiler"} 100.0' in metrics
        assert 'flowengine_devices_online{flow="presence",node="presence",profile="boiler"} 0.0' in metrics
        presence = (await registry_of(service).devices.presence(["b1"]))["b1"]
        assert (presence.online, presence.telemetry) == (False, {"n": 100, "celsius": 10.0})
    # Over a restart, with the will still kept by the broker: nothing new has happened.
    async with OdooStandIn() as odoo, bridge(tmp_path, mosquitto, odoo) as service:
        async with aiomqtt.Client(mosquitto.host, mosquitto.port, protocol=aiomqtt.ProtocolVersion.V5) as client:
            await client.publish("telemetry/b1/data", b'{"n": 101}', qos=1)
        await until(lambda: odoo.received == 1)
        await until(lambda: odoo.news["presence"] == 1)
        assert registry_of(service).roster.member("b1") is not None

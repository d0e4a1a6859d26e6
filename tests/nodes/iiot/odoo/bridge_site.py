"""A bridge whose registry is in Odoo, served as users serve it: shipped flows, a broker, and events from Odoo."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowengine.server.service import Service, ServiceOptions
from flowengine_nodes.iiot.odoo_registry import OdooRegistry
from tests.mosquitto import Mosquitto, free_port
from tests.nodes.iiot.odoo_site import KEY
from tests.odoo_server import BRIDGE, Odoo

ROOT = Path(__file__).parents[4]
EQUIPMENT = "maintenance.equipment"


@dataclass(frozen=True)
class BridgeSite:
    """A bridge that runs, and the Odoo that is its master.

    Attributes:
        service: Its service.
        odoo: The Odoo.
    """

    service: Service
    odoo: Odoo

    @property
    def registry(self) -> OdooRegistry:
        registry = self.service.engine.world.resource("registry")
        assert isinstance(registry, OdooRegistry)
        return registry

    async def call(self, model: str, method: str, *arguments: Any, **named: Any) -> Any:
        """Call a method in Odoo, as somebody there."""
        return await asyncio.to_thread(self.odoo.call, model, method, *arguments, **named)

    async def make_device(self, id: str = "b1", **values: Any) -> int:
        """Make a device in Odoo, of the profile "boiler", which is made too."""
        found = await self.call("iiot.device.profile", "search", [["code", "=", "boiler"]])
        if not found:
            profile = {"code": "boiler", "name": "Boiler", "actions": json.dumps({"reset": {}})}
            found = [await self.call("iiot.device.profile", "create", profile)]
        device = {"device_id": id, "serial_number": f"SN-{id}", "name": id, "profile_id": found[0], **values}
        made: int = await self.call("iiot.device", "create", device)
        return made

    async def make_token(self, device: int) -> str:
        """Press the button that makes a token, and read it."""
        shown = await self.call("iiot.device", "action_generate_config_token", [device])
        token: str = shown["context"]["default_token"]
        return token


@asynccontextmanager
async def running_bridge(
    directory: Path, broker: Mosquitto, odoo: Odoo, *flows: str, tells: bool = True
) -> AsyncIterator[BridgeSite]:
    """Run a bridge.

    Args:
        directory: For flows, store and firmware.
        broker: A broker that runs.
        odoo: The Odoo.
        flows: Names of shipped flows.
        tells: Whether Odoo tells the bridge of what happens there.
    """
    folder = directory / "flows"
    folder.mkdir()
    for name in flows:
        shutil.copy(ROOT / "flows" / f"{name}.flow.json", folder)
    shutil.copy(ROOT / "deploy/odoo/resources.json", folder)
    port = free_port()
    variables = {
        "PATH": os.environ["PATH"],
        "MQTT_BROKER_HOST": broker.host,
        "MQTT_BROKER_PORT": str(broker.port),
        "IIOT_SECRET_KEY": KEY,
        "ODOO_BASE_URL": odoo.url,
        "ODOO_DATABASE": odoo.database,
        "ODOO_API_KEY": odoo.keys[BRIDGE],
        "FIRMWARE_DIR": str(directory / "firmware"),
        "FIRMWARE_BASE_URL": f"http://127.0.0.1:{port}/firmware",
    }
    settings = {"iiot.bridge_url": f"http://127.0.0.1:{port}" if tells else "", "iiot.mqtt_host": broker.host}
    for name, value in settings.items():
        await asyncio.to_thread(odoo.call, "ir.config_parameter", "set_param", name, value)
    service = Service(
        ServiceOptions(folder=folder, port=port, store=f"sqlite:///{directory}/store.db", variables=variables)
    )
    try:
        async with service.running():
            assert not service.engine.broken, service.engine.broken
            async with asyncio.timeout(20):
                while "connected" not in str(service.engine.resources.cells["main"].status):  # noqa: ASYNC110 - the broker brings it about
                    await asyncio.sleep(0.02)
            yield BridgeSite(service, odoo)
    finally:
        await asyncio.to_thread(odoo.call, "ir.config_parameter", "set_param", "iiot.bridge_url", "")

"""A whole plant: all shipped flows in a service, a real broker, what stands in for Odoo, and simulated devices."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from flowengine.server.service import Service, ServiceOptions
from flowengine_nodes.demo.odoo_stand_in import OdooStandIn
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from flowengine_nodes.iiot.simulator.behaviour import Behaviour
from flowengine_nodes.iiot.simulator.fleet import Fleet
from flowengine_nodes.iiot.simulator.registration import enrol
from flowengine_nodes.iiot.simulator.site import Site
from tests.mosquitto import Mosquitto, free_port

FLOWS = Path(__file__).parents[3] / "flows"


async def until(happened: Callable[[], bool], seconds: float = 25) -> None:
    async with asyncio.timeout(seconds):
        while not happened():  # noqa: ASYNC110 - broker, server and devices bring it about
            await asyncio.sleep(0.02)


async def until_true(happens: Callable[[], Awaitable[bool]], seconds: float = 25) -> None:
    async with asyncio.timeout(seconds):
        while not await happens():  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.05)


@dataclass
class Plant:
    """What there is in a plant that runs.

    Attributes:
        service: The service with all flows.
        registry: Its registry.
        odoo: What stands in for Odoo.
        api: A client of the HTTP API that shows a key for all of it.
        broker: The broker.
        firmware_key: Public key by which devices check firmware.
    """

    service: Service
    registry: EmbeddedRegistry
    odoo: OdooStandIn
    api: httpx.AsyncClient
    broker: Mosquitto
    firmware_key: str = ""

    async def fleet(
        self, ids: Sequence[str], behaviour: Behaviour | None = None, *, interval: float = 0.2, storm: float = 0.0
    ) -> Fleet:
        """Enter devices that have still to pair, and return them, not started."""
        site = Site(
            host=self.broker.host,
            port=self.broker.port,
            interval=interval,
            update_seconds=0.02,
            firmware_key=self.firmware_key,
        )
        return Fleet(await enrol(self.registry, ids, pair=True), site, behaviour, storm=storm)

    async def asked(self, method: str, path: str, json: Any = None) -> Any:
        """Ask the HTTP API, which must not refuse."""
        answer = await self.api.request(method, path, json=json)
        assert answer.is_success, answer.text
        return answer.json()

    async def is_quiet(self) -> bool:
        """Tell whether no message is under way and the outbox is empty."""
        waiting = sum(count.pending for count in await self.service.engine.world.store.outbox.counts())
        return not waiting and not any(flow.account.in_flight for flow in self.service.engine.flows.values())


@asynccontextmanager
async def running_plant(directory: Path, broker: Mosquitto, signing_key: str = "") -> AsyncIterator[Plant]:
    """Run all shipped flows.

    Args:
        directory: For the store, the flows and the firmware.
        broker: A broker that runs.
        signing_key: Private key that signs firmware; empty for none.
    """
    folder = directory / "flows"
    folder.mkdir()
    for file in (*FLOWS.glob("*.flow.json"), FLOWS / "resources.json"):
        shutil.copy(file, folder)
    port = free_port()
    async with OdooStandIn() as odoo:
        variables = {
            "PATH": os.environ["PATH"],
            "MQTT_BROKER_HOST": broker.host,
            "MQTT_BROKER_PORT": str(broker.port),
            "ODOO_BASE_URL": odoo.url,
            # It counts every message.
            "ODOO_COALESCE": "false",
            "FIRMWARE_DIR": str(directory / "firmware"),
            "FIRMWARE_BASE_URL": f"http://127.0.0.1:{port}/firmware",
            "FIRMWARE_SIGNING_KEY": signing_key,
        }
        store = f"sqlite:///{directory}/store.db"
        service = Service(ServiceOptions(folder=folder, port=port, store=store, variables=variables))
        async with service.running():
            registry = service.engine.world.resource("registry")
            assert isinstance(registry, EmbeddedRegistry)
            await until(lambda: "connected" in str(service.engine.resources.cells["main"].status))
            scopes = ("command", "ota", "status", "firmware", "automation")
            _, key = await registry.api_keys.add("odoo", scopes, None, "test")
            headers = {"Authorization": f"Bearer {key}"}
            async with httpx.AsyncClient(base_url=service.url, headers=headers, timeout=20) as api:
                yield Plant(service, registry, odoo, api, broker)

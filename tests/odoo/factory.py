"""A factory: a real Odoo with the addon, the shipped flows with Odoo as their registry, a broker, simulated devices."""

import asyncio
import base64
import os
import shutil
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowengine.server.service import Service, ServiceOptions
from flowengine_nodes.iiot.simulator.behaviour import Behaviour
from flowengine_nodes.iiot.simulator.fleet import Fleet
from flowengine_nodes.iiot.simulator.pairing import Applicant
from flowengine_nodes.iiot.simulator.site import Site
from tests.mosquitto import Mosquitto, free_port
from tests.odoo_server import Odoo

ROOT = Path(__file__).parents[2]
KEY = "4c0ffee0" * 4
EQUIPMENT = "maintenance.equipment"
FIELDS = {"x_sequence": "integer", "x_temperature_c": "float"}


@dataclass(frozen=True)
class Machine:
    """A machine of the factory.

    Args:
        name: Its device id and serial number.
        equipment: Id of its equipment in Odoo.
        device: Id of its device in Odoo.
    """

    name: str
    equipment: int
    device: int


class Factory:
    """What people do in Odoo, and what they see there.

    Args:
        odoo: The server.
        service: The engine's service.
        broker: The broker.
    """

    def __init__(self, odoo: Odoo, service: Service, broker: Mosquitto) -> None:
        self.odoo = odoo
        self.service = service
        self.broker = broker

    async def call(self, model: str, method: str, *arguments: Any, **named: Any) -> Any:
        """Call a method in Odoo as its administrator."""
        return await asyncio.to_thread(self.odoo.call, model, method, *arguments, **named)

    async def read(self, model: str, domain: Sequence[Any], *fields: str) -> list[dict[str, Any]]:
        """Return fields of the records that a domain finds, by id."""
        found: list[dict[str, Any]] = await self.call(model, "search_read", [*domain], [*fields], order="id")
        return found

    async def make_profile(self) -> int:
        """Make a profile with its rules, and the fields that these write to; return its id."""
        [equipment] = await self.read("ir.model", [("model", "=", EQUIPMENT)], "id")
        rules = []
        for name, kind in FIELDS.items():
            described = {"name": name, "field_description": name, "model_id": equipment["id"], "ttype": kind}
            field = await self.call("ir.model.fields", "create", described | {"state": "manual"})
            path = f"$.{name.removeprefix('x_')}"
            rules.append({"name": name, "json_path": path, "model_id": equipment["id"], "field_id": field})
        rules[0]["on_missing"] = "fail"
        lines = [(0, 0, rule) for rule in rules]
        profile: int = await self.call(
            "iiot.device.profile", "create", {"code": "boiler", "name": "Boiler", "telemetry_rule_ids": lines}
        )
        return profile

    async def make_machines(self, names: Iterable[str], profile: int) -> list[Machine]:
        """Make devices, each with an equipment of its own."""
        made = []
        for name in names:
            equipment = await self.call(EQUIPMENT, "create", {"name": name})
            device = await self.call(
                "iiot.device",
                "create",
                {
                    "name": name,
                    "device_id": name,
                    "serial_number": name,
                    "profile_id": profile,
                    "business_ref": f"{EQUIPMENT},{equipment}",
                },
            )
            made.append(Machine(name, equipment, device))
        return made

    async def token(self, machine: Machine) -> str:
        """Press the button that makes a token, and return the token that it shows."""
        shown = await self.call("iiot.device", "action_generate_config_token", [machine.device])
        token: str = shown["context"]["default_token"]
        return token

    async def fleet(self, machines: Sequence[Machine], behaviour: Behaviour | None = None) -> Fleet:
        """Return devices that have still to pair, not started."""
        applicants = [
            Applicant(serial=machine.name, kind="boiler", token=await self.token(machine)) for machine in machines
        ]
        site = Site(host=self.broker.host, port=self.broker.port, interval=0.5, update_seconds=0.02)
        return Fleet(applicants, site, behaviour)

    async def upload_firmware(self, version: str, content: bytes) -> int:
        """Upload firmware, release it and return its id."""
        values = {"name": f"Boiler {version}", "version": version, "file": base64.b64encode(content).decode()}
        firmware: int = await self.call("iiot.firmware", "create", values)
        await self.call("iiot.firmware", "action_release", [firmware])
        return firmware

    async def equipment(self, machines: Sequence[Machine]) -> Mapping[str, dict[str, Any]]:
        """Return the fields that telemetry writes, by machine."""
        ids = [machine.equipment for machine in machines]
        found = await self.read(EQUIPMENT, [("id", "in", ids)], "name", *FIELDS)
        return {one["name"]: one for one in found}

    async def is_quiet(self) -> bool:
        """Tell whether no message is under way and the outbox is empty."""
        waiting = sum(count.pending for count in await self.service.engine.world.store.outbox.counts())
        return not waiting and not any(flow.account.in_flight for flow in self.service.engine.flows.values())


@asynccontextmanager
async def running_factory(directory: Path, broker: Mosquitto, odoo: Odoo) -> AsyncIterator[Factory]:
    """Run the shipped flows with the resources for Odoo as the registry, and tell Odoo where they are.

    Args:
        directory: For the store, the flows and the firmware.
        broker: A broker that runs.
        odoo: A server that runs.
    """
    folder = directory / "flows"
    folder.mkdir()
    for file in (*(ROOT / "flows").glob("*.flow.json"), ROOT / "deploy" / "odoo" / "resources.json"):
        shutil.copy(file, folder)
    port = free_port()
    variables = {
        "PATH": os.environ["PATH"],
        "MQTT_BROKER_HOST": broker.host,
        "MQTT_BROKER_PORT": str(broker.port),
        "ODOO_BASE_URL": odoo.url,
        "ODOO_DATABASE": odoo.database,
        "ODOO_LOGIN": "bridge",
        "ODOO_API_KEY": odoo.keys["bridge"],
        "IIOT_SECRET_KEY": KEY,
        "FIRMWARE_DIR": str(directory / "firmware"),
        "FIRMWARE_BASE_URL": f"http://127.0.0.1:{port}/firmware",
    }
    store = f"sqlite:///{directory}/store.db"
    service = Service(ServiceOptions(folder=folder, port=port, store=store, variables=variables))
    factory = Factory(odoo, service, broker)
    settings = {
        "iiot.bridge_url": f"http://127.0.0.1:{port}",
        "iiot.bridge_key": KEY,
        "iiot.mqtt_host": broker.host,
        "iiot.mqtt_port": str(broker.port),
        "iiot.mqtt_use_tls": "False",
    }
    for name, value in settings.items():
        await factory.call("ir.config_parameter", "set_param", name, value)
    async with service.running():
        yield factory

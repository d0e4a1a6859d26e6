"""An Odoo as the registry's master, whose records are cleared between tests."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from flowengine.graph import PlannedResource
from flowengine.runtime import Deployment, Engine, RouteTable
from flowengine.storage import Store
from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.odoo_registry import OdooRegistry
from flowengine_nodes.iiot.registry.device import Device
from flowengine_nodes.odoo.odoo_server import OdooServer
from tests.odoo_cluster import WITH_ADDON, OdooCluster
from tests.odoo_server import BRIDGE, Odoo

KEY = "key-of-bridge-and-odoo-in-tests-0123456789"

# What refers to others first; the ORM would take a second for what is a few milliseconds here.
_CLEAR = "; ".join(
    f"DELETE FROM {table}"
    for table in (
        *("iiot_bridge_event", "iiot_command", "iiot_update", "iiot_rollout", "iiot_automation_rule"),
        *("iiot_firmware", "iiot_device_token", "iiot_device", "iiot_device_group"),
        *("iiot_telemetry_rule", "iiot_command_template", "iiot_device_profile", "iiot_bridge_change"),
    )
)


@contextmanager
def served_odoo(cluster: OdooCluster) -> Iterator[Odoo]:
    """Run an Odoo with the addon, which has the key of the tests."""
    server = Odoo(cluster, cluster.new_database(WITH_ADDON))
    try:
        server.start()
        server.call("ir.config_parameter", "set_param", "iiot.bridge_key", KEY)
        yield server
    finally:
        server.kill()
        cluster.drop(server.database)


def clear(odoo: Odoo) -> None:
    """Remove all records of the addon."""
    odoo.cluster.sql(_CLEAR, odoo.database)


def create_devices(odoo: Odoo, devices: Sequence[Device]) -> None:
    """Make devices in Odoo, as somebody there does: all of them in one call.

    Args:
        odoo: The Odoo.
        devices: Devices of a profile that is there.
    """
    profiles = {one["code"]: one["id"] for one in odoo.call("iiot.device.profile", "search_read", [], ["code"])}
    names = sorted({name for device in devices for name in device.groups})
    made = odoo.call("iiot.device.group", "create", [{"name": name} for name in names])
    groups = dict(zip(names, made, strict=True))
    values = [
        {
            "device_id": device.id,
            "serial_number": device.serial,
            "name": device.name or device.id,
            "profile_id": profiles[device.profile],
            "lifecycle": device.lifecycle.value,
            "hardware_revision": device.hardware,
            "firmware_version": device.firmware,
            "group_ids": [[6, 0, [groups[name] for name in device.groups]]],
        }
        for device in devices
    ]
    odoo.call("iiot.device", "create", values)


def server_config(odoo: Odoo) -> dict[str, Any]:
    """Return the settings of an odoo-server."""
    return {"base_url": odoo.url, "database": odoo.database, "api_key": odoo.keys[BRIDGE], "version": "19"}


@asynccontextmanager
async def running_odoo_registry(
    store: Store, clock: VirtualClock, odoo: Odoo, config: Mapping[str, Any] | None = None
) -> AsyncIterator[OdooRegistry]:
    """Run a registry whose master is an Odoo, alone in an engine.

    Args:
        store: The engine's store.
        clock: The engine's time.
        odoo: The Odoo.
        config: The registry's settings, beside server and key.
    """
    server, mirrored = OdooServer.__node_type__, OdooRegistry.__node_type__
    settings = mirrored.validate({"secret_key": KEY, **(config or {})})
    resources = {
        "odoo": PlannedResource("odoo", server, server.validate(server_config(odoo))),
        "registry": PlannedResource("registry", mirrored, settings, frozenset({"odoo"})),
    }
    async with Engine(store, RouteTable(), clock=clock, drain=0) as engine:
        await engine.deploy(Deployment({}, resources))
        assert not engine.resources.problems, engine.resources.problems
        registry = engine.world.resource("registry")
        assert isinstance(registry, OdooRegistry)
        yield registry

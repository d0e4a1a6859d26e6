"""An Odoo as the registry's master, whose records are cleared between tests."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Self

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


class Wire:
    """What lies between the bridge and Odoo, from entry to exit of ``async with``; it can be cut.

    Args:
        odoo: The Odoo at its other end.
        whole: Whether it is whole at the beginning.

    Attributes:
        url: Address of this end.
        refused: Set when a connection has been refused.
    """

    def __init__(self, odoo: Odoo, *, whole: bool = True) -> None:
        self._odoo = odoo
        self._is_whole = whole
        self._loses_answers = False
        self.refused = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cut()
        self._server.close()
        await self._server.wait_closed()

    def cut(self) -> None:
        """Cut it: connections break, and new ones do at once."""
        self._is_whole = False
        for writer in self._writers:
            writer.transport.abort()

    def mend(self) -> None:
        """Make it whole again."""
        self._is_whole, self._loses_answers = True, False

    def lose_answers(self) -> None:
        """Let requests through, and no answers."""
        self._loses_answers = True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._is_whole:
            writer.transport.abort()
            self.refused.set()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._odoo.port)
        self._writers |= {writer, back}
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, back, ends=False))
                group.create_task(self._pump(there, writer, ends=True))
        except* OSError:
            pass
        finally:
            self._writers -= {writer, back}
            writer.close()
            back.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, ends: bool) -> None:
        while data := await reader.read(65_536):
            if ends and self._loses_answers:
                writer.transport.abort()
                return
            writer.write(data)
            await writer.drain()
        if ends:
            writer.close()


def server_config(odoo: Odoo, url: str = "") -> dict[str, Any]:
    """Return the settings of an odoo-server.

    Args:
        odoo: The Odoo.
        url: Address under which it is reached, if it is another.
    """
    return {"base_url": url or odoo.url, "database": odoo.database, "api_key": odoo.keys[BRIDGE], "version": "19"}


@asynccontextmanager
async def running_odoo_registry(
    store: Store, clock: VirtualClock, odoo: Odoo, config: Mapping[str, Any] | None = None, url: str = ""
) -> AsyncIterator[OdooRegistry]:
    """Run a registry whose master is an Odoo, alone in an engine.

    Args:
        store: The engine's store.
        clock: The engine's time.
        odoo: The Odoo.
        config: The registry's settings, beside server and key.
        url: Address under which Odoo is reached, if it is another.
    """
    server, mirrored = OdooServer.__node_type__, OdooRegistry.__node_type__
    settings = mirrored.validate({"secret_key": KEY, **(config or {})})
    resources = {
        "odoo": PlannedResource("odoo", server, server.validate(server_config(odoo, url))),
        "registry": PlannedResource("registry", mirrored, settings, frozenset({"odoo"})),
    }
    async with Engine(store, RouteTable(), clock=clock, drain=0) as engine:
        await engine.deploy(Deployment({}, resources))
        assert not engine.resources.problems, engine.resources.problems
        registry = engine.world.resource("registry")
        assert isinstance(registry, OdooRegistry)
        yield registry

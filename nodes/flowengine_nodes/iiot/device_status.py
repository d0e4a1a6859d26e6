"""The device-status node."""

from typing import Any, Final

from flowengine.node import Config, Field, JsonPath, Message, Node, Output, node_type
from flowengine_nodes.iiot.ota.description import describe_update
from flowengine_nodes.iiot.ota.timestamp import timestamp_or_none
from flowengine_nodes.iiot.registry.command import CommandState
from flowengine_nodes.iiot.registry.commands import CommandFilter
from flowengine_nodes.iiot.registry.device import Device, Presence
from flowengine_nodes.iiot.registry.errors import UnknownRecordError
from flowengine_nodes.iiot.registry.registry import Registry, RegistryId
from flowengine_nodes.iiot.registry.updates import UpdateFilter

_OPEN: Final = tuple(state for state in CommandState if not state.is_end)
_MOST: Final = 1000


class DeviceStatusConfig(Config):
    """Tell how devices are."""

    registry: RegistryId = Field("registry", description="Registry that knows the devices.")
    device: JsonPath = Field("$.device", description="Where the message has the device's id.")
    commands: int = Field(20, ge=0, le=1000, description="Most pending commands to list; they are all counted.")


@node_type("device-status", category="iiot", icon="status")
class DeviceStatus(Node[DeviceStatusConfig]):
    """Tell how a device is: when it was heard of, what it measured, and what it is about to do.

    What leaves by `found` has this as its payload:

    ```
    {
      "device": "boiler-7", "serial": "SN-7", "name": "", "profile": "boiler", "lifecycle": "active",
      "business": "maintenance.equipment,7", "hardware": "A", "firmware": "1.4.2", "groups": [],
      "presence": {"online": true, "since": "2026-03-01T08:00:00.000Z", "last_seen": "2026-03-01T09:30:00.000Z"},
      "telemetry": {"at": "2026-03-01T09:30:00.000Z", "values": {"temperature": 81.5}},
      "pending_commands": {"count": 1, "commands": [{"id": "…", "action": "reset", "state": "sent", …}]},
      "update": null
    }
    ```

    `online` is null of a device that was never heard of, `telemetry` is null until it has sent some, `update` is the
    update that runs, or null. What leaves by `missing` has the payload `{code, message, location}` and the
    `status_code` 404, for an http-response node.
    """

    found = Output("How the device is.")
    missing = Output("The message, where there is no such device.")

    async def start(self) -> None:
        """Find the registry."""
        self._registry: Registry[Any] = self.context.resource(self.config.registry, Registry)

    async def receive(self, message: Message) -> None:
        """Tell how a device is."""
        id = str(self.config.device.first(message.fields, ""))
        try:
            device = await self._registry.devices.get(id)
        except UnknownRecordError as error:
            payload = {"code": error.code, "message": str(error), "location": "device"}
            self.send(self.missing, message.replace(payload=payload, status_code=404))
            return
        presence = (await self._registry.devices.presence([id])).get(id, Presence(device=id))
        payload = {**_identity(device), **_heard(presence), **await self._ahead(id)}
        self.send(self.found, message.replace(payload=payload, device=id))

    async def _ahead(self, id: str) -> dict[str, Any]:
        """Return what a device is about to do."""
        pending = await self._registry.commands.list(CommandFilter(device=id, states=_OPEN), limit=_MOST)
        running = await self._registry.updates.list(UpdateFilter(device=id, running=True), limit=1)
        shown = [
            {name: command[name] for name in ("id", "action", "state", "created_at", "expires_at")}
            for command in (one.describe() for one in pending[: self.config.commands])
        ]
        return {
            "pending_commands": {"count": len(pending), "commands": shown},
            "update": describe_update(running[0]) if running else None,
        }


def _identity(device: Device) -> dict[str, Any]:
    return {
        "device": device.id,
        "serial": device.serial,
        "name": device.name,
        "profile": device.profile,
        "lifecycle": device.lifecycle.value,
        "business": None if device.business is None else str(device.business),
        "hardware": device.hardware,
        "firmware": device.firmware,
        "groups": list(device.groups),
    }


def _heard(presence: Presence) -> dict[str, Any]:
    telemetry = None
    if presence.telemetry_at is not None:
        telemetry = {"at": timestamp_or_none(presence.telemetry_at), "values": presence.telemetry}
    return {
        "presence": {
            "online": presence.online,
            "since": timestamp_or_none(presence.since),
            "last_seen": timestamp_or_none(presence.seen_at),
        },
        "telemetry": telemetry,
    }

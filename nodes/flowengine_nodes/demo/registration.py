"""The demo's devices in the registry, as an operator would have entered them."""

from collections.abc import Iterable
from typing import Any

from flowengine_nodes.iiot.registry.device import BusinessObject, Device, Lifecycle
from flowengine_nodes.iiot.registry.profile import Profile
from flowengine_nodes.iiot.registry.registry import Registry
from flowengine_nodes.iiot.simulator.machines import KINDS

SEQUENCE_FIELD = "x_sequence"
MODEL = "maintenance.equipment"
WHO = "demo"


async def register(registry: Registry[Any], names: Iterable[str]) -> None:
    """Enter a profile for each kind of machine, and the devices.

    Args:
        registry: One that is empty.
        names: Ids of the devices, each its kind and a number: ``boiler-01``.
    """
    for kind, channels in KINDS.items():
        rules = [{"path": "$.sequence", "field": SEQUENCE_FIELD, "on_missing": "fail"}]
        rules += [{"path": f"$.{channel.name}", "field": f"x_{channel.name}"} for channel in channels]
        profile = {"id": kind, "name": kind.capitalize(), "rules": rules, "reading": {"time": "$.time"}}
        await registry.profiles.save(Profile.model_validate(profile), WHO)
    for number, name in enumerate(names, 1):
        device = Device(
            id=name,
            serial=f"SN-{name}",
            profile=name.partition("-")[0],
            lifecycle=Lifecycle.ACTIVE,
            business=BusinessObject(MODEL, number),
        )
        await registry.devices.add(device, WHO)

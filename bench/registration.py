"""The devices of the telemetry job, entered into the registry of a store before the engine starts on it."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flowengine.graph import PlannedResource
from flowengine.runtime import Deployment, Engine, RouteTable
from flowengine.storage import Store
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from flowengine_nodes.iiot.registry.device import BusinessObject, Device, Lifecycle
from flowengine_nodes.iiot.registry.profile import Profile

MODEL = "maintenance.equipment"
FIELDS = ("id", "sent", "temperature", "humidity", "state")
RULES: list[dict[str, Any]] = [{"path": f"$.{field}", "field": field} for field in FIELDS]


def device_name(number: int) -> str:
    return f"dev-{number:06d}"


def enter_devices(store: Path, count: int, rules: Sequence[Mapping[str, Any]] = RULES) -> None:
    """Enter one profile of some rules, and so many devices of it; device 0 stands for the record 1, and so on."""
    asyncio.run(_enter(f"sqlite:///{store}", count, rules))


async def _enter(store_url: str, count: int, rules: Sequence[Mapping[str, Any]]) -> None:
    declared = EmbeddedRegistry.__node_type__
    planned = PlannedResource("registry", declared, declared.validate({}))
    store = await Store.open(store_url)
    try:
        async with Engine(store, RouteTable(), drain=0) as engine:
            await engine.deploy(Deployment({}, {"registry": planned}))
            registry = engine.world.resource("registry")
            assert isinstance(registry, EmbeddedRegistry)
            await registry.profiles.save(Profile.model_validate({"id": "bench", "rules": rules}), "bench")
            devices = (
                Device(
                    id=device_name(number),
                    serial=str(number),
                    profile="bench",
                    lifecycle=Lifecycle.ACTIVE,
                    business=BusinessObject(MODEL, number + 1),
                )
                for number in range(count)
            )
            await asyncio.gather(*(registry.devices.add(device, "bench") for device in devices))
    finally:
        await store.close()

"""Registries that run, and records to put into them."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from sqlalchemy import Engine as SqlEngine
from sqlalchemy import event as sql_event

from flowengine.graph import PlannedResource
from flowengine.runtime import Deployment, Engine, RouteTable
from flowengine.storage import Store
from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from flowengine_nodes.iiot.registry.device import Device
from flowengine_nodes.iiot.registry.profile import Profile
from flowengine_nodes.iiot.registry.registry import Registry


@asynccontextmanager
async def running_registry(
    store: Store, clock: VirtualClock, config: Mapping[str, Any] | None = None
) -> AsyncIterator[EmbeddedRegistry]:
    """Run a registry alone in an engine.

    Args:
        store: The engine's store.
        clock: The engine's time.
        config: The registry's settings.
    """
    declared = EmbeddedRegistry.__node_type__
    planned = PlannedResource("registry", declared, declared.validate(config or {}))
    async with Engine(store, RouteTable(), clock=clock, drain=0) as engine:
        await engine.deploy(Deployment({}, {"registry": planned}))
        registry = engine.world.resource("registry")
        assert isinstance(registry, EmbeddedRegistry)
        yield registry


async def add_profile(registry: Registry[Any], id: str = "boiler", **fields: Any) -> Profile:
    """Store a profile.

    Args:
        registry: Where.
        id: Its id.
        fields: Its other fields, as in JSON.
    """
    profile = Profile.model_validate({"id": id, **fields})
    await registry.profiles.save(profile, "test")
    return profile


async def add_device(registry: Registry[Any], id: str = "boiler-1", **fields: Any) -> Device:
    """Store a device of the profile "boiler", which is made if it is missing.

    Args:
        registry: Where.
        id: Its id; its serial is ``SN-<id>`` if not given.
        fields: Its other fields.
    """
    values: dict[str, Any] = {"serial": f"SN-{id}", "profile": "boiler", **fields}
    if registry.roster.profile(values["profile"]) is None:
        await add_profile(registry, values["profile"])
    return await registry.devices.add(Device(id=id, **values), "test")


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    """Gather what is asked of any database inside ``with``."""
    queries: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        queries.append(statement)

    sql_event.listen(SqlEngine, "before_cursor_execute", note)
    try:
        yield queries
    finally:
        sql_event.remove(SqlEngine, "before_cursor_execute", note)

from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from tests.nodes.iiot.registries import add_device


async def test_registry_has_a_new_device_in_its_roster_at_once(registry: EmbeddedRegistry) -> None:
    await add_device(registry, "boiler-1")
    member = registry.roster.member("boiler-1")
    assert member is not None
    assert member.profile.id == "boiler"
    assert (await registry.devices.get("boiler-1")).serial == "SN-boiler-1"


async def test_registry_in_memory_has_a_new_device(memory_registry: EmbeddedRegistry) -> None:
    await add_device(memory_registry, "boiler-1")
    assert memory_registry.roster.member("boiler-1") is not None

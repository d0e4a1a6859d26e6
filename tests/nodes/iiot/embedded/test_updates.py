from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.iiot.registry.updates import NoticeOutcome, UpdateRequest
from tests.nodes.iiot.registries import add_device


async def test_rest_is_never_longer_than_until_the_next_deadline(
    memory_registry: EmbeddedRegistry, clock: VirtualClock
) -> None:
    registry = memory_registry
    await add_device(registry, "d1", firmware="1.0.0")
    await registry.firmware.add(Firmware(id="f2", version="2.0.0", size=1, sha256="00"), "test")
    assert await registry.updates.rest() == 3600
    update = (await registry.updates.request(UpdateRequest(device="d1", firmware="f2"), "me")).update
    assert await registry.updates.rest() == 1
    await registry.updates.due(10)
    await registry.updates.settle([NoticeOutcome(update.id, 1, cancels=False, is_told=True)], 10)
    await clock.advance(3590)
    assert await registry.updates.rest() == 10

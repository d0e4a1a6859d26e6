from collections.abc import AsyncIterator
from typing import Any

import pytest

from flowengine.message import Message
from flowengine.node import TransientError
from flowengine.testing import NodeHarness
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from flowengine_nodes.iiot.registry.wanted_update import WantedUpdate
from flowengine_nodes.iiot.registry_refresh import PERIOD, RegistryRefresh

WANTED = WantedUpdate(idempotency_key="u1", device="b1", firmware="2.0.0", who="odoo:anna")


class Elsewhere:
    """Plays the master that a registry copies: what it wants, and whether it is there."""

    def __init__(self, registry: EmbeddedRegistry) -> None:
        self.wants: list[WantedUpdate] = []
        self.is_away = False
        self.refreshed = 0
        self.registry = registry

    async def refresh(self) -> None:
        if self.is_away:
            raise TransientError("away", code="away")
        self.refreshed += 1

    async def wanted_updates(self) -> list[WantedUpdate]:
        return list(self.wants)

    async def note_asked(self, update: WantedUpdate) -> None:
        self.wants.remove(update)


@pytest.fixture
async def harness() -> AsyncIterator[NodeHarness]:
    async with NodeHarness(RegistryRefresh, resources={"registry": (EmbeddedRegistry, {})}) as one:
        yield one


@pytest.fixture
def elsewhere(harness: NodeHarness, monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    registry = harness.flow.world.resource("registry")
    assert isinstance(registry, EmbeddedRegistry)
    made = Elsewhere(registry)
    for name in ("refresh", "wanted_updates", "note_asked"):
        monkeypatch.setattr(registry, name, getattr(made, name))
    return made


async def test_refresh_lets_the_registry_look_and_passes_the_message_on(
    harness: NodeHarness, elsewhere: Elsewhere
) -> None:
    (sent,) = await harness.feed(payload={"kinds": ["device"]})
    assert (sent.port, sent.fields["payload"], elsewhere.refreshed) == ("refreshed", {"kinds": ["device"]}, 1)


async def test_refresh_is_tried_again_while_the_master_is_away(harness: NodeHarness, elsewhere: Elsewhere) -> None:
    elsewhere.is_away = True
    assert await harness.feed(payload=1) == []
    elsewhere.is_away = False
    assert [one.port for one in await harness.advance(10)] == ["refreshed"]


async def test_refresh_does_nothing_for_a_registry_without_a_master(harness: NodeHarness) -> None:
    assert [one.port for one in await harness.feed(payload=1)] == ["refreshed"]
    assert await harness.advance(PERIOD) == []


async def test_wanted_update_leaves_once_and_is_noted(harness: NodeHarness, elsewhere: Elsewhere) -> None:
    elsewhere.wants.append(WANTED)
    elsewhere.registry.news.ring()
    await harness.settle()
    (sent,) = harness.take()
    assert (sent.port, sent.fields["principal"]) == ("update", "odoo:anna")
    order = {"idempotency_key": "u1", "device": "b1", "firmware": "2.0.0", "policy": {}, "again": False}
    assert sent.fields["payload"] == order
    assert elsewhere.wants == []
    assert await harness.advance(10 * PERIOD) == []


async def test_wanted_update_leaves_again_where_it_did_not_end_well(harness: NodeHarness, elsewhere: Elsewhere) -> None:
    held: list[Message] = []

    def keep(message: Message) -> None:
        message.delivery.hold()
        held.append(message)

    harness.node.outputs["update"].connect(keep)
    elsewhere.wants.append(WANTED)
    elsewhere.registry.news.ring()
    await harness.advance(3 * PERIOD)
    assert len(held) == 1
    failed: Any = held[0].delivery
    failed.fail("broken")
    failed.release()
    await harness.advance(PERIOD)
    assert len(held) == 2
    assert elsewhere.wants == [WANTED]

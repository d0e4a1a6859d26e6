"""What a harness leaves behind."""

import pytest

from flowengine.node import Config, Message, Node, NodeError, node_type
from flowengine.storage import Scope, StorageClosedError
from flowengine.testing import NodeHarness


@node_type("stillborn", category="test")
class Stillborn(Node[Config]):
    """Never start."""

    async def start(self) -> None:
        raise NodeError("no luck", code="no-luck")

    def receive(self, message: Message) -> None:
        raise AssertionError


async def test_harness_closes_its_store_when_the_node_does_not_start() -> None:
    harness = NodeHarness(Stillborn)
    with pytest.raises(AssertionError, match="no luck"):
        async with harness:
            pass
    with pytest.raises(StorageClosedError):
        await harness.store.state.set(Scope(), "x", 1)

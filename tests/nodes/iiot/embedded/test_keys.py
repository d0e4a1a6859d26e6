import pytest

from flowengine.storage import Store
from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.embedded.keys import MissingKeyError, StrangeKeyError, opening_keys
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from flowengine_nodes.iiot.pairing.token_text import read_token
from flowengine_nodes.iiot.registry.device import Device
from flowengine_nodes.iiot.registry.secret_keys import SecretKeys
from flowengine_nodes.iiot.registry.tokens import Use
from tests.nodes.iiot.registries import add_device, running_registry

KEY, OTHER = "k" * 32, "o" * 32


async def new_token(registry: EmbeddedRegistry) -> str:
    symbols = read_token((await registry.tokens.issue("SN-boiler-1", 900, "test")).text)
    assert symbols is not None
    return symbols


async def use(registry: EmbeddedRegistry, symbols: str) -> Device | None:
    found = await registry.tokens.find(symbols)
    assert found is not None
    return await registry.tokens.use(found[0], Use(request="one", source="test"))


async def test_key_that_was_made_is_kept(store: Store, clock: VirtualClock) -> None:
    async with running_registry(store, clock) as registry:
        await add_device(registry)
        symbols = await new_token(registry)
    async with running_registry(store, clock) as registry:
        assert await use(registry, symbols) is not None


async def test_keys_change_without_loss_as_long_as_the_old_one_is_named(store: Store, clock: VirtualClock) -> None:
    async with running_registry(store, clock, {"secret_key": KEY}) as registry:
        await add_device(registry)
        symbols = await new_token(registry)
    async with running_registry(store, clock, {"secret_key": f"{OTHER} {KEY}"}) as registry:
        assert await use(registry, symbols) is not None
        holders = await registry.tokens.holders()
        assert registry.tokens.password(holders[0]) is not None
        newer = await new_token(registry)
    async with running_registry(store, clock, {"secret_key": OTHER}) as registry:
        assert await registry.tokens.find(symbols) is None
        assert registry.tokens.password(holders[0]) is None
        assert await use(registry, newer) is not None


async def test_key_that_is_given_no_more_is_missed(registry: EmbeddedRegistry, store: Store) -> None:
    await store.tables.write(opening_keys(KEY, 1.0, may_add=True))
    with pytest.raises(MissingKeyError):
        await store.tables.write(opening_keys("", 2.0, may_add=True))
    with pytest.raises(StrangeKeyError):
        await store.tables.write(opening_keys(OTHER, 2.0, may_add=False))
    keys = await store.tables.write(opening_keys(KEY, 2.0, may_add=False))
    assert keys.ids == SecretKeys.parse(f"{KEY}").ids + registry.keys.ids

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from flowengine.storage import Store
from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.embedded.keys import MissingKeyError, StrangeKeyError, opening_keys
from flowengine_nodes.iiot.embedded.tokens import MOST_MISSES
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from flowengine_nodes.iiot.pairing.token_text import read_token
from flowengine_nodes.iiot.registry.device import Device, Lifecycle
from flowengine_nodes.iiot.registry.secret_keys import SecretKeys
from flowengine_nodes.iiot.registry.tokens import (
    Holder,
    NotPairableError,
    PairingToken,
    TokenState,
    UnknownSerialError,
    Use,
)
from tests.nodes.iiot.registries import add_device, running_registry

KEY, OTHER = "k" * 32, "o" * 32


async def new_token(registry: EmbeddedRegistry, serial: str = "SN-boiler-1", expires_in: float = 900.0) -> str:
    """Issue a token and return its symbols."""
    issued = await registry.tokens.issue(serial, expires_in, "test")
    symbols = read_token(issued.text)
    assert symbols is not None
    return symbols


async def found(registry: EmbeddedRegistry, symbols: str) -> PairingToken:
    """Return what is kept of a token."""
    pair = await registry.tokens.find(symbols)
    assert pair is not None
    return pair[0]


async def use(registry: EmbeddedRegistry, symbols: str, request: str = "one", **more: str) -> Device | None:
    token = await found(registry, symbols)
    return await registry.tokens.use(token, Use(request=request, source="test", **more))


async def audited(store: Store, what: str) -> list[tuple[str, Any]]:
    """Return subject and detail of the lines on an action."""
    return [(line.subject, line.detail) for line in await store.audit.list(limit=100) if line.what == what]


async def test_token_is_used_once_with_its_device_and_the_audit_line(
    registry: EmbeddedRegistry, store: Store, clock: VirtualClock
) -> None:
    await add_device(registry)
    symbols = await new_token(registry)
    paired = await use(registry, symbols, hardware="rev 2", firmware="1.4")
    assert paired is not None
    assert (paired.lifecycle, paired.hardware, paired.firmware) == (Lifecycle.PAIRED, "rev 2", "1.4")
    assert await registry.devices.get("boiler-1") == paired
    token = await found(registry, symbols)
    assert (token.state, token.used_at, token.request) == (TokenState.USED, clock.time(), "one")
    assert await use(registry, symbols) is None
    assert [subject for subject, _ in await audited(store, "pair")] == ["boiler-1"]


async def test_of_many_who_use_a_token_at_once_one_does(registry: EmbeddedRegistry, store: Store) -> None:
    await add_device(registry)
    symbols = await new_token(registry)
    token = await found(registry, symbols)
    uses = [registry.tokens.use(token, Use(request=str(number), source="test")) for number in range(20)]
    assert sum(device is not None for device in await asyncio.gather(*uses)) == 1
    assert len(await audited(store, "pair")) == 1


async def test_a_new_token_makes_older_ones_void(registry: EmbeddedRegistry) -> None:
    await add_device(registry)
    first = await new_token(registry)
    assert await use(registry, first) is not None
    second = await new_token(registry)
    third = await new_token(registry)
    assert [(await found(registry, one)).state for one in (first, second, third)] == ["void", "void", "open"]
    assert await use(registry, second) is None
    assert await use(registry, third) is not None


async def test_token_that_has_expired_is_not_used(registry: EmbeddedRegistry, clock: VirtualClock) -> None:
    await add_device(registry)
    symbols = await new_token(registry, expires_in=60)
    await clock.advance(60)
    assert await use(registry, symbols) is None
    assert (await registry.devices.get("boiler-1")).lifecycle is Lifecycle.DRAFT


@pytest.mark.parametrize("lifecycle", [Lifecycle.SUSPENDED, Lifecycle.RETIRED])
async def test_device_that_takes_no_part_does_not_pair(registry: EmbeddedRegistry, lifecycle: Lifecycle) -> None:
    await add_device(registry)
    symbols = await new_token(registry)
    await registry.devices.change("boiler-1", {"lifecycle": lifecycle}, "test")
    assert await use(registry, symbols) is None
    assert (await found(registry, symbols)).state is TokenState.OPEN
    with pytest.raises(NotPairableError, match=lifecycle.value):
        await new_token(registry)


async def test_token_is_bound_to_the_serial_number_it_was_made_for(registry: EmbeddedRegistry) -> None:
    await add_device(registry)
    symbols = await new_token(registry)
    await registry.devices.change("boiler-1", {"serial": "SN-new"}, "test")
    assert await use(registry, symbols) is None


async def test_token_of_a_removed_device_is_gone(registry: EmbeddedRegistry) -> None:
    await add_device(registry)
    symbols = await new_token(registry)
    await registry.devices.remove("boiler-1", "test")
    await add_device(registry)
    assert await registry.tokens.find(symbols) is None


async def test_no_token_is_made_for_an_unknown_serial_number(registry: EmbeddedRegistry) -> None:
    with pytest.raises(UnknownSerialError):
        await new_token(registry, "SN-9")


async def test_token_shown_with_wrong_serial_numbers_is_void_after_some(
    registry: EmbeddedRegistry, store: Store
) -> None:
    await add_device(registry)
    symbols = await new_token(registry)
    token = await found(registry, symbols)
    for _ in range(MOST_MISSES - 1):
        await registry.tokens.miss(token, "test")
    assert (await found(registry, symbols)).state is TokenState.OPEN
    await registry.tokens.miss(token, "test")
    assert (await found(registry, symbols)).state is TokenState.VOID
    assert [subject for subject, _ in await audited(store, "token-void")] == ["boiler-1"]


async def test_store_holds_nothing_of_a_token_that_pairs(registry: EmbeddedRegistry, store: Store) -> None:
    await add_device(registry)
    issued = await registry.tokens.issue("SN-boiler-1", 900, "test")
    symbols = read_token(issued.text)
    assert symbols is not None

    def everything(connection: Any) -> str:
        return repr([connection.execute(text(f"SELECT * FROM {name}")).all() for name in ("iiot_token", "iiot_device")])

    kept = await store.tables.read(everything) + repr(await store.audit.list(limit=100))
    assert "SN-boiler-1" in kept
    assert "token-issue" in kept
    assert symbols not in kept
    assert issued.text not in kept
    assert issued.text not in repr(issued)


async def test_password_is_always_the_same_for_a_token_and_the_devices_newest_counts(
    registry: EmbeddedRegistry, clock: VirtualClock
) -> None:
    await add_device(registry)
    await add_device(registry, "boiler-2")
    await use(registry, await new_token(registry))
    (first,) = await registry.tokens.holders()
    assert registry.tokens.password(first) == registry.tokens.password(Holder(*first))
    await clock.advance(1)
    await use(registry, await new_token(registry))
    (second,) = await registry.tokens.holders()
    assert second.device == first.device
    assert registry.tokens.password(second) != registry.tokens.password(first)
    await registry.devices.change("boiler-1", {"lifecycle": Lifecycle.SUSPENDED}, "test")
    assert await registry.tokens.holders() == []


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

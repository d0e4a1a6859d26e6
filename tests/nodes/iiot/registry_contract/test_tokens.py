"""What every back end keeps to with tokens."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from flowengine.storage import Store
from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.embedded.tokens import MOST_MISSES
from flowengine_nodes.iiot.pairing.token_text import read_token
from flowengine_nodes.iiot.registry.device import Device, Lifecycle
from flowengine_nodes.iiot.registry.registry import Registry
from flowengine_nodes.iiot.registry.tokens import (
    Holder,
    NotPairableError,
    PairingToken,
    TokenState,
    UnknownSerialError,
    Use,
)
from tests.nodes.iiot.registries import add_device

AnyRegistry = Registry[Any]


async def new_token(registry: AnyRegistry, serial: str = "SN-boiler-1", expires_in: float = 900.0) -> str:
    """Issue a token and return its symbols."""
    issued = await registry.tokens.issue(serial, expires_in, "test")
    symbols = read_token(issued.text)
    assert symbols is not None
    return symbols


async def found(registry: AnyRegistry, symbols: str) -> PairingToken:
    """Return what is kept of a token."""
    pair = await registry.tokens.find(symbols)
    assert pair is not None
    return pair[0]


async def use(registry: AnyRegistry, symbols: str, request: str = "one", **more: str) -> Device | None:
    token = await found(registry, symbols)
    return await registry.tokens.use(token, Use(request=request, source="test", **more))


async def audited(store: Store, what: str) -> list[tuple[str, Any]]:
    """Return subject and detail of the lines on an action."""
    return [(line.subject, line.detail) for line in await store.audit.list(limit=100) if line.what == what]


async def test_token_is_used_once_with_its_device_and_the_audit_line(
    registry: AnyRegistry, store: Store, clock: VirtualClock
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


async def test_of_many_who_use_a_token_at_once_one_does(registry: AnyRegistry, store: Store) -> None:
    await add_device(registry)
    symbols = await new_token(registry)
    token = await found(registry, symbols)
    uses = [registry.tokens.use(token, Use(request=str(number), source="test")) for number in range(20)]
    assert sum(device is not None for device in await asyncio.gather(*uses)) == 1
    assert len(await audited(store, "pair")) == 1


async def test_a_new_token_makes_older_ones_void(registry: AnyRegistry) -> None:
    await add_device(registry)
    first = await new_token(registry)
    assert await use(registry, first) is not None
    second = await new_token(registry)
    third = await new_token(registry)
    assert [(await found(registry, one)).state for one in (first, second, third)] == ["void", "void", "open"]
    assert await use(registry, second) is None
    assert await use(registry, third) is not None


async def test_token_that_has_expired_is_not_used(registry: AnyRegistry, clock: VirtualClock) -> None:
    await add_device(registry)
    symbols = await new_token(registry, expires_in=60)
    await clock.advance(60)
    assert await use(registry, symbols) is None
    assert (await registry.devices.get("boiler-1")).lifecycle is Lifecycle.DRAFT


@pytest.mark.parametrize("lifecycle", [Lifecycle.SUSPENDED, Lifecycle.RETIRED])
async def test_device_that_takes_no_part_does_not_pair(registry: AnyRegistry, lifecycle: Lifecycle) -> None:
    await add_device(registry)
    symbols = await new_token(registry)
    await registry.devices.change("boiler-1", {"lifecycle": lifecycle}, "test")
    assert await use(registry, symbols) is None
    assert (await found(registry, symbols)).state is TokenState.OPEN
    with pytest.raises(NotPairableError, match=lifecycle.value):
        await new_token(registry)


async def test_token_is_bound_to_the_serial_number_it_was_made_for(registry: AnyRegistry) -> None:
    await add_device(registry)
    symbols = await new_token(registry)
    await registry.devices.change("boiler-1", {"serial": "SN-new"}, "test")
    assert await use(registry, symbols) is None


async def test_token_of_a_removed_device_is_gone(registry: AnyRegistry) -> None:
    await add_device(registry)
    symbols = await new_token(registry)
    await registry.devices.remove("boiler-1", "test")
    await add_device(registry)
    assert await registry.tokens.find(symbols) is None


async def test_no_token_is_made_for_an_unknown_serial_number(registry: AnyRegistry) -> None:
    with pytest.raises(UnknownSerialError):
        await new_token(registry, "SN-9")


async def test_token_shown_with_wrong_serial_numbers_is_void_after_some(registry: AnyRegistry, store: Store) -> None:
    await add_device(registry)
    symbols = await new_token(registry)
    token = await found(registry, symbols)
    for _ in range(MOST_MISSES - 1):
        await registry.tokens.miss(token, "test")
    assert (await found(registry, symbols)).state is TokenState.OPEN
    await registry.tokens.miss(token, "test")
    assert (await found(registry, symbols)).state is TokenState.VOID
    assert [subject for subject, _ in await audited(store, "token-void")] == ["boiler-1"]


async def test_store_holds_nothing_of_a_token_that_pairs(registry: AnyRegistry, store: Store) -> None:
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
    registry: AnyRegistry, clock: VirtualClock
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

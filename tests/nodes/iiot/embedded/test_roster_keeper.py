import asyncio
import gc
import logging
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from flowengine.node import SystemClock
from flowengine.storage import Store
from flowengine.storage.errors import StorageUnreachableError
from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.embedded.groups import EmbeddedGroups
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from flowengine_nodes.iiot.registry.device import BusinessObject, Lifecycle
from flowengine_nodes.iiot.registry.profile import Profile
from flowengine_nodes.iiot.registry.roster import LARGEST_TELEMETRY, MOST_TELEMETRY
from tests.nodes.iiot.registries import add_device, add_profile, running_registry


@pytest.fixture
async def other(url: str, registry: EmbeddedRegistry, clock: VirtualClock) -> AsyncIterator[EmbeddedRegistry]:
    """Another process's registry on the same database."""
    store = await Store.open(url, clock=clock.time)
    async with running_registry(store, clock) as running:
        yield running
    await store.close()


async def _seen(registry: EmbeddedRegistry, clock: VirtualClock, revision_of: EmbeddedRegistry) -> None:
    """Let a second pass, and wait until a registry has seen what another has written."""
    await clock.advance(1)
    async with asyncio.timeout(10):
        while registry._groups.keeper._revision < revision_of._groups.keeper._revision:
            await SystemClock().sleep(0.01)


async def test_roster_sees_within_a_second_what_another_process_changes(
    registry: EmbeddedRegistry, other: EmbeddedRegistry, clock: VirtualClock
) -> None:
    await add_device(registry, "a")
    await add_device(registry, "b")
    await _seen(other, clock, registry)
    assert {member.id for member in other.roster} == {"a", "b"}

    await other.devices.change("a", {"lifecycle": Lifecycle.SUSPENDED}, "anna")
    await other.devices.remove("b", "anna")
    await other.profiles.save(Profile.model_validate({"id": "boiler", "name": "Kettle"}), "anna")
    await _seen(registry, clock, other)
    member = registry.roster.member("a")
    assert member is not None
    assert not member.takes_part
    assert member.profile.name == "Kettle"
    assert registry.roster.member("b") is None


async def test_roster_keeps_a_device_that_was_removed_and_added_between_two_looks(
    registry: EmbeddedRegistry, other: EmbeddedRegistry, clock: VirtualClock
) -> None:
    await add_device(registry, "a")
    await _seen(other, clock, registry)
    await registry.devices.remove("a", "anna")
    await registry.profiles.remove("boiler", "anna")
    await add_device(registry, "a", name="anew")
    await _seen(other, clock, registry)
    assert other.roster.member("a") is not None
    assert other.roster.profile("boiler") is not None


async def test_rosters_agree_after_changes_by_two_processes_at_once(
    registry: EmbeddedRegistry, other: EmbeddedRegistry, clock: VirtualClock
) -> None:
    await add_profile(registry)
    await other._groups.keeper.refresh()
    async with asyncio.TaskGroup() as group:
        for number in range(40):
            group.create_task(add_device((registry, other)[number % 2], f"d{number:02}"))
    for one in (registry, other):
        await one._groups.keeper.refresh()
        assert {member.id for member in one.roster} == {f"d{number:02}" for number in range(40)}


async def test_what_was_heard_is_stored_within_a_second_and_once_for_each_device(
    registry: EmbeddedRegistry, store: Store, clock: VirtualClock
) -> None:
    await add_device(registry, "a")
    for at in range(1000):
        registry.roster.note_telemetry("a", float(at), {"n": at})
    assert await _stored(store) == []
    await clock.advance(1)
    async with asyncio.timeout(10):
        while not (stored := await _stored(store)):
            await SystemClock().sleep(0.01)
    assert stored == [("a", 999.0, '{"n":999}')]


async def test_what_was_heard_is_stored_when_the_registry_stops(store: Store, clock: VirtualClock) -> None:
    async with running_registry(store, clock) as registry:
        await add_device(registry, "a")
        registry.roster.note_telemetry("a", 7.0, 1)
    assert await _stored(store) == [("a", 7.0, "1")]


async def test_what_was_heard_is_kept_while_the_database_fails(
    tmp_path: Path, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'store.db'}", clock=clock.time)
    async with running_registry(store, clock) as registry:
        await add_device(registry, "a")
        await store.tables.write(lambda connection: _run(connection, "ALTER TABLE iiot_presence RENAME TO away"))
        registry.roster.note_telemetry("a", 7.0, "old")
        with caplog.at_level(logging.WARNING):
            await clock.advance(1)
            async with asyncio.timeout(10):
                while "cannot reach its tables" not in caplog.text:
                    await SystemClock().sleep(0.01)
        registry.roster.note_seen("a", 8.0)
        await store.tables.write(lambda connection: _run(connection, "ALTER TABLE away RENAME TO iiot_presence"))
        found = (await registry.devices.presence(["a"]))["a"]
        assert (found.telemetry, found.telemetry_at, found.seen_at) == ("old", 7.0, 8.0)
    await store.close()


async def test_telemetry_that_is_too_large_or_no_json_is_noted_and_not_kept(memory_registry: EmbeddedRegistry) -> None:
    await add_device(memory_registry, "a")
    roster = memory_registry.roster
    roster.note_telemetry("a", 1.0, "good")
    roster.note_telemetry("a", 2.0, "x" * LARGEST_TELEMETRY)
    roster.note_telemetry("a", 3.0, 2**70)
    found = (await memory_registry.devices.presence(["a"]))["a"]
    assert (found.telemetry, found.telemetry_at, found.seen_at) == ("good", 1.0, 3.0)


async def test_telemetry_that_waits_takes_bounded_memory(memory_registry: EmbeddedRegistry) -> None:
    await add_profile(memory_registry)
    big = "x" * (LARGEST_TELEMETRY - 2)
    count = MOST_TELEMETRY // LARGEST_TELEMETRY
    roster = memory_registry.roster
    for number in range(count + 10):
        await add_device(memory_registry, f"d{number:04}")
    crowded = 0

    def note() -> None:
        nonlocal crowded
        crowded += 1

    roster.on_crowded = note
    for number in range(count + 10):
        roster.note_telemetry(f"d{number:04}", 1.0, big)
        roster.note_telemetry(f"d{number:04}", 2.0, big)
    assert crowded == 1
    heard = roster.take_heard()
    assert sum(len(one.telemetry or b"") for one in heard.values()) == MOST_TELEMETRY
    assert len(heard) == count + 10


async def _stored(store: Store) -> list[tuple[str, float, str]]:
    def work(connection: Connection) -> list[tuple[str, float, str]]:
        rows = connection.execute(text("SELECT device, seen_at, telemetry FROM iiot_presence"))
        return [(row.device, row.seen_at, row.telemetry) for row in rows]

    return await store.tables.read(work)


def _run(connection: Connection, statement: str) -> None:
    connection.execute(text(statement))


async def test_registry_that_is_alone_with_its_database_does_not_look_for_changes(
    memory_registry: EmbeddedRegistry, clock: VirtualClock
) -> None:
    await add_device(memory_registry, "a")
    memory_registry.roster.note_seen("a", 1.0)
    await clock.advance(1)
    assert (await memory_registry.devices.presence(["a"]))["a"].seen_at == 1.0
    await clock.advance(1)
    assert clock.next_due is None


async def test_roster_takes_little_memory_for_a_device(store: Store, clock: VirtualClock) -> None:
    count = 2_000
    async with running_registry(store, clock) as registry:
        await add_profile(registry)
        business = BusinessObject("maintenance.equipment", 100_000)
        await asyncio.gather(*(add_device(registry, f"boiler-{n:06}", business=business) for n in range(count)))
    groups = EmbeddedGroups(store.tables, clock)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    await groups.keeper.refresh()
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert len(groups.roster) == count
    assert taken / count < 700


async def test_change_is_done_though_the_roster_cannot_be_brought_up_to_date(
    registry: EmbeddedRegistry, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_device(registry, "a")

    async def failing() -> None:
        raise StorageUnreachableError("here")

    with monkeypatch.context() as broken:
        broken.setattr(registry._groups.keeper, "_read", failing)
        assert (await registry.devices.change("a", {"lifecycle": Lifecycle.SUSPENDED}, "anna")).name == ""
    await registry._groups.keeper.refresh()
    member = registry.roster.member("a")
    assert member is not None
    assert not member.takes_part

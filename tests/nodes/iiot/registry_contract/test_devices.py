"""What every back end keeps to with devices."""

import asyncio
from typing import Any

import pytest

from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.registry.device import BusinessObject, Device, Lifecycle
from flowengine_nodes.iiot.registry.devices import DeviceFilter
from flowengine_nodes.iiot.registry.errors import BadDeviceIdError, DuplicateRecordError, UnknownRecordError
from flowengine_nodes.iiot.registry.lifecycle import MOVES, LifecycleError, NotSuspendedError
from flowengine_nodes.iiot.registry.registry import Registry
from tests.nodes.iiot.registries import add_device, add_profile

AnyRegistry = Registry[Any]


async def test_device_comes_back_as_it_was_added(
    registry: AnyRegistry, clock: VirtualClock, business: BusinessObject
) -> None:
    await add_profile(registry, "press")
    given = Device(
        id="Presse Nº 1",
        serial="SN 1/2",
        name="Große Presse",
        profile="press",
        lifecycle=Lifecycle.ACTIVE,
        business=business,
        hardware="rev-b",
        firmware="1.2.0",
        groups=("canary", "hall-3"),
    )
    added = await registry.devices.add(given, "anna")
    assert added.created_at == added.updated_at == clock.time()
    assert await registry.devices.get("Presse Nº 1") == added
    assert await registry.devices.find("SN 1/2") == added
    assert added.groups == ("canary", "hall-3")
    assert added.business == business


async def test_device_that_is_unknown_is_refused(registry: AnyRegistry) -> None:
    for ask in (
        registry.devices.get("x"),
        registry.devices.change("x", {"name": "y"}, "anna"),
        registry.devices.resume("x", "anna"),
        registry.devices.remove("x", "anna"),
    ):
        with pytest.raises(UnknownRecordError, match='there is no device "x" in the registry'):
            await ask
    assert await registry.devices.find("x") is None
    assert registry.roster.member("x") is None


async def test_device_needs_an_id_and_a_serial_of_its_own_and_a_profile_that_is_there(registry: AnyRegistry) -> None:
    await add_device(registry, "a", serial="1")
    await add_device(registry, "b", serial="2")
    with pytest.raises(DuplicateRecordError, match='already a device with the id "a"'):
        await add_device(registry, "a", serial="3")
    with pytest.raises(DuplicateRecordError, match='already a device with the serial "1"'):
        await add_device(registry, "c", serial="1")
    with pytest.raises(DuplicateRecordError, match='already a device with the serial "1"'):
        await registry.devices.change("b", {"serial": "1"}, "anna")
    with pytest.raises(UnknownRecordError, match='there is no profile "press"'):
        await registry.devices.add(Device(id="c", serial="3", profile="press"), "anna")
    with pytest.raises(UnknownRecordError, match='there is no profile "press"'):
        await registry.devices.change("b", {"profile": "press"}, "anna")
    assert await registry.devices.count(DeviceFilter()) == 2


@pytest.mark.parametrize("id", ["", "a/b", "+", "#", "$a", " a", "a\0", "x" * 129])
async def test_device_needs_an_id_that_is_one_level_of_a_topic(memory_registry: AnyRegistry, id: str) -> None:
    with pytest.raises(BadDeviceIdError, match="cannot be the id of a device"):
        await add_device(memory_registry, id)
    assert await memory_registry.devices.count(DeviceFilter()) == 0


async def test_device_is_asked_for_by_text_that_no_database_takes(registry: AnyRegistry) -> None:
    await add_device(registry, "a")
    for text in ("\0", "a\0", "\ud800"):
        assert await registry.devices.find(text) is None
        assert await registry.devices.list(DeviceFilter(text=text)) == []
        assert await registry.devices.count(DeviceFilter(profile=text)) == 0
        with pytest.raises(UnknownRecordError):
            await registry.devices.get(text)


async def test_device_is_added_once_by_many_at_once(registry: AnyRegistry) -> None:
    await add_profile(registry)
    results = await asyncio.gather(*(add_device(registry, "boiler-1") for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(one, Device) for one in results) == 1
    assert sum(isinstance(one, DuplicateRecordError) for one in results) == 9


async def test_device_changes_what_was_named_and_nothing_else(
    registry: AnyRegistry, clock: VirtualClock, business: BusinessObject
) -> None:
    before = await add_device(registry, "boiler-1", name="Old", groups=("canary",))
    await clock.advance(10)
    changed = await registry.devices.change("boiler-1", {"name": "New", "business": business}, "anna")
    assert changed.name == "New"
    assert (changed.serial, changed.groups, changed.created_at) == (before.serial, before.groups, before.created_at)
    assert changed.updated_at == before.updated_at + 10
    assert await registry.devices.get("boiler-1") == changed
    member = registry.roster.member("boiler-1")
    assert member is not None
    assert member.business == business


async def test_device_that_is_changed_to_what_it_is_stays_untouched(registry: AnyRegistry, clock: VirtualClock) -> None:
    before = await add_device(registry, "boiler-1", name="Old")
    await clock.advance(10)
    assert await registry.devices.change("boiler-1", {"name": "Old"}, "anna") == before


async def test_device_that_is_removed_leaves_nothing_and_may_come_anew(registry: AnyRegistry) -> None:
    await add_device(registry, "boiler-1", groups=("canary",))
    registry.roster.note_telemetry("boiler-1", 5.0, {"t": 1})
    assert "boiler-1" in await registry.devices.presence(["boiler-1"])
    await registry.devices.remove("boiler-1", "anna")
    assert registry.roster.member("boiler-1") is None
    assert await registry.devices.list(DeviceFilter(group="canary")) == []
    await add_device(registry, "boiler-1")
    assert registry.roster.member("boiler-1") is not None
    assert await registry.devices.presence(["boiler-1"]) == {}


@pytest.mark.parametrize("wanted", Lifecycle)
@pytest.mark.parametrize("begins", Lifecycle)
async def test_device_goes_only_where_its_life_lets_it(
    memory_registry: AnyRegistry, begins: Lifecycle, wanted: Lifecycle
) -> None:
    await add_device(memory_registry, "d", lifecycle=begins)
    if wanted is begins or wanted in MOVES[begins]:
        moved = await memory_registry.devices.change("d", {"lifecycle": wanted}, "anna")
        assert moved.lifecycle is wanted
    else:
        with pytest.raises(LifecycleError, match=f"is {begins} and cannot become {wanted}"):
            await memory_registry.devices.change("d", {"lifecycle": wanted}, "anna")
        assert (await memory_registry.devices.get("d")).lifecycle is begins
    member = memory_registry.roster.member("d")
    assert member is not None
    assert member.takes_part is (await memory_registry.devices.get("d")).lifecycle.takes_part


@pytest.mark.parametrize("was", [Lifecycle.DRAFT, Lifecycle.PAIRED, Lifecycle.ACTIVE])
async def test_device_is_what_it_was_when_its_suspension_ends(registry: AnyRegistry, was: Lifecycle) -> None:
    await add_device(registry, "d", lifecycle=was)
    await registry.devices.change("d", {"lifecycle": Lifecycle.SUSPENDED}, "anna")
    await registry.devices.change("d", {"name": "renamed meanwhile"}, "anna")
    assert (await registry.devices.resume("d", "anna")).lifecycle is was
    with pytest.raises(NotSuspendedError, match=f"is not suspended, it is {was}"):
        await registry.devices.resume("d", "anna")


async def test_device_that_was_added_suspended_is_a_draft_when_its_suspension_ends(registry: AnyRegistry) -> None:
    await add_device(registry, "d", lifecycle=Lifecycle.SUSPENDED)
    assert (await registry.devices.resume("d", "anna")).lifecycle is Lifecycle.DRAFT


async def _site(registry: AnyRegistry) -> None:
    await add_profile(registry, "boiler")
    await add_profile(registry, "press")
    await add_device(registry, "a-1", name="Kessel Süd", groups=("canary",), firmware="1.0")
    await add_device(registry, "a-2", name="50%_off", firmware="2.0", lifecycle=Lifecycle.ACTIVE)
    await add_device(registry, "B-1", profile="press", groups=("canary", "hall"), firmware="1.0")
    registry.roster.note_online("a-2", True, 10.0)
    registry.roster.note_online("B-1", False, 11.0)


FOUND = [
    (DeviceFilter(), ["B-1", "a-1", "a-2"]),
    (DeviceFilter(text="SÜD"), ["a-1"]),
    (DeviceFilter(text="sn-b"), ["B-1"]),
    (DeviceFilter(text="0%_"), ["a-2"]),
    (DeviceFilter(text="%"), ["a-2"]),
    (DeviceFilter(profile="press"), ["B-1"]),
    (DeviceFilter(lifecycle=Lifecycle.ACTIVE), ["a-2"]),
    (DeviceFilter(group="canary"), ["B-1", "a-1"]),
    (DeviceFilter(firmware="1.0", profile="boiler"), ["a-1"]),
    (DeviceFilter(online=True), ["a-2"]),
    (DeviceFilter(online=False), ["B-1", "a-1"]),
    (DeviceFilter(group="nobody"), []),
]


async def test_devices_are_found_by_what_they_are(registry: AnyRegistry) -> None:
    await _site(registry)
    await registry.devices.presence(["a-2"])
    for which, found in FOUND:
        assert [device.id for device in await registry.devices.list(which)] == found, which
        assert await registry.devices.count(which) == len(found), which


async def test_devices_come_page_by_page(registry: AnyRegistry) -> None:
    await add_profile(registry)
    ids = [f"{letter}{number}" for letter in "aBc" for number in range(5)]
    await asyncio.gather(*(add_device(registry, id) for id in ids))
    found: list[str] = []
    while page := await registry.devices.list(DeviceFilter(), after=found[-1] if found else "", limit=4):
        assert len(page) <= 4
        found += [device.id for device in page]
    assert found == sorted(ids)

"""What every back end keeps to with what is heard of devices."""

from typing import Any

from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.registry.device import Lifecycle, Presence
from flowengine_nodes.iiot.registry.registry import Registry
from tests.nodes.iiot.registries import add_device, add_profile

AnyRegistry = Registry[Any]


async def test_presence_has_what_was_noted(registry: AnyRegistry) -> None:
    await add_device(registry, "d")
    registry.roster.note_online("d", True, 100.0)
    registry.roster.note_telemetry("d", 101.0, {"temperature": 1})
    registry.roster.note_telemetry("d", 102.0, {"temperature": [2.5, None, "x"]})
    assert await registry.devices.presence(["d", "nobody"]) == {
        "d": Presence(
            device="d",
            online=True,
            since=100.0,
            seen_at=102.0,
            telemetry_at=102.0,
            telemetry={"temperature": [2.5, None, "x"]},
        )
    }


async def test_presence_keeps_what_a_later_note_does_not_speak_of(registry: AnyRegistry) -> None:
    await add_device(registry, "d")
    await registry.devices.note([Presence(device="d", online=True, since=1.0, seen_at=1.0)])
    await registry.devices.note([Presence(device="d", seen_at=2.0, telemetry_at=2.0, telemetry=7)])
    await registry.devices.note([Presence(device="d", seen_at=3.0)])
    found = (await registry.devices.presence(["d"]))["d"]
    assert found == Presence(device="d", online=True, since=1.0, seen_at=3.0, telemetry_at=2.0, telemetry=7)


async def test_presence_does_not_go_back_when_an_older_note_comes_late(registry: AnyRegistry) -> None:
    await add_device(registry, "d")
    newest = Presence(device="d", online=False, since=20.0, seen_at=19.0, telemetry_at=19.0, telemetry="new")
    await registry.devices.note([newest])
    await registry.devices.note(
        [Presence(device="d", online=True, since=10.0, seen_at=10.0, telemetry_at=10.0, telemetry="old")]
    )
    assert (await registry.devices.presence(["d"]))["d"] == newest


async def test_presence_tells_since_when_a_device_is_online_however_often_that_is_noted(registry: AnyRegistry) -> None:
    await add_device(registry, "d")
    for at in (10.0, 11.0, 12.0):
        await registry.devices.note([Presence(device="d", online=True, since=at, seen_at=at)])
    found = (await registry.devices.presence(["d"]))["d"]
    assert (found.since, found.seen_at) == (10.0, 12.0)


async def test_presence_of_a_device_that_is_not_there_is_left_out(registry: AnyRegistry) -> None:
    await add_profile(registry)
    await add_device(registry, "d")
    registry.roster.note_seen("nobody", 1.0)
    await registry.devices.note([Presence(device="nobody", seen_at=1.0), Presence(device="d", seen_at=1.0)])
    assert set(await registry.devices.presence(["nobody", "d"])) == {"d"}


async def test_paired_device_is_active_once_it_was_heard_of(registry: AnyRegistry, clock: VirtualClock) -> None:
    for id, lifecycle in (("p", Lifecycle.PAIRED), ("q", Lifecycle.PAIRED), ("s", Lifecycle.SUSPENDED)):
        await add_device(registry, id, lifecycle=lifecycle)
    registry.roster.note_seen("p", clock.time())
    registry.roster.note_online("q", False, clock.time())
    registry.roster.note_seen("s", clock.time())
    await registry.devices.presence(["p", "q", "s"])
    assert (await registry.devices.get("p")).lifecycle is Lifecycle.ACTIVE
    assert (await registry.devices.get("q")).lifecycle is Lifecycle.PAIRED
    assert (await registry.devices.get("s")).lifecycle is Lifecycle.SUSPENDED


async def test_silent_devices_are_those_that_are_online_and_were_not_heard_of(registry: AnyRegistry) -> None:
    await add_profile(registry, "press")
    for id, profile in (("a", "boiler"), ("b", "boiler"), ("c", "boiler"), ("d", "press"), ("e", "boiler")):
        await add_device(registry, id, profile=profile)
    await registry.devices.note(
        [
            Presence(device="a", online=True, since=0.0, seen_at=30.0),
            Presence(device="b", online=True, since=0.0, seen_at=20.0),
            Presence(device="c", online=True, since=0.0, seen_at=60.0),
            Presence(device="d", online=True, since=0.0, seen_at=10.0),
            Presence(device="e", online=False, since=0.0, seen_at=10.0),
        ]
    )
    assert list(await registry.devices.silent("boiler", 50.0)) == ["b", "a"]
    assert list(await registry.devices.silent("boiler", 50.0, limit=1)) == ["b"]

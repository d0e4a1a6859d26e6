from collections.abc import AsyncIterator
from typing import Any

import pytest

from flowengine.node import node_type
from flowengine.testing import NodeHarness
from flowengine_nodes.iiot.device_presence import DevicePresence
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from flowengine_nodes.iiot.registry.device import Lifecycle, Presence
from flowengine_nodes.network.mqtt_broker import MqttBroker
from tests.nodes.iiot.registries import add_device, add_profile


@node_type("mqtt-broker", category="test")
class QuietBroker(MqttBroker):
    """A broker that is there, or not, as a test says; nothing is behind it."""

    away = False

    async def start(self) -> None:
        """Do nothing."""

    async def deployed(self, broken: Any) -> None:
        """Do nothing."""

    async def run(self) -> None:
        """Do nothing."""

    @property
    def is_away(self) -> bool:
        return self.away


class Site:
    """A node, its registry and its broker."""

    def __init__(self, harness: NodeHarness) -> None:
        self.harness = harness

    @property
    def registry(self) -> EmbeddedRegistry:
        registry = self.harness._engine.world.resource("registry")
        assert isinstance(registry, EmbeddedRegistry)
        return registry

    @property
    def broker(self) -> QuietBroker:
        broker = self.harness._engine.world.resource("main")
        assert isinstance(broker, QuietBroker)
        return broker

    async def heard(self, device: str = "b1", topic: str = "telemetry/x/data", **fields: Any) -> list[Any]:
        return gists(await self.harness.feed({"device": device, "topic": topic, "payload": b"{}", **fields}))

    async def said(self, payload: Any, device: str = "b1", **fields: Any) -> list[Any]:
        return await self.heard(device, f"presence/{device}", payload=payload, **fields)

    async def after(self, seconds: float) -> list[Any]:
        return gists(await self.harness.advance(seconds))

    async def presence(self, device: str = "b1") -> Presence:
        return (await self.registry.devices.presence([device]))[device]


def gists(sent: Any) -> list[Any]:
    found = []
    for port, fields in sent:
        payload = fields["payload"]
        assert (payload["device"], payload["presence"]["online"]) == (fields["device"], port == "online")
        found.append((payload["device"], port, payload["presence"]["cause"]))
    return found


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    resources: Any = {"registry": (EmbeddedRegistry, {}), "main": (QuietBroker, {})}
    async with NodeHarness(DevicePresence, {}, resources=resources) as harness:
        found = Site(harness)
        await add_profile(found.registry, offline_after="60s")
        for device in ("b1", "b2"):
            await add_device(found.registry, device)
        yield found


async def test_change_is_in_the_registry(site: Site) -> None:
    start = site.harness.clock.time()
    assert await site.heard() == [("b1", "online", "heard")]
    await site.after(10)
    assert await site.heard() == []
    presence = await site.presence()
    assert (presence.online, presence.since, presence.seen_at) == (True, start, start + 10)
    assert await site.said(b"offline") == []
    assert await site.after(6) == [("b1", "offline", "announced")]
    presence = await site.presence()
    assert (presence.online, presence.since, presence.seen_at) == (False, start + 10, start + 10)


async def test_silence_counts_only_while_devices_could_be_heard(site: Site) -> None:
    await site.heard()
    await site.after(50)
    site.broker.away = True
    assert await site.after(300) == []
    site.broker.away = False
    assert await site.after(55) == []
    await site.heard("b2")
    assert await site.after(10) == [("b1", "offline", "silent")]


async def test_jump_of_the_clock_makes_nobody_silent(site: Site) -> None:
    await site.heard()
    await site.after(30)
    site.harness.clock._wall += 3600
    assert await site.after(50) == []
    assert await site.after(20) == [("b1", "offline", "silent")]


async def test_time_of_silence_is_that_of_the_profile(site: Site) -> None:
    await add_profile(site.registry, "meter", offline_after="10m")
    await add_device(site.registry, "m1", profile="meter")
    await site.heard("b1")
    await site.heard("m1")
    assert await site.after(120) == [("b1", "offline", "silent")]
    assert await site.after(500) == [("m1", "offline", "silent")]


async def test_restart_brings_no_change_of_its_own(site: Site) -> None:
    await site.heard("b1")
    await site.said(b"online", "b2")
    await site.said(b"offline", "b2")
    await site.after(50)
    await site.harness.restart()
    assert await site.said(b"offline", "b2", retain=True) == []
    assert await site.after(55) == []
    assert await site.heard("b1") == []
    assert await site.heard("b2") == [("b2", "online", "heard")]


async def test_kept_message_is_no_sign_of_life_but_a_kept_announcement_is(site: Site) -> None:
    assert await site.heard(retain=True) == []
    assert await site.said(b"online", retain=True) == [("b1", "online", "announced")]


async def test_devices_that_take_no_part_are_left_out(site: Site) -> None:
    await site.registry.devices.change("b1", {"lifecycle": Lifecycle.SUSPENDED}, "test")
    assert await site.said(b"online", "b1") == []
    assert await site.heard("unknown") == []
    assert gists(await site.harness.feed(topic="x", payload=b"")) == []
    assert site.harness.errors == []


async def test_version_that_is_announced_is_entered(site: Site) -> None:
    await site.said({"state": "online", "firmware": "1.4.2"})
    await site.after(2)
    assert (await site.registry.devices.get("b1")).firmware == "1.4.2"
    await site.said({"state": "online", "firmware": "1.5.0"})
    await site.registry.devices.remove("b1", "test")
    await site.after(2)
    assert site.harness.errors == []


async def test_first_sign_makes_a_paired_device_active(site: Site) -> None:
    await site.registry.devices.change("b1", {"lifecycle": Lifecycle.PAIRED}, "test")
    await site.heard()
    await site.after(2)
    assert (await site.registry.devices.get("b1")).lifecycle is Lifecycle.ACTIVE


async def test_announcement_that_says_nothing_is_an_error(site: Site) -> None:
    assert await site.said(b"perhaps") == []
    assert [error.code for error in site.harness.errors] == ["invalid-announcement"]
    assert await site.said(b"") == []


async def test_sparkplug_birth_and_death_are_announcements(site: Site) -> None:
    await add_profile(site.registry, "spark", codec="sparkplug-b", offline_after="60s")
    await add_device(site.registry, "s1", profile="spark")
    assert await site.heard("s1", "spBv1.0/plant/DBIRTH/edge/s1") == [("s1", "online", "heard")]
    assert await site.heard("s1", "spBv1.0/plant/DDEATH/edge/s1") == []
    assert await site.after(6) == [("s1", "offline", "announced")]


async def test_device_that_another_process_has_found_silent_comes_online_here(site: Site) -> None:
    await site.heard()
    await site.after(2)
    site.harness.node.context.shared = True
    now = site.harness.clock.time()
    await site.registry.devices.note([Presence(device="b1", online=False, since=now)])
    assert await site.heard() == []
    assert await site.after(7) == [("b1", "online", "heard")]


async def test_device_that_only_another_process_has_heard_falls_silent_here(site: Site) -> None:
    now = site.harness.clock.time()
    await site.registry.devices.note([Presence(device="b1", online=True, since=now, seen_at=now)])
    assert await site.after(100) == [("b1", "offline", "silent")]

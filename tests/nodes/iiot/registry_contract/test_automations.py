"""What every back end keeps to with automation rules."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.automation.watch import FRESH, Seen, Watch
from flowengine_nodes.iiot.registry.automation import AutomationRule
from flowengine_nodes.iiot.registry.errors import UnfitRuleError, UnknownRecordError
from flowengine_nodes.iiot.registry.registry import Registry
from tests.nodes.iiot.registries import add_device, add_profile

AnyRegistry = Registry[Any]


def rule(id: str = "cool", **other: Any) -> AutomationRule:
    trigger = {"kind": "threshold", "path": "$.temperature", "above": 80}
    return AutomationRule.model_validate(
        {"id": id, "trigger": trigger, "command": {"action": "cool"}, "throttle": {"every": "0s"}} | other
    )


def fire(watch: Watch) -> Seen:
    return Seen(replace(watch, is_fired=True), fires=True, value=81)


def ask(value: Any) -> Mapping[str, Any]:
    return {"device": "boiler-1", "action": "cool", "params": {"value": value}}


async def test_automation_comes_back_as_it_was_saved(registry: AnyRegistry) -> None:
    first, second = rule("b", name="Cool it", interlock={"online": True}), rule("a", active=False)
    for one in (first, second):
        await registry.automations.save(one, "test")
    assert await registry.automations.get("b") == first
    assert list(await registry.automations.list()) == [second, first]
    await registry.automations.remove("b", "test")
    with pytest.raises(UnknownRecordError, match='no automation rule "b"'):
        await registry.automations.get("b")


@pytest.mark.parametrize(
    ("other", "place"),
    [
        ({"devices": {"profile": "press"}}, "devices.profile"),
        ({"command": {"action": "explode"}}, "command.action"),
        ({"command": {"action": "cool", "params": {"to": "cold"}}}, "command.params"),
    ],
)
async def test_automation_that_its_devices_cannot_obey_is_refused(
    registry: AnyRegistry, other: dict[str, Any], place: str
) -> None:
    schema = {"type": "object", "properties": {"to": {"type": "number"}}}
    await add_profile(registry, actions={"cool": {"params": schema}})
    more: dict[str, Any] = {"devices": {"profile": "boiler"}, **other}
    with pytest.raises(UnfitRuleError) as caught:
        await registry.automations.save(rule(**more), "test")
    assert caught.value.place == place
    assert await registry.automations.list() == []
    fits = {"action": "cool", "params": {"to": "{value}"}}
    await registry.automations.save(rule(devices={"profile": "boiler"}, command=fits), "test")


async def test_automation_asks_for_a_command_until_it_was_taken(registry: AnyRegistry, clock: VirtualClock) -> None:
    await add_device(registry)
    await registry.automations.save(rule(), "test")
    done = await registry.automations.advance(rule(), "boiler-1", fire, ask, clock.time())
    assert done.fired
    assert done.watch == Watch(is_fired=True, fired_at=clock.time(), count=1)
    (firing,) = await registry.automations.firings(10)
    assert (firing.rule, firing.device, firing.at) == ("cool", "boiler-1", clock.time())
    assert firing.request == {**ask(81), "idempotency_key": firing.id}
    assert await registry.automations.firings(10) == [firing]
    await registry.automations.taken([firing.id])
    assert await registry.automations.firings(10) == []


async def test_automation_remembers_what_does_not_set_it_off(registry: AnyRegistry, clock: VirtualClock) -> None:
    await add_device(registry)
    await registry.automations.save(rule(), "test")
    done = await registry.automations.advance(
        rule(), "boiler-1", lambda watch: Seen(replace(watch, since=7.0)), ask, clock.time()
    )
    assert not done.fired
    assert await registry.automations.watches() == {("cool", "boiler-1"): replace(FRESH, since=7.0)}


async def test_automation_sends_nothing_that_is_forbidden_and_says_so(
    registry: AnyRegistry, clock: VirtualClock
) -> None:
    await add_device(registry)
    await registry.automations.save(rule(), "test")
    done = await registry.automations.advance(rule(), "boiler-1", fire, ask, clock.time(), objection="the door is open")
    assert (done.fired, done.code, done.reason) == (False, "interlock", "the door is open")
    assert done.watch.is_fired
    assert await registry.automations.firings(10) == []


async def test_automation_is_throttled_by_device_and_by_number(registry: AnyRegistry, clock: VirtualClock) -> None:
    for device in ("boiler-1", "boiler-2", "boiler-3"):
        await add_device(registry, device)
    slow = rule(throttle={"every": "1m", "most": 2, "window": "1h"})
    await registry.automations.save(slow, "test")

    async def code(device: str) -> str:
        return (await registry.automations.advance(slow, device, fire, ask, clock.time())).code

    assert await code("boiler-1") == ""
    await clock.advance(59)
    assert await code("boiler-1") == "throttled"
    assert await code("boiler-2") == ""
    assert await code("boiler-3") == "throttled"
    await clock.advance(3600)
    assert await code("boiler-3") == ""


async def test_automation_is_set_off_once_by_what_has_a_name(registry: AnyRegistry, clock: VirtualClock) -> None:
    await add_device(registry)
    await registry.automations.save(rule(), "test")
    fired = [
        (await registry.automations.advance(rule(), "boiler-1", fire, ask, clock.time(), key="event-1")).fired
        for _ in range(2)
    ]
    assert fired == [True, False]
    assert [one.id for one in await registry.automations.firings(10)] == ["event-1"]


async def test_automation_that_changes_begins_anew_and_keeps_its_throttle(
    registry: AnyRegistry, clock: VirtualClock
) -> None:
    await add_device(registry)
    await registry.automations.save(rule(), "test")
    await registry.automations.advance(rule(), "boiler-1", fire, ask, clock.time())
    await registry.automations.save(rule(name="other"), "test")
    (watch,) = (await registry.automations.watches()).values()
    assert watch == Watch(fired_at=clock.time(), count=1)


async def test_automation_forgets_devices_and_rules_that_are_gone(registry: AnyRegistry, clock: VirtualClock) -> None:
    await add_device(registry)
    await registry.automations.save(rule(), "test")
    await registry.automations.advance(rule(), "boiler-1", fire, ask, clock.time())
    await registry.devices.remove("boiler-1", "test")
    assert await registry.automations.watches() == {}
    assert await registry.automations.firings(10) == []


async def test_automation_knows_how_far_its_times_are_worked_off(registry: AnyRegistry) -> None:
    await registry.automations.save(rule(), "test")
    assert await registry.automations.reached("cool") is None
    await registry.automations.reach("cool", 12.5)
    assert await registry.automations.reached("cool") == 12.5

"""What the node of automation does beyond what the tests of the shipped flow show."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Self

import pytest

from flowengine.node import SystemClock
from flowengine.runtime import Deployment, Engine
from flowengine.storage import StorageError, Store
from flowengine.testing import NodeHarness, VirtualClock
from flowengine_nodes.iiot.device_automation import DeviceAutomation
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from flowengine_nodes.iiot.registry.automation import AutomationRule
from flowengine_nodes.iiot.registry.device import BusinessObject, Lifecycle
from tests.nodes.iiot.registries import add_device, counted_queries

RESOURCES: Any = {"registry": (EmbeddedRegistry, {})}
HOT = {
    "trigger": {"kind": "threshold", "path": "$.t", "above": 80, "hysteresis": 5},
    "command": {"action": "cool", "params": {"measured": "{value}"}},
    "throttle": {"every": "0s"},
}
EACH_MINUTE = {"trigger": {"kind": "cron", "cron": "* * * * *"}, "command": {"action": "check"}}


def registry_of(harness: NodeHarness) -> EmbeddedRegistry:
    registry = harness._engine.world.resource("registry")
    assert isinstance(registry, EmbeddedRegistry)
    return registry


class Site:
    """A node, its registry, and what it asks for."""

    def __init__(self, harness: NodeHarness) -> None:
        self.harness = harness

    @property
    def registry(self) -> EmbeddedRegistry:
        return registry_of(self.harness)

    async def rule(self, rule: Mapping[str, Any], id: str = "hot", **more: Any) -> None:
        await self.registry.automations.save(AutomationRule.model_validate({"id": id, **rule, **more}), "test")
        await self.harness.settle()

    async def heard(self, payload: Any, device: str | None = "b1") -> list[Any]:
        """Return what a message led to: requests for commands, and what was held back."""
        fields = {"payload": payload} if device is None else {"payload": payload, "device": device}
        return gists(await self.harness.feed(fields))

    async def after(self, seconds: float) -> list[Any]:
        return gists(await self.harness.advance(seconds))


def gists(sent: Any) -> list[Any]:
    found: list[Any] = []
    for port, fields in sent:
        payload = fields["payload"]
        found.append(
            (payload["device"], payload["action"], payload["params"]) if port == "command" else payload["code"]
        )
    return found


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with NodeHarness(DeviceAutomation, resources=RESOURCES) as harness:
        made = Site(harness)
        for device in ("b1", "b2"):
            await add_device(
                made.registry, device, lifecycle=Lifecycle.ACTIVE, business=BusinessObject("x.boiler", int(device[1:]))
            )
        yield made


def cool(value: float, device: str = "b1") -> tuple[str, str, Mapping[str, Any]]:
    return device, "cool", {"measured": value}


def check(device: str) -> tuple[str, str, Mapping[str, Any]]:
    return device, "check", {}


async def test_telemetry_that_crosses_nothing_asks_no_database(site: Site) -> None:
    await site.rule(HOT)
    await site.heard({"t": 90})
    with counted_queries() as queries:
        for number in range(10_000):
            site.harness.receive(
                {"device": "b1" if number % 2 else "b2", "payload": {"t": 79 if number % 2 == 0 else 85}}
            )
        assert queries == []
        assert await site.heard({"t": 90}, "b2") == [cool(90, "b2")]
        assert queries


async def test_what_is_remembered_outlives_a_restart(site: Site) -> None:
    await site.rule(HOT)
    assert await site.heard({"t": 90}) == [cool(90)]
    await site.harness.restart()
    assert await site.heard({"t": 91}) == []
    assert await site.heard({"t": 70}) == []
    await site.harness.restart()
    assert await site.heard({"t": 92}) == [cool(92)]


async def test_command_that_was_not_taken_is_asked_for_again(site: Site) -> None:
    await site.rule(HOT)

    failed: list[Any] = []

    def fail(message: Any) -> None:
        failed.append(message.fields["payload"])
        message.delivery.fail("registry-away")

    port = site.harness.node.outputs["command"]
    port.connect(fail)
    await site.heard({"t": 90})
    await site.after(9)
    assert len(failed) == 1
    port.connect(site.harness._captured("command"))
    (again,) = await site.harness.advance(3)
    assert again.fields["payload"] == failed[0]
    assert await site.after(60) == []
    await site.harness.restart()
    assert await site.after(60) == []


async def test_store_that_fails_is_believed_again_and_loses_no_crossing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.rule(HOT)
    automations = site.registry.automations

    async def fail(*_: Any, **__: Any) -> Any:
        raise StorageError("the disk is full")

    with monkeypatch.context() as broken:
        for name in ("advance", "watches"):
            broken.setattr(automations, name, fail)
        assert await site.heard({"t": 90}) == []
        # The reading is not done, and what it was foreseen to lead to is not believed.
        assert "the disk is full" in site.harness.errors[0].message
        assert site.harness.node._memory.is_unsure
    assert await site.heard({"t": 91}) + await site.after(30) == [cool(91)]
    assert not site.harness.node._memory.is_unsure
    assert foreseen(site) == await stored(site)


async def test_command_that_was_refused_is_tried_again_while_telemetry_calls_for_it(site: Site) -> None:
    await site.rule(HOT, throttle={"every": "0s", "retry": "1m"}, interlock={"online": True})
    assert await site.heard({"t": 90}) == ["interlock"]
    site.registry.roster.note_online("b1", online=True, at=0.0)
    await site.after(58)
    assert await site.heard({"t": 91}) == [], "not yet"
    await site.after(2)
    assert await site.heard({"t": 79}) == [], "within the limit, though not far enough to begin anew"
    assert await site.heard({"t": 92}) == [cool(92)]
    await site.after(120)
    assert await site.heard({"t": 93}) == [], "it was sent"


@pytest.mark.parametrize(
    "trigger",
    [
        {"kind": "threshold", "path": "$.t", "above": 80},
        {"kind": "telemetry", "when": [{"path": "$.t", "op": "gt", "value": 80}]},
    ],
    ids=lambda trigger: trigger["kind"],
)
async def test_command_that_is_refused_again_and_again_is_told_once(site: Site, trigger: Any) -> None:
    await site.rule(HOT, trigger=trigger, throttle={"every": "0s", "retry": "10s"}, interlock={"online": True})
    told = await site.heard({"t": 90})
    for _ in range(5):
        await site.after(11)
        with counted_queries() as queries:
            told += await site.heard({"t": 90})
            assert queries
            queries.clear()
            site.harness.receive({"device": "b1", "payload": {"t": 90}})
            assert queries == []
    assert told == ["interlock"]
    lines = await site.harness._engine.world.store.audit.list(what="automation-refuse", limit=10)
    assert len(lines) == 1
    (metric,) = site.harness.node.metrics()
    assert metric.value == 6
    assert await site.heard({"t": 70}) == []
    assert await site.heard({"t": 90}) == ["interlock"], "another crossing"


async def test_refusal_is_remembered_over_a_restart(site: Site) -> None:
    await site.rule(HOT, throttle={"every": "0s", "retry": "1m"}, interlock={"online": True})
    assert await site.heard({"t": 90}) == ["interlock"]
    await site.harness.restart()
    site.registry.roster.note_online("b1", online=True, at=0.0)
    await site.after(61)
    assert await site.heard({"t": 90}) == [cool(90)]


def foreseen(site: Site) -> dict[Any, Any]:
    return {key: (watch.is_fired, watch.since) for key, watch in site.harness.node._memory._ahead.items()}


async def stored(site: Site) -> dict[Any, Any]:
    watches = await site.registry.automations.watches()
    return {key: (watch.is_fired, watch.since) for key, watch in watches.items()}


async def test_memory_equals_the_store_after_readings_that_come_at_once(site: Site) -> None:
    await site.rule(HOT)
    await site.rule({**HOT, "trigger": {"kind": "telemetry", "when": [{"path": "$.on", "value": True}]}}, "on")
    for number in range(60):
        device = f"b{number % 2 + 1}"
        reading = {"t": 90 if number % 3 else 70, "on": number % 5 < 2}
        site.harness.receive({"device": device, "payload": reading})
        if number == 30:
            site.harness.node._automations.changed.ring()
    await site.harness.settle()
    assert foreseen(site) == await stored(site)
    fired = [fields["payload"]["action"] for port, fields in site.harness.take() if port == "command"]
    assert len(fired) > 20


async def test_rule_counts_as_soon_as_it_is_saved_and_no_more_when_removed(site: Site) -> None:
    assert await site.heard({"t": 90}) == []
    await site.rule(HOT)
    assert await site.heard({"t": 90}) == [cool(90)]
    await site.registry.automations.remove("hot", "test")
    await site.harness.settle()
    await site.heard({"t": 70})
    assert await site.heard({"t": 90}) == []


async def test_rule_that_is_removed_while_a_reading_is_at_work_harms_nothing(site: Site) -> None:
    await site.rule(HOT)
    rule = await site.registry.automations.get("hot")
    await site.registry.automations.remove("hot", "test")
    done = await site.registry.automations.advance(rule, "b1", lambda watch: pytest.fail(str(watch)), dict, 1.0)
    assert not done.fired


async def test_rule_is_for_its_devices_only(site: Site) -> None:
    await site.rule(HOT, devices={"ids": ["b2"]})
    await site.rule(HOT, "north", devices={"group": "north"})
    assert await site.heard({"t": 90}) == []
    assert await site.heard({"t": 90}, "b2") == [cool(90, "b2")]


async def test_device_that_is_unknown_or_takes_no_part_is_passed_over(site: Site) -> None:
    await site.rule(HOT)
    await site.registry.devices.change("b2", {"lifecycle": Lifecycle.SUSPENDED}, "test")
    await site.harness.settle()
    assert await site.heard({"t": 90}, "stranger") == []
    assert await site.heard({"t": 90}, "b2") == []
    assert site.harness.errors == []


async def test_device_cannot_tell_of_an_event(site: Site) -> None:
    await site.rule({"trigger": {"kind": "event"}, "command": {"action": "open"}}, "open")
    event = {"event": "write", "model": "x.boiler", "id": 2, "device": "b2", "values": {}}
    assert await site.heard(event) == []
    assert await site.heard(event, None) == [("b2", "open", {})]


async def test_event_without_a_device_is_told_and_harms_nothing(site: Site) -> None:
    await site.rule({"trigger": {"kind": "event"}, "command": {"action": "open"}}, "open")
    assert await site.heard({"model": "x.boiler", "id": 3, "values": {}}, None) == ["no-device"]
    assert await site.heard({"device": "stranger", "values": {}}, None) == ["no-device"]
    assert site.harness.errors == []
    assert await site.heard({"values": {}}, None) == []
    assert await site.heard(b"no event", None) == []
    assert [error.code for error in site.harness.errors] == ["bad-event", "bad-event"]


async def test_event_gives_its_values_to_the_command(site: Site) -> None:
    params = {"field": "{event.field}", "value": "{event.value}", "threshold": "{event.limit}", "of": "{record}"}
    command = {"action": "alert_threshold_reached", "params": params}
    trigger = {"kind": "event", "when": [{"path": "$.value", "op": "gt", "value": 10}]}
    await site.rule({"trigger": trigger, "command": command, "throttle": {"every": "0s"}})
    values = {"field": "x_pressure", "value": 12, "limit": 10}
    expected = {"field": "x_pressure", "value": 12, "threshold": 10, "of": 1}
    assert await site.heard({"model": "x.boiler", "id": 1, "values": values}, None) == [
        ("b1", "alert_threshold_reached", expected)
    ]
    assert await site.heard({"model": "x.boiler", "id": 1, "values": {"value": 11}}, None) == ["automation-params"]


async def test_event_without_an_id_counts_each_time_and_one_with_an_id_once(site: Site) -> None:
    await site.rule({"trigger": {"kind": "event"}, "command": {"action": "open"}, "throttle": {"every": "0s"}})
    event = {"device": "b1", "values": {}}
    told = [{**event, "event_id": "e"}, {**event, "event_id": "e"}, event, event]
    assert [len(await site.heard(one, None)) for one in told] == [1, 0, 1, 1]


async def test_time_sends_only_devices_that_are_online(site: Site) -> None:
    await site.rule(EACH_MINUTE, "check", interlock={"online": True})
    site.registry.roster.note_seen("b1", site.harness.clock.time())
    site.registry.roster.note_online("b1", True, site.harness.clock.time())
    await site.after(2)
    assert sorted(await site.after(60), key=str) == sorted(["interlock", check("b1")], key=str)


async def test_time_that_was_missed_is_skipped_or_made_up_for_once(site: Site) -> None:
    await site.rule({**EACH_MINUTE, "trigger": {**EACH_MINUTE["trigger"], "missed": "once"}}, "check")
    await site.after(61)
    site.harness.take()
    async with asyncio.timeout(30):
        await site.harness._stop()
        site.harness.clock.set_wall(site.harness.clock.time() + 600)
        await site.harness._start()
    sent = gists(site.harness.take()) + await site.after(3)
    assert sent == [check("b1"), check("b2")]


async def test_time_that_a_crash_cut_short_reaches_the_other_devices(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.rule(EACH_MINUTE, "check")
    automations = site.registry.automations
    advance = automations.advance

    async def once(rule: Any, device: str, *more: Any, **other: Any) -> Any:
        if device == "b2":
            raise StorageError("the disk is full")
        return await advance(rule, device, *more, **other)

    monkeypatch.setattr(automations, "advance", once)
    sent = await site.after(61)
    assert sent == [check("b1")]
    monkeypatch.undo()
    await site.harness._stop()
    site.harness.clock.set_wall(site.harness.clock.time() + 20)
    await site.harness._start()
    assert gists(site.harness.take()) + await site.after(3) == [check("b2")]


async def test_clock_that_is_set_back_sends_no_time_twice(site: Site) -> None:
    await site.rule(EACH_MINUTE, "check")
    await site.after(61)
    site.harness.clock.set_wall(site.harness.clock.time() - 3600)
    assert await site.after(3) == []


async def test_what_is_sent_and_what_is_held_back_is_in_the_audit_trail(site: Site) -> None:
    await site.rule(HOT, throttle={"every": "1h"})
    for value in (90, 70, 95):
        await site.heard({"t": value})
    lines = [line for line in await site.harness.store.audit.list(limit=100) if line.who == "automation hot"]
    assert [(line.what, line.subject) for line in lines] == [("automation-refuse", "b1"), ("automation-fire", "b1")]
    refused, fired = (line.detail for line in lines)
    assert (refused["code"], refused["value"]) == ("throttled", 95)
    assert (fired["value"], fired["command"]["params"]) == (90, {"measured": 90})


async def test_metrics_count_commands_and_refusals_by_rule(site: Site) -> None:
    await site.rule(HOT, throttle={"every": "1h"})
    for value in (90, 70, 95):
        await site.heard({"t": value})
    await site.heard({"device": "stranger"}, None)
    metrics = {(one.name, *one.labels.values()): one.value for one in site.harness.node.metrics()}
    assert metrics == {
        ("automation_commands", "hot"): 1,
        ("automation_refused", "hot", "throttled"): 1,
        ("automation_refused", "", "no-device"): 1,
    }


class Worker(NodeHarness):
    """One of two workers on a store that is there."""

    def __init__(self, url: str, number: int, clock: VirtualClock) -> None:
        super().__init__(DeviceAutomation, resources=RESOURCES, clock=clock)
        self._url = url
        self._number = number

    async def __aenter__(self) -> Self:
        self.store = await Store.open(self._url, clock=self.clock.time)
        self._engine = Engine(self.store, self.routes, clock=self.clock, drain=0, worker=self._number, workers=2)
        await self._engine.__aenter__()
        report = await self._engine.deploy(Deployment({"test": self._plan}, self._resources))
        assert not report.broken
        for name, port in self.node.outputs.items():
            port.connect(self._captured(name))
        return self


async def until(happened: Any) -> None:
    async with asyncio.timeout(20):
        while not await happened():
            await SystemClock().sleep(0.01)


@pytest.fixture
async def workers(url: str, clock: VirtualClock, tmp_path: Path) -> AsyncIterator[tuple[Worker, Worker]]:
    async with Worker(url, 0, clock) as one, Worker(url, 1, clock) as other:
        for device in ("b1", "b2"):
            await add_device(registry_of(one), device, lifecycle=Lifecycle.ACTIVE)
        for rule in ({"id": "hot", **HOT}, {"id": "check", **EACH_MINUTE}):
            await registry_of(one).automations.save(AutomationRule.model_validate(rule), "test")

        async def knows() -> bool:
            await clock.advance(1)
            return registry_of(other).roster.member("b2") is not None and bool(other.node._known)

        await until(knows)
        yield one, other


def keys(workers: tuple[Worker, Worker], action: str) -> set[str]:
    sent = [fields["payload"] for worker in workers for port, fields in worker.sent if port == "command"]
    return {payload["idempotency_key"] for payload in sent if payload["action"] == action}


async def test_reading_that_reaches_two_workers_sends_one_command(
    workers: tuple[Worker, Worker], clock: VirtualClock
) -> None:
    for worker in workers:
        worker.receive({"device": "b1", "payload": {"t": 90}})

    async def taken() -> bool:
        await clock.advance(1)
        is_done = all(worker.account.in_flight == 0 for worker in workers)
        return is_done and bool(keys(workers, "cool")) and not await registry_of(workers[0]).automations.firings(1)

    await until(taken)
    assert len(keys(workers, "cool")) == 1


async def test_time_is_worked_off_by_one_of_two_workers(workers: tuple[Worker, Worker], clock: VirtualClock) -> None:
    store = workers[0].store

    async def fired() -> bool:
        await clock.advance(1)
        lines = await store.audit.list(limit=100)
        return [line.what for line in lines].count("automation-fire") >= 2

    await until(fired)
    await clock.advance(3)
    lines = [line for line in await store.audit.list(limit=100) if line.what == "automation-fire"]
    assert sorted(line.subject for line in lines) == ["b1", "b2"]
    assert len(keys(workers, "check")) == 2

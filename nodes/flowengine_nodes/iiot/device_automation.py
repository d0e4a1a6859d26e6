"""The node that sends devices commands by itself."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final
from weakref import WeakValueDictionary

from flowengine.node import (
    Config,
    Context,
    Delivery,
    Duration,
    Field,
    Message,
    Node,
    NodeError,
    NodeMetric,
    Outcome,
    Output,
    node_type,
    within,
)
from flowengine_nodes.iiot.automation.event import Event
from flowengine_nodes.iiot.automation.interlock import objection
from flowengine_nodes.iiot.automation.memory import Memory
from flowengine_nodes.iiot.automation.request import command_request
from flowengine_nodes.iiot.automation.selection import BusinessObjects, Rules, concerns, may_concern
from flowengine_nodes.iiot.automation.times import due_times
from flowengine_nodes.iiot.automation.watch import Seen, seen, time_seen
from flowengine_nodes.iiot.registry.automation import AutomationRule, CronTrigger, EventTrigger
from flowengine_nodes.iiot.registry.automations import Advance, Firing
from flowengine_nodes.iiot.registry.bell import Bell
from flowengine_nodes.iiot.registry.devices import DeviceFilter
from flowengine_nodes.iiot.registry.errors import UnknownRecordError
from flowengine_nodes.iiot.registry.registry import Registry, RegistryId
from flowengine_nodes.iiot.registry.roster import Member

POLL: Final = 1.0
"""Seconds between two looks for what other processes have changed, and for what is due."""
_SENT: Final = "Commands that automation has asked for, by rule."
_HELD_BACK: Final = "Commands that automation has held back, by rule and reason; without a rule, events for no device."
_PAGE: Final = 500
_AT_A_TIME: Final = 100


class DeviceAutomationConfig(Config):
    """Send devices commands by themselves."""

    registry: RegistryId = Field("registry", description="Registry that keeps the rules.")
    retry: Duration = Field("10s", gt=0, description="Wait before a request that could not be taken is made again.")


@node_type("automation", category="iiot", icon="automation")
class DeviceAutomation(Node[DeviceAutomationConfig]):
    """Send devices commands when the registry's automation rules say so.

    A rule is set off by time (cron), by a measured value beyond a limit, by telemetry that begins to fit conditions, or
    by an event. Messages with a field `device` are telemetry of that device, whatever they say; all others are
    events:

    ```
    {"event": "write", "model": "maintenance.equipment", "id": 7, "values": {"state": "maintenance"}, "event_id": "…"}
    ```

    A rule that is set off asks for its command unless its *interlock* forbids it or its *throttle* is used up. What a
    rule remembers, the request and the line in the audit trail are stored in one transaction; the request leaves by
    `command` afterwards, with an idempotency key, and again after a crash until it was taken: none is lost, and none
    sends a command twice. What was not sent leaves by `refused`, with `{rule, device, code, message}` as its payload;
    `code` is `interlock`, `throttled` or `automation-params`.

    A value beyond its limit sets a rule off once; it must come back by the *hysteresis* before it can again. A command
    that was refused is tried again with a reading after the throttle's *retry* that still calls for it; only the first
    refusal leaves by `refused`. Telemetry that changes nothing asks no database. An event sets off each rule
    for each device once, if it has an `event_id`. An event whose record no device stands for leaves by `refused` with
    the code `no-device`, and what is no event fails with `bad-event`.

    On `/metrics`, `flowengine_automation_commands_total` and `flowengine_automation_refused_total` count by rule.

    With several workers, times are worked off by one of them, and what one has remembered of a device is known to the
    others within a second.
    """

    command = Output("A request for a command, for a command-request node.")
    refused = Output("A command that was not sent, and why.")

    def __init__(self, config: DeviceAutomationConfig, context: Context) -> None:
        super().__init__(config, context)
        self._known: Sequence[AutomationRule] = ()
        self._rules = Rules()
        self._rules_changed = Bell()
        self._memory = Memory()
        self._asking: set[str] = set()
        self._taken: list[str] = []
        self._begun: dict[str, float] = {}
        self._sent: Counter[str] = Counter()
        self._held_back: Counter[tuple[str, str]] = Counter()
        self._failed: dict[str, float] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def start(self) -> None:
        """Load the rules, and what they remember."""
        self._registry: Registry[Any] = self.context.resource(self.config.registry, Registry)
        self._automations = self._registry.automations
        self._objects = BusinessObjects(self._registry.roster)
        await self._refresh()

    def metrics(self) -> Iterable[NodeMetric]:
        """Return what was sent and held back, by rule."""
        for rule, count in self._sent.items():
            yield NodeMetric("automation_commands", _SENT, count, {"rule": rule})
        for (rule, code), count in self._held_back.items():
            yield NodeMetric("automation_refused", _HELD_BACK, count, {"rule": rule, "code": code})

    async def run(self) -> None:
        """Work off times, and ask for what was decided."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_rules(), name="rules of automation")
            group.create_task(self._keep_asking(), name="requests of automation")
            group.create_task(self._keep_time(), name="times of automation")

    def receive(self, message: Message) -> None:
        """Take telemetry or an event."""
        payload = message.payload
        device = message.get("device")
        if device is None:
            self._work(message, self._event(message, payload))
            return
        # Whatever it says: a device can tell of nothing but itself.
        member = self._registry.roster.member(device) if isinstance(device, str) else None
        if member is None or not member.takes_part:
            return
        reading: Mapping[str, Any] = payload if isinstance(payload, dict) else {"value": payload}
        now = self.context.clock.time()
        moved = [
            rule
            for rule in self._rules.for_telemetry(member)
            if may_concern(rule.devices, member)
            and self._memory.moves((rule.id, member.id), partial(seen, rule, reading, now))
        ]
        if moved:
            self._memory.begin(member.id)
            self._work(message, self._telemetry(message, moved, member, reading, now))

    def _work(self, message: Message, work: Any) -> None:
        self.hold(message)
        self.context.spawn(self._finish(message, work), "decide")

    async def _finish(self, message: Message, work: Any) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - whatever it is, it goes the way of all errors
            self.done(message, error)
        else:
            self.done(message)

    async def _telemetry(
        self, message: Message, rules: list[AutomationRule], member: Member, reading: Mapping[str, Any], now: float
    ) -> None:
        # One after the other: what is remembered of a device goes from reading to reading.
        turn = self._turns.setdefault(member.id, asyncio.Lock())
        try:
            with self._memory.at_work(member.id, [rule.id for rule in rules]):
                async with turn:
                    for rule in rules:
                        await self._advance(message, rule, member.id, partial(seen, rule, reading, now))
        finally:
            if self._memory.is_unsure:
                self._automations.changed.ring()

    async def _event(self, message: Message, payload: Any) -> None:
        event = Event.read(payload)
        if event.device:
            devices = [event.device] if self._registry.roster.member(event.device) is not None else []
        else:
            assert event.record is not None
            devices = list(self._objects.devices(event.record))
        if not devices:
            about = event.device or str(event.record)
            self._refuse(message, {"code": "no-device", "message": f"no device stands for {about}", "rule": ""})
            return
        for rule in self._rules.events:
            assert isinstance(rule.trigger, EventTrigger)
            if event.sets_off(rule.trigger):
                for device in devices:
                    await self._advance(message, rule, device, lambda watch: Seen(watch, fires=True), event)

    async def _advance(
        self, message: Message | None, rule: AutomationRule, device: str, look: Any, event: Event | None = None
    ) -> None:
        try:
            found = await self._registry.devices.get(device)
        except UnknownRecordError:
            return
        if not concerns(rule.devices, found):
            return
        now = self.context.clock.time()
        presence = (await self._registry.devices.presence([device])).get(device)
        forbidden = objection(rule.interlock, found, presence, now)

        def ask(value: Any) -> Mapping[str, Any]:
            return command_request(rule, found, value, event)

        key = f"{rule.id}/{device}/{event.id}" if event is not None and event.id else ""
        try:
            done: Advance = await self._automations.advance(rule, device, look, ask, now, objection=forbidden, key=key)
        except NodeError as error:
            if error.code != "automation-params":
                raise
            self._refuse(message, {"rule": rule.id, "device": device, "code": error.code, "message": str(error)})
            return
        if done.watch.retry_at is not None:
            self._memory.retry((rule.id, device), done.watch.retry_at)
        if done.code and done.is_known:
            self._held_back[rule.id, done.code] += 1
        elif done.code:
            facts = {"rule": rule.id, "device": device, "code": done.code, "message": done.reason}
            self._refuse(message, facts)

    def _refuse(self, message: Message | None, facts: Mapping[str, Any]) -> None:
        self._held_back[facts["rule"], facts["code"]] += 1
        self.context.log.info("automation %s: %s", facts["rule"], facts["message"])
        if message is None:
            self.emit(self.refused, {"payload": facts, "device": facts.get("device", "")})
        else:
            self.send(self.refused, message.replace(payload=facts, device=facts.get("device", "")))

    async def _refresh(self) -> None:
        rules = await self._automations.list()
        if rules != self._known:
            self._known = rules
            self._rules = Rules(rules)
            self._rules_changed.ring()
            await self._memory.recall(self._automations.watches)
        elif self.context.shared or self._memory.is_unsure:
            await self._memory.recall(self._automations.watches)

    async def _keep_asking(self) -> None:
        clock = self.context.clock
        while True:
            bell = self._automations.bell.next
            taken, self._taken = self._taken, []
            if taken:
                try:
                    await self._automations.taken(taken)
                except BaseException:
                    self._taken += taken
                    raise
                self._asking.difference_update(taken)
            for firing in await self._automations.firings(_AT_A_TIME):
                if firing.id not in self._asking and self._failed.get(firing.id, 0.0) <= clock.time():
                    await self.context.ready()
                    self._ask(firing)
            with suppress(TimeoutError):
                await within(clock, POLL, bell.wait())

    async def _keep_rules(self) -> None:
        while True:
            changed = self._automations.changed.next
            await self._refresh()
            with suppress(TimeoutError):
                is_alone = not (self.context.database.shared or self._memory.is_unsure)
                await within(self.context.clock, 3600.0 if is_alone else POLL, changed.wait())

    def _ask(self, firing: Firing) -> None:
        self._asking.add(firing.id)
        fields = {"payload": dict(firing.request), "device": firing.device, "principal": f"automation {firing.rule}"}
        self.emit(self.command, fields, on_closed=lambda delivery: self._asked(firing.id, firing.rule, delivery))

    def _asked(self, id: str, rule: str, delivery: Delivery) -> None:
        if delivery.outcome is Outcome.FAILED:
            self._failed[id] = self.context.clock.time() + self.config.retry
            self._asking.discard(id)
            return
        self._failed.pop(id, None)
        self._taken.append(id)
        self._sent[rule] += 1
        self._automations.bell.ring()

    async def _keep_time(self) -> None:
        async with self.context.alone():
            while True:
                changed = self._rules_changed.next
                now = self.context.clock.time()
                upcoming = [await self._work_off(rule, now) for rule in self._rules.cron]
                wait = min([*upcoming, now + 3600.0]) - now
                with suppress(TimeoutError):
                    await within(self.context.clock, max(wait, 0.001), changed.wait())

    async def _work_off(self, rule: AutomationRule, now: float) -> float:
        """Send what a rule's times ask for, and return its next time."""
        trigger = rule.trigger
        assert isinstance(trigger, CronTrigger)
        reached = await self._automations.reached(rule.id)
        if reached is None or reached > now:
            # New, or the clock was set back.
            await self._automations.reach(rule.id, now)
            reached = now
        due, upcoming = due_times(trigger, reached, now)
        if due is not None:
            if trigger.missed == "once" or now - due <= 2 * POLL or self._has_begun(rule, due):
                self._begun[rule.id] = due
                await self._send_to_all(rule, due)
            await self._automations.reach(rule.id, due)
        return upcoming

    def _has_begun(self, rule: AutomationRule, due: float) -> bool:
        """Tell whether some devices had their turn at a time: then the others get theirs, however late."""
        stored = any(id == rule.id and watch.since == due for (id, _), watch in self._memory.watches.items())
        return stored or self._begun.get(rule.id) == due

    async def _send_to_all(self, rule: AutomationRule, due: float) -> None:
        which = DeviceFilter(profile=rule.devices.profile, group=rule.devices.group)
        after = ""
        while True:
            page = await self._registry.devices.list(which, after=after, limit=_PAGE)
            for device in page:
                if device.lifecycle.takes_part:
                    await self._advance(None, rule, device.id, partial(time_seen, due))
            if len(page) < _PAGE:
                return
            after = page[-1].id

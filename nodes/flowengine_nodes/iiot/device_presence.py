"""The presence node."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterable
from functools import partial
from typing import Annotated, Any, Final

from flowengine.errors import FlowEngineError
from flowengine.expressions import MISSING
from flowengine.node import (
    Config,
    Context,
    Delivery,
    Duration,
    Field,
    JsonPath,
    Message,
    Node,
    NodeMetric,
    Output,
    Resource,
    node_type,
)
from flowengine_nodes.iiot.presence.announcement import read_announcement
from flowengine_nodes.iiot.presence.patience import Patience
from flowengine_nodes.iiot.presence.watch import Cause, Change, Watch
from flowengine_nodes.iiot.registry.errors import UnknownRecordError
from flowengine_nodes.iiot.registry.registry import Registry, RegistryId
from flowengine_nodes.iiot.sparkplug.decoder import message_kind
from flowengine_nodes.iiot.telemetry.moment import MomentText
from flowengine_nodes.network.mqtt_broker import MqttBroker

TICK: Final = 1.0
VERIFY_SECONDS: Final = 5.0
# Of the shortest time that a device may be silent, how much later it may be noticed.
SWEEPS_IN_SILENCE: Final = 10
LONGEST_SWEEP: Final = 30.0
WHO: Final = "presence"


class DevicePresenceConfig(Config):
    """Configure presence."""

    registry: RegistryId = Field("registry", description="Registry that knows devices and profiles.")
    broker: Annotated[str, Resource("mqtt-broker")] = Field(
        "main", description="Broker that devices are heard through: while it is away, nobody counts as silent."
    )
    device: JsonPath = Field("$.device", description="Where the message says which device it is from.")
    settle: Duration = Field(
        "5s", description="A device that is said to be gone, and is back within this time, was never offline."
    )


@node_type("presence", category="iiot", label="Presence", icon="presence")
class DevicePresence(Node[DevicePresenceConfig]):
    """Follow which devices are online, and tell of every change.

    Send it whatever devices send; their payloads are read on the presence topic only. A device is online

    - when it says so on its profile's topic `presence` (`online`, or `{"state": "online", "firmware": "1.4.2"}`,
      retained);
    - or when it sends anything else.

    It is offline

    - when its last will says so there (`offline`, retained), and it does not come back within *settle*;
    - or when it was silent for the time *offline after* of its profile.

    A change leaves by `online` or `offline`, with this payload; `cause` is `announced`, `heard` or `silent`:

    ```
    {"device": "boiler-7", "at": "2026-03-01T08:00:00.000Z", "presence": {"online": true, "cause": "heard"}}
    ```

    What is known of a device is in the registry, so a restart brings no changes of its own. Silence counts only while
    the device could have been heard: after a start, after a broken connection to the broker, and after a jump of the
    clock each device has its full time again. The version in `firmware` is entered into the registry.

    Messages of devices that the registry does not know, or that are suspended or retired, are left out. On the presence
    topic, what is neither online nor offline fails with `invalid-announcement`. With several workers, one of them looks
    for silent devices. On `/metrics`, `flowengine_devices_online` counts by profile.
    """

    online = Output("A device has come online.")
    offline = Output("A device has gone offline.")

    def __init__(self, config: DevicePresenceConfig, context: Context) -> None:
        super().__init__(config, context)
        self._device = config.device.first
        self._watch = Watch(config.settle)
        self._text = MomentText().of
        self._telling: set[str] = set()
        self._heard: set[str] = set()
        self._versions: dict[str, str] = {}
        self._known_versions: dict[str, str] = {}

    async def start(self) -> None:
        """Recall who is online."""
        self._registry: Registry[Any] = self.context.resource(self.config.registry, Registry)
        self._broker = self.context.resource(self.config.broker, MqttBroker)
        self._roster = self._registry.roster
        for id, presence in (await self._registry.devices.presence([one.id for one in self._roster])).items():
            if presence.online is not None:
                self._watch.recall(id, presence.online)

    async def run(self) -> None:
        """Notice those that do not come back, and those that fall silent."""
        clock = self.context.clock
        self._patience = Patience(clock.time(), clock.monotonic())
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_ticking(), name="presence")
            group.create_task(self._keep_sweeping(), name="silent devices")
            group.create_task(self._keep_entering(), name="firmware versions")

    def metrics(self) -> Iterable[NodeMetric]:
        """Return how many devices are online, by profile."""
        online: Counter[str] = Counter({profile.id: 0 for profile in self._roster.profiles})
        for id in self._watch:
            member = self._roster.member(id)
            if member is not None and self._watch.is_online(id):
                online[member.profile.id] += 1
        about = "Devices that are online, as far as this process knows."
        return [NodeMetric("devices_online", about, count, {"profile": id}, "gauge") for id, count in online.items()]

    def receive(self, message: Message) -> None:
        """Take note of a device."""
        fields = message.fields
        id = self._device(fields, MISSING)
        member = self._roster.member(id) if id.__class__ is str else None
        if member is None or not member.takes_part:
            return
        now = self.context.clock.time()
        topic = fields.get("topic", "")
        if topic == self._registry.topics_of(member.profile).presence.of(member.id):
            self._announced(message, member.id, now)
        elif member.profile.codec == "sparkplug-b" and message_kind(str(topic)) in {"NDEATH", "DDEATH"}:
            self._tell(self._watch.left(member.id, now))
        elif not fields.get("retain"):
            # What a broker has kept says nothing of now.
            self._came(member.id, now, "heard")

    def _announced(self, message: Message, id: str, now: float) -> None:
        announcement = read_announcement(message.payload)
        if announcement is None:
            return
        if announcement.firmware and self._known_versions.get(id) != announcement.firmware:
            self._versions[id] = announcement.firmware
        if announcement.online:
            self._came(id, now, "announced")
        else:
            self._tell(self._watch.left(id, now))

    def _came(self, id: str, now: float, cause: Cause) -> None:
        self._roster.note_seen(id, now)
        if self.context.shared:
            self._heard.add(id)
        self._tell(self._watch.came(id, now, cause))

    def _tell(self, change: Change | None) -> None:
        if change is None:
            return
        payload = {
            "device": change.device,
            "at": self._text(change.at),
            "presence": {"online": change.online, "cause": change.cause},
        }
        self._telling.add(change.device)
        fields = {"payload": payload, "device": change.device, "topic": ""}
        # Noted when it has been told: a crash before is made good by telling it after the restart.
        self.emit(self.online if change.online else self.offline, fields, on_closed=partial(self._told, change))

    def _told(self, change: Change, delivery: Delivery) -> None:
        self._telling.discard(change.device)
        self._roster.note_online(change.device, change.online, change.at)

    async def _keep_ticking(self) -> None:
        clock = self.context.clock
        verified = clock.monotonic()
        while True:
            await clock.sleep(TICK)
            now = clock.time()
            self._patience.look(now, clock.monotonic(), deaf=self._broker.is_away)
            await self._tell_all(self._watch.settled(now))
            if self._heard and clock.monotonic() - verified >= VERIFY_SECONDS:
                verified = clock.monotonic()
                await self._tried("compare presence with the registry", self._verify())

    async def _tell_all(self, changes: Iterable[Change]) -> None:
        for change in changes:
            await self.context.ready()
            self._tell(change)

    async def _keep_entering(self) -> None:
        while True:
            await self.context.clock.sleep(TICK)
            if self._versions:
                await self._tried("enter firmware versions", self._enter_versions())

    async def _tried(self, what: str, work: Coroutine[Any, Any, None]) -> None:
        """Do something that the registry may refuse for now; it is done again the next time."""
        try:
            await work
        except FlowEngineError as error:
            self.context.log.warning("cannot %s, and tries again: %s", what, error)

    async def _enter_versions(self) -> None:
        """Enter the versions that devices have said into the registry."""
        while self._versions:
            id, version = next(iter(self._versions.items()))
            try:
                if (await self._registry.devices.get(id)).firmware != version:
                    await self._registry.devices.change(id, {"firmware": version}, WHO)
            except UnknownRecordError:
                pass  # Removed in the meantime.
            self._known_versions[id] = version
            if self._versions.get(id) == version:
                del self._versions[id]

    async def _verify(self) -> None:
        """Tell of devices that were heard here, and that another process has found silent."""
        heard, self._heard = self._heard, set()
        for id, presence in (await self._registry.devices.presence(heard)).items():
            if presence.online is False and id not in self._telling:
                self._watch.recall(id, online=False)
                self._tell(self._watch.came(id, self.context.clock.time(), "heard"))

    async def _keep_sweeping(self) -> None:
        clock = self.context.clock
        async with self.context.alone():
            while True:
                shortest = min((one.offline_after for one in self._roster.profiles), default=LONGEST_SWEEP)
                await clock.sleep(max(TICK, min(shortest / SWEEPS_IN_SILENCE, LONGEST_SWEEP)))
                await self._tried("look for silent devices", self._sweep())

    async def _sweep(self) -> None:
        clock, devices = self.context.clock, self._registry.devices
        for profile in tuple(self._roster.profiles):
            if not self._patience.lasts(profile.offline_after, clock.monotonic()):
                continue
            before = clock.time() - profile.offline_after
            silent = await devices.silent(profile.id, before)
            if not silent:
                continue
            # What was heard in the meantime may not have been stored yet.
            known = await devices.presence(silent)
            for id in silent:
                presence = known.get(id)
                if presence is None or (presence.seen_at or 0) >= before or not presence.online or id in self._telling:
                    continue
                self._watch.recall(id, online=True)
                await self._tell_all(filter(None, [self._watch.silent(id, clock.time())]))
        for id in [id for id in self._watch if self._roster.member(id) is None]:
            self._watch.forget(id)
            self._known_versions.pop(id, None)

"""The update-dispatch node."""

import math
from typing import Any, Final

from flowengine.node import (
    Config,
    Context,
    Delivery,
    Duration,
    Field,
    Message,
    Node,
    Outcome,
    Output,
    node_type,
    within,
)
from flowengine_nodes.iiot.firmware_download import FirmwareStoreId
from flowengine_nodes.iiot.firmware_store import FirmwareStore
from flowengine_nodes.iiot.ota.description import describe_change
from flowengine_nodes.iiot.ota.notice import manifest, withdrawal
from flowengine_nodes.iiot.registry.registry import Registry, RegistryId
from flowengine_nodes.iiot.registry.update import UpdateChange
from flowengine_nodes.iiot.registry.updates import Notice

_MANY: Final = 1_000


class UpdateDispatchConfig(Config):
    """Tell devices of their updates."""

    registry: RegistryId = Field("registry", description="Registry that keeps the updates.")
    store: FirmwareStoreId = Field("firmware", description="Where devices get the files.")
    wait: Duration = Field("10s", gt=0, description="Wait before a notice that could not be sent is sent again.")
    most_under_way: int = Field(500, ge=1, description="How many notices may be on their way to the broker at a time.")


@node_type("update-dispatch", category="iiot", label="Update dispatch", icon="update")
class UpdateDispatch(Node[UpdateDispatchConfig]):
    """Tell devices of the updates that are scheduled for them, and end those that take too long.

    By `notify` leaves a message for an mqtt-out node, with `topic`, `device`, `update` and the payload:

    ```
    {
      "update": "019b76daa80095df0ff9a691", "attempt": 1, "copy": 1,
      "version": "2.1.0", "size": 524288, "sha256": "9f86…", "hardware": ["rev-b"], "min_version": "1.4.0",
      "url": "https://…", "expires": "2026-01-01T02:00:00.000Z",
      "signature": {"algorithm": "ed25519", "key": "5c1a…", "value": "…"}
    }
    ```

    or, when an update is cancelled that the device knows of: `{"update": …, "attempt": 1, "copy": 2, "cancel": true}`.

    An update counts as notified when the broker has acknowledged the notice. A device that is known to be offline is
    told when it is back. What may come twice, after a crash or a broken connection, has the same `update` and `attempt`
    and a higher `copy`.

    Where the file of a firmware is still on its way here, from Odoo say, its notices wait for it.

    Each state has a time limit of its own in the update's policy. An attempt that fails, or takes too long, is followed
    by another one after a growing wait, as often as the policy says; then the update has failed.

    By `changed` leaves each change of the state of any update, whatever caused it, as the payload, and by `ended` once
    more those that are an end. They count as told when their delivery has ended; until then they are told again after
    a crash.

    Wire a catch node for the mqtt-out node back to this node: then no dead letter stays behind of a notice that is sent
    again anyway. With several workers only one of them sends.
    """

    notify = Output("A notice for a device.")
    changed = Output("A change of the state of an update.")
    ended = Output("A change that is an end.")

    def __init__(self, config: UpdateDispatchConfig, context: Context) -> None:
        super().__init__(config, context)
        self._telling: set[int] = set()
        self._told: list[int] = []

    async def start(self) -> None:
        """Find the registry and the store of files."""
        self._registry = self.context.resource(self.config.registry, Registry)
        self._updates = self._registry.updates
        self._store = self.context.resource(self.config.store, FirmwareStore)

    async def run(self) -> None:
        """Tell, end and try again, from change to change and from second to second."""
        async with self.context.alone():
            await self._updates.recover()
            while True:
                changed = self._updates.bell.next
                await self._look()
                try:
                    await within(self.context.clock, await self._updates.rest(), changed.wait())
                except TimeoutError:
                    continue

    async def stop(self) -> None:
        """Store what has become known since the last look."""
        await self._save()

    def receive(self, message: Message) -> None:
        """Take back a notice that could not be sent, from a catch node."""
        update = message.get("update")
        if isinstance(update, dict):
            self._updates.under_way.end(str(update.get("id")), is_told=False)
            self._updates.bell.ring()

    async def _look(self) -> None:
        await self._save()
        while await self._updates.expire(_MANY) == _MANY:
            pass
        await self._notify()
        for change in await self._updates.untold(_MANY):
            self._tell(change)

    async def _save(self) -> None:
        under_way = self._updates.under_way
        outcomes = under_way.take()
        try:
            await self._updates.settle(outcomes, self.config.wait)
        except BaseException:
            under_way.outcomes[:0] = outcomes
            raise
        told = self._told[:]
        if told:
            await self._updates.told(told)
            del self._told[: len(told)]
            self._telling.difference_update(told)

    async def _notify(self) -> None:
        room = self.config.most_under_way - len(self._updates.under_way)
        if room <= 0 or not self.notify.is_wired:
            return
        await self.context.ready()
        notices = await self._updates.due(room)
        known = {notice.firmware.id: notice.firmware for notice in notices if notice.firmware is not None}
        lacking = {id for id, firmware in known.items() if not await self._store.is_ready(firmware)}
        # All of them first: a message that is sent at once may close while the next one is still being made.
        for notice in notices:
            self._updates.under_way.begin(notice)
        for notice in notices:
            if notice.firmware is not None and notice.firmware.id in lacking:
                self._updates.under_way.end(notice.update.id, is_told=False)
            else:
                self._emit(notice)

    def _emit(self, notice: Notice) -> None:
        update = notice.update
        profile = self._registry.roster.profile(notice.profile)
        if profile is None or (notice.firmware is None and not update.state.is_end):
            self.context.log.error("the update %s has lost its profile or its firmware", update.id)
            self._updates.under_way.end(update.id, is_told=False)
            return
        fields: dict[str, Any] = {
            "topic": self._registry.topics_of(profile).ota_notify.of(update.device),
            "payload": self._payload(notice),
            "device": update.device,
            "update": {"id": update.id, "attempt": update.attempt, "copy": update.copies},
            "properties": {
                "content_type": "application/json",
                # One that the device gets too late is followed by another attempt.
                "message_expiry": max(1, math.ceil(update.policy.timeouts.notified)),
                "correlation_data": update.id,
                "user_properties": {"update-id": update.id, "attempt": update.attempt, "copy": update.copies},
            },
        }
        self.emit(self.notify, fields, on_closed=lambda delivery: self._closed(update.id, delivery))

    def _payload(self, notice: Notice) -> dict[str, Any]:
        if notice.firmware is None:
            return withdrawal(notice.update)
        address = self._store.address(notice.firmware, notice.update.device)
        return manifest(notice.update, notice.firmware, address.url, address.expires)

    def _closed(self, id: str, delivery: Delivery) -> None:
        self._updates.under_way.end(id, is_told=delivery.outcome is Outcome.SETTLED)
        self._updates.bell.ring()

    def _tell(self, change: UpdateChange) -> None:
        if change.id in self._telling:
            return
        self._telling.add(change.id)
        delivery = self.context.open_delivery(lambda _: self._has_told(change.id))
        fields = {"payload": describe_change(change), "device": change.device, "topic": f"update/{change.state.value}"}
        self.send(self.changed, Message(fields, delivery))
        if change.state.is_end:
            self.send(self.ended, Message(fields, delivery))
        delivery.release()

    def _has_told(self, id: int) -> None:
        self._told.append(id)
        self._updates.bell.ring()

"""Messages that wait in the store for a flow that is broken."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from flowengine.errors import FlowEngineError
from flowengine.node import Context, Delivery, Message
from flowengine.node.context import Shelved
from flowengine_nodes.network.message_properties import describe_properties
from flowengine_nodes.network.mqtt.inbound import UNSPECIFIED_ERROR, Inbound
from flowengine_nodes.network.mqtt.properties import NO_PROPERTIES, Properties
from flowengine_nodes.network.mqtt_feed import Feed

Drop = Callable[[str], None]
"""Counts a message that is given up; takes the reason."""

_PORTION = 100
"""Messages read from the store at a time."""

_RETRY = 1.0
"""Seconds after which a store in trouble is asked again."""


class KeptMessage(Inbound):
    """A message from the store, as a subscriber gets it.

    Args:
        fields: What the store has of it.
        properties: Its MQTT 5 properties.
        captures: Text of each ``{name}`` level of the filter.
        on_settled: Called once when it has come to its end.
        on_left: Called instead when nothing has come of it.
    """

    __slots__ = ("_on_left", "_on_settled", "_properties")

    def __init__(
        self,
        fields: Mapping[str, Any],
        properties: Properties,
        captures: Mapping[str, str],
        on_settled: Callable[[], None],
        on_left: Callable[[], None],
    ) -> None:
        super().__init__(
            fields["topic"], fields["payload"], fields["qos"], fields["retain"], fields["duplicate"], captures
        )
        self._properties = properties
        self._on_settled: Callable[[], None] | None = on_settled
        self._on_left = on_left

    @property
    def properties(self) -> Properties:
        """MQTT 5 properties of the message."""
        return self._properties

    def settle(self, accepted: bool = True, reason_code: int = UNSPECIFIED_ERROR) -> None:  # noqa: FBT001, FBT002 - as the class above has it
        """Say that the message has come to its end, so that the store may forget it."""
        on_settled, self._on_settled = self._on_settled, None
        if on_settled is not None:
            on_settled()

    def leave(self) -> None:
        """Leave the message in the store."""
        if self._on_settled is not None:
            self._on_settled = None
            self._on_left()


class Backlog:
    """The messages of one subscription that wait in the store.

    Args:
        context: The broker node's world.
        owner: Id of flow and node.
        window: Messages handed over and not settled, at the most.
        drop: Counts what is given up.

    Attributes:
        count: Messages that have not been handed over; some more may be counted after a restart.
    """

    def __init__(self, context: Context, owner: str, window: int, drop: Drop) -> None:
        self._context = context
        self._owner = owner
        self._window = window
        self._drop = drop
        self._storing = 0
        self._unsettled = 0
        self._news = asyncio.Event()
        self.count = 0

    def put(self, inbound: Inbound) -> bool:
        """Store a message; the broker may forget it when that is done.

        Returns:
            Whether it is on its way into the store; not if it promises nothing (QoS 0), or is there already.
        """
        if inbound.qos == 0 or isinstance(inbound, KeptMessage):
            return False

        def stored(_: Delivery) -> None:
            inbound.settle()
            self._storing -= 1
            self._news.set()

        self.count += 1
        self._storing += 1
        delivery = Delivery(None, stored)
        message = Message(_fields_of(inbound), delivery)
        self._context.shelf.put(message, key=self._owner, tag=self._context.clock.time())
        delivery.release()
        return True

    async def work_off(self, feed: Feed) -> None:
        """Give a feed what waits, oldest first, until nothing does; then let it go on with what comes.

        Args:
            feed: The feed; what comes for it meanwhile is put here.
        """
        portion = min(_PORTION, self._window)
        while True:
            self._news.clear()
            if self._unsettled + portion <= self._window:
                waiting = await self._load(portion)
                for shelved in waiting:
                    self.count -= 1
                    self._hand_over(shelved, feed)
                if waiting:
                    continue
                if self._is_empty:
                    break
            await self._news.wait()
        self.count = 0
        feed.rejoin()

    async def give_up(self, reason: str) -> int:
        """Drop all that waits.

        Args:
            reason: Word code to count them by.

        Returns:
            How many it was.
        """
        dropped = 0
        while True:
            self._news.clear()
            waiting = await self._load(_PORTION)
            for shelved in waiting:
                self._drop(reason)
                self._context.shelf.take([shelved]).release()
            dropped += len(waiting)
            if waiting:
                continue
            if self._is_empty:
                return dropped
            await self._news.wait()

    @property
    def _is_empty(self) -> bool:
        # Asked when the store had nothing: what came while it was asked has made news.
        return not (self._storing or self._news.is_set())

    async def _load(self, most: int) -> list[Shelved]:
        while True:
            try:
                return list(await self._context.shelf.load(key=self._owner, most=most))
            except FlowEngineError as error:
                self._context.log.warning("messages for %s cannot be read: %s", self._owner, error)
                await self._context.clock.sleep(_RETRY)

    def _hand_over(self, shelved: Shelved, feed: Feed) -> None:
        fields = shelved.fields
        properties = dict(fields["properties"])
        delivery = self._context.shelf.take([shelved])
        if not feed.topic_filter.matches(fields["topic"]):
            self._drop("unsubscribed")
        elif _expire(properties, self._context.clock.time() - shelved.tag):
            self._drop("expired")
        else:
            self._unsettled += 1

            def end() -> None:
                self._unsettled -= 1
                self._news.set()

            def settled() -> None:
                delivery.release()
                end()

            def left() -> None:
                self._context.shelf.put_back([shelved])
                self.count += 1
                end()

            captures = feed.topic_filter.captures(fields["topic"])
            feed.hand_over(KeptMessage(fields, _properties_of(properties), captures, settled, left))
            return
        delivery.release()


def _expire(properties: dict[str, Any], age: float) -> bool:
    """Take the time that a message has waited off its expiry interval (MQTT 5.0 §3.3.2.3.3).

    Returns:
        Whether nobody wants it any more.
    """
    expiry: int | None = properties.get("message_expiry")
    if expiry is None:
        return False
    left = min(expiry, int(expiry - age))
    properties["message_expiry"] = left
    return left <= 0


def _properties_of(described: dict[str, Any]) -> Properties:
    if not described:
        return NO_PROPERTIES
    pairs = tuple((name, value) for name, value in described.pop("user_properties", ()))
    return Properties(**described, user_properties=pairs)


def _fields_of(inbound: Inbound) -> dict[str, Any]:
    return {
        "topic": inbound.topic,
        "payload": inbound.payload,
        "qos": inbound.qos,
        "retain": inbound.retain,
        "duplicate": inbound.duplicate,
        "properties": describe_properties(inbound.properties),
    }

"""The interface of every MQTT client here, and what it is told and tells."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from flowengine_nodes.network.mqtt.errors import ConnectionLostError, MqttError
from flowengine_nodes.network.mqtt.inbound import Inbound
from flowengine_nodes.network.mqtt.options import DEFAULT_SUBSCRIBE_OPTIONS, SubscribeOptions
from flowengine_nodes.network.mqtt.properties import Properties
from flowengine_nodes.network.mqtt.topics import TopicFilter

OnMessage = Callable[[Inbound], None]
"""Takes one message; called in the event loop, must not block. Equal callables are one subscriber."""

OnDone = Callable[[MqttError | None], None]
"""Told once how something ended: None for success."""


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection is up.

    Attributes:
        session_present: The broker still had our session; subscriptions and unsettled messages live on.
    """

    session_present: bool


@dataclass(frozen=True, slots=True)
class Disconnected:
    """A connection ended, or an attempt failed.

    Attributes:
        error: Why; None after ``close``.
    """

    error: ConnectionLostError | None


@dataclass(frozen=True, slots=True)
class Reconnecting:
    """The next attempt is planned.

    Attributes:
        delay: Seconds until then.
    """

    delay: float


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """A message arrived that no subscription of this client matches; it has been acknowledged.

    A session that outlives its process goes on with subscriptions that nobody has made again: subscribe to
    all that is wanted before ``connect``.

    Attributes:
        topic: Its topic.
    """

    topic: str


@dataclass(frozen=True, slots=True)
class Oversized:
    """A message arrived that is larger than ``max_packet_size``; it has been acknowledged, and reached nobody.

    Only MQTT 3.1.1: an MQTT 5 broker knows the size, and sends no such message.

    Attributes:
        topic: Its topic.
        size: Bytes of its packet.
    """

    topic: str
    size: int


ConnectionEvent = Connected | Disconnected | Reconnecting | Unclaimed | Oversized
OnEvent = Callable[[ConnectionEvent], None]


class PendingCounts(NamedTuple):
    """Work that has not ended.

    Attributes:
        unsettled: Inbound QoS 1 and 2 messages that wait for ``settle`` or for an earlier message.
        in_flight: Publishes sent and not yet acknowledged.
        queued: Publishes not yet sent.
    """

    unsettled: int
    in_flight: int
    queued: int


class TimerHandle(Protocol):
    """A planned call that can be called off."""

    @abstractmethod
    def cancel(self) -> None:
        """Call it off."""


class Timers(Protocol):
    """Time as a client sees it; an event loop is one, and a test may bring its own."""

    @abstractmethod
    def time(self) -> float:
        """Return seconds since some fixed moment, never running backwards."""

    @abstractmethod
    def call_later(self, delay: float, callback: Callable[[], object], /) -> TimerHandle:
        """Call something once, after a delay in seconds."""


class Subscription(Protocol):
    """One filter of one subscriber."""

    @property
    @abstractmethod
    def topic_filter(self) -> TopicFilter:
        """The filter."""

    @abstractmethod
    def unsubscribe(self) -> None:
        """End it. Messages already handed over still have to be settled; calling twice is harmless."""


class MqttClient(Protocol):
    """One client of one broker. All of it belongs to one event loop.

    Nothing is lost in silence: a publish ends in its ``on_done``, an inbound message of QoS 1 or 2 is
    acknowledged only when its ``settle`` has been called, and what the broker accepted survives a lost
    connection as long as the broker keeps the session.
    """

    @property
    @abstractmethod
    def is_connected(self) -> bool:
        """Whether the broker has accepted the present connection."""

    @property
    @abstractmethod
    def pending(self) -> PendingCounts:
        """Work that has not ended."""

    @abstractmethod
    def listen(self, on_event: OnEvent) -> Callable[[], None]:
        """Report connection events from now on; the returned callable ends it."""

    @abstractmethod
    def connect(self) -> None:
        """Start connecting, and reconnect until ``close``; returns at once and never fails."""

    @abstractmethod
    async def wait_connected(self) -> None:
        """Wait until there is a connection.

        Raises:
            ClientClosedError: The client was closed meanwhile.
        """

    @abstractmethod
    async def close(self) -> None:
        """Disconnect in good order; publishes that have not ended get a ``ClientClosedError``.

        Unsettled inbound messages stay with the broker for the next connection of the session.
        """

    @abstractmethod
    def subscribe(
        self,
        topic_filter: str | TopicFilter,
        qos: int,
        on_message: OnMessage,
        *,
        options: SubscribeOptions = DEFAULT_SUBSCRIBE_OPTIONS,
        on_done: OnDone | None = None,
    ) -> Subscription:
        """Subscribe, now or as soon as there is a connection, and again whenever the broker lost the session.

        A message that matches several filters of one subscriber (the same ``on_message``) reaches it once.

        Args:
            topic_filter: Filter, with or without captures.
            qos: Highest QoS to receive: 0, 1 or 2.
            on_message: Called for each message.
            options: MQTT 5 options.
            on_done: Told when the broker has granted or refused it, and again when a later answer, after a reconnect
                say, is another one.

        Raises:
            TopicFilterError: The filter is invalid.
        """

    @abstractmethod
    def unsubscribe(self, topic_filter: TopicFilter, on_done: Callable[[], None]) -> None:
        """End what an earlier process of the session may have subscribed to, now or as soon as there is a connection.

        What this client has subscribed to goes on; its own subscriptions end by ``Subscription.unsubscribe``.

        Args:
            topic_filter: The filter.
            on_done: Told when the broker has confirmed it, or the filter is wanted again.
        """

    @abstractmethod
    def publish(
        self,
        topic: str,
        payload: bytes,
        qos: int,
        retain: bool,  # noqa: FBT001 - likewise
        properties: Properties | None,
        on_done: OnDone,
    ) -> None:
        """Publish without waiting.

        ``on_done`` is called once: with None when the broker has acknowledged (QoS 1 and 2) or the message
        has been written (QoS 0), else with the error. That may be before this method returns. QoS 1 and 2
        wait in a bounded queue for a connection; QoS 0 without a connection is an ``OfflineError``.
        """

    @abstractmethod
    async def publish_and_wait(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 1,
        retain: bool = False,
        properties: Properties | None = None,
    ) -> None:
        """Publish and wait for the end.

        Cancelling the wait does not take the message back.

        Raises:
            MqttError: What ``on_done`` would be told.
        """

    @abstractmethod
    def pause_reading(self) -> None:
        """Stop taking messages in until ``resume_reading``: the broker and TCP hold them back."""

    @abstractmethod
    def resume_reading(self) -> None:
        """Take messages in again."""


def resolve(waiter: asyncio.Future[None], error: MqttError | None) -> None:
    """Make a future end as an ``OnDone`` was told, unless nobody waits for it any more."""
    if waiter.done():
        return
    if error is None:
        waiter.set_result(None)
    else:
        waiter.set_exception(error)

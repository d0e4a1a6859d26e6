"""The interface of every MQTT client here, and what it is told and tells."""

import asyncio
import ssl
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from flowengine_nodes.network.mqtt.errors import ConnectionLostError, MqttError
from flowengine_nodes.network.mqtt.inbound import Inbound
from flowengine_nodes.network.mqtt.properties import Properties
from flowengine_nodes.network.mqtt.topics import TopicFilter

OnMessage = Callable[[Inbound], None]
"""Takes one message; called in the event loop, must not block. Equal callables are one subscriber."""

OnDone = Callable[[MqttError | None], None]
"""Told once how something ended: None for success."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Will:
    """The message a broker publishes when this client vanishes (MQTT 5.0 §3.1.2.5).

    Attributes:
        topic: Where to.
        payload: What.
        qos: 0, 1 or 2.
        retain: Keep it for later subscribers.
        delay: Seconds the broker waits first, so that a quick reconnect cancels it (MQTT 5 only).
        properties: Its properties (MQTT 5 only).
    """

    topic: str
    payload: bytes = b""
    qos: int = 0
    retain: bool = False
    delay: int = 0
    properties: Properties | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientOptions:
    """How to reach a broker, and on what terms.

    Attributes:
        host: Name or address.
        port: TCP port.
        websocket_path: Speak MQTT over a WebSocket at this path; None for plain TCP.
        tls: Context with trust anchors and, where wanted, the client certificate; None for no TLS.
        client_id: Name of the session; empty lets the broker choose one, which is then kept.
        username: User, or None.
        password: Password, or None.
        clean_start: Discard an older session of this name, on the first connection only.
        session_expiry: Seconds the broker keeps the session without a connection. MQTT 3.1.1 knows only
            "none" (0) and "for ever" (anything else).
        keep_alive: Seconds of silence after which the connection is probed; 0 never probes.
        ping_timeout: Seconds to wait for an answer to a probe before the connection counts as lost.
        connect_timeout: Seconds for one attempt to connect, CONNACK included.
        backoff_base: Seconds; the n-th attempt in a row waits a random time up to ``backoff_base * 2**n``.
        backoff_max: Longest wait between attempts, in seconds.
        receive_maximum: How many unsettled QoS 1 and 2 messages the broker may have with us (1 to 65,535).
        max_packet_size: Largest packet we accept, in bytes; the broker drops larger ones (MQTT 5 only).
        topic_alias_maximum: How many topic aliases we accept and, where the broker does, use (MQTT 5 only).
        queue_limit: How many publishes may wait for a connection or for the broker's Receive Maximum.
        coalesce_reads: Under a high rate, read in portions of about a millisecond: less CPU, more latency.
        will: The last will, or None.
    """

    host: str = "localhost"
    port: int = 1883
    websocket_path: str | None = None
    tls: ssl.SSLContext | None = None
    client_id: str = ""
    username: str | None = None
    password: bytes | None = None
    clean_start: bool = False
    session_expiry: int = 3600
    keep_alive: int = 60
    ping_timeout: float = 10.0
    connect_timeout: float = 10.0
    backoff_base: float = 0.5
    backoff_max: float = 60.0
    receive_maximum: int = 1000
    max_packet_size: int | None = None
    topic_alias_maximum: int = 0
    queue_limit: int = 10_000
    coalesce_reads: bool = True
    will: Will | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribeOptions:
    """Options of a subscription (MQTT 5.0 §3.8.3.1); MQTT 3.1.1 has none of them.

    Attributes:
        no_local: Leave out what this client publishes itself.
        retain_as_published: Show the retain flag as the publisher set it, not only on retained messages.
        retained: Which retained messages to send: always, only when the subscription is new, or never.
    """

    no_local: bool = False
    retain_as_published: bool = False
    retained: Literal["always", "new", "never"] = "always"


DEFAULT_SUBSCRIBE_OPTIONS = SubscribeOptions()


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


ConnectionEvent = Connected | Disconnected | Reconnecting
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
            on_done: Told when the broker has granted or refused it.

        Raises:
            TopicFilterError: The filter is invalid.
        """

    @abstractmethod
    def publish(  # noqa: PLR0917 - called for every message: positional is faster
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

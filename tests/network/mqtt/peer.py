"""The other side of an MQTT 5 session in tests: no sockets, no waiting."""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import mqtt5

from flowengine_nodes.network.mqtt.errors import MqttError
from flowengine_nodes.network.mqtt.inbound import Inbound
from flowengine_nodes.network.mqtt.options import DEFAULT_SUBSCRIBE_OPTIONS, ClientOptions, SubscribeOptions
from flowengine_nodes.network.mqtt.properties import Properties
from flowengine_nodes.network.mqtt.session import Session
from flowengine_nodes.network.mqtt.subscriptions import TopicSubscription
from flowengine_nodes.network.mqtt.topics import TopicFilter

P = TypeVar("P")

ACCEPTED = mqtt5.ConnAckPacket()


def parse(data: bytes) -> list[mqtt5.Packet]:
    packets: list[mqtt5.Packet] = []
    while data:
        packet, size = mqtt5.read(memoryview(data))
        packets.append(packet)
        data = data[size:]
    return packets


def publish(
    topic: str = "a",
    payload: bytes = b"x",
    *,
    packet_id: int | None = None,
    qos: int = 0,
    duplicate: bool = False,
    retain: bool = False,
    subscription_ids: list[int] | None = None,
    topic_alias: int | None = None,
) -> bytes:
    return mqtt5.PublishPacket(
        topic,
        payload,
        qos=mqtt5.QoS(qos),
        packet_id=packet_id,
        duplicate=duplicate,
        retain=retain,
        subscription_ids=subscription_ids,
        topic_alias=topic_alias,
    ).write()


@dataclass
class Done:
    """Collects what an ``on_done`` is told."""

    told: list[MqttError | None] = field(default_factory=list)

    def __call__(self, error: MqttError | None) -> None:
        self.told.append(error)

    @property
    def error(self) -> MqttError | None:
        assert len(self.told) == 1, f"told {len(self.told)} times"
        return self.told[0]


class Peer:
    """A session under test, and the broker's end of it."""

    def __init__(self, options: ClientOptions | None = None) -> None:
        self.now = 100.0
        self.faults: list[Exception] = []
        self.unclaimed: list[str] = []
        self.connected: list[tuple[int, bool]] = []
        self.received: list[Inbound] = []
        self.session = Session(
            options or ClientOptions(client_id="me"),
            now=lambda: self.now,
            on_connected=lambda keep_alive, present: self.connected.append((keep_alive, present)),
            on_unclaimed=self.unclaimed.append,
            on_fault=self.faults.append,
        )

    def take(self) -> list[mqtt5.Packet]:
        """Return the packets that the session has sent since the last call."""
        return parse(self.session.outgoing.take()) if self.session.outgoing.parts else []

    def take_one(self, kind: type[P]) -> P:
        """Return the only packet sent, which must be of a kind."""
        (packet,) = self.take()
        assert isinstance(packet, kind), packet
        return packet

    def feed(self, *packets: mqtt5.Packet | bytes, limit: int = 10_000) -> bool:
        """Let the session receive packets."""
        data = b"".join(each if isinstance(each, bytes) else each.write() for each in packets)
        return self.session.feed(data, limit)

    def connect(self, answer: mqtt5.ConnAckPacket = ACCEPTED) -> mqtt5.ConnectPacket:
        """Open a connection, and return the CONNECT."""
        self.session.open()
        packet = self.take_one(mqtt5.ConnectPacket)
        self.feed(answer)
        return packet

    def reconnect(self, *, session_present: bool = True, receive_max: int = 65_535) -> None:
        """Lose the connection, and make another."""
        self.session.lost()
        self.connect(mqtt5.ConnAckPacket(session_present=session_present, receive_max=receive_max))

    def subscribe(
        self,
        topic_filter: str = "#",
        qos: int = 2,
        on_message: Callable[[Inbound], None] | None = None,
        *,
        options: SubscribeOptions = DEFAULT_SUBSCRIBE_OPTIONS,
        on_done: Done | None = None,
    ) -> TopicSubscription:
        """Subscribe; messages go to ``received`` unless said otherwise."""
        return self.session.subscriptions.add(
            TopicFilter(topic_filter), qos, on_message or self.received.append, options=options, on_done=on_done
        )

    def publish(
        self,
        topic: str = "a",
        payload: bytes = b"x",
        qos: int = 1,
        *,
        retain: bool = False,
        properties: Properties | None = None,
    ) -> Done:
        """Publish, and return who is told."""
        done = Done()
        self.session.outbound.publish(topic, payload, qos, retain, properties, done)
        return done


class FakeHandle:
    """A planned call of ``FakeTimers``."""

    def __init__(self) -> None:
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class FakeTimers:
    """Time that moves only when told to."""

    def __init__(self) -> None:
        self.now = 0.0
        self._order = itertools.count()
        self._calls: list[tuple[float, int, FakeHandle, Callable[[], object]]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], object], /) -> FakeHandle:
        handle = FakeHandle()
        heapq.heappush(self._calls, (self.now + delay, next(self._order), handle, callback))
        return handle

    @property
    def planned(self) -> int:
        """How many calls are planned."""
        return sum(not handle.is_cancelled for _, _, handle, _ in self._calls)

    def advance(self, seconds: float) -> None:
        """Let time pass, making the calls that are due."""
        end = self.now + seconds
        while self._calls and self._calls[0][0] <= end:
            self.now, _, handle, callback = heapq.heappop(self._calls)
            if not handle.is_cancelled:
                callback()
        self.now = end

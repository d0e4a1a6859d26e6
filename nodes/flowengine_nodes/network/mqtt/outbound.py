"""Messages to the broker: sent, acknowledged, redelivered (MQTT 5.0 §4.3, §4.4, §4.9)."""

import math
from collections import deque
from collections.abc import Callable
from struct import Struct
from typing import Final

from flowengine_nodes.network.mqtt.client import OnDone
from flowengine_nodes.network.mqtt.errors import (
    MessageExpiredError,
    MqttError,
    OfflineError,
    ProtocolViolationError,
    PublishRefusedError,
    QueueFullError,
    TopicNameError,
)
from flowengine_nodes.network.mqtt.limits import ServerLimits
from flowengine_nodes.network.mqtt.outgoing import Outgoing
from flowengine_nodes.network.mqtt.packet_ids import PacketIds
from flowengine_nodes.network.mqtt.packets import encode_publish
from flowengine_nodes.network.mqtt.properties import NO_PROPERTIES, Properties
from flowengine_nodes.network.mqtt.topics import check_topic

_KNOWN_TOPICS: Final = 65_536
"""Topics whose check and encoding are remembered."""

_MOST_IN_FLIGHT: Final = 60_000
"""Leaves packet identifiers free for subscriptions."""

_MAX_PAYLOAD: Final = 268_435_455 - 2 * 65_537
"""A packet takes 268,435,455 bytes (MQTT 5.0 §2.1.4); properties are small beside it."""

_pack_short: Final = Struct(">BBH").pack
_pack_id: Final = Struct(">H").pack


class _Publish:
    """One publish that has not ended; ``packet_id`` is 0 until it has been sent once."""

    __slots__ = (
        "expires_at",
        "is_received",
        "on_done",
        "packet_id",
        "payload",
        "properties",
        "qos",
        "retain",
        "topic",
    )

    def __init__(
        self,
        topic: str,
        payload: bytes,
        qos: int,
        retain: bool,  # noqa: FBT001 - likewise
        properties: Properties | None,
        on_done: OnDone,
        packet_id: int = 0,
    ) -> None:
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.retain = retain
        self.properties = properties
        self.on_done = on_done
        self.packet_id = packet_id
        self.is_received = False
        self.expires_at: float | None = None


class OutboundFlow:
    """Publishes in order, as many at a time as the broker takes; the rest waits in a bounded queue.

    Args:
        outgoing: Where encoded packets go.
        packet_ids: Shared with subscriptions.
        now: Returns seconds, for message expiry.
        on_fault: Called with what an ``on_done`` raised; none should.
        queue_limit: How many publishes may wait.
        alias_limit: How many topic aliases to use, where the broker takes them.
        max_packet_size: Largest packet to send, in bytes; None for what the broker takes.
    """

    __slots__ = (
        "_alias_limit",
        "_aliases",
        "_free_aliases",
        "_heads",
        "_in_flight",
        "_is_connected",
        "_is_open",
        "_is_plain",
        "_limits",
        "_max_packet_size",
        "_now",
        "_on_fault",
        "_outgoing",
        "_packet_ids",
        "_queue",
        "_queue_limit",
        "_quota",
    )

    def __init__(
        self,
        outgoing: Outgoing,
        packet_ids: PacketIds,
        now: Callable[[], float],
        on_fault: Callable[[Exception], None],
        *,
        queue_limit: int,
        alias_limit: int = 0,
        max_packet_size: int | None = None,
    ) -> None:
        self._outgoing = outgoing
        self._packet_ids = packet_ids
        self._now = now
        self._on_fault = on_fault
        self._queue_limit = queue_limit
        self._alias_limit = alias_limit
        self._max_packet_size = max_packet_size
        self._aliases: dict[str, int] = {}
        self._free_aliases = 0
        self._heads: dict[str, bytes] = {}
        self._in_flight: dict[int, _Publish] = {}
        self._queue: deque[_Publish] = deque()
        self._limits = ServerLimits()
        self._quota = 0
        self._is_connected = False
        self._is_open = False
        self._is_plain = True

    @property
    def in_flight(self) -> int:
        """How many publishes are sent and not yet acknowledged."""
        return len(self._in_flight)

    @property
    def queued(self) -> int:
        """How many publishes wait to be sent."""
        return len(self._queue)

    def publish(
        self,
        topic: str,
        payload: bytes,
        qos: int,
        retain: bool,  # noqa: FBT001 - likewise
        properties: Properties | None,
        on_done: OnDone,
    ) -> None:
        """Send, queue or refuse a message; see ``MqttClient.publish``."""
        head = self._heads.get(topic)
        if head is None:
            try:
                head = self._learn(topic)
            except TopicNameError as error:
                on_done(error)
                return
        if len(payload) > _MAX_PAYLOAD:
            on_done(PublishRefusedError(topic, f"MQTT cannot carry a payload of {len(payload)} bytes"))
            return
        is_free = self._is_open and not self._queue
        if is_free and self._is_plain and properties is None:
            # What nearly every publish is; as `_send`, written out.
            if qos == 0:
                self._outgoing.write(_encode_plain(0x31 if retain else 0x30, head, payload))
                on_done(None)
                return
            if qos == 1 and self._quota > 0:
                packet_id = self._packet_ids.take()
                self._quota -= 1
                self._in_flight[packet_id] = _Publish(topic, payload, qos, retain, None, on_done, packet_id)
                first = 0x33 if retain else 0x32
                self._outgoing.write(_encode_plain(first, head + _pack_id(packet_id), payload))
                return
        if qos == 0 and not self._is_connected:
            on_done(OfflineError(topic))
            return
        self._send_or_queue(_Publish(topic, payload, qos, retain, properties, on_done), is_free=is_free)

    def acknowledged(self, packet_id: int) -> None:
        """Take a PUBACK that says success."""
        # As `_finish`, written out: this is the end of nearly every publish.
        publish = self._in_flight.get(packet_id)
        if publish is None:
            return
        if publish.qos != 1:
            raise ProtocolViolationError(f"the broker sent PUBACK {packet_id} for a QoS 2 message", 0x82)
        del self._in_flight[packet_id]
        self._packet_ids.free(packet_id)
        self._quota += 1
        if self._queue:
            self._pump()
        try:
            publish.on_done(None)
        except Exception as fault:  # noqa: BLE001 - a fault of one publisher is none of the others'
            self._on_fault(fault)

    def refused(self, packet_id: int, reason: str, reason_code: int) -> None:
        """Take a PUBACK or PUBREC that says failure."""
        publish = self._in_flight.get(packet_id)
        if publish is not None:
            self._finish(publish, PublishRefusedError(publish.topic, f"the broker says: {reason}", reason_code))

    def received(self, packet_id: int) -> None:
        """Take a PUBREC that says success, and answer with PUBREL."""
        publish = self._in_flight.get(packet_id)
        if publish is None:
            # MQTT 5.0 §3.6.2.1: 0x92, packet identifier not found.
            self._outgoing.write(b"\x62\x03" + packet_id.to_bytes(2, "big") + b"\x92")
            return
        if publish.qos != 2:
            raise ProtocolViolationError(f"the broker sent PUBREC {packet_id} for a QoS 1 message", 0x82)
        publish.is_received = True
        self._outgoing.write(_pack_short(0x62, 2, packet_id))

    def completed(self, packet_id: int) -> None:
        """Take a PUBCOMP."""
        publish = self._in_flight.get(packet_id)
        if publish is not None and publish.is_received:
            self._finish(publish, None)

    def connected(self, limits: ServerLimits, *, session_present: bool) -> None:
        """Send again what the last connection left without an answer, then what waits.

        Without a session on the broker's side the publishes are sent as new ones: it has forgotten the old.
        """
        self._limits = limits
        self._quota = min(limits.receive_maximum, _MOST_IN_FLIGHT)
        self._aliases.clear()
        self._free_aliases = min(limits.topic_aliases, self._alias_limit)
        self._is_plain = not (limits.restricts_publishing or self._free_aliases or self._max_packet_size)
        if not session_present:
            for publish in (*self._in_flight.values(), *self._queue):
                if publish.packet_id:
                    self._packet_ids.free(publish.packet_id)
                    publish.packet_id = 0
                    publish.is_received = False
        self._queue.extendleft(reversed(self._in_flight.values()))
        self._in_flight.clear()
        self._is_connected = self._is_open = True
        self._pump()

    def disconnected(self) -> None:
        """Hold everything back; QoS 0 cannot wait."""
        self._is_connected = self._is_open = False
        lost = [publish for publish in self._queue if publish.qos == 0]
        if lost:
            self._queue = deque(publish for publish in self._queue if publish.qos != 0)
        for publish in lost:
            self._tell(publish, OfflineError(publish.topic))

    def set_writable(self, writable: bool) -> None:  # noqa: FBT001 - one plain fact
        """Hold back while the transport's buffer is full, and go on when it has drained."""
        self._is_open = writable and self._is_connected
        self._pump()

    def close(self, error: MqttError) -> None:
        """End every publish with an error."""
        self._is_connected = self._is_open = False
        ended = [*self._in_flight.values(), *self._queue]
        self._in_flight.clear()
        self._queue.clear()
        for publish in ended:
            self._packet_ids.free(publish.packet_id)
            self._tell(publish, error)

    def _send_or_queue(self, publish: _Publish, *, is_free: bool) -> None:
        properties = publish.properties
        if properties is not None and properties.message_expiry is not None:
            publish.expires_at = self._now() + properties.message_expiry
        if is_free and (publish.qos == 0 or self._quota > 0):
            self._send(publish)
        elif len(self._queue) >= self._queue_limit:
            publish.on_done(QueueFullError(publish.topic, self._queue_limit))
        else:
            self._queue.append(publish)

    def _finish(self, publish: _Publish, error: MqttError | None) -> None:
        self._release(publish)
        if self._queue:
            self._pump()
        self._tell(publish, error)

    def _tell(self, publish: _Publish, error: MqttError | None) -> None:
        try:
            publish.on_done(error)
        except Exception as fault:  # noqa: BLE001 - a fault of one publisher is none of the others'
            self._on_fault(fault)

    def _release(self, publish: _Publish) -> None:
        del self._in_flight[publish.packet_id]
        self._packet_ids.free(publish.packet_id)
        self._quota += 1

    def _pump(self) -> None:
        queue = self._queue
        while queue and self._is_open and (self._quota > 0 or queue[0].qos == 0):
            self._send(queue.popleft())

    def _send(self, publish: _Publish) -> None:
        packet_id = publish.packet_id
        qos = publish.qos
        first = 0x30 | qos << 1 | publish.retain
        head = self._heads.get(publish.topic) or self._learn(publish.topic)
        if qos:
            if packet_id:
                first |= 0x08
            else:
                packet_id = publish.packet_id = self._packet_ids.take()
            self._quota -= 1
            self._in_flight[packet_id] = publish
            head += packet_id.to_bytes(2, "big")
        if publish.is_received:
            packet = _pack_short(0x62, 2, packet_id)
        elif self._is_plain and publish.properties is None:
            packet = _encode_plain(first, head, publish.payload)
        else:
            try:
                packet = self._encode(publish, duplicate=first & 0x08 != 0)
            except MqttError as error:
                if qos:
                    self._release(publish)
                self._tell(publish, error)
                return
        self._outgoing.write(packet)
        if not qos:
            self._tell(publish, None)

    def _encode(self, publish: _Publish, *, duplicate: bool) -> bytes:
        """Encode with properties and within the broker's limits."""
        limits = self._limits
        topic = publish.topic
        if publish.qos > limits.max_qos:
            raise PublishRefusedError(topic, f"the broker takes QoS {limits.max_qos} at most")
        if publish.retain and not limits.retain:
            raise PublishRefusedError(topic, "the broker keeps no retained messages")
        properties = publish.properties or NO_PROPERTIES
        expiry = properties.message_expiry
        if expiry is not None and publish.expires_at is not None:
            left = math.ceil(publish.expires_at - self._now())
            if left <= 0 and not duplicate:
                raise MessageExpiredError(topic, expiry)
            # A sum of floats may come out a trifle too large.
            expiry = min(max(1, left), expiry)
        alias = self._aliases.get(topic)
        is_new_alias = alias is None and self._free_aliases > 0
        if is_new_alias:
            alias = len(self._aliases) + 1
        try:
            packet = encode_publish(
                topic if alias is None or is_new_alias else "",
                publish.payload,
                qos=publish.qos,
                retain=publish.retain,
                properties=properties,
                packet_id=publish.packet_id or None,
                duplicate=duplicate,
                topic_alias=alias,
                message_expiry=expiry,
            )
        except ValueError as error:
            raise PublishRefusedError(topic, f"a property cannot be encoded: {error}") from error
        for who, most in (("the broker allows", limits.max_packet_size), ("we allow", self._max_packet_size)):
            if most is not None and len(packet) > most:
                raise PublishRefusedError(topic, f"it takes {len(packet)} bytes and {who} {most}")
        if is_new_alias and alias is not None:
            self._aliases[topic] = alias
            self._free_aliases -= 1
        return packet

    def _learn(self, topic: str) -> bytes:
        """Check a topic and remember its encoding."""
        check_topic(topic)
        if len(self._heads) >= _KNOWN_TOPICS:
            self._heads.clear()
        text = topic.encode()
        head = self._heads[topic] = len(text).to_bytes(2, "big") + text
        return head


def _encode_plain(first: int, head: bytes, payload: bytes) -> bytes:
    """Encode a PUBLISH without properties; for short ones this takes half the codec's time."""
    size = len(head) + 1 + len(payload)
    if size < 0x80:
        return b"%c%c%b\0%b" % (first, size, head, payload)
    if size < 0x4000:
        return b"%c%c%c%b\0%b" % (first, size & 0x7F | 0x80, size >> 7, head, payload)
    if size < 0x200000:
        return b"%c%c%c%c%b\0%b" % (
            first,
            size & 0x7F | 0x80,
            size >> 7 & 0x7F | 0x80,
            size >> 14,
            head,
            payload,
        )
    return b"%c%c%c%c%c%b\0%b" % (
        first,
        size & 0x7F | 0x80,
        size >> 7 & 0x7F | 0x80,
        size >> 14 & 0x7F | 0x80,
        size >> 21,
        head,
        payload,
    )

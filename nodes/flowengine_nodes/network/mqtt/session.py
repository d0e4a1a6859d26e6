"""An MQTT 5 session without I/O: bytes in, bytes out, and the state that outlives a connection."""

from collections import deque
from collections.abc import Callable
from struct import Struct
from typing import Final

import mqtt5

from flowengine_nodes.network.mqtt.errors import (
    ConnectionLostError,
    ConnectRefusedError,
    ProtocolViolationError,
)
from flowengine_nodes.network.mqtt.framing import PacketBuffer
from flowengine_nodes.network.mqtt.inbound import ACCEPTED, Inbound, InboundFlow, Receipt
from flowengine_nodes.network.mqtt.limits import ServerLimits
from flowengine_nodes.network.mqtt.options import ClientOptions
from flowengine_nodes.network.mqtt.outbound import OutboundFlow
from flowengine_nodes.network.mqtt.outgoing import Outgoing
from flowengine_nodes.network.mqtt.packet_ids import PacketIds
from flowengine_nodes.network.mqtt.packets import connect_packet, reason_of
from flowengine_nodes.network.mqtt.subscribing import SubscribeFlow
from flowengine_nodes.network.mqtt.subscriptions import Subscriptions

_PROTOCOL_ERROR: Final = 0x82

_MOST_SURPLUS: Final = 1000
_MOST_SURPLUS_BYTES: Final = 8 << 20
"""What a broker may send beyond our Receive Maximum before we stop listening to it."""

_PINGREQ: Final = b"\xc0\x00"
_read: Final = mqtt5.read
_pack_short: Final = Struct(">BBH").pack


class Session:
    """One MQTT 5 session, over any number of connections.

    Some brokers send more than our Receive Maximum: Mosquitto before 2.0.12, whenever it has a backlog. Such a surplus
    waits here, so that subscribers never have more unsettled messages than that, and a crash repeats no more.

    Args:
        options: How to connect.
        now: Returns seconds.
        on_connected: Called at CONNACK with the keep-alive interval in force, in seconds, and whether the
            broker had our session.
        on_unclaimed: Called with the topic of a message that nobody wants.
        on_fault: Called with what a subscriber or an ``on_done`` raised; neither should.

    Attributes:
        outgoing: What to send.
        inbound: Unsettled messages.
        outbound: Publishes.
        subscriptions: Who wants what.
        is_connected: CONNACK has come.
        is_held: ``process`` stops after the message at hand.
        publishes: How many messages have come, in all.
        receive_maximum: How many QoS 1 and 2 messages the broker may have with us.
    """

    __slots__ = (
        "_alias_limit",
        "_aliases",
        "_buffer",
        "_client_id",
        "_is_first",
        "_on_connected",
        "_on_fault",
        "_on_unclaimed",
        "_options",
        "_subscribing",
        "_surplus",
        "_surplus_size",
        "inbound",
        "is_connected",
        "is_held",
        "outbound",
        "outgoing",
        "publishes",
        "receive_maximum",
        "subscriptions",
    )

    def __init__(
        self,
        options: ClientOptions,
        *,
        now: Callable[[], float],
        on_connected: Callable[[int, bool], None],
        on_unclaimed: Callable[[str], None],
        on_fault: Callable[[Exception], None],
    ) -> None:
        self._options = options
        self._client_id = options.client_id
        self._is_first = True
        self._on_connected = on_connected
        self._on_unclaimed = on_unclaimed
        self._on_fault = on_fault
        self.receive_maximum = options.receive_maximum
        self._alias_limit = options.topic_alias_maximum
        self._aliases: dict[int, str] = {}
        self._buffer = PacketBuffer(options.max_packet_size)
        packet_ids = PacketIds()
        self.outgoing = Outgoing()
        self.inbound = InboundFlow(self._acknowledge)
        self._surplus: deque[tuple[str, mqtt5.PublishPacket, int]] = deque()
        self._surplus_size = 0
        self.outbound = OutboundFlow(
            self.outgoing,
            packet_ids,
            now,
            on_fault,
            queue_limit=options.queue_limit,
            alias_limit=options.topic_alias_maximum,
            max_packet_size=options.max_packet_size,
        )
        self.subscriptions = Subscriptions(self._ask)
        self._subscribing = SubscribeFlow(self.subscriptions, self.outgoing, packet_ids)
        self.is_connected = False
        self.is_held = False
        self.publishes = 0

    def open(self) -> None:
        """Begin a connection: send CONNECT."""
        clean_start = self._is_first and self._options.clean_start
        self._buffer = PacketBuffer(self._options.max_packet_size)
        self._aliases.clear()
        self.outgoing.write(connect_packet(self._options, self._client_id, clean_start=clean_start))

    @property
    def has_surplus(self) -> bool:
        """Whether the broker has sent more than our Receive Maximum, and some of it waits."""
        return bool(self._surplus)

    @property
    def has_room(self) -> bool:
        """Whether there is a surplus, and room for some of it: ``process`` would hand it over."""
        return bool(self._surplus) and self.inbound.quota_used < self.receive_maximum

    @property
    def is_overrun(self) -> bool:
        """Whether the surplus is so large that reading should wait, and can: nothing we are owed lies behind it."""
        return (
            (len(self._surplus) >= _MOST_SURPLUS or self._surplus_size >= _MOST_SURPLUS_BYTES)
            and not (self.outbound.in_flight or self.inbound.awaiting_release)
            and not self.has_room
        )

    def feed(self, data: bytes, limit: int) -> bool:
        """Take received bytes and process packets; see ``process``."""
        return self._buffer.feed(data) and self.process(limit)

    def process(self, limit: int) -> bool:
        """Process what has been received, what waits for room first.

        Args:
            limit: Stop after this many packets.

        Returns:
            Whether more is left to process: the limit was reached or ``is_held`` was set.

        Raises:
            ConnectionLostError: The broker refused or ended the connection, or broke the rules.
        """
        while self.has_room:
            if limit == 0 or self.is_held:
                return True
            limit -= 1
            topic, waiting, first = self._surplus.popleft()
            self._surplus_size -= len(waiting.payload)
            self._deliver(topic, waiting, first)
        buffer = self._buffer
        data = buffer.data
        position = buffer.position
        end = len(data)
        view = memoryview(data)
        while position < end:
            if limit == 0 or self.is_held:
                buffer.position = position
                return True
            limit -= 1
            first = data[position]
            packet_id = 0
            packet: mqtt5.Packet | None = None
            if first == 0x40 and end - position >= 4 and data[position + 1] == 2:
                # PUBACK without a reason code: the commonest answer, read without the codec.
                packet_id = data[position + 2] << 8 | data[position + 3]
                position += 4
            else:
                try:
                    packet, size = _read(view[position:])
                except IndexError:
                    break
                except BaseException as error:
                    raise _malformed(error) from error
                position += size
            if packet is None:
                self.outbound.acknowledged(packet_id)
            elif first & 0xF0 == 0x30:
                self._on_publish(packet, first)  # type: ignore[arg-type]  # the first byte says so
            else:
                self._on_packet(packet)
        buffer.wait(position)
        return self.has_room

    def lost(self) -> None:
        """End a connection, however it ended."""
        self.is_connected = False
        self.is_held = False
        self.outgoing.reset()
        self._surplus.clear()
        self._surplus_size = 0
        self.inbound.disconnected()
        self.outbound.disconnected()
        self._subscribing.disconnected()

    def ping(self) -> None:
        """Ask the broker for a sign of life."""
        self.outgoing.write(_PINGREQ)

    def disconnect(self, reason_code: int = 0) -> None:
        """Say goodbye; the broker publishes the will unless the reason code is 0."""
        self.outgoing.write(b"\xe0\x00" if reason_code == 0 else bytes((0xE0, 1, reason_code)))

    def _on_publish(self, packet: mqtt5.PublishPacket, first: int) -> None:
        self.publishes += 1
        topic = packet.topic
        if self._alias_limit or not topic:
            topic = self._resolve(topic, packet.topic_alias)
        if first & 0x06 and (self._surplus or self.inbound.quota_used >= self.receive_maximum):
            self._surplus.append((topic, packet, first))
            self._surplus_size += len(packet.payload)
        else:
            self._deliver(topic, packet, first)

    def _deliver(self, topic: str, packet: mqtt5.PublishPacket, first: int) -> None:
        routes = self.subscriptions.routes(topic)
        retain = first & 0x01 == 1
        targets = routes.targets
        if retain or targets is None:
            targets = routes.select(topic, packet.subscription_ids, retained=retain)
        payload = packet.payload
        qos = first >> 1 & 0x03
        duplicate = first & 0x08 != 0
        receipt: Receipt | None = None
        if qos:
            receipt = self._take(packet.packet_id or 0, qos, topic, payload, duplicate=duplicate)
            if receipt is None:
                return
            if len(targets) != 1:
                receipt.remaining = len(targets) or 1
        for on_message, captures in targets:
            message = Inbound(topic, payload, qos, retain, duplicate, captures, receipt, packet)
            try:
                on_message(message)
            except Exception as error:  # noqa: BLE001 - the message of a broken subscriber is not lost
                message.leave()
                self._on_fault(error)
        if not targets:
            if receipt is not None:
                receipt.take(ACCEPTED)
            if not routes.entries:
                self._on_unclaimed(topic)

    def _take(self, packet_id: int, qos: int, topic: str, payload: bytes, *, duplicate: bool) -> Receipt | None:
        """Put a QoS 1 or 2 message in line; None when there is nothing to hand over."""
        inbound = self.inbound
        if qos == 2 and packet_id in inbound.awaiting_release:
            self.outgoing.write(_pack_short(0x50, 2, packet_id))
            return None
        return inbound.receive(packet_id, qos, topic, payload, duplicate=duplicate)

    def _resolve(self, topic: str, alias: int | None) -> str:
        """Apply a topic alias (MQTT 5.0 §3.3.2.3.4)."""
        if alias is None:
            return topic
        if not 0 < alias <= self._alias_limit:
            raise ProtocolViolationError(f"the broker used topic alias {alias}, which we did not allow", 0x94)
        if topic:
            self._aliases[alias] = topic
            return topic
        known = self._aliases.get(alias)
        if known is None:
            raise ProtocolViolationError(f"the broker used topic alias {alias} before it set it", _PROTOCOL_ERROR)
        return known

    def _acknowledge(self, receipt: Receipt) -> None:
        packet_id = receipt.packet_id
        outcome = receipt.outcome
        if receipt.qos == 1:
            if outcome == ACCEPTED:
                # Nearly every answer.
                self.outgoing.write(_pack_short(0x40, 2, packet_id))
                return
            first = 0x40
        else:
            first = 0x50
            if outcome == ACCEPTED:
                self.inbound.awaiting_release.add(packet_id)
        if outcome == ACCEPTED:
            self.outgoing.write(_pack_short(first, 2, packet_id))
        else:
            self.outgoing.write(bytes((first, 3, packet_id >> 8, packet_id & 0xFF, outcome)))

    def _on_packet(self, packet: mqtt5.Packet) -> None:
        match packet:
            case mqtt5.PubAckPacket() | mqtt5.PubRecPacket():
                self._on_answer(packet)
            case mqtt5.PubCompPacket():
                self.outbound.completed(packet.packet_id)
            case mqtt5.PubRelPacket():
                self._on_release(packet.packet_id)
            case mqtt5.SubAckPacket():
                self._subscribing.subscribed(packet)
            case mqtt5.UnsubAckPacket():
                self._subscribing.unsubscribed(packet)
            case mqtt5.PingRespPacket():
                pass
            case mqtt5.ConnAckPacket() if not self.is_connected:
                self._on_connack(packet)
            case mqtt5.DisconnectPacket():
                reason = f"the broker ended the connection: {reason_of(packet)}"
                raise ConnectionLostError(reason, int(packet.reason_code))
            case _:
                name = type(packet).__name__.removesuffix("Packet").upper()
                raise ProtocolViolationError(f"the broker sent {name}, which it must not", _PROTOCOL_ERROR)

    def _on_answer(self, packet: mqtt5.PubAckPacket | mqtt5.PubRecPacket) -> None:
        code = int(packet.reason_code)
        if code >= 0x80:
            self.outbound.refused(packet.packet_id, reason_of(packet), code)
        elif isinstance(packet, mqtt5.PubAckPacket):
            self.outbound.acknowledged(packet.packet_id)
        else:
            self.outbound.received(packet.packet_id)

    def _on_release(self, packet_id: int) -> None:
        known = packet_id in self.inbound.awaiting_release
        self.inbound.awaiting_release.discard(packet_id)
        # 0x92: packet identifier not found (MQTT 5.0 §3.7.2.1).
        self.outgoing.write(
            _pack_short(0x70, 2, packet_id) if known else b"\x70\x03" + packet_id.to_bytes(2, "big") + b"\x92"
        )

    def _on_connack(self, packet: mqtt5.ConnAckPacket) -> None:
        if packet.reason_code != mqtt5.ConnAckReasonCode.SUCCESS:
            reason = f"the broker refused the connection: {reason_of(packet)}"
            raise ConnectRefusedError(reason, int(packet.reason_code))
        self.is_connected = True
        self._client_id = packet.assigned_client_id or self._client_id
        if not packet.session_present:
            self.inbound.session_lost()
        elif self._is_first:
            # What an older process subscribed to is unknown here, so everything is asked for again.
            self.subscriptions.ask_all_again()
        self._is_first = False
        keep_alive = self._options.keep_alive if packet.server_keep_alive is None else packet.server_keep_alive
        self._on_connected(keep_alive, packet.session_present)
        limits = ServerLimits.of(packet)
        self._subscribing.connected(limits, session_present=packet.session_present)
        self.outbound.connected(limits, session_present=packet.session_present)

    def _ask(self) -> None:
        self._subscribing.ask()


def _malformed(error: BaseException) -> BaseException:
    """Turn what the codec raises for nonsense into a sentence; its panics are no Exception."""
    if isinstance(error, ValueError) or type(error).__name__ == "PanicException":
        return ProtocolViolationError(f"the broker sent a malformed packet: {error}", 0x81)
    return error

"""The MQTT 3.1.1 client, on aiomqtt and paho."""

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import Callable
from dataclasses import replace

import aiomqtt
import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from flowengine_nodes.network.mqtt.client import OnDone, OnMessage, Oversized, PendingCounts, Timers
from flowengine_nodes.network.mqtt.covering import CoveringFilters
from flowengine_nodes.network.mqtt.errors import (
    ClientClosedError,
    ConnectionLostError,
    ConnectRefusedError,
    MqttError,
    OfflineError,
    PublishRefusedError,
    QueueFullError,
    SubscribeRefusedError,
    TopicNameError,
)
from flowengine_nodes.network.mqtt.inbound import ACCEPTED, Inbound, InboundFlow, Receipt
from flowengine_nodes.network.mqtt.options import DEFAULT_SUBSCRIBE_OPTIONS, ClientOptions, SubscribeOptions
from flowengine_nodes.network.mqtt.paho_link import PahoLink
from flowengine_nodes.network.mqtt.properties import Properties
from flowengine_nodes.network.mqtt.reconnecting import ReconnectingClient
from flowengine_nodes.network.mqtt.subscriptions import Subscriptions, TopicSubscription
from flowengine_nodes.network.mqtt.topics import TopicFilter, check_topic

_Waiting = tuple[str, bytes, int, bool, OnDone]
"""Topic, payload, QoS, retain flag and whom to tell."""

_MAX_PAYLOAD = 268_435_455 - 65_539
_REFUSED = 0x80


class AiomqttClient(ReconnectingClient):
    """An MQTT 3.1.1 client; see ``MqttClient`` for what it promises.

    What MQTT 3.1.1 or paho cannot do: messages have no properties; a refused message is left with the broker;
    subscriptions are made with QoS 1 at most, because paho acknowledges QoS 2 before anybody has settled it; a
    subscriber with filters that overlap without one covering the other may get a message twice; the window of
    unsettled messages is the broker's; a pause in reading that outlasts the keep alive costs a reconnect.

    Args:
        options: How to connect.
        timers: Time between attempts; the running loop's unless given. paho looks at the real time.
        jitter: Random numbers for the waits between attempts.
    """

    def __init__(
        self, options: ClientOptions, *, timers: Timers | None = None, jitter: random.Random | None = None
    ) -> None:
        super().__init__(options, timers=timers, jitter=jitter)
        self._link = PahoLink(
            options,
            on_message=self._on_message,
            on_published=self._on_published,
            on_subscribed=self._on_subscribed,
            on_unsubscribed=self._on_unsubscribed,
        )
        self._is_first = True
        self._inbound = InboundFlow(self._acknowledge)
        self._subscriptions = Subscriptions(self._plan_subscribing)
        self._covering = CoveringFilters(self._subscriptions)
        self._is_subscribing = False
        self._asked: dict[int, str] = {}
        self._early: list[paho.MQTTMessage] = []
        self._queue: deque[_Waiting] = deque()
        self._in_flight: dict[int, tuple[str, OnDone]] = {}
        self._unwritten: deque[tuple[paho.MQTTMessageInfo, str, OnDone]] = deque()

    @property
    def pending(self) -> PendingCounts:
        """Work that has not ended."""
        return PendingCounts(len(self._inbound), len(self._in_flight), len(self._queue))

    def subscribe(
        self,
        topic_filter: str | TopicFilter,
        qos: int,
        on_message: OnMessage,
        *,
        options: SubscribeOptions = DEFAULT_SUBSCRIBE_OPTIONS,
        on_done: OnDone | None = None,
    ) -> TopicSubscription:
        """Subscribe, now or as soon as there is a connection; see ``MqttClient``."""
        if isinstance(topic_filter, str):
            topic_filter = TopicFilter(topic_filter)
        return self._subscriptions.add(topic_filter, min(qos, 1), on_message, options=options, on_done=on_done)

    def unsubscribe(self, topic_filter: TopicFilter, on_done: Callable[[], None]) -> None:
        """End what an earlier process of the session may have subscribed to; see ``MqttClient``."""
        self._subscriptions.withdraw(topic_filter, on_done)

    def publish(
        self,
        topic: str,
        payload: bytes,
        qos: int,
        retain: bool,  # noqa: FBT001 - likewise
        properties: Properties | None,
        on_done: OnDone,
    ) -> None:
        """Publish without waiting; see ``MqttClient``."""
        error = self._fault(topic, payload, qos)
        if error is not None:
            on_done(error)
        elif self.is_connected:
            self._send((topic, payload, qos, retain, on_done))
        else:
            self._queue.append((topic, payload, qos, retain, on_done))

    def pause_reading(self) -> None:
        """Stop taking messages in until ``resume_reading``."""
        self._link.pause()

    def resume_reading(self) -> None:
        """Take messages in again."""
        self._link.resume()

    async def _hold_connection(self) -> ConnectionLostError:
        link = self._link
        opening = self._loop.create_task(self._open(), name="mqtt connect")
        try:
            try:
                # paho connects in a thread, which cannot be cancelled: it has to end before anything else happens.
                await asyncio.shield(opening)
            except (aiomqtt.MqttError, UnicodeError, ValueError) as error:
                lost = self._failure(error)
                self._report_disconnected(lost)
            else:
                self._begin()
                await asyncio.wait({link.ended})
                cause = link.ended.exception()
                lost = ConnectionLostError(f"the connection was lost: {cause or 'the broker closed it'}")
                self._end(lost)
        except asyncio.CancelledError:
            with contextlib.suppress(aiomqtt.MqttError, UnicodeError, ValueError):
                await opening
                await link.leave()
            if self.is_connected:
                self._end(ConnectionLostError("the connection was closed"))
            raise
        else:
            return lost
        finally:
            link.drop()

    async def _open(self) -> None:
        self._early.clear()
        options = self._options
        if self._is_first and options.clean_start and options.session_expiry and options.client_id:
            # MQTT 3.1.1 cannot both discard the old session and keep the new one: it takes two connections.
            fresh = replace(options, session_expiry=0, will=None)
            async with PahoLink(
                fresh,
                on_message=self._on_message,
                on_published=self._on_published,
                on_subscribed=self._on_subscribed,
                on_unsubscribed=self._on_unsubscribed,
            ):
                pass
        await self._link.open()
        self._is_first = False

    def _begin(self) -> None:
        self._report_connected(session_present=self._link.session_present)
        if not self._link.session_present:
            self._inbound.session_lost()
        self._covering.forget()
        self._subscribe_changes()
        for packet in self._early:
            self._on_message(packet)
        self._early.clear()
        while self._queue and self.is_connected:
            self._send(self._queue.popleft())

    def _end(self, error: ConnectionLostError) -> None:
        self._inbound.disconnected()
        self._asked.clear()
        unwritten = tuple(self._unwritten)
        self._unwritten.clear()
        for _, topic, on_done in unwritten:
            self._tell(on_done, OfflineError(topic))
        self._report_disconnected(error)

    def _forget(self, error: ClientClosedError) -> None:
        ended = [on_done for _, on_done in self._in_flight.values()] + [waiting[-1] for waiting in self._queue]
        self._in_flight.clear()
        self._queue.clear()
        for on_done in ended:
            self._tell(on_done, error)

    def _fault(self, topic: str, payload: bytes, qos: int) -> MqttError | None:
        """Return why a message cannot be taken."""
        try:
            check_topic(topic)
        except TopicNameError as error:
            return error
        if len(payload) > _MAX_PAYLOAD:
            return PublishRefusedError(topic, f"MQTT cannot carry a payload of {len(payload)} bytes")
        size = self._excess(topic, payload, qos)
        if size:
            most = self._options.max_packet_size
            return PublishRefusedError(topic, f"it takes {size} bytes and we allow {most}")
        if qos == 0:
            return None if self.is_connected else OfflineError(topic)
        limit = self._options.queue_limit
        if len(self._queue) + len(self._in_flight) >= limit:
            return QueueFullError(topic, limit)
        return None

    def _excess(self, topic: str, payload: bytes, qos: int) -> int:
        """Return the size of a PUBLISH (MQTT 3.1.1 §3.3) that is too large, or 0."""
        most = self._options.max_packet_size
        if most is None:
            return 0
        rest = 2 + len(topic.encode()) + (2 if qos else 0) + len(payload)
        size = 1 + (max(rest.bit_length(), 1) + 6) // 7 + rest
        return size if size > most else 0

    def _send(self, waiting: _Waiting) -> None:
        topic, payload, qos, retain, on_done = waiting
        info = self._link.paho.publish(topic, payload, qos, retain)
        if qos:
            if info.rc == MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:
                on_done(QueueFullError(topic, len(self._in_flight)))
            else:
                self._in_flight[info.mid] = (topic, on_done)
        else:
            self._unwritten.append((info, topic, on_done))

    def _on_published(self, packet_id: int) -> None:
        unwritten = self._unwritten
        if unwritten and unwritten[0][0].mid == packet_id:
            self._tell(unwritten.popleft()[-1], None)
        elif packet_id in self._in_flight:
            self._tell(self._in_flight.pop(packet_id)[-1], None)

    def _on_message(self, packet: paho.MQTTMessage) -> None:
        if not self.is_connected:
            # What a session has kept may be read before anybody is told of the connection.
            self._early.append(packet)
            return
        topic = packet.topic
        payload = bytes(packet.payload)
        size = self._excess(topic, payload, packet.qos)
        targets = () if size else self._subscriptions.routes(topic).of(topic, (), retained=packet.retain)
        receipt: Receipt | None = None
        if packet.qos:
            receipt = self._inbound.receive(packet.mid, packet.qos, topic, payload, duplicate=packet.dup)
            if receipt is None:
                return
            receipt.remaining = len(targets) or 1
        for on_message, captures in targets:
            message = Inbound(topic, payload, packet.qos, packet.retain, packet.dup, captures, receipt)
            try:
                on_message(message)
            except Exception as error:  # noqa: BLE001 - the message of a broken subscriber is not lost
                message.leave()
                self._report_fault(error)
        if not targets:
            if receipt is not None:
                receipt.take(ACCEPTED)
            self._report_nobody(topic, size)

    def _report_nobody(self, topic: str, excess: int) -> None:
        if excess:
            self._emit(Oversized(topic, excess))
        elif not self._subscriptions.routes(topic).entries:
            self._report_unclaimed(topic)

    def _acknowledge(self, receipt: Receipt) -> None:
        if receipt.outcome == ACCEPTED:
            self._link.paho.ack(receipt.packet_id, receipt.qos)

    def _plan_subscribing(self) -> None:
        # Many changes in one turn of the loop are compared with each other only once.
        if not self._is_subscribing and self.is_connected:
            self._is_subscribing = True
            self._loop.call_soon(self._subscribe_changes)

    def _subscribe_changes(self) -> None:
        self._is_subscribing = False
        if not self.is_connected:
            return
        subscribe, unsubscribe = self._covering.changes()
        for wire, qos in subscribe.items():
            _, packet_id = self._link.paho.subscribe(wire, qos)
            if packet_id is not None:
                self._asked[packet_id] = wire
        for wire in unsubscribe:
            _, packet_id = self._link.paho.unsubscribe(wire)
            if packet_id is not None:
                self._asked[packet_id] = wire

    def _on_subscribed(self, packet_id: int, code: int) -> None:
        wire = self._asked.pop(packet_id, None)
        if wire is None:
            return
        error: MqttError | None = None
        if code >= _REFUSED:
            error = SubscribeRefusedError(wire, "MQTT 3.1.1 brokers give no reason", code)
        for each in self._covering.served_by(wire):
            each.answered(error)

    def _on_unsubscribed(self, packet_id: int) -> None:
        wire = self._asked.pop(packet_id, "")
        if self._subscriptions.entry(wire) is None:
            self._subscriptions.departed(wire)

    def _failure(self, error: Exception) -> ConnectionLostError:
        where = f"{self._options.host}:{self._options.port}"
        if isinstance(error, aiomqtt.MqttCodeError) and isinstance(error.rc, ReasonCode):
            name = error.rc.getName().lower()
            return ConnectRefusedError(f"the broker refused the connection: {name}", error.rc.value)
        return ConnectionLostError(f"cannot connect to {where}: {error}")

    def _tell(self, on_done: OnDone, error: MqttError | None) -> None:
        try:
            on_done(error)
        except Exception as fault:  # noqa: BLE001 - a fault of one publisher is none of the others'
            self._report_fault(fault)

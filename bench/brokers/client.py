"""A client that has nothing to do with ours: paho-mqtt."""

import contextlib
import itertools
import queue
import socket
import struct
import threading
import time
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from bench.brokers.broker import PATIENCE, Broker, until

V5, V311 = MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311


QUIET = 0.5  # how long nothing may come before we believe that nothing will
names = (f"client-{number}" for number in itertools.count())


def props(packet: int, **values: Any) -> Properties:
    properties = Properties(packet)
    for name, value in values.items():
        setattr(properties, name, value)
    return properties


class Client:
    """A paho client whose messages land in a queue and are acknowledged only when asked."""

    def __init__(
        self,
        broker: Broker,
        name: str | None = None,
        *,
        version: MQTTProtocolVersion = V5,
        clean: bool = True,
        expiry: int = 0,
        receive_maximum: int | None = None,
        manual: bool = False,
        keepalive: int = 60,
        will: tuple[str, bytes] | None = None,
    ) -> None:
        self.messages: queue.Queue[paho.MQTTMessage] = queue.Queue()
        self.acknowledged = 0
        self.codes: list[int] = []
        self.connack: Any = None
        self.session_present = False
        self.subscribed = threading.Event()
        self.connected = threading.Event()
        self.gone = threading.Event()
        old = version == V311
        self.client = paho.Client(
            CallbackAPIVersion.VERSION2,
            name or next(names),
            clean_session=clean if old else None,
            protocol=version,
            manual_ack=manual,
            reconnect_on_failure=False,
        )
        self.client.max_inflight_messages_set(20)  # Mosquitto's Receive Maximum
        self.client.on_connect = self._on_connect
        self.client.on_disconnect = lambda *_: self.gone.set()
        self.client.on_message = lambda _c, _u, message: self.messages.put(message)
        self.client.on_subscribe = lambda *_: self.subscribed.set()
        self.client.on_publish = self._on_publish
        if will:
            self.client.will_set(will[0], will[1], qos=1)
        more: dict[str, Any] = {}
        if not old:
            wanted: dict[str, Any] = {"SessionExpiryInterval": expiry}
            if receive_maximum:
                wanted["ReceiveMaximum"] = receive_maximum
            more = {"clean_start": clean, "properties": props(PacketTypes.CONNECT, **wanted)}
        self.client.connect("127.0.0.1", broker.port311 if old else broker.port, keepalive, **more)
        self.client.loop_start()
        if not self.connected.wait(PATIENCE):
            self.vanish()
            raise AssertionError(f"no CONNACK for MQTT {'3.1.1' if old else '5'}")
        assert self.codes[0] == 0, f"CONNACK refused: {self.codes[0]}"

    def _on_connect(self, _c: object, _u: object, flags: paho.ConnectFlags, reason: Any, given: Any) -> None:
        self.session_present = flags.session_present
        self.codes.append(reason.value)
        self.connack = given
        self.connected.set()

    def _on_publish(self, *_: object) -> None:
        self.acknowledged += 1

    def subscribe(self, topic: str, qos: int = 1, given: Properties | None = None) -> "Client":
        self.subscribed.clear()
        if self.client.protocol == V5:
            self.client.subscribe(topic, options=SubscribeOptions(qos=qos), properties=given)
        else:
            self.client.subscribe(topic, qos)
        assert self.subscribed.wait(PATIENCE), "no SUBACK"
        return self

    def publish(
        self, topic: str, count: int = 1, *, qos: int = 1, retain: bool = False, size: int = 0, **given: Any
    ) -> None:
        start = self.acknowledged
        for number in range(count):
            payload = str(number).encode().ljust(size)
            properties = props(PacketTypes.PUBLISH, **given) if given else None
            self.client.publish(topic, payload, qos=qos, retain=retain, properties=properties)
        until(lambda: self.acknowledged - start >= count, f"{count} publishes acknowledged", 60)

    def take(self, count: int, seconds: float = PATIENCE) -> list[paho.MQTTMessage]:
        """Return exactly so many messages; raise when fewer come."""
        taken: list[paho.MQTTMessage] = []
        deadline = time.monotonic() + seconds
        while len(taken) < count:
            try:
                taken.append(self.messages.get(timeout=max(0.001, deadline - time.monotonic())))
            except queue.Empty:
                raise AssertionError(f"{len(taken)} of {count} messages came") from None
        return taken

    def rest(self, quiet: float = QUIET) -> list[paho.MQTTMessage]:
        """Return all that comes until nothing comes any more."""
        taken = []
        with contextlib.suppress(queue.Empty):
            while True:
                taken.append(self.messages.get(timeout=quiet))
        return taken

    def ack(self, message: paho.MQTTMessage) -> None:
        self.client.ack(message.mid, message.qos)

    def vanish(self) -> None:
        """Break the connection as a power cut does: no DISCONNECT, no orderly close."""
        self.client.loop_stop()
        sock = self.client.socket()
        if sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()

    def leave(self) -> None:
        self.client.disconnect()
        self.gone.wait(PATIENCE)
        self.client.loop_stop()


def numbers(messages: list[paho.MQTTMessage]) -> list[int]:
    return [int(message.payload) for message in messages]

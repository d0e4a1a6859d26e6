"""A stream of numbered messages into a broker, and one out of it, on paho: a client that is not ours."""

import asyncio
import json
import socket
import time
from collections import defaultdict
from threading import Event, Lock, Thread
from typing import Any, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.mosquitto import Mosquitto
from tests.survival.arrivals import Arrivals


def _client(name: str) -> paho.Client:
    client = paho.Client(CallbackAPIVersion.VERSION2, name, protocol=paho.MQTTv5)
    # Without this two sequential publishes take 40 ms (Nagle against delayed acknowledgements).
    client.on_socket_open = _at_once
    client.reconnect_delay_set(min_delay=0.05, max_delay=0.2)  # type: ignore[arg-type]  # it only sleeps for it
    client.max_inflight_messages_set(65535)
    return client


def _at_once(_client: Any, _data: Any, sock: Any) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _connect(client: paho.Client, broker: Mosquitto) -> None:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's constructor has no types
    properties.SessionExpiryInterval = 3600
    client.connect(broker.host, broker.port, keepalive=60, clean_start=False, properties=properties)


def _end(client: paho.Client) -> None:
    client.disconnect()
    client.loop_stop()
    # Else paho closes these when it is collected: too late, where it is collected together with them.
    client._reset_sockets()


RUNNING: "list[Load]" = []
"""Loads that were started; those that a failing test leaves behind are ended after it."""


class Load:
    """Publish to ``telemetry/<device>/data`` at QoS 1 until told to stop.

    A message counts as accepted when the broker has acknowledged it.

    Args:
        broker: Where to.
        devices: How many devices take turns.
        rate: Messages a second, of all devices together.
        window: Messages that may be unacknowledged.
        size: Bytes of padding in a message.
        prefix: What names of devices begin with.

    Attributes:
        accepted: Numbers the broker has acknowledged, by device.
        at_risk: Messages unacknowledged when a connection ended, in all: the broker may have had them, and got them
            again.
    """

    def __init__(
        self,
        broker: Mosquitto,
        *,
        devices: int = 8,
        rate: float = 400,
        window: int = 50,
        size: int = 0,
        prefix: str = "d",
    ) -> None:
        self.accepted: dict[str, set[int]] = {f"{prefix}{number}": set() for number in range(devices)}
        self.at_risk = 0
        self._broker = broker
        self._rate = rate
        self._window = window
        self._padding = "x" * size
        self._sent: dict[int, tuple[str, int]] = {}
        self._early: set[int] = set()
        self._lock = Lock()
        self._stopping = Event()
        self._next: defaultdict[str, int] = defaultdict(int)
        self._client = _client(f"load-{prefix}")
        self._client.on_publish = self._published
        self._client.on_disconnect = self._disconnected
        self._thread = Thread(target=self._run, name="load", daemon=True)

    @property
    def count(self) -> int:
        """How many messages were accepted."""
        return sum(len(numbers) for numbers in self.accepted.values())

    def start(self) -> Self:
        RUNNING.append(self)
        _connect(self._client, self._broker)
        self._client.loop_start()
        self._thread.start()
        return self

    async def reach(self, count: int, seconds: float = 60.0) -> None:
        """Wait until so many messages were accepted."""
        deadline = time.monotonic() + seconds
        while self.count < count:
            assert time.monotonic() < deadline, f"the broker has accepted {self.count} of {count} messages"
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Publish nothing new, and wait until the broker has taken everything."""
        self._stopping.set()
        await asyncio.to_thread(self._thread.join)
        deadline = time.monotonic() + 30
        while self._sent and time.monotonic() < deadline:  # noqa: ASYNC110 - paho's thread tells no event loop
            await asyncio.sleep(0.01)
        assert not self._sent, f"the broker has not acknowledged {len(self._sent)} messages"
        self.abandon()

    def abandon(self) -> None:
        """End at once; harmless when it has ended."""
        self._stopping.set()
        _end(self._client)

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(self, *_: object) -> None:
        self._stopping.set()
        await asyncio.to_thread(self._thread.join)
        self.abandon()

    def _run(self) -> None:
        devices = list(self.accepted)
        began = time.monotonic()
        turn = 0
        while not self._stopping.is_set():
            late = began + turn / self._rate - time.monotonic()
            if late > 0 or len(self._sent) >= self._window:
                self._stopping.wait(max(late, 0.002))
                if len(self._sent) >= self._window:
                    # Time during which the broker takes nothing is not made up for.
                    began = max(began, time.monotonic() - turn / self._rate)
                continue
            device = devices[turn % len(devices)]
            turn += 1
            self._next[device] += 1
            number = self._next[device]
            payload = json.dumps({"sequence": number, "padding": self._padding})
            told = self._client.publish(f"telemetry/{device}/data", payload, qos=1)
            with self._lock:
                if told.mid in self._early:
                    self._early.discard(told.mid)
                    self.accepted[device].add(number)
                else:
                    self._sent[told.mid] = (device, number)

    def _published(self, _client: Any, _data: Any, mid: int, _code: Any, _properties: Any) -> None:
        with self._lock:
            found = self._sent.pop(mid, None)
            if found is None:
                self._early.add(mid)
            else:
                self.accepted[found[0]].add(found[1])

    def _disconnected(self, *_: Any) -> None:
        self.at_risk += len(self._sent)


class MqttSink:
    """Subscribe to ``out/<device>`` with a session that outlives connections.

    Attributes:
        arrivals: What came.
    """

    def __init__(self, broker: Mosquitto) -> None:
        self.arrivals = Arrivals()
        self._broker = broker
        self._loop = asyncio.get_running_loop()
        self._ready = asyncio.Event()
        self._client = _client("mqtt-sink")
        self._client.on_connect = self._connected
        self._client.on_subscribe = self._subscribed
        self._client.on_message = self._came

    def _connected(self, client: paho.Client, *_: object) -> None:
        client.subscribe("out/+", qos=1)

    async def __aenter__(self) -> Self:
        _connect(self._client, self._broker)
        self._client.loop_start()
        async with asyncio.timeout(10):
            await self._ready.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(_end, self._client)

    def _subscribed(self, *_: Any) -> None:
        self._loop.call_soon_threadsafe(self._ready.set)

    def _came(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        number = json.loads(message.payload)["sequence"]
        self._loop.call_soon_threadsafe(self.arrivals.add, message.topic.partition("/")[2], number)

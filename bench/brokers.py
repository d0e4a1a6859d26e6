"""Check what an MQTT broker does, to choose the one that `flowengine demo` embeds.

    python bench/brokers.py                     every broker that is installed here
    python bench/brokers.py mosquitto iotcore   only these

Every check drives the broker through paho-mqtt, a client that has nothing to do with ours. Mosquitto is the
proof that the checks ask for the right thing. See docs/decisions/0002-embedded-broker.md.
"""

import asyncio
import contextlib
import importlib.util
import itertools
import os
import queue
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

V5, V311 = MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311
PATIENCE = 5.0
QUIET = 0.5  # how long nothing may come before we believe that nothing will
HOUR = 3600


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:g} s")
        time.sleep(0.005)


# --- The brokers ------------------------------------------------------------------------------------------

MOSQUITTO = "listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\npersistence false\n"

RUMQTTD = """
id = 0
[router]
id = 0
max_connections = 10000
max_outgoing_packet_count = 200
max_segment_size = 104857600
max_segment_count = 10
{listeners}
"""

RUMQTTD_LISTENER = """
[{version}.1]
name = "{version}"
listen = "127.0.0.1:{port}"
next_connection_delay_ms = 0
[{version}.1.connections]
connection_timeout_ms = 60000
max_payload_size = 268435455
max_inflight_count = 100
dynamic_filters = true
"""

AMQTT = """
import asyncio
from amqtt.broker import Broker
async def main():
    plugins = {{"amqtt.plugins.authentication.AnonymousAuthPlugin": {{"allow_anonymous": True}}}}
    listeners = {{"default": {{"type": "tcp", "bind": "127.0.0.1:{port}"}}}}
    broker = Broker({{"listeners": listeners, "plugins": plugins}})
    await broker.start()
    await asyncio.Event().wait()
asyncio.run(main())
"""


class Broker:
    """One broker under test, in a process of its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.port = free_port()
        # rumqttd serves the two versions of the protocol on two ports.
        self.port311 = free_port() if name == "iotcore" else self.port
        self.folder = Path(tempfile.mkdtemp(prefix="brokers-"))
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        config = self.folder / "config.toml"
        if self.name == "mosquitto":
            config.write_text(MOSQUITTO.format(port=self.port))
            program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
            assert program
            return [program, "-c", str(config)]
        if self.name == "amqtt":
            return [sys.executable, "-c", AMQTT.format(port=self.port)]
        ports = {"v5": self.port, "v4": self.port311}
        listeners = "".join(RUMQTTD_LISTENER.format(version=key, port=port) for key, port in ports.items())
        config.write_text(RUMQTTD.format(listeners=listeners))
        run = f"from iotcore.iotcore import IotCoreBroker as B; B(config_path={str(config)!r}).run_forever()"
        return [sys.executable, "-c", run]

    def __enter__(self) -> Self:
        log = (self.folder / "log").open("wb")
        self.process = subprocess.Popen(self.command(), stdout=log, stderr=log)
        try:
            for port in {self.port, self.port311}:
                until(lambda port=port: self.accepts(port), f"{self.name} starts", 10)
        except AssertionError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def accepts(self, port: int) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return True
        return False

    def memory(self) -> float:
        """Return the resident memory of the broker's process in MB."""
        assert self.process
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


# --- The client -------------------------------------------------------------------------------------------

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


# --- The checks: each returns what it saw, or raises ------------------------------------------------------

Check = Callable[[Broker], str]
checks: list[tuple[str, Check]] = []


def check(title: str) -> Callable[[Check], Check]:
    def register(function: Check) -> Check:
        checks.append((title, function))
        return function

    return register


def expect(condition: object, sentence: str) -> None:
    if not condition:
        raise AssertionError(sentence)


@check("MQTT 5 connect, session expiry")
def session(broker: Broker) -> str:
    first = Client(broker, "session", expiry=HOUR, receive_maximum=10)
    first.subscribe("session")
    granted = {key: value for key, value in vars(first.connack).items() if key[0].isupper()}
    first.vanish()
    second = Client(broker, "session", clean=False, expiry=1)
    expect(second.session_present, "session not present after reconnect")
    second.leave()
    time.sleep(2.5)
    third = Client(broker, "session", clean=False)
    expect(not third.session_present, "session still there 1.5 s after its expiry")
    third.leave()
    return ", ".join(f"{key} {value}" for key, value in granted.items()) or "no CONNACK properties"


@check("Receive Maximum held")
def receive_maximum(broker: Broker) -> str:
    subscriber = Client(broker, receive_maximum=5, manual=True).subscribe("window")
    Client(broker).publish("window", 100)
    waiting = subscriber.rest()
    expect(len(waiting) == 5, f"{len(waiting)} unacknowledged messages came, 5 allowed")
    most = came = 5
    while waiting:
        subscriber.ack(waiting.pop(0))
        more = subscriber.rest(0.1)
        came += len(more)
        waiting += more
        most = max(most, len(waiting))
    expect(most == 5, f"{most} unacknowledged messages at once, 5 allowed")
    return f"{came} of 100 came"


def redelivery(broker: Broker, version: MQTTProtocolVersion) -> str:
    name, topic = f"persistent-{version}", f"redelivery/{version}"
    subscriber = Client(broker, name, version=version, clean=False, expiry=HOUR, manual=True).subscribe(topic)
    publisher = Client(broker, version=version)
    publisher.publish(topic, 20)
    seen = subscriber.take(20)
    for message in seen[:5]:
        subscriber.ack(message)
    time.sleep(0.2)
    subscriber.vanish()
    publisher.publish(topic, 30)
    again = Client(broker, name, version=version, clean=False, expiry=HOUR)
    expect(again.session_present, "no session present")
    back = again.rest(1)
    expect(
        numbers(back) == [*range(5, 20), *range(30)],
        f"expected 15 unacknowledged + 30 new messages, came {len(back)}: {numbers(back)[:50]}",
    )
    again.leave()
    return f"{sum(message.dup for message in back)} of 15 marked DUP"


@check("QoS 1 redelivery after a vanished client, MQTT 5")
def redelivery5(broker: Broker) -> str:
    return redelivery(broker, V5)


@check("QoS 1 redelivery after a vanished client, MQTT 3.1.1")
def redelivery311(broker: Broker) -> str:
    return redelivery(broker, V311)


@check("QoS 1 redelivery, vanished with the window full")
def redelivery_window(broker: Broker) -> str:
    options: dict[str, Any] = {"clean": False, "expiry": HOUR, "receive_maximum": 10}
    subscriber = Client(broker, "full", manual=True, **options).subscribe("full")
    publisher = Client(broker)
    publisher.publish("full", 200)
    subscriber.take(10)
    subscriber.vanish()
    again = Client(broker, "full", **options)
    back = sorted(numbers(again.rest(1)))
    expect(back == list(range(200)), f"{len(set(back))} of 200 messages came back, {len(back)} deliveries")
    again.leave()
    return "200 of 200"


@check("Will on a broken connection")
def will(broker: Broker) -> str:
    watcher = Client(broker).subscribe("will/#")
    Client(broker, will=("will/5", b"5")).vanish()
    Client(broker, version=V311, will=("will/3", b"3")).vanish()
    expect(sorted(numbers(watcher.take(2))) == [3, 5], "wrong will")
    return "both versions"


@check("No will after DISCONNECT")
def no_will(broker: Broker) -> str:
    watcher = Client(broker).subscribe("nowill")
    Client(broker, will=("nowill", b"1")).leave()
    expect(not watcher.rest(1), "the will came all the same")
    return ""


@check("Keep-alive missed: dropped, will sent")
def keep_alive(broker: Broker) -> str:
    watcher = Client(broker).subscribe("silent")
    silent = Client(broker, keepalive=2, will=("silent", b"1"))
    silent.client.loop_stop()
    start = time.monotonic()
    watcher.take(1, 8)
    return f"after {time.monotonic() - start:.1f} s of keep-alive 2"


@check("Session taken over")
def takeover(broker: Broker) -> str:
    first = Client(broker, "twin", expiry=HOUR)
    second = Client(broker, "twin", clean=False, expiry=HOUR)
    expect(first.gone.wait(PATIENCE), "the first connection stays")
    expect(not second.gone.is_set(), "the second connection was closed")
    second.leave()
    return ""


@check("Retained: kept, flagged, cleared")
def retained(broker: Broker) -> str:
    publisher = Client(broker)
    publisher.publish("retained/a", retain=True)
    (message,) = Client(broker).subscribe("retained/+").take(1)
    expect(message.retain, "retain flag missing")
    publisher.client.publish("retained/a", b"", qos=1, retain=True).wait_for_publish(PATIENCE)
    expect(not Client(broker).subscribe("retained/+").rest(), "an empty payload does not clear it")
    return ""


@check("Shared subscription")
def shared(broker: Broker) -> str:
    members = [Client(broker).subscribe("$share/group/shared/+") for _ in range(2)]
    beside = Client(broker).subscribe("shared/+")
    Client(broker).publish("shared/a", 200)
    shares = [numbers(member.rest()) for member in members]
    expect(sorted(shares[0] + shares[1]) == list(range(200)), f"members got {[len(item) for item in shares]}")
    expect(all(shares), "one member got everything")
    expect(len(beside.rest()) == 200, "a plain subscription beside it does not get all")
    return " + ".join(str(len(share)) for share in shares)


@check("Shared subscription: a member's unacknowledged messages")
def shared_death(broker: Broker) -> str:
    first = Client(broker, manual=True).subscribe("$share/heirs/heirs")
    second = Client(broker).subscribe("$share/heirs/heirs")
    Client(broker).publish("heirs", 100)
    until(lambda: first.messages.qsize() > 0, "first member gets some")
    theirs = set(numbers(second.rest()))
    first.vanish()
    inherited = set(numbers(second.rest(1)))
    # MQTT 5.0 §4.8.2 lets a broker choose; a session with an expiry keeps them in every case.
    return f"{len(inherited)} of {100 - len(theirs)} went to the other member"


@check("QoS 2, exactly once")
def qos2(broker: Broker) -> str:
    subscriber = Client(broker).subscribe("qos2", 2)
    Client(broker).publish("qos2", 200, qos=2)
    expect(numbers(subscriber.rest()) == list(range(200)), "not each exactly once")
    return ""


@check("Properties passed on")
def properties(broker: Broker) -> str:
    subscriber = Client(broker).subscribe("properties")
    given = {
        "UserProperty": [("a", "1"), ("a", "2")],
        "ContentType": "application/json",
        "ResponseTopic": "answer",
        "CorrelationData": b"\x01",
        "PayloadFormatIndicator": 1,
    }
    Client(broker).publish("properties", **given)
    (message,) = subscriber.take(1)
    lost = [name for name, value in given.items() if getattr(message.properties, name, None) != value]
    expect(not lost, f"lost: {', '.join(lost)}")
    return ""


@check("Message expiry")
def expiry(broker: Broker) -> str:
    Client(broker, "later", clean=False, expiry=HOUR).subscribe("expiry").vanish()
    publisher = Client(broker)
    publisher.publish("expiry", 3, MessageExpiryInterval=1)
    publisher.publish("expiry", 2)
    time.sleep(2.2)
    came = len(Client(broker, "later", clean=False).rest())
    expect(came == 2, f"{came} messages came, 3 of 5 had expired")
    return ""


@check("Subscription identifiers, topic alias")
def identifiers(broker: Broker) -> str:
    subscriber = Client(broker)
    subscriber.subscribe("ids/#", given=props(PacketTypes.SUBSCRIBE, SubscriptionIdentifier=7))
    publisher = Client(broker)
    publisher.publish("ids/a")
    (message,) = subscriber.take(1)
    expect(getattr(message.properties, "SubscriptionIdentifier", None) == [7], "identifier not passed on")
    if not getattr(publisher.connack, "TopicAliasMaximum", 0):
        return "no topic aliases"
    publisher.publish("ids/b", TopicAlias=1)
    publisher.publish("", TopicAlias=1)
    expect([item.topic for item in subscriber.take(2)] == ["ids/b"] * 2, "wrong topic")
    return ""


@check("Topic filters")
def filters(broker: Broker) -> str:
    subscriber = Client(broker).subscribe("f/+/y").subscribe("g/#").subscribe("+/h")
    publisher = Client(broker)
    for topic in ("f//y", "f/x/y", "f/x/z", "g", "g/a/b", "/h", "$x/h"):
        publisher.publish(topic)
    came = sorted(message.topic for message in subscriber.rest())
    expect(came == sorted(["f//y", "f/x/y", "g", "g/a/b", "/h"]), f"matched {came}")
    return ""


@check("MQTT 3.1.1 and 5 talk to each other")
def versions(broker: Broker) -> str:
    old, new = Client(broker, version=V311).subscribe("both"), Client(broker).subscribe("both")
    old.publish("both", 3)
    new.publish("both", 2, UserProperty=[("a", "1")])
    old.take(5)
    new.take(5)
    return "on one port" if broker.port == broker.port311 else "on two ports"


@check("Payload of 10 MB")
def large(broker: Broker) -> str:
    subscriber = Client(broker).subscribe("large")
    Client(broker).publish("large", size=10_000_000)
    (message,) = subscriber.take(1, 15)
    expect(len(message.payload) == 10_000_000, "size changed")
    return ""


@check("Backlog of 50,000 for an absent session")
def backlog(broker: Broker) -> str:
    Client(broker, "absent", clean=False, expiry=HOUR).subscribe("backlog").vanish()
    Client(broker).publish("backlog", 50_000, size=200)
    memory = broker.memory()
    back = numbers(Client(broker, "absent", clean=False).rest(2))
    expect(len(set(back)) == 50_000, f"{len(set(back))} of 50,000 came back")
    expect(back == sorted(back), "out of order")
    return f"broker at {memory:.0f} MB"


@check("Backlog of 20,000 behind a subscriber that does not acknowledge")
def slow(broker: Broker) -> str:
    subscriber = Client(broker, receive_maximum=10, manual=True).subscribe("slow")
    other = Client(broker).subscribe("slow")
    Client(broker).publish("slow", 20_000, size=200)
    other.take(20_000, 30)
    count = 0
    with contextlib.suppress(queue.Empty):
        while True:
            subscriber.ack(subscriber.messages.get(timeout=2))
            count += 1
    expect(count == 20_000, f"{count} of 20,000 came once it acknowledged")
    return ""


# --- Load, with packets written by hand so that the client costs little -------------------------------------


def packet(kind: int, body: bytes) -> bytes:
    length, encoded = len(body), b""
    while True:
        length, digit = divmod(length, 128)
        encoded += bytes([digit | (0x80 if length else 0)])
        if not length:
            return bytes([kind]) + encoded + body


def text(value: str) -> bytes:
    return struct.pack("!H", len(value)) + value.encode()


class Wire:
    """Enough of MQTT for a load: CONNECT, SUBSCRIBE, PUBLISH at QoS 1."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.none = b"\0" if version == 5 else b""

    async def open(self, port: int, name: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        start = text("MQTT") + bytes([self.version, 2]) + struct.pack("!H", 600) + self.none
        writer.write(packet(0x10, start + text(name)))
        kind, body = await self.read(reader)
        assert (kind, body[1]) == (0x20, 0), "refused"
        return reader, writer

    async def read(self, reader: asyncio.StreamReader) -> tuple[int, bytes]:
        kind, length, shift = (await reader.readexactly(1))[0], 0, 0
        while True:
            digit = (await reader.readexactly(1))[0]
            length |= (digit & 0x7F) << shift
            shift += 7
            if digit < 0x80:
                return kind, await reader.readexactly(length)

    def publish(self, topic: str, number: int, payload: bytes) -> bytes:
        return packet(0x32, text(topic) + struct.pack("!H", number % 60_000 + 1) + self.none + payload)

    def subscribe(self, topic: str) -> bytes:
        return packet(0x82, struct.pack("!H", 1) + self.none + text(topic) + b"\1")


async def crowd(broker: Broker, wire: Wire, port: int) -> str:
    start = time.monotonic()
    opened = []
    for batch in (
        itertools.batched(range(1000), 50)
        if sys.version_info >= (3, 12)
        else [range(first, first + 50) for first in range(0, 1000, 50)]
    ):
        opened += await asyncio.gather(*(wire.open(port, f"crowd-{number}") for number in batch))
    connecting = time.monotonic() - start

    async def one(number: int) -> None:
        reader, writer = opened[number]
        writer.write(wire.subscribe(f"crowd/{number}"))
        await wire.read(reader)
        writer.write(wire.publish(f"crowd/{number}", 1, b"x"))
        kinds = {(await wire.read(reader))[0] & 0xF0 for _ in range(2)}
        assert kinds == {0x40, 0x30}, "PUBACK and own message expected"

    async with asyncio.timeout(30):
        await asyncio.gather(*(one(number) for number in range(1000)))
    total = time.monotonic() - start
    memory = broker.memory()
    for _, writer in opened:
        writer.close()
    return f"connected in {connecting:.1f} s, all answered in {total:.1f} s, broker at {memory:.0f} MB"


async def throughput(broker: Broker, wire: Wire, port: int) -> str:
    count, window, payload = 20_000, 100, b'{"temperature": 21.5, "pressure": 1.013}'.ljust(100)
    in_reader, in_writer = await wire.open(port, "load-in")
    in_writer.write(wire.subscribe("load"))
    await wire.read(in_reader)
    out_reader, out_writer = await wire.open(port, "load-out")
    free = asyncio.Semaphore(window)

    async def produce() -> None:
        for number in range(count):
            await free.acquire()
            out_writer.write(wire.publish("load", number, payload))

    async def confirmed() -> None:
        for _ in range(count):
            await wire.read(out_reader)
            free.release()

    async def consume() -> None:
        for _ in range(count):
            _, body = await wire.read(in_reader)
            in_writer.write(packet(0x40, body[6:8]))

    assert broker.process
    start, cpu = time.monotonic(), cpu_seconds(broker.process.pid)
    async with asyncio.timeout(120), asyncio.TaskGroup() as group:
        for part in (produce(), confirmed(), consume()):
            group.create_task(part)
    elapsed = time.monotonic() - start
    cost = (cpu_seconds(broker.process.pid) - cpu) / count * 1e6
    for writer in (in_writer, out_writer):
        writer.close()
    return f"{count / elapsed:,.0f} msg/s, {cost:.0f} µs CPU a message"


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wire_of(broker: Broker) -> tuple[Wire, int]:
    """Return MQTT 5, or 3.1.1 where the broker has no MQTT 5."""
    return (Wire(4), broker.port311) if broker.name == "amqtt" else (Wire(5), broker.port)


@check("1,000 connections")
def connections(broker: Broker) -> str:
    return asyncio.run(crowd(broker, *wire_of(broker)))


@check("QoS 1 throughput, one in, one out")
def load(broker: Broker) -> str:
    return asyncio.run(throughput(broker, *wire_of(broker)))


@check("SIGTERM with clients connected: ends, port free")
def shutdown(broker: Broker) -> str:
    clients = [Client(broker, version=V311).subscribe("shutdown") for _ in range(10)]
    assert broker.process
    start = time.monotonic()
    broker.process.send_signal(signal.SIGTERM)
    code = broker.process.wait(5)
    elapsed = time.monotonic() - start
    with socket.socket() as probe:
        # As every server does: connections that the stopped broker closed may still be in TIME_WAIT.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", broker.port))
    for client in clients:
        client.vanish()
    return f"after {elapsed * 1000:.0f} ms, exit code {code}"


# --- Running them -----------------------------------------------------------------------------------------


def installed() -> Iterator[str]:
    if shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin"):
        yield "mosquitto"
    for name in ("iotcore", "amqtt"):
        if importlib.util.find_spec(name):
            yield name


def outcome(name: str, function: Check) -> str:
    """Run one check on a fresh broker, so that none suffers from what an earlier one did to it."""
    try:
        with Broker(name) as broker:
            return f"yes {function(broker)}".strip()
    except (AssertionError, OSError, subprocess.TimeoutExpired, TimeoutError, ExceptionGroup) as problem:
        return f"NO  {problem or type(problem).__name__}"


def main() -> None:
    chosen = sys.argv[1:] or list(installed())
    for title, function in checks:
        print(title, flush=True)
        for name in chosen:
            print(f"    {name:10} {outcome(name, function)}", flush=True)
    sys.stdout.flush()
    # paho's threads of clients that were refused may linger.
    os._exit(0)


if __name__ == "__main__":
    main()

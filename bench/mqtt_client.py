"""What a message costs in our MQTT 5 client alone: an echo against a fake broker that does next to nothing.

The broker, a process of its own, sends PUBLISH packets encoded beforehand, as fast as the window allows, and
counts what comes back. The client publishes each message again and, for QoS 1, settles it after the PUBACK of
what it published.

    python bench/mqtt_client.py [--messages N] [--rounds N] [--no-coalescing]
"""

import argparse
import asyncio
import multiprocessing
import resource
import statistics
import time
from multiprocessing.connection import Connection

import mqtt5
import uvloop

from flowengine_nodes.network.mqtt.inbound import Inbound
from flowengine_nodes.network.mqtt.mqtt5_client import Mqtt5Client
from flowengine_nodes.network.mqtt.options import ClientOptions

PAYLOAD = b'{"device":"d17","temperature":21.5,"humidity":40,"at":1700000000}'
TOPIC = "telemetry/d17/data"
WINDOW = 1000
CHUNK = 500


class FakeBroker(asyncio.Protocol):
    """Sends ``messages`` publishes and waits until as many came back; QoS 1 both ways with a window."""

    def __init__(self, qos: int, messages: int, done: asyncio.Event) -> None:
        self.qos = qos
        self.left = messages
        self.expected = messages
        self.window = WINDOW
        self.done = done
        self.buffer = b""
        self.is_writable = True
        packet_qos = mqtt5.QoS(qos)
        packets = [
            mqtt5.PublishPacket(TOPIC, PAYLOAD, qos=packet_qos, packet_id=n if qos else None).write()
            for n in range(1, WINDOW + 1)
        ]
        # Identifiers go round in order, and so do the PUBACKs: packet n is free when the window has room.
        self.packets = packets
        self.next = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport
        transport.set_write_buffer_limits(high=1 << 18)

    def pause_writing(self) -> None:
        self.is_writable = False

    def resume_writing(self) -> None:
        self.is_writable = True
        self.blast()

    def data_received(self, data: bytes) -> None:  # noqa: C901 - one loop, for speed
        buffer = self.buffer + data
        at = 0
        end = len(buffer)
        answers = []
        while end - at >= 2:
            size = 2 + buffer[at + 1]
            if buffer[at + 1] & 0x80:
                size = 3 + (buffer[at + 1] & 0x7F) + (buffer[at + 2] << 7)
            if end - at < size:
                break
            kind = buffer[at] >> 4
            if kind == 3:
                self.expected -= 1
                if self.qos:
                    head = at + 2 + 2 + len(TOPIC)
                    answers.append(b"\x40\x02" + buffer[head : head + 2])
            elif kind == 4:
                self.window += 1
            elif kind == 1:
                answers.append(mqtt5.ConnAckPacket(receive_max=WINDOW).write())
            elif kind == 8:
                identifier = int.from_bytes(buffer[at + 2 : at + 4], "big")
                granted = [mqtt5.SubAckReasonCode(self.qos)]
                answers.append(mqtt5.SubAckPacket(identifier, granted).write())
                asyncio.get_running_loop().call_soon(self.blast)
            at += size
        self.buffer = buffer[at:]
        if answers:
            self.transport.write(b"".join(answers))
        if self.expected == 0:
            self.done.set()
        else:
            self.blast()

    def blast(self) -> None:
        while self.left and self.is_writable:
            count = min(self.left, CHUNK, self.window if self.qos else CHUNK, WINDOW - self.next)
            if count == 0:
                return
            self.transport.write(b"".join(self.packets[self.next : self.next + count]))
            self.next = (self.next + count) % WINDOW
            self.left -= count
            if self.qos:
                self.window -= count


def serve(qos: int, messages: int, pipe: Connection) -> None:
    """Run one fake broker for one client, in a process of its own."""

    async def run() -> None:
        done = asyncio.Event()
        server = await asyncio.get_running_loop().create_server(lambda: FakeBroker(qos, messages, done), "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await done.wait()
        pipe.send("done")
        pipe.recv()

    uvloop.run(run())


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def echo(port: int, qos: int, pipe: Connection, *, coalesce: bool) -> tuple[float, float]:
    """Return CPU and wall seconds from the first message to the last answer."""
    client = Mqtt5Client(ClientOptions(host="127.0.0.1", port=port, receive_maximum=WINDOW, coalesce_reads=coalesce))

    def receive(message: Inbound) -> None:
        def published(error: Exception | None) -> None:
            message.settle(error is None)

        client.publish("echo/" + TOPIC[5:], message.payload, qos, False, None, published)

    client.subscribe(TOPIC, qos, receive)
    begin_cpu, begin = cpu_seconds(), time.perf_counter()
    client.connect()
    finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().add_reader(pipe.fileno(), finished.set_result, None)
    await finished
    cost = cpu_seconds() - begin_cpu, time.perf_counter() - begin
    asyncio.get_running_loop().remove_reader(pipe.fileno())
    await client.close()
    return cost


def measure(qos: int, messages: int, *, coalesce: bool) -> tuple[float, float]:
    """Run one round and return CPU µs a message and messages a second."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=serve, args=(qos, messages, theirs))
    process.start()
    port = ours.recv()
    cpu, wall = uvloop.run(echo(port, qos, ours, coalesce=coalesce))
    ours.recv()
    ours.send("end")
    process.join()
    return cpu / messages * 1e6, messages / wall


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU cost of a message in the MQTT 5 client, echoed.")
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-coalescing", action="store_true", help="read as soon as anything comes")
    arguments = parser.parse_args()
    for qos in (0, 1):
        rounds = [
            measure(qos, arguments.messages, coalesce=not arguments.no_coalescing) for _ in range(arguments.rounds)
        ]
        cpu = statistics.median(each[0] for each in rounds)
        rate = statistics.median(each[1] for each in rounds)
        print(f"QoS {qos}: {cpu:5.2f} µs CPU a message, {rate:8,.0f} messages/s")


if __name__ == "__main__":
    main()

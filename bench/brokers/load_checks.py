"""Load, with packets written by hand so that the client costs little; and the end under it."""

import asyncio
import itertools
import os
import signal
import socket
import struct
import sys
import time
from pathlib import Path

from bench.brokers.broker import Broker
from bench.brokers.check import Checks
from bench.brokers.client import V311, Client

check = Checks()


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

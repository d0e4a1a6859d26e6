"""A fake broker for one client: what a client costs when no real broker sets the pace.

Speaks as much of MQTT 3.1.1 and 5 as it takes to be connected to, subscribed at and published to.
A process of its own, driven by `bench.worker`:
``python -m bench.fake_broker --port 1883 --qos 1 --topics 9``.
"""

import argparse
import asyncio
from typing import Any, cast

from bench import packet
from bench.packet import V5
from bench.pump import Pump
from bench.telemetry import TOPIC_FILTER, Telemetry
from bench.worker import Order, serve

RECEIVE_MAXIMUM = 0x21

# MQTT 5.0 §2.2.2.2: how many bytes the value of a CONNECT property of fixed size takes.
FIXED_SIZES = {0x11: 4, 0x17: 1, 0x19: 1, 0x21: 2, 0x22: 2, 0x27: 4}


def receive_maximum(properties: bytes) -> int:
    """Read the Receive Maximum from the properties of a CONNECT; 65,535 if it is not said."""
    at = 0
    while at < len(properties):
        kind = properties[at]
        at += 1
        if kind == RECEIVE_MAXIMUM:
            return int.from_bytes(properties[at : at + 2], "big")
        if kind in FIXED_SIZES:
            at += FIXED_SIZES[kind]
        else:
            # A user property is two strings, the rest one string or binary.
            for _ in range(2 if kind == 0x26 else 1):
                at += 2 + int.from_bytes(properties[at : at + 2], "big")
    return 65_535


class Broker(asyncio.Protocol):
    """Serve one client connection."""

    def __init__(self, qos: int, topics: int, ready: "asyncio.Future[Pump]") -> None:
        self._qos = qos
        self._topics = topics
        self._ready = ready
        self._version = packet.V4
        self._pump: Pump | None = None
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        packets, self._rest = packet.split(self._rest + data if self._rest else data)
        answers: list[bytes] = []
        payloads: list[bytes] = []
        acknowledged = 0
        for first, body in packets:
            kind = first >> 4
            if kind == packet.PUBLISH:
                identifier, payload = packet.publish(first, body, self._version)
                payloads.append(payload)
                if identifier:
                    answers.append(packet.puback(identifier))
            elif kind == packet.PUBACK:
                acknowledged += 1
            else:
                answers.append(self._control(kind, body))
        if answers:
            self._transport.write(b"".join(answers))
        if self._pump is not None and acknowledged:
            self._pump.acknowledged(acknowledged)
        if self._pump is not None and payloads:
            self._pump.arrived(payloads)

    def _control(self, kind: int, body: bytes) -> bytes:
        match kind:
            case packet.CONNECT:
                return self._connected(body)
            case packet.SUBSCRIBE:
                return self._subscribed(body)
            case packet.UNSUBSCRIBE:
                return packet.framed(0xB0, body[:2] + (b"\x00\x00" if self._version == V5 else b""))
            case packet.PINGREQ:
                return packet.PINGRESP
            case _:
                return b""

    def _connected(self, body: bytes) -> bytes:
        self._version = body[6]
        maximum = 65_535
        if self._version == V5:
            length, at = packet.variable(body, 10)
            maximum = receive_maximum(body[at : at + length])
        telemetry = Telemetry(topics=self._topics, qos=self._qos, version=self._version)
        self._pump = Pump(self._transport.write, telemetry, maximum)
        return b"\x20\x03\x00\x00\x00" if self._version == V5 else b"\x20\x02\x00\x00"

    def _subscribed(self, body: bytes) -> bytes:
        at = 2
        if self._version == V5:
            length, at = packet.variable(body, at)
            at += length
        granted = bytearray()
        while at < len(body):
            size = int.from_bytes(body[at : at + 2], "big")
            topic_filter = body[at + 2 : at + 2 + size].decode()
            at += 3 + size
            granted.append(self._qos)
            if topic_filter == TOPIC_FILTER and self._pump is not None and not self._ready.done():
                self._ready.set_result(self._pump)
        properties = b"\x00" if self._version == V5 else b""
        return packet.framed(0x90, body[:2] + properties + bytes(granted))


async def prepare(port: int, qos: int, topics: int) -> dict[str, Order]:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[Pump] = loop.create_future()
    await loop.create_server(lambda: Broker(qos, topics, ready), "127.0.0.1", port)

    async def run(**details: Any) -> dict[str, Any]:
        return await (await ready).run(**details)

    async def probe(*, seconds: float) -> dict[str, Any]:
        try:
            pump = await asyncio.wait_for(asyncio.shield(ready), seconds)
        except TimeoutError:
            return {"first_ns": None}
        return await pump.probe(seconds=seconds)

    return {"run": run, "probe": probe}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--qos", type=int, choices=(0, 1), required=True)
    parser.add_argument("--topics", type=int, required=True)
    options = parser.parse_args()
    serve(lambda: prepare(options.port, options.qos, options.topics))


if __name__ == "__main__":
    main()

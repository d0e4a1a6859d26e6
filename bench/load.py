"""The load on a real broker: publishes telemetry, receives what the flow makes of it.

A process of its own: ``python -m bench.load --port 1883 --qos 1 --topics 9``, driven by `bench.worker`.
"""

import argparse
import asyncio
from typing import TYPE_CHECKING, cast

from bench.packet import CONNACK, PUBACK, PUBLISH, SUBACK, V4, Packet, connect, publish, split, subscribe
from bench.pump import Pump
from bench.telemetry import OUTPUT_TOPIC, Telemetry
from bench.worker import Order, serve

if TYPE_CHECKING:
    from collections.abc import Callable


class Link(asyncio.Protocol):
    """A connection to the broker that hands over received packets a read at a time."""

    def __init__(self) -> None:
        self.receive: Callable[[list[Packet]], None] = lambda _: None
        self._rest = b""
        self._kinds: set[int] = set()
        self._news = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.write = self._transport.write

    def data_received(self, data: bytes) -> None:
        packets, self._rest = split(self._rest + data if self._rest else data)
        if not self._kinds >= {CONNACK, SUBACK}:
            self._kinds.update(first >> 4 for first, _ in packets)
            self._news.set()
        self.receive(packets)

    async def answered(self, kind: int) -> None:
        """Wait until the broker has answered with a packet of this kind."""
        async with asyncio.timeout(10):
            while kind not in self._kinds:
                self._news.clear()
                await self._news.wait()


async def linked(port: int, client: str) -> Link:
    _, link = await asyncio.get_running_loop().create_connection(Link, "127.0.0.1", port)
    link.write(connect(client))
    await link.answered(CONNACK)
    return link


async def prepare(port: int, qos: int, topics: int) -> dict[str, Order]:
    publisher = await linked(port, "bench-publisher")
    # The counter takes QoS 0: the hops under test stay as they are, and the broker has less to do.
    counter = await linked(port, "bench-counter")
    counter.write(subscribe(OUTPUT_TOPIC, 0))
    await counter.answered(SUBACK)
    pump = Pump(publisher.write, Telemetry(topics=topics, qos=qos, version=V4))

    def acknowledged(packets: list[Packet]) -> None:
        pump.acknowledged(sum(first >> 4 == PUBACK for first, _ in packets))

    def arrived(packets: list[Packet]) -> None:
        pump.arrived([publish(first, body, V4).payload for first, body in packets if first >> 4 == PUBLISH])

    publisher.receive = acknowledged
    counter.receive = arrived
    return {"run": pump.run, "probe": pump.probe}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--qos", type=int, choices=(0, 1), required=True)
    parser.add_argument("--topics", type=int, required=True)
    options = parser.parse_args()
    serve(lambda: prepare(options.port, options.qos, options.topics))


if __name__ == "__main__":
    main()

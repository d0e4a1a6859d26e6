"""The limit: a client that sends every message on as it came, without JSON and without a flow.

Gives the same promise as a flow: the acknowledgement goes out after the output's own has come in, in order.
``python -m bench.echo --port 1883 --qos 1``
"""

import argparse
import asyncio
from collections import deque
from typing import cast

import uvloop

from bench.packet import (
    CONNACK,
    PUBACK,
    PUBLISH,
    V5,
    connect,
    framed,
    puback,
    publish,
    split,
    subscribe,
    text,
)
from bench.telemetry import OUTPUT_TOPIC, TOPIC_FILTER

TOPIC = text(OUTPUT_TOPIC)


class Client(asyncio.Protocol):
    """Speak MQTT 5 to a broker; one write a read."""

    def __init__(self, qos: int) -> None:
        self._qos = qos
        self._rest = b""
        self._sent = 0
        self._open: deque[bytes] = deque()
        self.lost = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(connect("bench-echo", V5))

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set()

    def data_received(self, data: bytes) -> None:
        packets, self._rest = split(self._rest + data if self._rest else data)
        answers: list[bytes] = []
        for first, body in packets:
            kind = first >> 4
            if kind == PUBLISH:
                answers.append(self._passed_on(first, body))
            elif kind == PUBACK:
                answers.append(puback(self._open.popleft()))
            elif kind == CONNACK:
                answers.append(subscribe(TOPIC_FILTER, self._qos, V5))
        if answers:
            self._transport.write(b"".join(answers))

    def _passed_on(self, first: int, body: bytes) -> bytes:
        identifier, payload = publish(first, body, V5)
        if not identifier:
            return framed(0x30, TOPIC + b"\x00" + payload)
        self._open.append(identifier)
        self._sent = self._sent % 65_535 + 1
        return framed(0x32, TOPIC + self._sent.to_bytes(2, "big") + b"\x00" + payload)


async def run(port: int, qos: int) -> None:
    _, client = await asyncio.get_running_loop().create_connection(lambda: Client(qos), "127.0.0.1", port)
    await client.lost.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--qos", type=int, choices=(0, 1), required=True)
    options = parser.parse_args()
    uvloop.run(run(options.port, options.qos))


if __name__ == "__main__":
    main()

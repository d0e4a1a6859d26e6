"""Telemetry of many devices at a fixed rate, as a worker.

``python -m bench.odoo_load --port 1883 --devices 1000``, driven by `bench.worker`.
"""

import argparse
import asyncio
from time import monotonic_ns
from typing import Any

from bench.load import linked
from bench.packet import PUBACK, V4, Packet
from bench.telemetry import Telemetry
from bench.worker import Order, serve


async def prepare(port: int, devices: int) -> dict[str, Order]:
    link = await linked(port, "bench-devices")
    telemetry = Telemetry(topics=devices, qos=1, version=V4)
    sent = acknowledged = 0
    sending: asyncio.Task[None] | None = None

    def received(packets: list[Packet]) -> None:
        nonlocal acknowledged
        acknowledged += sum(first >> 4 == PUBACK for first, _ in packets)

    link.receive = received

    async def pump(rate: float, seconds: float) -> None:
        nonlocal sent
        began, first, count = monotonic_ns(), sent, int(rate * seconds)
        while sent - first < count:
            due = min(int((monotonic_ns() - began) * rate / 1e9) + 1, count) - (sent - first)
            now = monotonic_ns()
            link.write(b"".join([telemetry.packet(number, now) for number in range(sent + 1, sent + due + 1)]))
            sent += due
            await asyncio.sleep(0.005)

    async def begin(*, rate: float, seconds: float) -> dict[str, Any]:
        nonlocal sending
        sending = asyncio.create_task(pump(rate, seconds), name="telemetry")
        return {}

    async def totals() -> dict[str, Any]:
        done = sending is None or sending.done()
        if sending is not None and done:
            sending.result()
        return {"sent": sent, "acknowledged": acknowledged, "done": done}

    return {"begin": begin, "totals": totals}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--devices", type=int, required=True)
    options = parser.parse_args()
    serve(lambda: prepare(options.port, options.devices))


if __name__ == "__main__":
    main()

"""Simulated devices, as a worker: they connect when told to, and tell what they have done."""

import argparse
import asyncio
import time
from typing import Any

from bench.worker import Order, serve
from flowengine_nodes.iiot.simulator.behaviour import Behaviour
from flowengine_nodes.iiot.simulator.fleet import Fleet
from flowengine_nodes.iiot.simulator.registration import applicants, names
from flowengine_nodes.iiot.simulator.site import Site

CONNECT_SECONDS = 200.0


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--devices", type=int, required=True)
    parser.add_argument("--interval", type=float, required=True)
    parser.add_argument("--failing", type=float, default=0.0)
    parser.add_argument("--silent", type=float, default=0.0)
    return parser.parse_args()


async def prepare() -> dict[str, Order]:
    chosen = options()
    site = Site(host="127.0.0.1", port=chosen.port, interval=chosen.interval, update_seconds=0.1)
    behaviour = Behaviour(failing_updates=chosen.failing, silent_updates=chosen.silent)
    fleet = Fleet(applicants(names(chosen.devices)), site, behaviour)

    async def connect() -> dict[str, Any]:
        """Begin, and wait until all are connected."""
        began = time.monotonic()
        # They end with the worker's process.
        await fleet.__aenter__()
        while fleet.totals.connected < chosen.devices:
            if time.monotonic() - began > CONNECT_SECONDS:
                raise TimeoutError(f"after {CONNECT_SECONDS:g} s: {fleet.totals.line()}")
            await asyncio.sleep(0.05)
        return {"seconds": time.monotonic() - began}

    async def totals() -> dict[str, Any]:
        return fleet.totals.facts()

    async def updates() -> dict[str, Any]:
        """Tell how the last update of each device ended."""
        return {device.id: device.last_update for device in fleet.devices}

    async def stop() -> dict[str, Any]:
        return (await fleet.stop()).facts()

    return {"connect": connect, "totals": totals, "updates": updates, "stop": stop}


if __name__ == "__main__":
    serve(prepare)

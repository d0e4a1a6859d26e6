"""A thousand devices that pair at once over MQTT."""

import asyncio
import json
import shutil
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import aiomqtt

from bench.broker import Mosquitto
from bench.engine import STORE, FlowEngine
from bench.figure import Figure, Figures, Goal
from bench.process import Process, free_port
from bench.side import Side
from bench.stand import START_SECONDS, RunError
from flowengine.node import SystemClock
from flowengine.storage import Store
from flowengine_nodes.iiot.embedded.groups import EmbeddedGroups
from flowengine_nodes.iiot.registry.device import Device
from flowengine_nodes.iiot.registry.profile import Profile

DEVICES = 1_000
CLIENTS = 50
SHIPPED = Path(__file__).parents[2] / "flows"
PATIENCE = 120.0

Request = dict[str, str]


class Pairing:
    """Let devices show their tokens all at once, and wait until each has its configuration; there is no peer.

    They share one login to the broker: what Mosquitto takes to write an account of its own for each is not ours.
    """

    limited = False
    name = "pairing"
    title = "1,000 devices pair at once over MQTT"
    figures = (
        Figure("seconds", "until the last one has paired", "s", Goal("at most", 60, "unit"), 1),
        Figure("cpu_ms", "CPU a device", "ms", digits=1),
    )

    def measure(self, work: Path, side: Side) -> Figures:
        assert isinstance(side, FlowEngine)
        with tempfile.TemporaryDirectory(dir=work) as scratch:
            directory = Path(scratch)
            flows = directory / "flows"
            flows.mkdir()
            for name in ("resources.json", "pairing.flow.json"):
                shutil.copy(SHIPPED / name, flows / name)
            requests = asyncio.run(_requests(directory / STORE))
            port = free_port()
            with Mosquitto(directory) as broker:
                environment = {"MQTT_BROKER_PORT": str(broker.port), "MQTT_DEVICE_CREDENTIALS": "shared"}
                with side.run(flows, directory, port, environment) as engine:
                    _wait_until_ready(port, engine)
                    before = engine.cpu_seconds()
                    seconds = asyncio.run(_pair(broker.port, requests))
                    spent = engine.cpu_seconds() - before
        return {"seconds": seconds, "cpu_ms": spent / DEVICES * 1000}


async def _requests(store: Path) -> list[Request]:
    """Enter the devices, and make a token for each."""
    opened = await Store.open(f"sqlite:///{store}")
    try:
        groups = EmbeddedGroups(opened.tables, SystemClock())
        await groups.migrate()
        await groups.tokens.load("")
        await groups.profiles.save(Profile(id="bench"), "bench")
        ids = [f"dev-{number:06d}" for number in range(DEVICES)]
        await asyncio.gather(*(groups.devices.add(Device(id=id, serial=id, profile="bench"), "bench") for id in ids))
        issued = await asyncio.gather(*(groups.tokens.issue(id, 900, "bench") for id in ids))
    finally:
        await opened.close()
    return [{"serial": one.serial, "token": one.text, "request_id": one.device} for one in issued]


def _wait_until_ready(port: int, engine: Process) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and engine.running():
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise RunError(f"the engine was not ready:\n{engine.said()}")


async def _pair(port: int, requests: list[Request]) -> float:
    """Send all requests over some connections, and return how long it took until all had their answers."""
    began = time.monotonic()
    parts = await asyncio.gather(*(_pair_some(port, number, requests[number::CLIENTS]) for number in range(CLIENTS)))
    seconds = time.monotonic() - began
    paired = {answer.get("device") for part in parts for answer in part}
    if len(paired - {None}) != DEVICES:
        raise RunError(f"only {len(paired - {None})} of {DEVICES} devices have paired")
    return seconds


async def _pair_some(port: int, number: int, requests: list[Request]) -> list[dict[str, Any]]:
    reply = f"iiot/config/reply/client-{number}"
    answers: list[dict[str, Any]] = []
    async with aiomqtt.Client("127.0.0.1", port) as client, asyncio.timeout(PATIENCE):
        await client.subscribe(reply, qos=1)
        for request in requests:
            await client.publish("iiot/config/request", json.dumps({**request, "reply_to": reply}), qos=1)
        async for message in client.messages:
            answers.append(json.loads(bytes(message.payload)))
            if len(answers) == len(requests):
                break
    return answers

"""A rollout to ten thousand devices, of which some fail and some say nothing."""

import asyncio
import hashlib
import os
import time
from pathlib import Path

from bench.engine import FlowEngine
from bench.figure import Figure, Figures, Goal
from bench.plant import Plant
from bench.side import Side
from bench.stand import RunError
from flowengine.node import SystemClock
from flowengine.storage import Store
from flowengine_nodes.iiot.embedded.groups import EmbeddedGroups
from flowengine_nodes.iiot.registry.updates import UpdateFilter

DEVICES = 10_000
IMAGE = 16_384
PATIENCE = 900.0
# What the registry says of an update that ended so at its device.
RIGHT = {"succeeded": "succeeded", "failed": "failed", "silent": "timed_out"}
PLAN = {
    "firmware": "2.0.0",
    "groups": [{"name": "canary", "percent": 5}, {"name": "all"}],
    "rate": 30_000,
    "success": 90,
    "error": 10,
    "policy": {"attempts": 2, "backoff": "1s", "timeouts": {"notified": "20s"}},
}


class Rollout:
    """Update devices by the shipped flows, and compare how each ended with what the registry says."""

    limited = False
    name = "rollout"
    title = f"rollout to {DEVICES:,} devices, 2 % failing, 1 % silent, two attempts"
    figures = (
        Figure("seconds", "until it is finished", "s"),
        Figure("succeeded", "succeeded", "devices"),
        Figure("failed", "failed or timed out", "devices"),
        Figure("wrong", "in a wrong state", "devices", Goal("at most", 0, "unit")),
        Figure("cpu_ms", "CPU a device", "ms", digits=1),
        Figure("rss", "memory (RSS) at the end", "MiB"),
    )

    def measure(self, work: Path, side: Side) -> Figures:
        assert isinstance(side, FlowEngine)
        image = os.urandom(IMAGE)
        with Plant(work, side, devices=DEVICES, interval=60, failing=0.02, silent=0.01) as plant:
            plant.devices.ask("connect")
            plant.ask("PUT", f"/api/v1/firmware/2.0.0?sha256={hashlib.sha256(image).hexdigest()}", image)
            cpu, began = plant.engine.cpu_seconds(), time.monotonic()
            id = plant.ask("POST", "/api/v1/rollouts", PLAN)["id"]
            _wait(plant, id)
            seconds, spent = time.monotonic() - began, plant.engine.cpu_seconds() - cpu
            rss, _ = plant.engine.memory_mib()
            truth = plant.devices.ask("updates")
            known = asyncio.run(_states(plant.store, id))
        wrong = sum(known.get(device) != RIGHT.get(ended) for device, ended in truth.items())
        return {
            "seconds": seconds,
            "succeeded": sum(state == "succeeded" for state in known.values()),
            "failed": sum(state != "succeeded" for state in known.values()),
            "wrong": wrong + DEVICES - len(truth),
            "cpu_ms": spent / DEVICES * 1000,
            "rss": rss,
        }


def _wait(plant: Plant, id: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        told = plant.ask("GET", f"/api/v1/rollouts/{id}")
        if told["state"] == "finished":
            return
        if told["state"] != "running":
            raise RunError(f"the rollout is {told['state']}: {told['reason']}; {told['devices']}")
        time.sleep(1)
    raise RunError(f"the rollout did not end in {PATIENCE:g} s: {told['devices']}")


async def _states(store: str, rollout: str) -> dict[str, str]:
    opened = await Store.open(store)
    try:
        groups = EmbeddedGroups(opened.tables, SystemClock())
        updates = await groups.updates.list(UpdateFilter(rollout=rollout), limit=DEVICES)
    finally:
        await opened.close()
    return {one.device: one.state.value for one in updates}

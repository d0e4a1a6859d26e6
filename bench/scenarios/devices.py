"""Ten thousand devices on all shipped flows."""

import time
from pathlib import Path

from bench.engine import FlowEngine
from bench.figure import Figure, Figures, Goal
from bench.plant import Plant
from bench.side import Side
from bench.stand import RunError

DEVICES = 10_000
INTERVAL = 10.0
PATIENCE = 20.0
LOOK_AGAIN = 0.2


class Devices:
    """Let simulated devices send telemetry to all shipped flows, and look at what arrives and what memory it takes.

    Memory is first looked at when each device has sent something: what the engine keeps of each is there by then.

    Args:
        seconds: How long.
    """

    limited = False
    name = "devices"
    figures = (
        Figure("connect", "until all are connected", "s", digits=1),
        Figure("sent", "sent", "messages"),
        Figure("lost", "lost", "messages", Goal("at most", 0, "unit")),
        Figure("behind", "until the last one has arrived", "s", digits=1),
        Figure("doubled", "doubled", "messages"),
        Figure("cpu_us", "CPU a message, all flows", "µs"),
        Figure("rss_first", "memory (RSS) at the start", "MiB", digits=1),
        Figure("rss_last", "memory (RSS) at the end", "MiB", digits=1),
        Figure("growth", "growth of memory", "MiB", Goal("at most", 10, "unit"), 1),
    )

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.title = f"{DEVICES:,} devices, a message each in {INTERVAL:g} s, for {seconds:g} s"

    def measure(self, work: Path, side: Side) -> Figures:
        assert isinstance(side, FlowEngine)
        with Plant(work, side, devices=DEVICES, interval=INTERVAL) as plant:
            connect = plant.devices.ask("connect")["seconds"]
            time.sleep(INTERVAL)
            first, _ = plant.engine.memory_mib()
            before, cpu = plant.devices.ask("totals")["sent"], plant.engine.cpu_seconds()
            time.sleep(self._seconds)
            last, _ = plant.engine.memory_mib()
            sent, spent = plant.devices.ask("totals")["sent"] - before, plant.engine.cpu_seconds() - cpu
            totals = plant.devices.ask("stop")
            if totals["acknowledged"] != totals["sent"]:
                raise RunError(f"the broker acknowledged {totals['acknowledged']} of {totals['sent']} messages")
            stopped = time.monotonic()
            arrived = _arrived(plant, totals["sent"])
            behind = time.monotonic() - stopped
        return {
            "connect": connect,
            "sent": totals["sent"],
            "lost": totals["sent"] - arrived["received"],
            "behind": behind,
            "doubled": arrived["duplicates"],
            "cpu_us": spent / sent * 1e6,
            "rss_first": first,
            "rss_last": last,
            "growth": last - first,
        }


def _arrived(plant: Plant, sent: int) -> dict[str, int]:
    """Wait for the last messages, as long as some still arrive, and return what has arrived."""
    received, end = 0, 0.0
    while True:
        counts: dict[str, int] = plant.odoo.ask("counts")
        if counts["received"] > received:
            received, end = counts["received"], time.monotonic() + PATIENCE
        if received >= sent or time.monotonic() > end:
            return counts
        time.sleep(LOOK_AGAIN)

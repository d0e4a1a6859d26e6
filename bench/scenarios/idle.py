"""What an engine takes that has nothing to do."""

import time
from pathlib import Path

from bench.figure import Figure, Figures, Goal
from bench.side import Side
from bench.stand import Stand

SETTLE_SECONDS = 2
SECONDS = 5


class Idle:
    """Measure memory and CPU of an engine that runs the mapping flow, connected, without messages."""

    name = "idle"
    title = "idle, connected"
    limited = False
    figures = (
        Figure("rss_mib", "memory (RSS)", "MiB", Goal("at most", 80, "unit"), 1),
        Figure("pss_mib", "memory (PSS)", "MiB", digits=1),
        Figure("cpu_percent", "CPU", "%", digits=2),
    )

    def measure(self, work: Path, side: Side) -> Figures:
        with Stand(work, side) as stand:
            stand.first_message()
            time.sleep(SETTLE_SECONDS)
            before = stand.engine.cpu_seconds()
            time.sleep(SECONDS)
            cpu = stand.engine.cpu_seconds() - before
            rss, pss = stand.engine.memory_mib()
        return {"rss_mib": rss, "pss_mib": pss, "cpu_percent": cpu / SECONDS * 100}

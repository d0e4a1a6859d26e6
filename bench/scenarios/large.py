"""A flow of 10,000 nodes: its start, and the change of one node of it under load."""

import time
from dataclasses import replace
from pathlib import Path

from bench.figure import Figure, Figures, Goal
from bench.side import Side
from bench.stand import Stand

LINES = 1_000
RATE = 500
SECONDS = 12
BEFORE_DEPLOY_SECONDS = 2


class Large:
    """Start 1,000 chains of ten nodes in one flow; then change a node while messages pass through it."""

    name = "large"
    title = "flow of 10,000 nodes, QoS 1"
    limited = False
    figures = (
        Figure("seconds", "first message after", "s", Goal("at most", 3, "unit"), 2),
        Figure("deploy_ms", "deploy of one changed node", "ms", Goal("at most", 100, "unit")),
        Figure("lost", "lost in that deploy", "messages", Goal("at most", 0, "unit")),
        Figure("duplicates", "doubled in that deploy", "messages"),
        Figure("rss_mib", "memory (RSS)", "MiB"),
    )

    def measure(self, work: Path, side: Side) -> Figures:
        with Stand(work, side, kind="plant", length=LINES) as stand:
            seconds = stand.first_message()
            rss, _ = stand.engine.memory_mib()
            stand.begin(count=RATE * SECONDS, rate=RATE, check=False)
            time.sleep(BEFORE_DEPLOY_SECONDS)
            press = side.deploy(replace(stand.job, revision=1), stand.port)
            before = time.monotonic()
            press()
            deploy = time.monotonic() - before
            run = stand.finish()
        return {
            "seconds": seconds,
            "deploy_ms": deploy * 1000,
            "lost": run.lost,
            "duplicates": run.duplicates,
            "rss_mib": rss,
        }

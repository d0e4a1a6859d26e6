"""Throughput with a durable outbox, against a peer that has none."""

from pathlib import Path

from bench.figure import Figure, Figures, Goal
from bench.side import Side
from bench.stand import Stand

COUNT = 20_000


class Outbox:
    """Have ours commit every output to disk before it acknowledges the input; the peer keeps nothing.

    Behind a real broker the broker may be what limits the throughput; with the client alone the engine is.
    """

    limited = False
    figures = (
        Figure("rate", "throughput", "msg/s", Goal("at least", 2, "peer")),
        Figure("cpu_us", "CPU a message", "µs", digits=1),
    )

    def __init__(self, *, alone: bool) -> None:
        self._alone = alone
        self.name = "outbox-alone" if alone else "outbox"
        place = "client alone" if alone else "behind Mosquitto"
        self.title = f"durable outbox (peer: none), QoS 1, {place}"

    def measure(self, work: Path, side: Side) -> Figures:
        with Stand(work, side, kind="outbox", alone=self._alone) as stand:
            stand.warm()
            run = stand.run(count=COUNT)
        return {"rate": run.rate, "cpu_us": run.cpu_us}

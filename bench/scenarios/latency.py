"""Latency at a steady 1,000 messages a second."""

from pathlib import Path

from bench.figure import Figure, Figures, times
from bench.side import Side
from bench.stand import Stand

RATE = 1_000
SECONDS = 10


class Latency:
    """Send at a fixed rate, whatever comes out, and take each message's time from publisher to subscriber.

    Nagle's algorithm is turned off for every side: with it on, a side would be measured by that option alone.
    """

    limited = True

    def __init__(self, *, qos: int) -> None:
        self._qos = qos
        self.name = f"latency-qos{qos}"
        self.title = f"1,000 msg/s, QoS {qos}, behind Mosquitto"
        self.figures = (
            Figure("p50_us", "latency, median", "µs", times(1)),
            Figure("p99_us", "latency, 99th percentile", "µs", times(1)),
            Figure("cpu_us", "CPU a message", "µs"),
        )

    def measure(self, work: Path, side: Side) -> Figures:
        with Stand(work, side, qos=self._qos, prompt=True) as stand:
            stand.warm()
            run = stand.run(count=RATE * SECONDS, rate=RATE)
        return {"p50_us": run.p50_us, "p99_us": run.p99_us, "cpu_us": run.cpu_us}

"""A flow that asks an HTTP server once a message."""

from pathlib import Path

from bench.figure import Figure, Figures, times
from bench.side import Side
from bench.stand import Stand

COUNT = 5_000
WINDOW = 50


class HttpLeg:
    """Measure behind Mosquitto at QoS 1, with 50 messages in flight and HTTP connections kept alive.

    Nagle's algorithm is off for every side: with so few messages in flight it would set the pace.
    """

    name = "http"
    title = "MQTT → HTTP request → MQTT, QoS 1, 50 in flight"
    limited = False
    figures = (
        Figure("cpu_us", "CPU a message", "µs", times(0.5)),
        Figure("rate", "throughput", "msg/s"),
    )

    def measure(self, work: Path, side: Side) -> Figures:
        with Stand(work, side, kind="http", prompt=True) as stand:
            stand.warm(count=1_000, window=WINDOW)
            run = stand.run(count=COUNT, window=WINDOW)
        return {"cpu_us": run.cpu_us, "rate": run.rate}

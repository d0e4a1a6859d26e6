"""Telemetry by the rules of profiles: MQTT in, five rules, writes out, of 1,000 devices."""

from pathlib import Path

from bench.figure import Figure, Figures, Goal, times
from bench.side import Side
from bench.stand import Stand

DEVICES = 1_000
COUNT = 30_000


class Rules:
    """Map telemetry of 1,000 devices by five rules at QoS 1; the peer does it with function and change nodes.

    With the outbox, the writes are committed to disk before the input is acknowledged, and sent from there; the peer
    keeps nothing.
    """

    limited = False

    def __init__(self, *, outbox: bool, alone: bool = False) -> None:
        self._outbox = outbox
        self._alone = alone
        self.name = f"telemetry{'-outbox' if outbox else ''}{'-alone' if alone else ''}"
        ending = "durable outbox (peer: none)" if outbox else "no outbox"
        place = "client alone" if alone else "behind Mosquitto"
        self.title = f"telemetry, 5 rules, 1,000 devices, QoS 1, {ending}, {place}"
        goal = Goal("at most", 30, "unit") if outbox else times(0.5)
        self.figures = (Figure("cpu_us", "CPU a message", "µs", goal, 1), Figure("rate", "throughput", "msg/s"))

    def measure(self, work: Path, side: Side) -> Figures:
        kind = "telemetry-outbox" if self._outbox else "telemetry"
        with Stand(work, side, kind=kind, topics=DEVICES, alone=self._alone) as stand:
            stand.warm()
            run = stand.run(count=COUNT)
        return {"cpu_us": run.cpu_us, "rate": run.rate}

"""CPU time a message on the main job: JSON in, map, JSON out."""

from pathlib import Path

from bench.figure import Figure, Figures, times
from bench.side import Side
from bench.stand import Stand

COUNT = 40_000


class Messages:
    """Send as fast as the window lets and divide the engine's CPU time by the messages."""

    limited = True

    def __init__(self, *, qos: int, alone: bool) -> None:
        self._qos = qos
        self._alone = alone
        self.name = f"{'alone' if alone else 'broker'}-qos{qos}"
        self.title = f"JSON → map → JSON, QoS {qos}, {'client alone' if alone else 'behind Mosquitto'}"
        self.figures = (
            Figure("cpu_us", "CPU a message", "µs", times(0.25), 1),
            Figure("rate", "throughput", "msg/s"),
        )

    def measure(self, work: Path, side: Side) -> Figures:
        with Stand(work, side, qos=self._qos, alone=self._alone) as stand:
            stand.warm()
            run = stand.run(count=COUNT)
        return {"cpu_us": run.cpu_us, "rate": run.rate}

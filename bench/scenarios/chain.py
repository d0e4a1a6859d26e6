"""Whether a chain of nodes costs as much more as it is longer."""

from pathlib import Path

from bench.figure import TIMES, Figure, Figures, Goal
from bench.side import Side
from bench.stand import Stand

LENGTHS = (1, 10, 50)
COUNT = 30_000


class Chain:
    """Send through 1, 10 and 50 change nodes, client alone at QoS 0: there a node's share is largest."""

    name = "chain"
    title = "chain of change nodes, QoS 0, client alone"
    limited = False
    figures = (
        *(Figure(f"cpu_us_{length}", f"CPU a message, nodes: {length}", "µs", digits=1) for length in LENGTHS),
        Figure("node_us", "CPU of one more node", "µs", digits=2),
        Figure("growth", "a node among 50 costs, times one among 10", TIMES, Goal("at most", 1.5, "unit"), 2),
    )

    def measure(self, work: Path, side: Side) -> Figures:
        costs: list[float] = []
        for length in LENGTHS:
            with Stand(work, side, kind="chain", length=length, qos=0, alone=True) as stand:
                stand.warm()
                costs.append(stand.run(count=COUNT).cpu_us)
        one, ten, fifty = costs
        few, many = (ten - one) / 9, (fifty - ten) / 40
        return {
            **{f"cpu_us_{length}": cost for length, cost in zip(LENGTHS, costs, strict=True)},
            "node_us": (fifty - one) / 49,
            "growth": many / few,
        }

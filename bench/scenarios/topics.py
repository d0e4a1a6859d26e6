"""Whether the cost of a message stays the same however many topics there are."""

from pathlib import Path

from bench.figure import TIMES, Figure, Figures, Goal
from bench.side import Side
from bench.stand import Stand

TOPICS = (1_000, 10_000, 100_000)
COUNT = 100_000


class Topics:
    """Send the same number of messages on 1,000, 10,000 and 100,000 topics, behind Mosquitto at QoS 1."""

    name = "topics"
    title = "topics, QoS 1, behind Mosquitto"
    limited = False
    figures = (
        *(Figure(f"cpu_us_{topics}", f"CPU a message, {topics:,} topics", "µs", digits=1) for topics in TOPICS),
        Figure("growth", "100,000 topics cost, times 1,000", TIMES, Goal("at most", 1.2, "unit"), 2),
    )

    def measure(self, work: Path, side: Side) -> Figures:
        costs: Figures = {}
        for topics in TOPICS:
            with Stand(work, side, topics=topics) as stand:
                stand.warm()
                costs[f"cpu_us_{topics}"] = stand.run(count=COUNT).cpu_us
        costs["growth"] = costs[f"cpu_us_{TOPICS[-1]}"] / costs[f"cpu_us_{TOPICS[0]}"]
        return costs

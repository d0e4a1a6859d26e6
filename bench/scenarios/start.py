"""How long an engine takes from its command line to the first message."""

from pathlib import Path

from bench.figure import Figure, Figures, Goal
from bench.side import Side
from bench.stand import Stand


class Start:
    """Publish every 10 ms from before the start, and stop the time at the first output."""

    name = "start"
    title = "start of the mapping flow"
    limited = False
    figures = (Figure("seconds", "first message after", "s", Goal("at most", 1.5, "unit"), 2),)

    def measure(self, work: Path, side: Side) -> Figures:
        with Stand(work, side) as stand:
            return {"seconds": stand.first_message()}

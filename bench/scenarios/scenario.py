"""What every scenario offers."""

from pathlib import Path
from typing import Protocol

from bench.figure import Figure, Figures
from bench.side import Side


class Scenario(Protocol):
    """One question that the benchmark answers for each side."""

    @property
    def name(self) -> str:
        """The name that ``--only`` takes."""

    @property
    def title(self) -> str:
        """What is done, for the table."""

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures that `measure` returns, by their keys."""

    @property
    def limited(self) -> bool:
        """Whether the limit (`bench.limit`) is measured too."""

    def measure(self, work: Path, side: Side) -> Figures:
        """Run one round for one side; `work` is for temporary files."""

"""A figure that a scenario measures, and the goal it has."""

from dataclasses import dataclass
from typing import Literal

Figures = dict[str, float]

TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True)
class Goal:
    """A bound on our figure.

    Args:
        relation: Whether the figure may be at most or must be at least the bound.
        bound: A multiple of the peer's figure, or a number in the figure's unit.
        of: What the bound is a multiple of.
    """

    relation: Literal["at most", "at least"]
    bound: float
    of: Literal["peer", "unit"]

    def met(self, ours: float, theirs: float | None) -> bool | None:
        """Say whether the goal is met; None if it takes a peer that was not measured."""
        if self.of == "unit":
            bound = self.bound
        elif theirs is None:
            return None
        else:
            bound = self.bound * theirs
        return ours <= bound if self.relation == "at most" else ours >= bound

    def text(self, unit: str) -> str:
        sign = "≤" if self.relation == "at most" else "≥"
        return f"{sign} {self.bound:g} {TIMES}" if self.of == "peer" else f"{sign} {self.bound:g} {unit}".rstrip()


@dataclass(frozen=True)
class Figure:
    """Describe one measured number.

    Args:
        key: Its name in a scenario's result.
        title: What is measured, for the table.
        unit: Unit of the number; empty for a plain one.
        goal: What ours has to reach, if anything.
        digits: Digits after the point, for the table.
    """

    key: str
    title: str
    unit: str
    goal: Goal | None = None
    digits: int = 0


def times(bound: float) -> Goal:
    """At most so many times the peer's figure."""
    return Goal("at most", bound, "peer")

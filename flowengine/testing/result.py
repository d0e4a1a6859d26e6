"""What came of the tests of flows, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from flowengine.flow.problem import Problem
from flowengine.testing.difference import Difference

Outcome = Literal["passed", "failed", "broken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """What came of one case.

    Args:
        name: Its name.
        outcome: ``passed``; ``failed``: something is other than expected; ``broken``: it could not be run.
        differences: What is other than expected.
        problems: Why it could not be run.
        log: What the flow said, from warnings on, where it did not pass.
        arrivals: The first messages that came to each node, cut to a size.
        seconds: How long it took.
    """

    name: str
    outcome: Outcome
    differences: tuple[Difference, ...] = ()
    problems: tuple[Problem, ...] = ()
    log: tuple[str, ...] = ()
    arrivals: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "name": self.name,
            "outcome": self.outcome,
            "seconds": round(self.seconds, 4),
            "differences": [difference.as_dict() for difference in self.differences],
            "problems": [problem.as_dict() for problem in self.problems],
            "log": list(self.log),
        }


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which nodes of a flow some case has reached.

    Args:
        nodes: Ids of all nodes that messages can come to.
        reached: Those that one came to, or that one left.
    """

    nodes: frozenset[str]
    reached: frozenset[str]

    @property
    def missed(self) -> list[str]:
        """Ids of the nodes that no message came to."""
        return sorted(self.nodes - self.reached)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        covered = self.nodes & self.reached
        return {"nodes": len(self.nodes), "reached": len(covered), "missed": self.missed}


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowTestResult:
    """What came of the tests of one flow.

    Args:
        flow: Id of the flow.
        file: The file of its tests.
        cases: What came of each case, in the order of the file.
        problems: Why none could be run.
        coverage: The nodes that were reached; ``None`` where no case could be run.
    """

    flow: str
    file: Path
    cases: tuple[CaseResult, ...] = ()
    problems: tuple[Problem, ...] = ()
    coverage: Coverage | None = None

    def count(self, outcome: Outcome) -> int:
        """Return how many cases came out so."""
        return sum(case.outcome == outcome for case in self.cases)

    @property
    def is_broken(self) -> bool:
        """Whether something could not be run."""
        return bool(self.problems) or self.count("broken") > 0

    @property
    def seconds(self) -> float:
        """How long the cases took."""
        return sum(case.seconds for case in self.cases)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "flow": self.flow,
            "file": str(self.file),
            "seconds": round(self.seconds, 4),
            "cases": [case.as_dict() for case in self.cases],
            "problems": [problem.as_dict() for problem in self.problems],
            "coverage": self.coverage.as_dict() if self.coverage is not None else None,
        }


@dataclass(frozen=True, slots=True)
class FlowTestReport:
    """What came of the tests of a folder.

    Args:
        results: What came of the tests of each flow.
        problems: What is wrong beside them, such as tests of a flow that is not there.
    """

    results: Sequence[FlowTestResult]
    problems: tuple[Problem, ...] = field(default=())

    def count(self, outcome: Outcome) -> int:
        """Return how many cases came out so."""
        return sum(result.count(outcome) for result in self.results)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        outcomes: tuple[Outcome, ...] = ("passed", "failed", "broken")
        return {
            **{outcome: self.count(outcome) for outcome in outcomes},
            "flows": [result.as_dict() for result in self.results],
            "problems": [problem.as_dict() for problem in self.problems],
        }

    @property
    def is_broken(self) -> bool:
        """Whether something could not be run."""
        return bool(self.problems) or any(result.is_broken for result in self.results)

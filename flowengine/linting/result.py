"""What lint found, and what can run."""

from collections.abc import Mapping
from dataclasses import dataclass

from flowengine.flow.problem import Problem, Severity
from flowengine.graph import FlowPlan, PlannedResource


@dataclass(frozen=True, slots=True)
class LintResult:
    """All problems of a folder of flows, and the plan of each flow that can run.

    Attributes:
        problems: Every problem, by file and line.
        plans: The plans by flow id. A flow that is broken, disabled or a subflow has none.
        resources: The resources without errors, by id.
        broken: Ids of the flows with errors.
    """

    problems: tuple[Problem, ...]
    plans: Mapping[str, FlowPlan]
    resources: Mapping[str, PlannedResource]
    broken: frozenset[str]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep something from running."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems that do not."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.WARNING)

    def of_file(self, file: str) -> tuple[Problem, ...]:
        """Return the problems of one file."""
        return tuple(problem for problem in self.problems if problem.file == file)

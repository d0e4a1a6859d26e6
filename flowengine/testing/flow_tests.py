"""Run the tests of flows."""

import asyncio
import time
import traceback
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from flowengine.flow.document_file import TEST_SUFFIX, DocumentFile, read_file
from flowengine.flow.environment import Environment
from flowengine.flow.flow_test_document import CaseDocument, FlowTestDocument
from flowengine.flow.folder import FlowFolder
from flowengine.flow.problem import Problem, Severity
from flowengine.graph import FlowPlan
from flowengine.linting import Linter, LintResult
from flowengine.linting.check import Finding
from flowengine.linting.place import problems_of
from flowengine.linting.subflow_check import subflow_id
from flowengine.linting.suggestion import did_you_mean
from flowengine.registry import Registry
from flowengine.testing.captured_log import captured_log
from flowengine.testing.case_check import CaseCheck
from flowengine.testing.case_run import CaseRun, FlowStartError, ImpossibleGivenError
from flowengine.testing.difference import Difference
from flowengine.testing.result import CaseResult, Coverage, FlowTestResult

LONGEST: Final = 10.0
"""Seconds of real time that a case gets."""
MOST_SHOWN: Final = 20
"""Messages at a node that are part of a result."""

FlowTestFile = DocumentFile[FlowTestDocument]


def read_flow_tests(path: Path) -> dict[str, FlowTestFile]:
    """Read the tests of every flow of a folder; what is wrong with a file is in it.

    Args:
        path: The folder.
    """
    files = sorted(path.glob(f"*{TEST_SUFFIX}"))
    read = [read_file(FlowTestDocument, file, TEST_SUFFIX) for file in files if not file.name.startswith(".")]
    return {file.id: file for file in read}


class FlowTester:
    """Run tests of flows; the second run costs less than the first.

    Nothing outside the process is touched, and nothing outside the documents is looked at: a case sees the variables
    that it or its document names and no others, and a text of its own in the place of each secret.

    Each case runs in an event loop of its own. A program that has one running calls :meth:`run` in another thread.

    Args:
        registry: The node types.
        longest: Seconds of real time that a case gets.
    """

    def __init__(self, registry: Registry, *, longest: float = LONGEST) -> None:
        self._linter = Linter(registry)
        self._longest = longest

    def run(self, folder: FlowFolder, tests: FlowTestFile, cases: Collection[str] | None = None) -> FlowTestResult:
        """Run the tests of one flow.

        Args:
            folder: The flows and resources.
            tests: The tests; the id of the file is that of the flow.
            cases: Names of the cases to run; all if not given.
        """
        if problems := _unusable(folder, tests):
            return FlowTestResult(flow=tests.id, file=tests.path, problems=problems)
        return _FlowTests(_scene(folder, tests.id), self._linter, tests, self._longest).run(cases)

    def check(self, folder: FlowFolder, tests: FlowTestFile) -> tuple[Problem, ...]:
        """Return what is wrong with the tests of one flow, without running any.

        Args:
            folder: The flows and resources.
            tests: The tests; the id of the file is that of the flow.
        """
        if problems := _unusable(folder, tests):
            return problems
        return _FlowTests(_scene(folder, tests.id), self._linter, tests, self._longest).check()


class _FlowTests:
    """The tests of one flow, while they run."""

    def __init__(self, folder: FlowFolder, linter: Linter, tests: FlowTestFile, longest: float) -> None:
        assert tests.document is not None
        self._folder = folder
        self._linter = linter
        self._tests = tests
        self._document = tests.document
        self._longest = longest
        self._checked: dict[tuple[tuple[str, str], ...], LintResult] = {}
        self._nodes: frozenset[str] = frozenset()
        self._reached: frozenset[str] = frozenset()

    def run(self, cases: Collection[str] | None) -> FlowTestResult:
        results = [
            self._timed(index, case)
            for index, case in enumerate(self._document.cases)
            if cases is None or case.name in cases
        ]
        coverage = Coverage(self._nodes, self._reached) if self._nodes else None
        return FlowTestResult(flow=self._tests.id, file=self._tests.path, cases=tuple(results), coverage=coverage)

    def check(self) -> tuple[Problem, ...]:
        findings: list[Finding] = []
        for index, case in enumerate(self._document.cases):
            checked = self._lint(case.env)
            plan = checked.plans.get(self._tests.id)
            if plan is not None:
                findings += CaseCheck(plan, case, ("cases", index)).findings()
            else:
                reason = next(one.message for one in checked.problems if one.severity is Severity.ERROR)
                message = f"the flow does not run with the variables of this case: {reason}"
                hint = "a test sees only the variables that it names in 'env'"
                findings.append(Finding(("cases", index), "broken-case", message, hint))
        return tuple(replace(one, flow=self._tests.id) for one in problems_of(self._tests, findings))

    def _timed(self, index: int, case: CaseDocument) -> CaseResult:
        began = time.perf_counter()
        result = self._case(index, case)
        return replace(result, seconds=time.perf_counter() - began)

    def _case(self, index: int, case: CaseDocument) -> CaseResult:
        checked = self._lint(case.env)
        plan = checked.plans.get(self._tests.id)
        if plan is None:
            errors = tuple(one for one in checked.problems if one.severity is Severity.ERROR)
            return CaseResult(name=case.name, outcome="broken", problems=errors)
        self._nodes |= _reachable(plan)
        path = ("cases", index)
        findings = CaseCheck(plan, case, path).findings()
        if findings:
            return self._broken(case, findings)
        run = CaseRun(plan, checked.resources, case, {**self._document.resources, **case.resources})
        try:
            with captured_log() as log:
                differences = self._play(run)
        except ImpossibleGivenError as impossible:
            where = (*path, "given", impossible.index)
            return self._broken(case, [Finding(where, impossible.error.code, str(impossible.error))])
        finally:
            self._reached |= run.record.reached
        arrivals = run.record.excerpts(MOST_SHOWN)
        if not differences:
            return CaseResult(name=case.name, outcome="passed", arrivals=arrivals)
        return CaseResult(
            name=case.name,
            outcome="failed",
            differences=tuple(differences),
            log=tuple(log.lines),
            arrivals=arrivals,
        )

    def _play(self, run: CaseRun) -> list[Difference]:
        async def play() -> None:
            async with asyncio.timeout(self._longest):
                await run.play()

        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            try:
                runner.run(play())
            except FlowStartError as error:
                return [*run.differences, Difference("the flow", f"does not start: {error.reason}")]
            except TimeoutError:
                message = (
                    f"takes longer than {self._longest:g} s of real time; messages may go round in a circle, "
                    "or too much happens in the time that passes"
                )
                return [*run.differences, Difference("the case", message)]
            except ImpossibleGivenError:
                raise
            except Exception as error:  # noqa: BLE001 - a node may bring down more than itself; other cases go on
                message = f"broke off: {''.join(traceback.format_exception(error)).strip()}"
                return [*run.differences, Difference("the case", message)]
        return run.differences

    def _lint(self, env: Mapping[str, str]) -> LintResult:
        """Check and plan the flow with the variables of a case."""
        variables = {**self._document.env, **env}
        key = tuple(sorted(variables.items()))
        if key not in self._checked:
            self._checked[key] = self._linter.lint(self._folder, Environment(variables), _secret)
        return self._checked[key]

    def _broken(self, case: CaseDocument, findings: Iterable[Finding]) -> CaseResult:
        problems = problems_of(self._tests, findings)
        return CaseResult(
            name=case.name, outcome="broken", problems=tuple(replace(one, flow=self._tests.id) for one in problems)
        )


def _unusable(folder: FlowFolder, tests: FlowTestFile) -> tuple[Problem, ...]:
    """Return what keeps all cases from running."""
    if tests.document is None:
        return tests.problems
    return (*_without_flow(folder, tests), *_ambiguous(tests, tests.document))


def _reachable(plan: FlowPlan) -> frozenset[str]:
    """Return the nodes that messages can come to or leave; a comment is none."""
    nodes = plan.nodes.values()
    return frozenset(one.id for one in nodes if one.type.has_input or one.type.ports(one.config))


def _secret(name: str) -> str:
    """Return a text in the place of a secret: a test needs none that is true."""
    return f"secret-{name}"


def _ambiguous(tests: FlowTestFile, document: FlowTestDocument) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, case in enumerate(document.cases):
        if case.name in seen:
            finding = Finding(("cases", index, "name"), "duplicate-name", f'two cases have the name "{case.name}"')
            yield from problems_of(tests, [finding])
        seen.add(case.name)


def _problems(tests: FlowTestFile, code: str, message: str, hint: str | None = None) -> Iterator[Problem]:
    yield from problems_of(tests, [Finding((), code, message, hint)])


def _without_flow(folder: FlowFolder, tests: FlowTestFile) -> Iterator[Problem]:
    file = folder.flows.get(tests.id)
    if file is None:
        hint = did_you_mean(tests.id, folder.flows) or "give the file the name of its flow, or remove it"
        yield from _problems(tests, "unknown-flow", f'there is no flow "{tests.id}" to test', hint)
    elif file.document is None:
        yield from file.problems
    elif file.document.disabled:
        yield from _problems(tests, "disabled-flow", f'the flow "{tests.id}" is disabled, so there is nothing to test')
    elif file.document.is_subflow:
        hint = "test a flow that uses it; its nodes are 'instance/node' there"
        yield from _problems(tests, "no-flow", f'"{tests.id}" is a subflow, which does not run by itself', hint)


def _scene(folder: FlowFolder, flow: str) -> FlowFolder:
    """Return the folder with nothing in it but a flow and the subflows it uses: other flows cannot break it."""
    documents = folder.documents
    wanted: dict[str, None] = {}
    asked = [flow]
    while asked:
        id = asked.pop()
        if id in wanted or id not in folder.flows:
            continue
        wanted[id] = None
        types = [node.type for node in documents[id].nodes.values()] if id in documents else []
        asked += [name for type in types if (name := subflow_id(type)) is not None]
    flows = {id: file for id, file in folder.flows.items() if id in wanted}
    return replace(folder, flows=flows, layouts={}, name_problems=())

"""``flowengine test``: run the tests of flows."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from flowengine.cli.exit_code import ExitCode
from flowengine.cli.folder import read_flows
from flowengine.cli.node_types import load_node_types
from flowengine.cli.parameters import Folder, Format, NodeFolders
from flowengine.cli.text import counted, json_text
from flowengine.errors import FlowEngineError
from flowengine.flow.document_file import TEST_SUFFIX
from flowengine.flow.problem import Problem
from flowengine.linting.suggestion import did_you_mean
from flowengine.testing.flow_tests import FlowTester, FlowTestFile, read_flow_tests
from flowengine.testing.junit import junit as junit_xml
from flowengine.testing.result import CaseResult, Coverage, FlowTestReport, FlowTestResult

EXAMPLE = "Example: flowengine test flows --flow telemetry --coverage"


class NoTestsError(FlowEngineError):
    """There are no tests to run.

    Args:
        path: The folder.
        flow: The flow whose tests were asked for; ``None`` for any.
        hint: What to do.
    """

    code = "no-tests"

    def __init__(self, path: Path, flow: str | None, hint: str) -> None:
        super().__init__(path, flow, hint)
        self.path = path
        self.flow = flow
        self.hint = hint

    def __str__(self) -> str:
        whose = f'tests of a flow "{self.flow}"' if self.flow is not None else "tests"
        return f"there are no {whose} in {self.path}; {self.hint}"


class NoCaseError(FlowEngineError):
    """No case has a name like the one that was asked for.

    Args:
        name: What was asked for.
        names: The names there are.
    """

    code = "no-case"

    def __init__(self, name: str, names: Sequence[str]) -> None:
        super().__init__(name, names)
        self.name = name
        self.names = names

    def __str__(self) -> str:
        near = did_you_mean(self.name, self.names) or f"there are {counted(len(self.names), 'case')} of other names"
        return f'no case has "{self.name}" in its name; {near}'


class ReportFileError(FlowEngineError):
    """The file for the results cannot be written.

    Args:
        path: The file.
        reason: Why, in the system's words.
    """

    code = "unwritable-file"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"the results cannot be written to {self.path}: {self.reason}"


def run_tests(
    folder: Folder = Path("flows"),
    *,
    flow: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only the tests of this flow; may be repeated.")
    ] = None,
    case: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only the cases with this text in their name.")
    ] = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="Name the nodes that no test reaches.")] = False,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the results as JUnit XML too.")] = None,
    nodes: NodeFolders = None,
    format: Format = "text",
) -> None:
    """Run the tests of flows.

    They are the files <flow>.flow-test.json beside the flows. Time is virtual and the outside world is played, so
    nothing is sent anywhere. Tests see only the variables that they name. Exits with 1 if a case fails, with 2 if a
    flow or a test is broken or there is nothing to run.
    """
    flows = read_flows(folder)
    known = load_node_types(nodes)
    wanted = _wanted(folder, flow, case)
    tester = FlowTester(known.registry)
    results = []
    if format == "text":
        _show(known.problems, "")
    for tests in wanted:
        cases = None if case is None or tests.document is None else _matching(tests, case)
        results.append(tester.run(flows, tests, cases))
        if format == "text":
            _tell(results[-1], coverage=coverage)
    report = FlowTestReport(results, known.problems)
    if junit is not None:
        _write(junit, junit_xml(report))
    if format == "json":
        print(json_text(report.as_dict()))
    else:
        untested = sorted(flows.documents.keys() - {result.flow for result in results})
        if coverage and untested and flow is None and case is None:
            print(f"no tests: {', '.join(untested)}")
        print(_summary(report))
    if report.is_broken:
        raise typer.Exit(ExitCode.MISTAKE)
    if report.count("failed"):
        raise typer.Exit(ExitCode.PROBLEMS)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    except OSError as error:
        raise ReportFileError(path, error.strerror or str(error)) from error


def _wanted(folder: Path, flows: Sequence[str] | None, case: str | None) -> list[FlowTestFile]:
    tests = read_flow_tests(folder)
    if not tests:
        raise NoTestsError(folder, None, f"tests are in a file <flow>{TEST_SUFFIX} beside the flow")
    for flow in flows or ():
        if flow not in tests:
            raise NoTestsError(folder, flow, did_you_mean(flow, tests) or f"write them in {flow}{TEST_SUFFIX}")
    wanted = [one for id, one in tests.items() if not flows or id in flows]
    if case is None:
        return wanted
    # What cannot be read may hold the case that is wanted.
    chosen = [one for one in wanted if one.document is None or _matching(one, case)]
    if not chosen:
        names = [each.name for one in wanted if one.document is not None for each in one.document.cases]
        raise NoCaseError(case, names)
    return chosen


def _matching(tests: FlowTestFile, text: str) -> frozenset[str]:
    assert tests.document is not None
    return frozenset(case.name for case in tests.document.cases if text.casefold() in case.name.casefold())


def _tell(result: FlowTestResult, *, coverage: bool) -> None:
    print(result.flow)
    _show(result.problems, "  ")
    for case in result.cases:
        word = case.outcome if case.outcome == "passed" else case.outcome.upper()
        print(f"  {word:6}  {case.name}  ({case.seconds:.2f} s)", flush=True)
        for line in _details(case):
            print(f"            {line}")
    if coverage and result.coverage is not None:
        print(f"  {_covered(result.coverage)}")


def _details(case: CaseResult) -> Iterator[str]:
    for difference in case.differences:
        yield str(difference)
    for problem in case.problems:
        yield str(problem)
        if problem.hint:
            yield f"    {problem.hint}"
    for line in "\n".join(case.log).splitlines():
        yield f"log: {line}"


def _show(problems: Sequence[Problem], indent: str) -> None:
    for problem in problems:
        print(f"{indent}{problem}")
        if problem.hint:
            print(f"{indent}    {problem.hint}")


def _covered(coverage: Coverage) -> str:
    reached = f"reached {len(coverage.nodes & coverage.reached)} of {counted(len(coverage.nodes), 'node')}"
    return f"{reached}; not {', '.join(coverage.missed)}" if coverage.missed else reached


def _summary(report: FlowTestReport) -> str:
    counts = [f"{report.count('passed'):,} passed"]
    if report.count("failed"):
        counts.append(f"{report.count('failed'):,} failed")
    unread = sum(bool(result.problems) for result in report.results)
    if report.count("broken") + unread:
        counts.append(f"{report.count('broken') + unread:,} broken")
    seconds = sum(result.seconds for result in report.results)
    return f"{counted(len(report.results), 'flow')}: {', '.join(counts)} in {seconds:.2f} s"

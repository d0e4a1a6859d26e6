"""Tests of flows: shown, saved, run."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from flowengine.flow.document_file import TEST_SUFFIX, DocumentFile
from flowengine.flow.flow_test_document import FlowTestDocument
from flowengine.flow.problem import Problem
from flowengine.runtime.workspace import StaleFileError
from flowengine.server.access import Role
from flowengine.server.documents import FlowJson, TestsJson, parse, parse_flow
from flowengine.server.endpoint import MIB, Call, Endpoint
from flowengine.server.flows_api import check_flow_exists
from flowengine.server.model import Answer, Body
from flowengine.server.problem_response import ApiError

if TYPE_CHECKING:
    from flowengine.testing.difference import Difference
    from flowengine.testing.result import CaseResult, FlowTestResult


class FlowTestsDetail(Answer):
    """The tests of a flow as they are on disk."""

    revision: str | None
    """The base of the next change; null where there are none."""
    document: TestsJson | None
    """The tests; null where there are none, or the file is broken."""
    problems: list[Problem]
    """Why the file is broken."""


class SaveTests(Body):
    """Tests to save."""

    base: str | None
    """Revision that was changed; null where there were none."""
    document: TestsJson | None
    """The tests; null to remove them."""


class RunTests(Body):
    """Which tests to run, on which flow."""

    cases: list[str] | None = None
    """Names of the cases; null for all."""
    tests: TestsJson | None = None
    """Tests that are on no disk; null for those on disk."""
    flow: FlowJson | None = None
    """The flow as an editor holds it; null for that on disk."""


class ShownDifference(Answer):
    """Something that is other than expected."""

    path: str
    """The expectation and the place in it, such as `messages.report[0].body.celsius`."""
    message: str
    has_values: bool
    """Whether `expected` and `got` are values that were compared."""
    expected: Any
    got: Any


class TestedCase(Answer):
    """What came of one case."""

    name: str
    outcome: Literal["passed", "failed", "broken"]
    """`broken`: it could not be run."""
    seconds: float
    differences: list[ShownDifference]
    problems: list[Problem]
    """Why it could not be run."""
    log: list[str]
    """What the flow said, from warnings on, where it did not pass."""
    arrivals: dict[str, list[Any]]
    """The first messages that came to each node, cut to a size."""


class FlowTested(Answer):
    """What came of the tests of a flow."""

    cases: list[TestedCase]
    problems: list[Problem]
    """Why none could be run."""
    nodes: int
    """How many nodes messages can come to."""
    reached: int
    missed: list[str]
    """Nodes that no case reached."""


async def get_tests(call: Call, flow: str) -> FlowTestsDetail:
    """Return the tests of a flow."""
    check_flow_exists(call.backend, flow)
    return _detail(await call.backend.workspace.read_tests(flow))


async def put_tests(call: Call, flow: str, body: SaveTests) -> FlowTestsDetail:
    """Save the tests of a flow, or remove them."""
    check_flow_exists(call.backend, flow)
    workspace = call.backend.workspace
    document = parse(FlowTestDocument, body.document) if body.document is not None else None
    try:
        await workspace.save_tests(flow, document, body.base)
    except StaleFileError as error:
        current = _detail(error.file).model_dump(mode="json")
        raise ApiError(409, error.code, str(error), "base", {"base": error.base, "current": current}) from None
    return _detail(await workspace.read_tests(flow))


async def run_tests(call: Call, flow: str, body: RunTests) -> FlowTested:
    """Run tests of a flow: time is virtual, the world outside is played, and nothing leaves the process."""
    workspace = call.backend.workspace
    folder = workspace.folder
    if body.flow is not None:
        drawn = parse_flow(body.flow, workspace)
        folder = replace(folder, flows={**folder.flows, flow: replace(drawn, id=flow)})
    else:
        check_flow_exists(call.backend, flow)
    if body.tests is not None:
        document = parse(FlowTestDocument, body.tests)
        tests = DocumentFile(workspace.path / f"{flow}{TEST_SUFFIX}", flow, document=document)
    else:
        found = await workspace.read_tests(flow)
        if found is None:
            raise ApiError(404, "no-tests", f'the flow "{flow}" has no tests; save some, or send them along', "tests")
        tests = found
    result = await call.backend.tester.run(folder, tests, body.cases)
    call.facts |= {"cases": len(result.cases), "failed": result.count("failed")}
    return _tested(result)


def _detail(file: DocumentFile[FlowTestDocument] | None) -> FlowTestsDetail:
    if file is None:
        return FlowTestsDetail(revision=None, document=None, problems=[])
    document = file.value if file.document is not None else None
    return FlowTestsDetail(revision=file.revision, document=document, problems=list(file.problems))


def _tested(result: "FlowTestResult") -> FlowTested:
    coverage = result.coverage
    return FlowTested(
        cases=[_case(case) for case in result.cases],
        problems=list(result.problems),
        nodes=len(coverage.nodes) if coverage is not None else 0,
        reached=len(coverage.nodes & coverage.reached) if coverage is not None else 0,
        missed=coverage.missed if coverage is not None else [],
    )


def _case(case: "CaseResult") -> TestedCase:
    return TestedCase(
        name=case.name,
        outcome=case.outcome,
        seconds=case.seconds,
        differences=[_difference(one) for one in case.differences],
        problems=list(case.problems),
        log=list(case.log),
        arrivals={node: list(came) for node, came in case.arrivals.items()},
    )


def _difference(one: "Difference") -> ShownDifference:
    return ShownDifference(
        path=one.path,
        message=one.message,
        has_values={"expected", "got"} <= one.facts.keys(),
        expected=one.facts.get("expected"),
        got=one.facts.get("got"),
    )


_TESTS = "/admin/api/flows/{flow}/tests"
ENDPOINTS = (
    Endpoint("GET", _TESTS, get_tests, "Show the tests of a flow"),
    Endpoint(
        "PUT", _TESTS, put_tests, "Save the tests of a flow", role=Role.EDITOR, audit="save-tests", max_body=8 * MIB
    ),
    Endpoint("POST", _TESTS, run_tests, "Run tests of a flow", role=Role.EDITOR, audit="run-tests", max_body=32 * MIB),
)

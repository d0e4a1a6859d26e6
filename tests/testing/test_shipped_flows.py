"""The tests of the shipped flows pass, and none of their expectations could be anything else."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowengine.flow.document_file import DocumentFile
from flowengine.flow.flow_test_document import FlowTestDocument
from flowengine.flow.folder import read_folder
from flowengine.registry import Registry, load_node_packs
from flowengine.testing.flow_tests import FlowTester, read_flow_tests

FLOWS = Path(__file__).parents[2] / "flows"
FOLDER = read_folder(FLOWS)
TESTS = read_flow_tests(FLOWS)


@pytest.fixture(scope="module")
def tester() -> FlowTester:
    registry = Registry()
    assert load_node_packs(registry) == []
    return FlowTester(registry)


def test_every_shipped_flow_has_tests() -> None:
    documents = FOLDER.documents.values()
    runnable = {document.id for document in documents if not document.is_subflow and not document.disabled}
    assert runnable == TESTS.keys()


@pytest.mark.parametrize("flow", TESTS)
def test_tests_of_shipped_flow_pass_and_reach_every_node(tester: FlowTester, flow: str) -> None:
    result = tester.run(FOLDER, TESTS[flow])
    assert [case for case in result.cases if case.outcome != "passed"] == []
    assert result.problems == ()
    assert result.coverage is not None
    assert result.coverage.missed == []


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("flow", TESTS)
def test_tests_of_shipped_flow_fail_when_any_expectation_is_another(tester: FlowTester, flow: str) -> None:
    document = TESTS[flow].document
    assert document is not None
    assert TESTS[flow].is_canonical
    value = document.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    survivors = []
    for at, case in enumerate(value["cases"]):
        for what, changed in mutants(case):
            tests = FlowTestDocument.model_validate({**value, "cases": [changed]})
            result = tester.run(FOLDER, DocumentFile(TESTS[flow].path, flow, document=tests))
            if result.cases[0].outcome == "passed":
                survivors.append(f"case {at}: {what}")
    assert survivors == []


def mutants(case: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the case with one expectation changed, in every way that makes it another."""
    spots = [("expect",), *(("given", at, "expect") for at, event in enumerate(case["given"]) if "expect" in event)]
    for spot in spots:
        for path in leaves(at_path(case, spot)):
            changed = copy.deepcopy(case)
            parent = at_path(changed, (*spot, *path[:-1]))
            parent[path[-1]] = other(parent[path[-1]])
            yield ".".join(map(str, (*spot, *path))), changed


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from leaves(item, (*path, key))
    # A list is also the claim that there is nothing more in it.
    if path and not isinstance(value, dict):
        yield path


def other(value: Any) -> Any:
    match value:
        case "acknowledged":
            return "open"
        case str() if value.startswith("failed"):
            return "acknowledged"
        case str():
            return f"{value}-other"
        case list():
            return [*value, {}]
    return value + 1


def at_path(value: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        value = value[key]
    return value

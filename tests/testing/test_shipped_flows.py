"""The tests of the shipped flows pass, and none of their expectations could be anything else."""

import copy
import json
import os
import random
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
# How many changed expectations each case is tried with; none means all, as a soak does.
PER_CASE = 0 if "SOAK_ROUNDS" in os.environ else 2


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
@pytest.mark.timeout(120 if PER_CASE else 3600)
@pytest.mark.parametrize("flow", TESTS)
def test_tests_of_shipped_flow_fail_when_any_expectation_is_another(tester: FlowTester, flow: str) -> None:
    document = TESTS[flow].document
    assert document is not None
    assert TESTS[flow].is_canonical
    value = document.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    cases = [mutant for case in value["cases"] for mutant in sample(case)]
    tests = FlowTestDocument.model_validate({**value, "cases": cases})
    result = tester.run(FOLDER, DocumentFile(TESTS[flow].path, flow, document=tests))
    assert result.problems == ()
    assert len(result.cases) >= len(value["cases"])
    assert [case.name for case in result.cases if case.outcome == "passed"] == []


def sample(case: dict[str, Any]) -> list[dict[str, Any]]:
    """Return some mutants of a case, the same every time as long as the case is the same; or all of them."""
    every = list(mutants(case))
    if not PER_CASE:
        return every
    chance = random.Random(json.dumps(case, sort_keys=True))
    return chance.sample(every, min(PER_CASE, len(every)))


def mutants(case: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the case with one expectation changed, in every way that makes it another; its name says which."""
    spots = [("expect",), *(("given", at, "expect") for at, event in enumerate(case["given"]) if "expect" in event)]
    for spot in spots:
        for path in leaves(at_path(case, spot)):
            changed = copy.deepcopy(case)
            parent = at_path(changed, (*spot, *path[:-1]))
            parent[path[-1]] = other(parent[path[-1]])
            yield {**changed, "name": f"{case['name']}, with another {'.'.join(map(str, (*spot, *path)))}"}


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
        case None:
            return "other"
    return value + 1


def at_path(value: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        value = value[key]
    return value

"""The samples of checks hold with the real node types, as users see them in the reference."""

from pathlib import Path

import pytest

from flowengine.flow.environment import Environment
from flowengine.flow.folder import read_folder
from flowengine.flow.problem import Severity
from flowengine.linting import Check, Linter
from flowengine.registry import Registry, load_node_packs
from tests.linting.test_catalogue import SHOWN, files
from tests.linting.workshop import Workshop

# No resource of the pack refers to one of its own kind, so its sample has a type that there is not.
MADE_UP = {"resource-cycle"}


@pytest.fixture(scope="module")
def linter() -> Linter:
    registry = Registry()
    assert load_node_packs(registry) == []
    return Linter(registry)


@pytest.mark.parametrize("check", [check for check in SHOWN if check.code not in MADE_UP], ids=lambda check: check.code)
def test_sample_is_what_it_says_with_the_real_node_types(check: Check, linter: Linter, tmp_path: Path) -> None:
    found = {}
    for name, sample in (("wrong", check.wrong), ("right", check.right)):
        folder = tmp_path / name
        folder.mkdir()
        Workshop(folder).write(files(sample))
        found[name] = linter.lint(read_folder(folder), Environment({"SITE": "north"})).problems
    severities = {problem.severity for problem in found["wrong"] if problem.code == check.code}
    assert severities == {check.severity}, [str(problem) for problem in found["wrong"]]
    assert [str(problem) for problem in found["right"] if problem.severity is Severity.ERROR] == []
    assert check.code not in {problem.code for problem in found["right"]}

"""Every check shows what breaks it and what does not, and lint agrees."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

import flowengine.linting
from flowengine.flow.problem import Severity
from flowengine.linting import CATALOGUE, Check
from flowengine.linting.check import Sample
from tests.linting.workshop import Workshop

SHOWN = [check for check in CATALOGUE.values() if check.wrong]


def files(sample: Sample) -> Mapping[str, str]:
    return {"example.flow.json": sample} if isinstance(sample, str) else sample


@pytest.mark.parametrize("check", SHOWN, ids=lambda check: check.code)
def test_check_finds_what_its_example_of_wrong_shows(check: Check, workshop: Workshop) -> None:
    found = workshop.lint(files(check.wrong)).problems
    severities = {problem.severity for problem in found if problem.code == check.code}
    assert severities == {check.severity}, [str(problem) for problem in found]


@pytest.mark.parametrize("check", SHOWN, ids=lambda check: check.code)
def test_check_has_an_example_of_right_without_errors(check: Check, workshop: Workshop) -> None:
    found = workshop.lint(files(check.right)).problems
    assert check.code not in {problem.code for problem in found}
    assert not [str(problem) for problem in found if problem.severity is Severity.ERROR]


@pytest.mark.parametrize("check", CATALOGUE.values(), ids=lambda check: check.code)
def test_check_is_told_in_whole_sentences(check: Check) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", check.code)
    assert not check.title.endswith(".")
    assert check.explanation.endswith(".")
    assert bool(check.wrong) == bool(check.right)


def test_catalogue_has_every_check_that_a_module_declares() -> None:
    folder = Path(flowengine.linting.__file__).parent
    declared = {code for file in folder.glob("*.py") for code in re.findall(r'code="([a-z-]+)"', file.read_text())}
    assert declared == set(CATALOGUE)

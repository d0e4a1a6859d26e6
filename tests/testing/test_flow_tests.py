"""Tests of whole flows and folders: what is broken is named and stops nothing else."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from flowengine.flow.folder import read_folder
from flowengine.testing.flow_tests import FlowTester, read_flow_tests
from flowengine.testing.junit import junit
from flowengine.testing.result import FlowTestReport
from tests.testing.bench import CHAIN, Bench, node

CASE = {
    "name": "works",
    "given": [{"from": "in.out", "message": {"payload": 1}}],
    "expect": {"messages": {"sink": [{"body": 1}]}},
}
WRONG = {**CASE, "name": "fails", "expect": {"counts": {"sink": 2}}}
IMPOSSIBLE = {**CASE, "name": "cannot run", "expect": {"counts": {"snk": 2}}}


def test_broken_case_stops_no_other(bench: Bench) -> None:
    bench.write_flow(CHAIN)
    bench.write_tests(IMPOSSIBLE, CASE, WRONG)
    assert [case.outcome for case in bench.test().cases] == ["broken", "passed", "failed"]


def test_only_chosen_cases_run(bench: Bench) -> None:
    bench.write_flow(CHAIN)
    bench.write_tests(IMPOSSIBLE, CASE, WRONG)
    tests = read_flow_tests(bench.path)["flow"]
    result = FlowTester(bench.registry).run(read_folder(bench.path), tests, {"works"})
    assert [case.name for case in result.cases] == ["works"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "[json-syntax]"),
        ('{"flowengine": 1}', "cases: the field is missing [missing-field]"),
        ('{"flowengine": 1, "cases": []}', "cases: must not be empty [bad-value]"),
        ('{"flowengine": 1, "cases": [{"name": "x"}]}', "cases[0].expect: the field is missing [missing-field]"),
    ],
)
def test_broken_document_has_its_place(bench: Bench, text: str, problem: str) -> None:
    bench.write_flow(CHAIN)
    bench.tests_file.write_text(text)
    result = bench.test()
    assert result.is_broken
    (found,) = result.problems
    assert str(found).startswith(f"{bench.tests_file}:1: ")
    assert str(found).endswith(problem)


def test_broken_flow_has_its_place(bench: Bench) -> None:
    bench.write_flow({**CHAIN, "sink": node("snik")})
    bench.write_tests(CASE)
    (case,) = bench.test().cases
    assert case.outcome == "broken"
    assert [problem.code for problem in case.problems] == ["unknown-node-type"]
    assert case.problems[0].file == str(bench.path / "flow.flow.json")
    (bench.path / "flow.flow.json").write_text("{")
    assert [problem.code for problem in bench.test().problems] == ["json-syntax"]


def test_broken_flow_beside_it_does_no_harm(bench: Bench) -> None:
    bench.write_flow(CHAIN)
    bench.write_flow({"x": node("nothing")}, flow="other")
    bench.write_tests(CASE)
    assert [case.outcome for case in bench.test().cases] == ["passed"]


def test_variable_that_is_not_named_is_a_problem_of_its_case(bench: Bench) -> None:
    bench.write_flow({**CHAIN, "map": node("map", "sink", config={"tag": "${TAG}"})})
    bench.write_tests(CASE, {**CASE, "name": "works with a tag", "env": {"TAG": "x"}})
    first, second = bench.test().cases
    assert [problem.code for problem in first.problems] == ["missing-variable"]
    assert second.outcome == "passed"


@pytest.mark.parametrize(
    ("more", "code"),
    [({"disabled": True}, "disabled-flow"), ({"inputs": {"in": {"targets": ["map"]}}}, "no-flow")],
)
def test_flow_that_does_not_run_cannot_be_tested(bench: Bench, more: dict[str, Any], code: str) -> None:
    bench.write_flow({"map": node("map")}, **more)
    bench.write_tests(CASE)
    assert [problem.code for problem in bench.test().problems] == [code]


def test_tests_without_a_flow_are_a_problem(bench: Bench) -> None:
    bench.write_flow(CHAIN)
    bench.write_tests(CASE, flow="flwo")
    (problem,) = bench.test("flwo").problems
    assert (problem.code, problem.hint) == ("unknown-flow", 'did you mean "flow"?')


def test_two_cases_of_one_name_are_a_problem(bench: Bench) -> None:
    bench.write_flow(CHAIN)
    bench.write_tests(CASE, CASE)
    assert [problem.code for problem in bench.test().problems] == ["duplicate-name"]


def test_nodes_in_a_subflow_are_named_by_their_instance(bench: Bench) -> None:
    bench.write_flow(
        {"tag": node("map", config={"tag": "t"})},
        flow="part",
        inputs={"in": {"targets": ["tag"]}},
        outputs={"out": {"sources": ["tag.out"]}},
    )
    bench.write_flow({"in": node("source", "it"), "it": node("subflow:part", "sink"), "sink": node("sink")})
    bench.write_tests({**CASE, "expect": {"messages": {"it/tag": [{}], "it/tag.out": [{"tag": "t"}], "sink": [{}]}}})
    result = bench.test()
    assert [case.outcome for case in result.cases] == ["passed"]
    assert result.coverage is not None
    assert result.coverage.nodes == {"in", "it/tag", "sink"}


def test_resources_outside_are_not_started(bench: Bench) -> None:
    bench.write_flow(CHAIN)
    (bench.path / "resources.json").write_text('{"flowengine": 1, "resources": {"far": {"type": "remote"}}}')
    bench.write_tests(CASE)
    assert [case.outcome for case in bench.test().cases] == ["passed"]


def test_coverage_names_the_nodes_that_no_case_reaches(bench: Bench) -> None:
    bench.write_flow({**CHAIN, "idle": node("map"), "asleep": node("ticker")})
    bench.write_tests({**CASE, "expect": {"counts": {"sink": 1}}})
    coverage = bench.test().coverage
    assert coverage is not None
    assert coverage.as_dict() == {"nodes": 5, "reached": 3, "missed": ["asleep", "idle"]}


def test_results_are_junit_xml(bench: Bench) -> None:
    bench.write_flow(CHAIN)
    bench.write_tests(IMPOSSIBLE, CASE, {**WRONG, "name": "fails \0"})
    bench.write_flow({}, flow="other")
    bench.write_tests(flow="other")
    root = ET.fromstring(junit(FlowTestReport([bench.test(), bench.test("other")])))
    first, second = root
    assert dict(first.attrib, time="", file="") == {
        "name": "flow",
        "tests": "3",
        "failures": "1",
        "errors": "1",
        "time": "",
        "file": "",
    }
    assert [(case.get("name"), [child.tag for child in case]) for case in first] == [
        ("cannot run", ["error"]),
        ("works", []),
        ("fails \ufffd", ["failure"]),
    ]
    failure = first[2][0]
    assert failure.get("message") == "expect.counts.sink: expected 2, got 1"
    assert (second.get("errors"), second[0].get("name")) == ("1", "can be run")


def test_results_are_json(bench: Bench) -> None:
    bench.write_flow(CHAIN)
    bench.write_tests(CASE, WRONG)
    report = FlowTestReport([bench.test()]).as_dict()
    assert (report["passed"], report["failed"], report["broken"]) == (1, 1, 0)
    assert report["flows"][0]["cases"][1]["differences"] == [
        {"path": "expect.counts.sink", "message": "expected 2, got 1", "expected": 2, "got": 1}
    ]

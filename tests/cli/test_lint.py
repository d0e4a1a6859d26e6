import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command, write_flow

WARNED = {"show": {"type": "debug"}}


def test_lint_of_good_flows_exits_with_0(flowengine: Command, flows: Path) -> None:
    assert flowengine("lint") == (0, "1 flow: no problems\n", "")


def test_lint_shows_each_problem_with_its_place_and_what_to_do(flowengine: Command, flows: Path) -> None:
    write_flow(flows, "pump", {"show": {"type": "debgu"}, "tick": {"type": "inject", "wires": {"out": ["shwo"]}}})
    ended = flowengine("lint", "flows")
    assert ended.code == 1
    assert 'flows/pump.flow.json:1: node "show" (debgu)' in ended.out
    assert "[unknown-node-type]" in ended.out
    assert "[unknown-target]" in ended.out
    assert 'did you mean "debug"?' in ended.out
    assert ended.out.endswith("2 flows: 2 errors\n")


def test_lint_with_warnings_fails_only_when_strict(flowengine: Command, flows: Path) -> None:
    write_flow(flows, "pump", WARNED)
    assert flowengine("lint").code == 0
    ended = flowengine("lint", "--strict")
    assert ended.code == 1
    assert "warning:" in ended.out
    assert "1 warning" in ended.out


def test_lint_gives_programs_json(flowengine: Command, flows: Path) -> None:
    write_flow(flows, "pump", WARNED)
    found = flowengine("lint", "--format", "json").json
    assert (found["flows"], found["errors"], found["warnings"]) == (2, 0, 1)
    assert found["problems"][0]["file"] == "flows/pump.flow.json"


def test_lint_of_one_file_shows_its_problems_only(flowengine: Command, flows: Path) -> None:
    write_flow(flows, "pump", {"show": {"type": "debgu"}})
    assert flowengine("lint", "flows/boiler.flow.json") == (0, "1 flow: no problems\n", "")
    assert flowengine("lint", "flows/pump.flow.json").code == 1


def test_lint_of_another_file_says_what_flows_are_called(flowengine: Command, flows: Path) -> None:
    (flows / "notes.txt").write_text("")
    ended = flowengine("lint", "flows/notes.txt")
    assert ended.code == 2
    assert ".flow.json" in ended.err


def test_lint_sees_variables_of_the_env_file_beside_the_folder(flowengine: Command, flows: Path) -> None:
    write_flow(
        flows,
        "pump",
        {
            "tick": {"type": "inject", "config": {"every": "${PUMP_EVERY}"}, "wires": {"out": ["show"]}},
            "show": {"type": "debug"},
        },
    )
    assert "[missing-variable]" in flowengine("lint").out
    (flows.parent / ".env").write_text("PUMP_EVERY=5s\n")
    assert flowengine("lint").code == 0


def test_lint_names_a_node_file_that_cannot_be_loaded(flowengine: Command, flows: Path) -> None:
    (flows.parent / "nodes").mkdir()
    (flows.parent / "nodes" / "bad.py").write_text("import nothing_of_that_name\n")
    ended = flowengine("lint", "--nodes", "nodes")
    assert ended.code == 1
    assert "nodes/bad.py" in ended.out
    assert "nothing_of_that_name" in ended.out


def test_lint_of_a_folder_that_is_not_there_suggests_one(flowengine: Command, flows: Path) -> None:
    ended = flowengine("lint", "flow")
    assert ended.code == 2
    assert 'did you mean "flows"?' in ended.err
    assert 'did you mean "flows/boiler.flow.json"?' in flowengine("lint", "flows/boiler").err


def test_lint_of_a_folder_without_flows_suggests_one_in_it(flowengine: Command, flows: Path) -> None:
    ended = flowengine("lint", ".")
    assert ended.code == 2
    assert 'did you mean "flows"?' in ended.err
    (flows.parent / "empty").mkdir()
    assert "a flow is a file named <id>.flow.json" in flowengine("lint", "empty").err


def write_tests(flows: Path, *cases: dict[str, Any], flow: str = "boiler", **more: Any) -> Path:
    path = flows / f"{flow}.flow-test.json"
    path.write_text(json.dumps({"flowengine": 1, "cases": list(cases), **more}))
    return path


GOOD: dict[str, Any] = {
    "name": "shows",
    "given": [{"into": "show", "message": {"payload": 1}}],
    "expect": {"counts": {"show": 1}},
}


def test_lint_of_good_tests_finds_nothing(flowengine: Command, flows: Path) -> None:
    write_tests(flows, GOOD)
    assert flowengine("lint", "--strict") == (0, "1 flow: no problems\n", "")


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ({**GOOD, "given": [{"into": "shwo"}]}, "unknown-node"),
        ({**GOOD, "expect": {"counts": {"tick.otu": 1}}}, "unknown-port"),
        ({**GOOD, "given": [{"onto": "show"}]}, "unknown-field"),
        ({**GOOD, "given": [{}]}, "bad-value"),
        ({**GOOD, "expect": {}}, "empty-expectation"),
    ],
)
def test_lint_finds_what_is_wrong_with_tests(flowengine: Command, flows: Path, case: dict[str, Any], code: str) -> None:
    path = write_tests(flows, case)
    for what in ("flows", path):
        ended = flowengine("lint", what, "--format", "json")
        assert ended.code == 1
        (problem,) = ended.json["problems"]
        assert Path(problem["file"]) == path.relative_to(flows.parent) or Path(problem["file"]) == path
        assert problem["code"] == code


def test_lint_finds_tests_without_a_flow(flowengine: Command, flows: Path) -> None:
    write_tests(flows, GOOD, flow="boyler")
    ended = flowengine("lint")
    assert ended.code == 1
    assert "[unknown-flow]" in ended.out
    assert 'did you mean "boiler"?' in ended.out


def test_lint_finds_tests_that_lack_a_variable(
    flowengine: Command, flows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVERY", "5s")
    nodes = {
        "tick": {"type": "inject", "config": {"every": "${EVERY}"}, "wires": {"out": ["show"]}},
        "show": {"type": "debug"},
    }
    write_flow(flows, "boiler", nodes)
    write_tests(flows, GOOD)
    ended = flowengine("lint")
    assert ended.code == 1
    assert "EVERY is not set" in ended.out
    write_tests(flows, GOOD, env={"EVERY": "1s"})
    assert flowengine("lint").code == 0


def test_lint_leaves_the_tests_of_a_broken_flow_until_it_is_put_right(flowengine: Command, flows: Path) -> None:
    write_flow(flows, "boiler", {"show": {"type": "debgu"}})
    write_tests(flows, {**GOOD, "given": [{"into": "gone"}]})
    found = flowengine("lint", "--format", "json").json["problems"]
    assert {problem["code"] for problem in found} == {"unknown-node-type"}

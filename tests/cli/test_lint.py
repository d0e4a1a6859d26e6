from pathlib import Path

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

import json
from pathlib import Path
from typing import Any

from tests.cli.conftest import Command, write_flow

NODES = {"tick": {"type": "inject", "wires": {"out": ["show"]}}, "show": {"type": "debug"}}


def case(name: str, count: int) -> dict[str, Any]:
    return {"name": name, "given": [{"into": "tick"}], "expect": {"counts": {"show": count}}}


def write_tests(folder: Path, flow: str, *cases: dict[str, Any]) -> None:
    (folder / f"{flow}.flow-test.json").write_text(json.dumps({"flowengine": 1, "cases": cases}))


def test_test_of_good_flows_exits_with_0(flowengine: Command, flows: Path) -> None:
    write_tests(flows, "boiler", case("shows a message", 1))
    ended = flowengine("test", "--coverage")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("boiler\n  passed  shows a message  (")
    assert "  reached 2 of 2 nodes\n" in ended.out
    assert "1 flow: 1 passed in " in ended.out


def test_test_that_fails_exits_with_1_and_says_how(flowengine: Command, flows: Path) -> None:
    write_tests(flows, "boiler", case("shows a message", 1), case("shows two", 2))
    ended = flowengine("test")
    assert ended.code == 1
    assert "  FAILED  shows two  (" in ended.out
    assert "            expect.counts.show: expected 2, got 1\n" in ended.out
    assert "1 flow: 1 passed, 1 failed in " in ended.out


def test_test_that_is_broken_exits_with_2_and_stops_no_other(flowengine: Command, flows: Path) -> None:
    write_tests(flows, "boiler", case("shows a message", 1))
    write_tests(flows, "absent", case("shows a message", 1))
    write_flow(flows, "pump", {"show": {"type": "debgu"}})
    write_tests(flows, "pump", case("shows a message", 1))
    ended = flowengine("test")
    assert ended.code == 2
    assert 'flows/absent.flow-test.json:1: there is no flow "absent" to test [unknown-flow]' in ended.out
    assert "  passed  shows a message" in ended.out
    assert "  BROKEN  shows a message" in ended.out
    assert 'did you mean "debug"?' in ended.out
    assert "3 flows: 1 passed, 2 broken in " in ended.out


def test_test_runs_what_it_is_asked_for(flowengine: Command, flows: Path) -> None:
    write_flow(flows, "pump", NODES)
    write_tests(flows, "boiler", case("shows a message", 1), case("shows two", 2))
    write_tests(flows, "pump", case("shows a message", 1))
    assert flowengine("test", "--flow", "pump").code == 0
    assert flowengine("test", "--case", "A Message").code == 0
    assert flowengine("test", "--case", "two").code == 1


def test_test_names_flows_without_tests(flowengine: Command, flows: Path) -> None:
    write_flow(flows, "pump", NODES)
    write_tests(flows, "boiler", case("shows a message", 1))
    assert "no tests: pump\n" in flowengine("test", "--coverage").out


def test_test_gives_programs_json_and_junit(flowengine: Command, flows: Path) -> None:
    write_tests(flows, "boiler", case("shows a message", 1))
    ended = flowengine("test", "--format", "json", "--junit", "out/junit.xml")
    assert ended.json["passed"] == 1
    assert ended.json["flows"][0]["coverage"] == {"nodes": 2, "reached": 2, "missed": []}
    assert '<testsuite name="boiler"' in Path("out/junit.xml").read_text()


def test_test_says_what_cannot_be(flowengine: Command, flows: Path) -> None:
    assert "there are no tests in flows; tests are in a file <flow>.flow-test.json" in flowengine("test").err
    write_tests(flows, "boiler", case("shows a message", 1))
    assert 'no tests of a flow "boilre" in flows; did you mean "boiler"?' in flowengine("test", "--flow", "boilre").err
    assert 'no case has "shwos" in its name' in flowengine("test", "--case", "shwos").err
    assert "cannot be written to flows: " in flowengine("test", "--junit", "flows").err
    assert flowengine("test", "nowhere").code == 2

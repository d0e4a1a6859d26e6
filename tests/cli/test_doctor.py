import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Command, write_flow


@pytest.fixture
def listening() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def write_broker(flows: Path, port: int) -> None:
    broker = {"type": "mqtt-broker", "config": {"host": "127.0.0.1", "port": port}}
    (flows / "resources.json").write_text(json.dumps({"flowengine": 1, "resources": {"main": broker}}))
    nodes = {
        "in": {"type": "mqtt-in", "config": {"broker": "main", "topic": "a"}, "wires": {"out": ["show"]}},
        "show": {"type": "debug"},
    }
    write_flow(flows, "boiler", nodes)


def test_doctor_finds_nothing_where_all_is_well(
    flowengine: Command, flows: Path, listening: int, unused_port: int
) -> None:
    write_broker(flows, listening)
    ended = flowengine("doctor", "--port", unused_port)
    assert ended.code == 0, ended
    assert f"main (mqtt-broker) answers at 127.0.0.1:{listening}" in ended.out
    assert "flowengine.db is not there yet; it will be made" in ended.out
    assert ended.out.endswith("no problems\n")
    assert not (flows.parent / "flowengine.db").exists()


def test_doctor_finds_each_problem_and_says_what_to_do(
    flowengine: Command, flows: Path, listening: int, unused_port: int
) -> None:
    write_broker(flows, unused_port)
    (flows.parent / "bad.py").write_text("import nothing_of_that_name\n")
    tick = {"type": "inject", "config": {"every": "${PUMP_EVERY}"}, "wires": {"out": ["show"]}}
    write_flow(flows, "pump", {"tick": tick, "show": {"type": "debug"}})
    options = ("--nodes", ".", "--store", "sqlite:///no/such/folder/store.db", "--port", listening)
    ended = flowengine("doctor", *options)
    assert ended.code == 1
    for said in (
        "nothing_of_that_name",
        "PUMP_EVERY is not set",
        "2 flows in flows, 1 error, 0 warnings",
        f"main (mqtt-broker) does not answer at 127.0.0.1:{unused_port}: connection refused",
        "let this user write to it",
        f"cannot listen on 127.0.0.1:{listening}",
    ):
        assert said in ended.out
    assert {one["state"] for one in flowengine("doctor", *options, "--format", "json").json} == {"ok", "problem"}


def test_doctor_warns_of_warnings(flowengine: Command, flows: Path, unused_port: int) -> None:
    write_flow(flows, "pump", {"show": {"type": "debug"}})
    ended = flowengine("doctor", "--port", unused_port)
    assert ended.code == 0
    assert "warning  flows      2 flows in flows, 0 errors, 1 warning" in ended.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--store", "sqlite:///flows/boiler.flow.json"], "this file is not an SQLite database"),
        (["--store", "mysql://host/name"], "this is no address of a store"),
        (["--host", "0.0.0.0"], "add one with: flowengine user add"),
        (["nowhere"], "there is no nowhere"),
    ],
)
def test_doctor_names_a_wrong_option(
    flowengine: Command, flows: Path, unused_port: int, options: list[str], said: str
) -> None:
    ended = flowengine("doctor", "--port", unused_port, *options)
    assert ended.code == 1
    assert said in ended.out

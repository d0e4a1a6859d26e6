import subprocess
import sys
from pathlib import Path

import pytest

from flowengine.registry import Registry, load_folder
from tests.cli.conftest import Command


def pytest_passes(folder: Path, *arguments: str) -> bool:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert " passed" in ended.stdout, ended.stdout + ended.stderr
    return ended.returncode == 0


def test_new_node_passes_its_test(flowengine: Command, here: Path) -> None:
    ended = flowengine("new", "node", "moving-average")
    assert ended.code == 0
    assert "nodes/moving_average.py written\nnodes/test_moving_average.py written\n" in ended.out
    assert "pytest nodes/test_moving_average.py" in ended.out
    assert pytest_passes(here, "nodes")


def test_new_node_test_fails_when_the_node_is_wrong(flowengine: Command, here: Path) -> None:
    flowengine("new", "node", "moving-average")
    node = here / "nodes" / "moving_average.py"
    node.write_text(node.read_text().replace("self.config.factor", "1"))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "nodes"]
    ended = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False)
    assert "2 failed" in ended.stdout


@pytest.mark.parametrize("name", ["none", "node", "message", "a", "x2", "very-long-name-of-a-node-type-that-goes-on"])
def test_new_node_can_be_loaded_under_any_name(flowengine: Command, here: Path, name: str) -> None:
    assert flowengine("new", "node", name, "--nodes", "own").code == 0
    registry = Registry()
    assert load_folder(registry, here / "own") == []
    assert name in registry


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("MovingAverage", 'write "moving-average"'),
        ("moving_average", 'write "moving-average"'),
        ("", "lower-case words"),
        ("-x", 'write "x"'),
        ("../escape", 'write "escape"'),
        ("filter", "there is such a node type already"),
        ("queue", "hide what Python itself calls"),
        ("class", "hide what Python itself calls"),
    ],
)
def test_new_node_refuses_a_name(flowengine: Command, here: Path, name: str, said: str) -> None:
    ended = flowengine("new", "node", "--", name)
    assert ended.code == 2
    assert said in ended.err
    assert list(here.iterdir()) == []


def test_new_node_overwrites_nothing(flowengine: Command, here: Path) -> None:
    (here / "nodes").mkdir()
    (here / "nodes" / "test_moving_average.py").write_text("mine")
    ended = flowengine("new", "node", "moving-average")
    assert ended.code == 2
    assert "nodes/test_moving_average.py exists already, and nothing was written" in ended.err
    assert [path.name for path in (here / "nodes").iterdir()] == ["test_moving_average.py"]


def test_new_pack_passes_its_test(flowengine: Command, here: Path) -> None:
    assert flowengine("new", "pack", "acme-nodes").code == 0
    assert pytest_passes(here / "acme-nodes")
    assert 'acme_nodes = "acme_nodes"' in (here / "acme-nodes" / "pyproject.toml").read_text()


def test_new_flow_is_clean_and_canonical(flowengine: Command, here: Path) -> None:
    assert flowengine("new", "flow", "boiler").code == 0
    assert flowengine("lint", "--strict") == (0, "1 flow: no problems\n", "")
    assert flowengine("fmt", "--check").code == 0
    assert "exists already" in flowengine("new", "flow", "boiler").err
    assert "lower-case" in flowengine("new", "flow", "Boiler").err

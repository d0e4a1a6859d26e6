"""The shipped flows with the resources of a bridge whose registry is in Odoo."""

import json
import shutil
from pathlib import Path

import pytest

from flowengine.flow.environment import Environment
from flowengine.flow.folder import read_folder
from flowengine.linting import lint
from flowengine.registry import Registry, load_node_packs
from flowengine.testing.flow_tests import FlowTester, read_flow_tests

ROOT = Path(__file__).parents[4]
FLOWS = [path.name.removesuffix(".flow.json") for path in sorted((ROOT / "flows").glob("*.flow.json"))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped flows and their tests, with the resources for Odoo."""
    made = tmp_path_factory.mktemp("flows")
    for path in (ROOT / "flows").iterdir():
        shutil.copy(path, made)
    shutil.copy(ROOT / "deploy/odoo/resources.json", made)
    return made


@pytest.fixture(scope="module")
def types() -> Registry:
    registry = Registry()
    assert load_node_packs(registry) == []
    return registry


def test_resources_for_odoo_differ_only_in_the_registry() -> None:
    usual, odoo = (
        json.loads((ROOT / folder / "resources.json").read_text())["resources"] for folder in ("flows", "deploy/odoo")
    )
    assert usual.keys() == odoo.keys()
    assert [name for name in usual if usual[name] != odoo[name]] == ["registry"]
    assert odoo["registry"]["type"] == "odoo-registry"
    assert odoo["registry"]["config"]["topics"] == usual["registry"]["config"]["topics"]


def test_flows_lint_with_the_resources_for_odoo(folder: Path, types: Registry) -> None:
    result = lint(read_folder(folder), types, Environment({}))
    assert result.problems == ()


@pytest.mark.parametrize("flow", FLOWS)
def test_tests_of_a_shipped_flow_pass_with_the_registry_in_odoo(folder: Path, types: Registry, flow: str) -> None:
    result = FlowTester(types).run(read_folder(folder), read_flow_tests(folder)[flow])
    assert [case for case in result.cases if case.outcome != "passed"] == []
    assert result.problems == ()

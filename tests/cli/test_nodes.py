import json
import re
from pathlib import Path

import pytest

from flowengine.registry import Registry, load_node_packs
from tests.cli.conftest import Command

REGISTRY = Registry()
load_node_packs(REGISTRY)


def test_nodes_lists_every_type_by_category(flowengine: Command) -> None:
    ended = flowengine("nodes")
    assert ended.code == 0
    for declared in REGISTRY:
        assert f"  {declared.name} " in ended.out
    assert ended.out.startswith("common\n")


@pytest.mark.parametrize("name", [declared.name for declared in REGISTRY])
def test_nodes_explains_each_type_with_its_settings(flowengine: Command, name: str) -> None:
    ended = flowengine("nodes", name)
    declared = REGISTRY.get(name)
    assert declared is not None
    assert ended.code == 0
    assert declared.summary in ended.out
    for setting in declared.schema().get("properties", {}):
        assert f"  {setting}: " in ended.out


def test_nodes_says_what_a_setting_takes(flowengine: Command) -> None:
    out = flowengine("nodes", "mqtt-in").out
    assert "broker: id of a resource (mqtt-broker), required" in out
    assert "qos: 0 | 1 | 2, default 1" in out
    out = flowengine("nodes", "filter").out
    assert "key: JSONPath or null" in out
    assert "keys: whole number, at least 1" in out
    assert "fails   with not-a-number" in out
    assert "A set rule: " in flowengine("nodes", "change").out


def test_nodes_gives_programs_json(flowengine: Command) -> None:
    listed = flowengine("nodes", "--format", "json").json
    assert [one["type"] for one in listed] == [declared.name for declared in REGISTRY]
    one = flowengine("nodes", "filter", "--format", "json").json
    assert one["schema"]["properties"]["path"]["default"] == "$.payload"


def test_nodes_suggests_a_type_for_a_mistyped_one(flowengine: Command) -> None:
    ended = flowengine("nodes", "mqt-in")
    assert ended.code == 2
    assert 'did you mean "mqtt-in"?' in ended.err


def test_nodes_lists_the_types_of_a_folder_and_names_bad_files(flowengine: Command, here: Path) -> None:
    flowengine("new", "node", "moving-average")
    (here / "nodes" / "bad.py").write_text("import nothing_of_that_name\n")
    ended = flowengine("nodes", "--nodes", "nodes")
    # How far apart they stand depends on the longest name of all types.
    assert re.search(r"moving-average +Multiply the payload\.", ended.out)
    assert "nodes/bad.py" in ended.err


def test_schema_of_a_document_and_of_a_node_type(flowengine: Command) -> None:
    assert flowengine("schema").json == flowengine("schema", "flow").json
    assert "nodes" in flowengine("schema", "flow").json["properties"]
    assert "topic" in flowengine("schema", "mqtt-in").json["properties"]


def test_schema_writes_files(flowengine: Command, here: Path) -> None:
    assert flowengine("schema", "--write", "schemas").code == 0
    kinds = sorted(path.name for path in (here / "schemas").iterdir())
    assert {"flow.schema.json", "layout.schema.json", "resources.schema.json", "secrets.schema.json"} <= set(kinds)
    assert flowengine("schema", "filter", "--write", "schemas").code == 0
    assert "path" in json.loads((here / "schemas" / "filter.schema.json").read_text())["properties"]


def test_schema_suggests_a_name_for_a_mistyped_one(flowengine: Command) -> None:
    assert 'did you mean "flow"?' in flowengine("schema", "flwo").err
    assert 'did you mean "mqtt-out"?' in flowengine("schema", "mqttout").err

import json
from pathlib import Path
from typing import Any

import pytest

from flowengine.flow.document import FlowDocument
from flowengine.flow.folder import read_folder
from flowengine.server.service import Service, ServiceOptions
from tests.cli.conftest import Command
from tests.nodes.network.mqtt_site import until

EXPORTS = Path(__file__).parent / "exports"
NAMES = sorted(path.stem for path in EXPORTS.glob("*.json"))
VARIABLES = ("AUTHOR", "SITE", "ERP_USERNAME", "ERP_PASSWORD", "API_KEY", "TOKEN")


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, "x")


def export(here: Path, *entries: dict[str, Any]) -> Path:
    file = here / "flows.json"
    file.write_text(json.dumps(entries))
    return file


def flow(here: Path, id: str) -> FlowDocument:
    return read_folder(here / "flows").documents[id]


def layout(here: Path, id: str) -> Any:
    return json.loads((here / "flows" / f"{id}.layout.json").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_imported_flows_pass_lint_and_are_canonical(flowengine: Command, here: Path, name: str) -> None:
    assert flowengine("import", "node-red", EXPORTS / f"{name}.json").code in {0, 1}
    found = flowengine("lint", "--format", "json").json
    assert [one for one in found["problems"] if one["severity"] == "error"] == []
    assert found["flows"] > 0
    assert flowengine("fmt", "--check").code == 0


def test_all_exports_go_into_one_folder(flowengine: Command, here: Path) -> None:
    for name in NAMES:
        flowengine("import", "node-red", EXPORTS / f"{name}.json")
    found = flowengine("lint", "--format", "json").json
    assert (found["errors"], found["flows"]) == (0, 7)


def test_import_reports_every_entry_and_exits_with_1_where_work_is_left(flowengine: Command, here: Path) -> None:
    ended = flowengine("import", "node-red", EXPORTS / "plant.json")
    assert ended.code == 1
    assert 'mqtt-broker "Plant broker" → plant-broker: converted\n' in ended.out
    assert 'change "Shape" → shape: converted\n' in ended.out
    assert 'function "Write to log" → write-to-log: not convertible\n' in ended.out
    assert "debug → debug (disabled): converted\n" in ended.out
    assert 'tab "Old tests" → old-tests (disabled): converted\n' in ended.out
    assert "PLANT_BROKER_PASSWORD  password of Plant broker\n" in ended.out
    assert "flows/boiler-house.flow.json written\n" in ended.out


def test_import_gives_programs_json(flowengine: Command, here: Path) -> None:
    ended = flowengine("import", "node-red", EXPORTS / "plant.json", "--format", "json")
    report = ended.json
    known = {entry["id"] for entry in json.loads((EXPORTS / "plant.json").read_text())}
    assert {node["id"] for node in report["nodes"]} == known
    assert sum(report["counts"].values()) == len(known)
    (function,) = (node for node in report["nodes"] if node["type"] == "function")
    assert (function["outcome"], function["flow"], function["node"]) == (
        "not convertible",
        "boiler-house",
        "write-to-log",
    )
    assert {one["name"] for one in report["variables"]} == {"PLANT_BROKER_USERNAME", "PLANT_BROKER_PASSWORD", "API_KEY"}
    assert report["written"][0] == "flows/resources.json"


def test_import_of_what_can_all_be_converted_exits_with_0(flowengine: Command, here: Path) -> None:
    assert flowengine("import", "node-red", EXPORTS / "sequences.json", "--into", "lines").code == 0
    assert (here / "lines" / "flow.flow.json").exists()


def test_import_keeps_wires_groups_variables_and_what_is_disabled(flowengine: Command, here: Path) -> None:
    flowengine("import", "node-red", EXPORTS / "plant.json")
    found = flow(here, "boiler-house")
    assert found.name == "Boiler house"
    assert found.description == "Watches the boilers."
    assert found.env == {"PLANT": "north", "LIMIT": "90"}
    assert found.nodes["mqtt-in"].wires == {"out": ["shape", "debug"]}
    assert found.nodes["too-hot"].wires == {
        "rule-1": ["alarm", "write-to-log"],
        "rule-2": ["write-to-log"],
        "else": ["debug-1"],
    }
    assert found.nodes["debug"].disabled
    assert found.nodes["catch"].config == {"nodes": ["shape", "too-hot"]}
    assert found.nodes["comment"].config == {"text": "Ask maintenance before you change the limit\n\nPhone 4711"}
    assert found.groups["intake"].nodes == ["mqtt-in"]
    assert found.groups["group"].nodes == ["shape"]
    assert found.groups["group"].env == {"UNIT": "celsius"}
    assert flow(here, "old-tests").disabled


def test_import_keeps_positions_in_the_layout(flowengine: Command, here: Path) -> None:
    flowengine("import", "node-red", EXPORTS / "plant.json")
    found = layout(here, "boiler-house")
    # Node-RED says where a node's middle is, and where a group's corner.
    assert found["nodes"]["shape"]["x"] - found["nodes"]["mqtt-in"]["x"] == 480 - 130
    assert found["groups"]["intake"] == {"x": 34, "y": 59, "width": 552, "height": 142, "colour": "#2e333a"}


def test_import_makes_subflows_and_their_instances(flowengine: Command, here: Path) -> None:
    flowengine("import", "node-red", EXPORTS / "subflows.json")
    subflow, user = flow(here, "scale-check"), flow(here, "use-it")
    assert subflow.inputs["in"].targets == ["change", "pass-on"]
    assert subflow.outputs["out-1"].sources == ["switch.rule-1"]
    assert subflow.outputs["out-2"].sources == ["switch.else", "pass-on.out"]
    assert subflow.env == {"FACTOR": "2", "LIMIT": ""}
    assert user.nodes["scale-check"].type == "subflow:scale-check"
    assert user.nodes["scale-check"].config == {"LIMIT": "50"}
    assert user.nodes["scale-check"].wires == {"out-1": ["debug-1"], "out-2": ["debug-1"]}


def test_import_joins_links_by_name_across_flows(flowengine: Command, here: Path) -> None:
    flowengine("import", "node-red", EXPORTS / "web.json")
    assert flow(here, "shared").nodes["look-up-order"].config == {"name": "look-up-order"}
    assert flow(here, "http-api").nodes["link-call"].config == {"to": "look-up-order", "timeout": "5s"}
    assert flow(here, "shared").nodes["link-out"].config == {"to": ["log"]}
    # A second import must not open the same entrances again.
    flowengine("import", "node-red", EXPORTS / "web.json", "--replace")
    assert flow(here, "shared").nodes["look-up-order"].config == {"name": "look-up-order"}


def test_import_never_overwrites_a_flow_unless_told_to(flowengine: Command, here: Path) -> None:
    tab = {"id": "t", "type": "tab", "label": "Boiler"}
    debug = {"id": "d", "z": "t", "type": "debug", "complete": "payload", "x": 1, "y": 1, "wires": []}
    file = export(here, tab, debug)
    flowengine("import", "node-red", file)
    path = here / "flows" / "boiler.flow.json"
    path.write_text(path.read_text().replace('"debug": {', '"mine": {'))
    before = path.read_text()
    ended = flowengine("import", "node-red", file)
    assert ended.code == 2
    assert "boiler.flow.json" in ended.err
    assert "--replace" in ended.err
    assert path.read_text() == before
    assert flowengine("import", "node-red", file, "--replace").code == 0
    assert "debug" in flow(here, "boiler").nodes


def test_import_adds_to_the_resources_and_changes_none(flowengine: Command, here: Path) -> None:
    (here / "flows").mkdir()
    resources = here / "flows" / "resources.json"
    mine = {"flowengine": 1, "resources": {"plant-broker": {"type": "mqtt-broker", "config": {"host": "mine"}}}}
    resources.write_text(json.dumps(mine))
    flowengine("import", "node-red", EXPORTS / "plant.json")
    found = json.loads(resources.read_text())["resources"]
    assert found["plant-broker"]["config"] == {"host": "mine"}
    assert found["plant-broker-2"]["config"]["host"] == "mqtt.plant.example"
    assert flow(here, "boiler-house").nodes["mqtt-in"].config["broker"] == "plant-broker-2"
    # The same broker again is the one that is there.
    flowengine("import", "node-red", EXPORTS / "plant.json", "--replace")
    assert set(json.loads(resources.read_text())["resources"]) == {"plant-broker", "plant-broker-2"}


def test_import_into_a_folder_with_broken_resources_says_so_and_writes_nothing(flowengine: Command, here: Path) -> None:
    (here / "flows").mkdir()
    (here / "flows" / "resources.json").write_text("{")
    ended = flowengine("import", "node-red", EXPORTS / "plant.json")
    assert ended.code == 2
    assert "resources.json" in ended.err
    assert [path.name for path in (here / "flows").iterdir()] == ["resources.json"]


def test_dry_run_writes_nothing(flowengine: Command, here: Path) -> None:
    ended = flowengine("import", "node-red", EXPORTS / "web.json", "--dry-run")
    assert 'http request "ERP"' in ended.out
    assert not (here / "flows").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no JSON"),
        ("[]", "no list of nodes"),
        ('{"flowengine": 1}', "no list of nodes"),
        ('[{"id": "a"}]', "entry 1 has no id and type"),
        ("[5]", "entry 1 has no id and type"),
    ],
)
def test_import_of_what_is_no_export_says_what_to_take(flowengine: Command, here: Path, text: str, said: str) -> None:
    (here / "flows.json").write_text(text)
    ended = flowengine("import", "node-red", "flows.json")
    assert ended.code == 2
    assert said in ended.err
    assert "flows.json" in ended.err


def test_import_of_a_missing_file_says_so(flowengine: Command, here: Path) -> None:
    ended = flowengine("import", "node-red", "flows.jsno")
    assert (ended.code, ended.out) == (2, "")
    assert "there is no flows.jsno" in ended.err


def test_import_takes_nodes_that_were_exported_without_their_tab(flowengine: Command, here: Path) -> None:
    file = export(here, {"id": "d", "z": "gone", "type": "debug", "complete": "payload", "x": 1, "y": 1, "wires": []})
    assert flowengine("import", "node-red", file).code == 0
    assert flow(here, "imported").nodes["debug"].type == "debug"


def test_imported_flow_of_loops_in_junctions_and_groups_ends(flowengine: Command, here: Path) -> None:
    common = {"z": "t", "x": 1, "y": 1}
    file = export(
        here,
        {"id": "t", "type": "tab", "label": "Loops"},
        {"id": "j1", "type": "junction", **common, "wires": [["j2", "j1"]]},
        {"id": "j2", "type": "junction", **common, "wires": [["j1", "d"]]},
        {"id": "d", "type": "debug", "complete": "payload", **common, "wires": [], "g": "g1"},
        {"id": "i", "type": "inject", "payloadType": "date", **common, "wires": [["j1"]]},
        {"id": "g1", "type": "group", "g": "g2", "nodes": ["d"], **common},
        {"id": "g2", "type": "group", "g": "g1", "nodes": ["g1"], **common},
    )
    assert flowengine("import", "node-red", file).code == 0
    assert flow(here, "loops").nodes["inject"].wires == {"out": ["debug"]}


async def test_imported_flow_runs(flowengine: Command, here: Path) -> None:
    common = {"z": "t", "x": 1, "y": 1}
    file = export(
        here,
        {"id": "t", "type": "tab", "label": "Run"},
        {
            "id": "i",
            "type": "inject",
            **common,
            "props": [{"p": "payload"}, {"p": "topic", "vt": "str"}],
            "payload": '{"celsius": 91}',
            "payloadType": "json",
            "topic": "boiler",
            "once": True,
            "onceDelay": "0.01",
            "wires": [["c"]],
        },
        {
            "id": "c",
            "type": "change",
            **common,
            "rules": [
                {"t": "set", "p": "payload.kelvin", "pt": "msg", "to": "payload.celsius + 273", "tot": "jsonata"}
            ],
            "wires": [["s"]],
        },
        {
            "id": "s",
            "type": "switch",
            **common,
            "property": "payload.kelvin",
            "propertyType": "msg",
            "rules": [{"t": "gt", "v": "360", "vt": "num"}, {"t": "else"}],
            "checkall": "false",
            "wires": [["hot"], ["cold"]],
        },
        {"id": "hot", "type": "debug", "name": "hot", **common, "complete": "true", "targetType": "full", "wires": []},
        {"id": "cold", "type": "debug", "name": "cold", **common, "complete": "payload", "wires": []},
    )
    assert flowengine("import", "node-red", file).code == 0
    options = ServiceOptions(folder=here / "flows", port=0, store=f"sqlite:///{here}/store.db")
    service = Service(options)
    async with service.running():
        account = service.engine.flows["run"].account
        await until(lambda: account.settled)
        cells = service.engine.flows["run"].cells
    assert (cells["hot"].received, cells["cold"].received) == (1, 0)

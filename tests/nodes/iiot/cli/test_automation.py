import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command

COOL = {
    "id": "cool",
    "name": "Cool it",
    "devices": {"profile": "boiler"},
    "trigger": {"kind": "threshold", "path": "$.t", "above": 80.0},
    "command": {"action": "cool"},
}
OTHERS = [
    {"id": "check", "trigger": {"kind": "cron", "cron": "0 6 * * *"}, "command": {"action": "check"}},
    {
        "id": "inspect",
        "devices": {"group": "north", "ids": ["b1"]},
        "trigger": {"kind": "telemetry", "when": [{"path": "$.v", "op": "gt", "value": 5}]},
        "command": {"action": "inspect"},
    },
    {
        "id": "stop",
        "trigger": {"kind": "event", "model": "x.y", "when": [{"path": "$.state", "value": "off"}]},
        "command": {"action": "stop"},
    },
]


@pytest.fixture
def file(here: Path, flowengine: Command) -> Path:
    """A file with a rule, and a registry with the profile that it names."""
    (here / "boiler.json").write_text('{"id": "boiler", "actions": {"cool": {}}}')
    flowengine("profile", "save", "boiler.json")
    (here / "cool.json").write_text(json.dumps(COOL))
    return here / "cool.json"


def test_automation_is_imported_listed_shown_and_removed(flowengine: Command, file: Path) -> None:
    for rule in OTHERS:
        (file.parent / f"{rule['id']}.json").write_text(json.dumps(rule))
    imported = flowengine("automation", "import", file, "check.json", "inspect.json", "stop.json")
    assert (imported.code, imported.out) == (0, "4 rules stored: cool, check, inspect, stop\n")
    listed = [line.split() for line in flowengine("automation", "list").out.splitlines()]
    assert [" ".join(line) for line in listed] == [
        "ID ACTIVE DEVICES WHEN COMMAND NAME",
        "check yes all 0 6 * * * UTC check",
        "cool yes boiler $.t above 80 cool Cool it",
        "inspect yes group north, b1 $.v gt 5 inspect",
        'stop yes all event x.y: $.state eq "off" stop',
        "4 rules",
    ]
    assert flowengine("automation", "show", "cool").json == COOL
    assert flowengine("automation", "list", "--format", "json").json[1] == COOL
    assert flowengine("automation", "remove", "cool", "--yes").code == 0
    assert flowengine("automation", "list").out.endswith("3 rules\n")


def test_automation_is_disabled_and_enabled(flowengine: Command, file: Path) -> None:
    flowengine("automation", "import", file)
    assert flowengine("automation", "disable", "cool").out == 'the rule "cool" is disabled\n'
    assert flowengine("automation", "show", "cool").json == {**COOL, "active": False}
    assert flowengine("automation", "enable", "cool").out == 'the rule "cool" is enabled\n'
    assert flowengine("automation", "show", "cool").json == COOL


def test_automation_check_names_what_is_wrong(flowengine: Command, file: Path) -> None:
    (file.parent / "bad.json").write_text('{"id": "bad",\n "trigger": {"kind": "tide"}, "comand": {}}')
    checked = flowengine("automation", "check", file, "bad.json")
    assert checked.code == 1
    assert "bad.json:2: trigger" in checked.out
    assert '    did you mean "command"?' in checked.out
    assert checked.out.endswith("1 rule well, 3 problems\n")
    assert len(flowengine("automation", "check", "bad.json", "--format", "json").json) == 3
    refused = flowengine("automation", "import", file, "bad.json")
    assert refused.code == 2
    assert flowengine("automation", "list").out == "0 rules\n"


def test_automation_that_its_devices_cannot_obey_is_refused(flowengine: Command, file: Path) -> None:
    file.write_text(json.dumps({**COOL, "command": {"action": "explode"}}))
    refused = flowengine("automation", "import", file)
    assert refused.code == 2
    assert 'command.action: devices of the profile "boiler" know only: cool' in refused.err


def test_automations_are_imported_all_or_none(flowengine: Command, file: Path) -> None:
    unfit = file.with_name("other.json")
    unfit.write_text(json.dumps({**COOL, "id": "explode", "command": {"action": "explode"}}))
    refused = flowengine("automation", "import", file, unfit)
    assert refused.code == 2
    assert f'{unfit}: command.action: devices of the profile "boiler" know only: cool' in refused.err
    assert flowengine("automation", "list").out == "0 rules\n"
    twice = file.with_name("again.json")
    twice.write_text(file.read_text())
    refused = flowengine("automation", "import", file, twice)
    assert refused.code == 2
    assert f'the rule "cool" is in {file} too' in refused.err


def test_automation_that_is_mistyped_is_suggested(flowengine: Command, file: Path) -> None:
    flowengine("automation", "import", file)
    for command in ("show", "enable", "disable", "remove"):
        refused = flowengine("automation", command, "coll")
        assert refused.code == 2
        assert 'there is no automation rule "coll"; did you mean "cool"?' in refused.err
    assert "see which there are with: flowengine automation list" in flowengine("automation", "show", "x").err

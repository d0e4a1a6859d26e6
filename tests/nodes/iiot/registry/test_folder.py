import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.flow.problem import DocumentError
from flowengine_nodes.iiot.registry.automation import AutomationRule
from flowengine_nodes.iiot.registry.device import BusinessObject, Device, Lifecycle
from flowengine_nodes.iiot.registry.device_document import DeviceEntry
from flowengine_nodes.iiot.registry.folder import read_registry_folder, write_registry_folder
from flowengine_nodes.iiot.registry.profile import Profile

BOILER = Profile.model_validate({"id": "boiler", "rules": [{"path": "$.t", "field": "x_t"}], "offline_after": "90s"})

RULE = AutomationRule.model_validate(
    {
        "id": "too-hot",
        "devices": {"profile": "boiler"},
        "trigger": {"kind": "threshold", "path": "$.t", "above": 90, "hold": "10s"},
        "command": {"action": "stop", "params": {"at": "{value}"}},
    }
)


def write(folder: Path, name: str, content: object) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))


def problems(folder: Path) -> list[str]:
    with pytest.raises(DocumentError) as raised:
        read_registry_folder(folder)
    return [str(problem).removeprefix(f"{folder}/") for problem in raised.value.problems]


def test_folder_that_is_written_reads_as_it_was(tmp_path: Path) -> None:
    devices = [
        Device(id="b", serial="SN 2", profile="boiler", name="Süd", groups=("canary",), lifecycle=Lifecycle.RETIRED),
        Device(id="a", serial="a", profile="boiler", business=BusinessObject("res.partner", 7), hardware="rev-b"),
    ]
    assert write_registry_folder(tmp_path, [BOILER], {"boiler": devices}) == []
    found = read_registry_folder(tmp_path)
    assert found.profiles["boiler"].model_dump() == BOILER.model_dump()
    assert {id: entry.said for id, entry in found.devices.items()} == {one.id: DeviceEntry.of(one) for one in devices}
    assert (tmp_path / "devices" / "boiler.json").read_text() == (
        "{\n"
        '  "a": {"business": "res.partner,7", "hardware": "rev-b"},\n'
        '  "b": {"serial": "SN 2", "name": "Süd", "lifecycle": "retired", "groups": ["canary"]}\n'
        "}\n"
    )
    assert json.loads((tmp_path / "profiles" / "boiler.json").read_text()) == {
        "id": "boiler",
        "rules": [{"path": "$.t", "field": "x_t"}],
        "offline_after": "1m30s",
    }


def test_automation_rule_that_is_written_reads_as_it_was(tmp_path: Path) -> None:
    assert write_registry_folder(tmp_path, [], {}, [RULE]) == []
    assert read_registry_folder(tmp_path).rules["too-hot"].model_dump() == RULE.model_dump()
    write(tmp_path, "automation/too-hot.json", {"id": "too-hot", "trigger": {"kind": "moon"}})
    assert [one.split(" ")[0] for one in problems(tmp_path)] == [
        "automation/too-hot.json:1:",
        "automation/too-hot.json:4:",
    ]


def test_folder_that_is_written_again_touches_only_what_differs(tmp_path: Path) -> None:
    one = Device(id="a", serial="a", profile="boiler")
    write_registry_folder(tmp_path, [BOILER], {"boiler": [one]})
    before = (tmp_path / "profiles" / "boiler.json").stat().st_ino
    write(tmp_path, "profiles/old.json", {"id": "old"})
    left = write_registry_folder(tmp_path, [BOILER], {"boiler": [one], "press": []})
    assert (tmp_path / "profiles" / "boiler.json").stat().st_ino == before
    assert left == [tmp_path / "profiles" / "old.json"]


@given(
    st.builds(
        Device,
        id=st.just("d"),
        serial=st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20),
        profile=st.just("boiler"),
        name=st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=20),
        lifecycle=st.sampled_from(Lifecycle),
        groups=st.lists(st.sampled_from(["a", "b"]), unique=True).map(tuple),
        business=st.none() | st.builds(BusinessObject, st.just("res.partner"), st.integers(0, 2**62)),
    )
)
def test_device_says_in_a_file_what_people_decide(one: Device) -> None:
    written = DeviceEntry.of(one).model_dump(mode="json", exclude_defaults=True)
    values = DeviceEntry.model_validate(json.loads(json.dumps(written))).values("d", "boiler")
    assert values == {name: getattr(one, name) for name in values}


def test_folder_without_profiles_and_devices_is_refused(tmp_path: Path) -> None:
    (found,) = problems(tmp_path)
    assert found.endswith("there is none of the folders profiles, devices, automation here [no-registry-folder]")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("profiles/boiler.json", {"id": "kettle"}, '2: id: the id is "kettle", but the file is named boiler.json'),
        ("profiles/boiler.json", {"id": "boiler", "topic": 1}, "3: topic: there is no such field [unknown-field]"),
        ("profiles/boiler.json", [], "1: a profile is an object, not a list [wrong-type]"),
        ("profiles/boiler.json", '{"id": "boiler",}', "1: there is a comma before '}' [json-syntax]"),
        ("profiles/boiler.json", '{"id": "boiler", "id": "x"}', '1: id: the key "id" stands here again'),
        ("devices/boiler.json", [], "1: devices stand in an object by their ids, not in a list [wrong-type]"),
        ("devices/boiler.json", {"a": {"serial": 7}}, "3: a.serial: must be a text, not a number [wrong-type]"),
        ("devices/boiler.json", {"a": {"seriel": "7"}}, "3: a.seriel: there is no such field [unknown-field]"),
        ("devices/boiler.json", {"a": {"business": "x"}}, '3: a.business: must be "model,id", such as'),
        ("devices/boiler.json", {"a": {"name": "x\u0000y"}}, "3: a.name: must be one line of at most 200 characters"),
        ("devices/boiler.json", {"a": {"groups": [" "]}}, "4: a.groups[0]: must not be empty [bad-value]"),
        ("devices/boiler.json", {"a": {"lifecycle": "draft"}}, "3: a.lifecycle: must be 'active', 'suspended' or"),
        ("devices/boiler.json", {"a": 7}, "2: a: must be an object, not a number [wrong-type]"),
        ("devices/boiler.json", {"a/b": {}}, '2: a/b: "a/b" cannot be the id of a device'),
        ("devices/boiler.json", {"a": {}, "b": {"serial": "a"}}, '4: b.serial: the device "a" in '),
    ],
)
def test_folder_names_the_place_of_what_is_wrong(tmp_path: Path, name: str, content: Any, expected: str) -> None:
    write(tmp_path, name, content)
    (found,) = problems(tmp_path)
    assert found.startswith(f"{name}:{expected}")


def test_folder_names_everything_that_is_wrong(tmp_path: Path) -> None:
    write(tmp_path, "profiles/boiler.json", {"id": "boiler", "codec": "xml"})
    write(tmp_path, "devices/boiler.json", {"a": {"serial": 7, "name": 8}})
    write(tmp_path, "devices/press.json", {"a": {}})
    assert len(problems(tmp_path)) == 3
    write(tmp_path, "devices/boiler.json", {"a": {}})
    assert problems(tmp_path)[0].startswith('devices/press.json:2: a: the device "a" is in ')

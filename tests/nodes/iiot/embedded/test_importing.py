import json
from pathlib import Path
from typing import Any

import pytest

from flowengine.flow.problem import DocumentError
from flowengine.node import SystemClock
from flowengine.storage import Store
from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.embedded.followed_folder import PERIOD
from flowengine_nodes.iiot.embedded.importing import Change
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from flowengine_nodes.iiot.registry.device import Lifecycle
from flowengine_nodes.iiot.registry.devices import DeviceFilter
from flowengine_nodes.iiot.registry.folder import read_registry_folder, write_registry_folder
from tests.nodes.iiot.registries import add_device, add_profile, running_registry


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one profile and two devices."""
    made = tmp_path / "registry"
    write(made, "profiles/boiler.json", {"id": "boiler", "name": "Boiler"})
    write(made, "devices/boiler.json", {"a": {"serial": "1", "groups": ["canary"]}, "b": {"lifecycle": "active"}})
    return made


def write(folder: Path, name: str, content: object) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))


async def take_over(registry: EmbeddedRegistry, folder: Path) -> list[Change]:
    return list(await registry._groups.folders.run(read_registry_folder(folder), "anna"))


async def test_import_adds_what_is_new_and_a_second_one_changes_nothing(
    registry: EmbeddedRegistry, store: Store, folder: Path
) -> None:
    changes = await take_over(registry, folder)
    assert changes == [
        Change("profile", "boiler", True, {}),
        Change("device", "a", True, {}),
        Change("device", "b", True, {}),
    ]
    a, b = await registry.devices.list(DeviceFilter())
    assert (a.serial, a.lifecycle, a.groups) == ("1", Lifecycle.DRAFT, ("canary",))
    assert (b.serial, b.lifecycle, b.groups) == ("b", Lifecycle.ACTIVE, ())
    assert registry.roster.member("a") is not None
    assert [one.id for one in await registry.devices.list(DeviceFilter(group="canary"))] == ["a"]
    audited = await store.audit.list(who="anna")
    assert {(one.what, one.subject) for one in audited} == {
        ("profile-add", "boiler"),
        ("device-add", "a"),
        ("device-add", "b"),
    }
    assert await take_over(registry, folder) == []
    assert len(await store.audit.list(who="anna")) == 3


async def test_import_changes_what_the_folder_says_and_leaves_the_rest(
    registry: EmbeddedRegistry, store: Store, folder: Path
) -> None:
    await take_over(registry, folder)
    await registry.devices.change("a", {"lifecycle": Lifecycle.PAIRED, "firmware": "1.2"}, "device")
    await add_device(registry, "elsewhere")
    write(folder, "profiles/boiler.json", {"id": "boiler", "name": "Kettle"})
    write(folder, "devices/boiler.json", {"a": {"serial": "2", "business": "res.partner,7"}})
    assert await take_over(registry, folder) == [
        Change("profile", "boiler", False, {"name": ["Boiler", "Kettle"]}),
        Change(
            "device",
            "a",
            False,
            {"serial": ["1", "2"], "business": [None, "res.partner,7"], "groups": [["canary"], []]},
        ),
    ]
    a = await registry.devices.get("a")
    assert (a.serial, a.lifecycle, a.firmware, a.groups) == ("2", Lifecycle.PAIRED, "1.2", ())
    assert await registry.devices.count(DeviceFilter()) == 3
    (record,) = await store.audit.list(what="device-change", who="anna")
    assert record.detail["serial"] == ["1", "2"]


async def test_import_of_an_export_changes_nothing(registry: EmbeddedRegistry, tmp_path: Path) -> None:
    await add_profile(registry, "boiler", rules=[{"path": "$.t", "field": "x_t"}], offline_after="2m")
    devices = [
        await add_device(registry, lifecycle.value, lifecycle=lifecycle, groups=("hall", "canary"), name="Süd")
        for lifecycle in Lifecycle
    ]
    write_registry_folder(tmp_path, await registry.profiles.list(), {"boiler": devices})
    assert await take_over(registry, tmp_path) == []


async def test_import_takes_over_automation_rules_and_wakes_those_who_follow_them(
    registry: EmbeddedRegistry, folder: Path
) -> None:
    rule: dict[str, Any] = {"id": "reset", "trigger": {"kind": "cron", "cron": "0 4 * * *"}, "command": {"action": "a"}}
    write(folder, "automation/reset.json", rule)
    woken = registry.automations.changed.next
    assert Change("automation", "reset", True, {}) in await take_over(registry, folder)
    assert woken.is_set()
    assert (await registry.automations.get("reset")).command.action == "a"
    write(folder, "automation/reset.json", rule | {"active": False})
    assert await take_over(registry, folder) == [Change("automation", "reset", False, {"active": [None, False]})]
    write_registry_folder(folder, [], {}, await registry.automations.list())
    assert await take_over(registry, folder) == []


async def test_preview_says_what_an_import_would_change_and_changes_nothing(
    registry: EmbeddedRegistry, folder: Path
) -> None:
    changes = await registry._groups.folders.preview(read_registry_folder(folder))
    assert [(one.kind, one.id, one.is_new) for one in changes] == [
        ("profile", "boiler", True),
        ("device", "a", True),
        ("device", "b", True),
    ]
    assert await registry.profiles.list() == []


async def test_import_suspends_and_ends_suspensions_as_the_folder_says(
    memory_registry: EmbeddedRegistry, folder: Path
) -> None:
    await take_over(memory_registry, folder)
    await memory_registry.devices.change("a", {"lifecycle": Lifecycle.PAIRED}, "device")
    for said, expected in (("suspended", Lifecycle.SUSPENDED), ("active", Lifecycle.PAIRED)):
        write(folder, "devices/boiler.json", {"a": {"serial": "1", "lifecycle": said}})
        await take_over(memory_registry, folder)
        assert (await memory_registry.devices.get("a")).lifecycle is expected


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("devices/press.json", {"c": {}}, 'there is no profile "press", for which this file is named'),
        ("devices/boiler.json", {"c": {"serial": "taken"}}, 'c.serial: the device "x" in the registry has the serial'),
        ("devices/boiler.json", {"old": {"lifecycle": "active"}}, 'old.lifecycle: the device "old" is retired and'),
    ],
)
async def test_import_that_does_not_fit_changes_nothing(
    registry: EmbeddedRegistry, folder: Path, name: str, content: Any, expected: str
) -> None:
    await add_device(registry, "x", profile="other", serial="taken")
    await add_device(registry, "old", profile="other", lifecycle=Lifecycle.RETIRED)
    write(folder, name, content)
    with pytest.raises(DocumentError) as raised:
        await take_over(registry, folder)
    (problem,) = raised.value.problems
    assert expected in str(problem)
    assert str(problem).startswith(f"{folder}/{name}:1: ")
    assert [one.id for one in await registry.profiles.list()] == ["other"]


async def test_registry_follows_a_folder(url: str, store: Store, clock: VirtualClock, folder: Path) -> None:
    async with running_registry(store, clock, {"folder": str(folder)}) as registry:
        assert registry.roster.member("a") is not None
        write(folder, "devices/boiler.json", {"a": {"serial": "1"}, "c": {}})
        await _until_member(registry, clock, "c")

        write(folder, "devices/boiler.json", {"a": 7, "d": {}})
        await clock.advance(PERIOD)
        write(folder, "devices/boiler.json", {"a": {"serial": "1"}, "e": {}})
        await _until_member(registry, clock, "e")
        assert registry.roster.member("d") is None
        assert registry.roster.member("b") is not None


async def test_registry_starts_with_what_it_has_when_its_folder_is_wrong(
    memory_registry: EmbeddedRegistry, clock: VirtualClock, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = await Store.in_memory(clock.time)
    write(folder, "profiles/boiler.json", {"id": "boiler", "codec": "xml"})
    async with running_registry(store, clock, {"folder": str(folder)}) as registry:
        assert len(registry.roster) == 0
    assert "profiles/boiler.json:1: codec: must be" in caplog.text
    await store.close()


async def _until_member(registry: EmbeddedRegistry, clock: VirtualClock, id: str) -> None:
    for _ in range(1000):
        if registry.roster.member(id) is not None:
            return
        await clock.advance(PERIOD)
        await SystemClock().sleep(0.01)
    raise AssertionError(f"{id} was not taken over")

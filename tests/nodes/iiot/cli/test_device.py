import asyncio
import json
import re
from pathlib import Path

import pytest

from flowengine.node import SystemClock
from flowengine.storage import Store
from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.registry.device import Presence
from tests.cli.conftest import Command
from tests.nodes.iiot.registries import running_registry


@pytest.fixture
def boiler(flowengine: Command, here: Path) -> Path:
    """A store with one profile; the folder it is in."""
    (here / "boiler.json").write_text('{"id": "boiler"}')
    assert flowengine("profile", "save", "boiler.json").code == 0
    return here


def test_device_is_added_changed_and_shown(flowengine: Command, boiler: Path) -> None:
    added = flowengine(
        *("device", "add", "b-1", "--profile", "boiler", "--serial", "SN 1", "--group", "hall", "--group", "canary"),
        *("--business", "maintenance.equipment,42"),
    )
    assert (added.code, added.out) == (0, 'the device "b-1" is added\n')
    assert flowengine("device", "change", "b-1", "--name", "Süd", "--business", "", "--group", "").code == 0
    shown = flowengine("device", "show", "b-1", "--format", "json").json
    assert (shown["serial"], shown["name"], shown["business"], shown["groups"]) == ("SN 1", "Süd", None, [])
    assert shown["lifecycle"] == "draft"
    assert shown["presence"] is None
    text = flowengine("device", "show", "b-1").out
    assert "  name       Süd\n" in text
    assert "  presence   never heard of" in text


def test_devices_are_listed_page_by_page(flowengine: Command, boiler: Path) -> None:
    for number in range(5):
        flowengine("device", "add", f"b-{number}", "--profile", "boiler", *(["--active"] if number else []))
    first = flowengine("device", "list", "--limit", "2", "--lifecycle", "active")
    assert first.out.splitlines()[1].startswith("b-1  b-1     boiler   active")
    assert first.out.splitlines()[-2:] == ["4 devices", "more with --after b-2"]
    second = flowengine("device", "list", "--limit", "2", "--after", "b-2", "--format", "json").json
    assert [one["id"] for one in second["devices"]] == ["b-3", "b-4"]
    assert second["total"] == 5
    assert flowengine("device", "list", "--online").out == "0 devices\n"


def test_device_goes_through_its_life(flowengine: Command, boiler: Path) -> None:
    flowengine("device", "add", "b-1", "--profile", "boiler", "--active")
    for command, expected in (("suspend", "suspended"), ("resume", "active")):
        assert flowengine("device", command, "b-1").code == 0
        assert flowengine("device", "show", "b-1", "--format", "json").json["lifecycle"] == expected
    assert 'the device "b-1" is not suspended, it is active' in flowengine("device", "resume", "b-1").err
    assert flowengine("device", "retire", "b-1", "--yes").out == 'the device "b-1" is retired\n'
    refused = flowengine("device", "suspend", "b-1")
    assert refused.code == 2
    assert 'the device "b-1" is retired and cannot become suspended; a retired device stays so' in refused.err
    assert flowengine("device", "remove", "b-1", "--yes").code == 0
    assert flowengine("device", "list").out == "0 devices\n"


def test_device_that_is_wrong_does_not_keep_the_others(flowengine: Command, boiler: Path) -> None:
    flowengine("device", "add", "b-1", "--profile", "boiler", "--serial", "SN1")
    flowengine("device", "add", "b-2", "--profile", "boiler", "--serial", "SN2")
    ended = flowengine("device", "suspend", "b-1", "SN2", "zzz", "b-2")
    assert ended.code == 2
    assert ended.out == 'the device "b-1" is suspended\nthe device "b-2" is suspended\n'
    assert 'there is no device "SN2"; did you mean "b-2"?' in ended.err
    assert 'there is no device "zzz"; see which there are with: flowengine device list' in ended.err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["add", "a/b", "--profile", "boiler"], '"a/b" cannot be the id of a device'),
        (["add", "a", "--profile", "boilr"], 'there is no profile "boilr"; did you mean "boiler"?'),
        (["add", "a", "--profile", "boiler", "--business", "x"], '--business: must be "model,id"'),
        (["add", "a", "--profile", "boiler", "--serial", ""], "--serial: must not be empty"),
        (["add", "a", "--profile", "boiler", "--group", "a\nb"], "--group: must be one line"),
        (["add", "b-1", "--profile", "boiler"], 'there is already a device with the id "b-1"'),
        (["change", "b-1"], "say what to change: --profile, --serial, --name"),
        (["change", "b1", "--name", "x"], 'there is no device "b1"; did you mean "b-1"?'),
        (["list", "--profile", "boilr"], 'did you mean "boiler"?'),
        (["remove", "b-1"], "nobody is there to ask; say --yes if you mean it"),
        (["import", "nowhere"], "there is no nowhere in"),
        (["list", "--store", "sqlite:///other.db"], "there is no store at sqlite:///other.db"),
    ],
)
def test_device_commands_say_what_is_wrong(
    flowengine: Command, boiler: Path, arguments: list[str], expected: str
) -> None:
    flowengine("device", "add", "b-1", "--profile", "boiler")
    ended = flowengine("device", *arguments)
    assert ended.code == 2
    assert expected in ended.err


def test_export_is_imported_elsewhere(flowengine: Command, boiler: Path) -> None:
    flowengine("device", "add", "b-1", "--profile", "boiler", "--serial", "SN1", "--group", "hall")
    exported = flowengine("device", "export", "registry")
    assert exported.out == "1 profile, 1 device written to registry\n"
    dry = flowengine("device", "import", "registry", "--dry-run", "--store", "sqlite:///flowengine.db")
    assert dry.out == "everything is as the folder says\n"

    elsewhere = ("--store", "sqlite:///other.db")
    assert flowengine("device", "import", "registry", "--dry-run", *elsewhere).code == 2
    ended = flowengine("device", "import", "registry", *elsewhere)
    assert ended.out.splitlines() == ["+ profile boiler", "+ device b-1", "1 profile added, 1 device added"]
    assert flowengine("device", "show", "b-1", "--format", "json", *elsewhere).json["groups"] == ["hall"]

    file = boiler / "registry" / "devices" / "boiler.json"
    file.write_text(json.dumps({"b-1": {"serial": "SN2", "groups": ["hall"]}}))
    dry = flowengine("device", "import", "registry", "--dry-run", *elsewhere)
    assert dry.out.splitlines() == ['~ device b-1  (serial: "SN1" -> "SN2")', "would be: 1 device changed"]
    changes = flowengine("device", "import", "registry", *elsewhere, "--format", "json").json
    assert changes == [{"kind": "device", "id": "b-1", "is_new": False, "fields": {"serial": ["SN1", "SN2"]}}]

    file.write_text('{"b-1": {"serial": 7}}')
    refused = flowengine("device", "import", "registry", *elsewhere)
    assert refused.code == 2
    assert "registry/devices/boiler.json:1: b-1.serial: must be a text, not a number [wrong-type]" in refused.err


def test_export_names_files_that_are_left_over(flowengine: Command, boiler: Path) -> None:
    flowengine("device", "export", "registry")
    flowengine("profile", "remove", "boiler", "--yes")
    assert (
        "registry/profiles/boiler.json is not in the registry any more"
        in flowengine("device", "export", "registry").out
    )


def test_presence_is_shown_and_an_engine_that_runs_notices_what_commands_change(
    flowengine: Command, boiler: Path
) -> None:
    flowengine("device", "add", "b-1", "--profile", "boiler")

    async def beside_an_engine() -> None:
        clock = VirtualClock()
        store = await Store.open(f"sqlite:///{boiler / 'flowengine.db'}", clock=clock.time)
        async with running_registry(store, clock) as registry:
            now = SystemClock().time()
            await registry.devices.note(
                [Presence(device="b-1", online=True, since=now, seen_at=now, telemetry_at=now, telemetry={"t": 21.5})]
            )
            await asyncio.to_thread(flowengine, "device", "add", "b-2", "--profile", "boiler")
            await asyncio.to_thread(flowengine, "device", "suspend", "b-1")
            await clock.advance(1)
            async with asyncio.timeout(10):
                while registry.roster.member("b-2") is None:
                    await SystemClock().sleep(0.01)
            member = registry.roster.member("b-1")
            assert member is not None
            assert not member.takes_part
        await store.close()

    asyncio.run(beside_an_engine())
    assert re.search(r"online, heard of \d+ s ago", flowengine("device", "list", "--online").out)
    assert '{"t":21.5}' in flowengine("device", "show", "b-1").out

"""Commands on a store whose registry is a copy of what Odoo has."""

import asyncio
from pathlib import Path

import pytest

from flowengine.storage import Store
from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.odoo.take_over import Place, write_place
from tests.cli.conftest import Command
from tests.nodes.iiot.registries import running_registry


@pytest.fixture
def copy(flowengine: Command, here: Path) -> Path:
    """A store with a profile and a device that are Odoo's; the folder it is in."""
    (here / "boiler.json").write_text('{"id": "boiler"}')
    assert flowengine("profile", "save", "boiler.json").code == 0
    assert flowengine("device", "add", "b-1", "--profile", "boiler").code == 0
    assert flowengine("device", "export", "registry").code == 0

    async def note() -> None:
        store = await Store.open(f"sqlite:///{here / 'flowengine.db'}")
        await store.tables.write(lambda connection: write_place(connection, Place(source="db", cursor=None), 1.0))
        await store.close()

    asyncio.run(note())
    return here


@pytest.mark.parametrize(
    "arguments",
    [
        ("profile", "save", "press.json"),
        ("device", "add", "b-2", "--profile", "boiler"),
        ("device", "change", "b-1", "--name", "New"),
        ("device", "suspend", "b-1"),
        ("device", "remove", "b-1", "--yes"),
        ("device", "token", "b-1"),
        ("device", "import", "registry"),
    ],
)
def test_command_refuses_to_change_what_is_odoos(flowengine: Command, copy: Path, arguments: tuple[str, ...]) -> None:
    (copy / "press.json").write_text('{"id": "press"}')
    (copy / "registry" / "profiles" / "press.json").write_text('{"id": "press"}')
    refused = flowengine(*arguments)
    assert refused.code != 0
    assert "copy of what Odoo has" in refused.err
    shown = flowengine("device", "show", "b-1", "--format", "json").json
    assert (shown["name"], shown["lifecycle"]) == ("", "draft")
    assert flowengine("device", "list").out.splitlines()[-1] == "1 device"


def test_registry_of_the_engine_takes_the_copy_for_its_own(flowengine: Command, copy: Path) -> None:
    async def start() -> None:
        clock = VirtualClock()
        store = await Store.open(f"sqlite:///{copy / 'flowengine.db'}", clock=clock.time)
        async with running_registry(store, clock) as registry:
            assert registry.roster.member("b-1") is not None
        await store.close()

    asyncio.run(start())
    assert flowengine("device", "change", "b-1", "--name", "New").code == 0

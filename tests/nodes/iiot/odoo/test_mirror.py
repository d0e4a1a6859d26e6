"""What is changed in Odoo, and how it comes here."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no type hints
import pytest

from flowengine.node import TransientError
from flowengine.storage import Store
from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.odoo.mirror import StrangeDatabaseError
from flowengine_nodes.iiot.odoo_registry import OdooRegistry
from flowengine_nodes.iiot.registry.device import Lifecycle, Presence
from flowengine_nodes.iiot.registry.devices import DeviceFilter
from flowengine_nodes.iiot.registry.errors import UnknownRecordError
from tests.nodes.iiot.odoo.conftest import Running
from tests.nodes.iiot.odoo_site import Wire
from tests.nodes.iiot.registries import add_device, add_profile, running_registry
from tests.odoo_server import Odoo

pytestmark = [pytest.mark.odoo, pytest.mark.timeout(240)]
Ask = Callable[..., Any]
LOCK = 4_711
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


async def make_device(ask: Ask, id: str = "b1", **values: Any) -> int:
    """Make a device in Odoo, of the profile "boiler", which is made too."""
    found = await ask("iiot.device.profile", "search", [["code", "=", "boiler"]])
    profile = found[0] if found else await ask("iiot.device.profile", "create", {"code": "boiler", "name": "Boiler"})
    made: int = await ask(
        "iiot.device",
        "create",
        {"device_id": id, "serial_number": f"SN-{id}", "name": id, "profile_id": profile, **values},
    )
    return made


def status(registry: OdooRegistry) -> str:
    return str(registry.context._cell.status)  # type: ignore[attr-defined]  # it is the engine's own


async def test_registry_has_what_was_made_in_odoo_once_it_has_looked(registry: OdooRegistry, ask: Ask) -> None:
    device = await make_device(ask)
    assert registry.roster.member("b1") is None
    await registry.refresh()
    member = registry.roster.member("b1")
    assert member is not None
    assert (member.profile.name, member.serial) == ("Boiler", "SN-b1")
    await ask("iiot.device", "write", [device], {"name": "Other", "hardware_revision": "rev-b"})
    await registry.refresh()
    found = await registry.devices.get("b1")
    assert (found.name, found.hardware) == ("Other", "rev-b")


async def test_registry_looks_by_itself_from_time_to_time(running: Running, ask: Ask, clock: VirtualClock) -> None:
    async with running(refresh="1m") as registry:
        await registry.refresh()
        await make_device(ask)
        news = registry.news.next
        await clock.advance(60)
        async with asyncio.timeout(20):
            await news.wait()
        assert registry.roster.member("b1") is not None


async def test_what_is_removed_in_odoo_goes(registry: OdooRegistry, ask: Ask) -> None:
    device = await make_device(ask)
    await registry.refresh()
    await ask("iiot.device", "unlink", [device])
    (profile,) = await ask("iiot.device.profile", "search", [])
    await ask("iiot.device.profile", "unlink", [profile])
    await registry.refresh()
    assert registry.roster.member("b1") is None
    assert await registry.profiles.list() == []
    await make_device(ask)
    await registry.refresh()
    assert registry.roster.member("b1") is not None


async def test_devices_may_swap_their_serial_numbers(registry: OdooRegistry, ask: Ask) -> None:
    one, other = await make_device(ask, "b1"), await make_device(ask, "b2")
    await registry.refresh()
    for id, serial in ((one, "SN"), (other, "SN-b1"), (one, "SN-b2")):
        await ask("iiot.device", "write", [id], {"serial_number": serial})
    await registry.refresh()
    assert [device.serial for device in await registry.devices.list(DeviceFilter())] == ["SN-b2", "SN-b1"]


async def test_change_in_a_long_transaction_is_not_missed(registry: OdooRegistry, ask: Ask, odoo: Odoo) -> None:
    device = await make_device(ask)
    other = await make_device(ask, "b2")
    (model,) = await ask("ir.model", "search", [["model", "=", "iiot.device"]])
    code = (
        f"env['iiot.device'].browse({device}).write({{'name': 'Late'}})\n"
        f"env.flush_all()\nenv.cr.execute('SELECT pg_advisory_xact_lock({LOCK})')"
    )
    values = {"name": "Take long", "model_id": model, "state": "code", "code": code}
    action = await ask("ir.actions.server", "create", values)
    await registry.refresh()
    connection = await asyncpg.connect(host=str(odoo.cluster.directory), user="postgres", database=odoo.database)
    await connection.execute(f"SELECT pg_advisory_lock({LOCK})")
    late = asyncio.create_task(ask("ir.actions.server", "run", [action]))
    async with asyncio.timeout(60):
        while not await connection.fetchval(WAITING):  # noqa: ASYNC110 - Odoo brings it about
            await asyncio.sleep(0.02)
    await ask("iiot.device", "write", [other], {"name": "Early"})
    await registry.refresh()
    assert [device.name for device in await registry.devices.list(DeviceFilter())] == ["b1", "Early"]
    await connection.execute(f"SELECT pg_advisory_unlock({LOCK})")
    await late
    await connection.close()
    await registry.refresh()
    assert [device.name for device in await registry.devices.list(DeviceFilter())] == ["Late", "Early"]


async def test_people_in_odoo_decide_who_takes_part_and_the_bridge_who_has_reported(
    registry: OdooRegistry, ask: Ask
) -> None:
    device = await make_device(ask, lifecycle="paired")
    await registry.refresh()
    await registry.devices.note([Presence(device="b1", seen_at=1.0)])
    assert (await registry.devices.get("b1")).lifecycle is Lifecycle.ACTIVE

    async def after(method: str, *arguments: Any) -> Lifecycle:
        await ask("iiot.device", method, [device], *arguments)
        await registry.refresh()
        return (await registry.devices.get("b1")).lifecycle

    assert await after("write", {"name": "Renamed"}) is Lifecycle.ACTIVE
    assert await after("action_suspend") is Lifecycle.SUSPENDED
    member = registry.roster.member("b1")
    assert member is not None
    assert not member.takes_part
    assert await after("action_resume") is Lifecycle.ACTIVE
    assert await after("write", {"lifecycle": "draft"}) is Lifecycle.DRAFT
    assert await after("action_retire") is Lifecycle.RETIRED


async def test_firmware_that_a_device_reports_is_what_the_bridge_knows(registry: OdooRegistry, ask: Ask) -> None:
    device = await make_device(ask, firmware_version="1.0")
    await registry.refresh()
    assert (await registry.devices.get("b1")).firmware == "1.0"
    await registry.devices.change("b1", {"firmware": "2.0"}, "test")
    await ask("iiot.device", "write", [device], {"firmware_version": "0.9"})
    await registry.refresh()
    assert (await registry.devices.get("b1")).firmware == "2.0"


async def test_change_here_is_in_odoo_with_who_made_it(registry: OdooRegistry, ask: Ask, store: Store) -> None:
    await add_device(registry, "b1")
    await registry.devices.change("b1", {"name": "Changed", "groups": ("north",)}, "anna")
    (found,) = await ask("iiot.device", "search_read", [], ["name", "device_id", "group_ids"])
    assert (found["name"], found["device_id"], len(found["group_ids"])) == ("Changed", "b1", 1)
    lines = [line for line in await store.audit.list(limit=100) if line.what == "device-change"]
    assert [line.who for line in lines] == ["anna"]
    await registry.refresh()
    lines = [line for line in await store.audit.list(limit=100) if line.who == "Odoo"]
    assert lines == []


async def test_start_without_odoo_goes_on_with_the_copy(running: Running, ask: Ask, wire: Wire) -> None:
    await make_device(ask)
    async with running(refresh="30d"):
        pass
    wire.cut()
    async with running(refresh="30d") as registry:
        assert registry.roster.member("b1") is not None
        with pytest.raises(TransientError):
            await registry.refresh()
        assert "1 devices, as Odoo last said" in status(registry)
        with pytest.raises(TransientError):
            await registry.devices.change("b1", {"name": "New"}, "test")
        assert (await registry.devices.get("b1")).name == "b1"
        wire.mend()
        await registry.devices.change("b1", {"name": "New"}, "test")
        await registry.refresh()
        assert status(registry) == "Status(text='1 devices', level='ok')"


async def test_first_start_waits_for_odoo(running: Running, ask: Ask, wire: Wire, clock: VirtualClock) -> None:
    await make_device(ask)
    wire.cut()
    done = asyncio.Event()

    async def run() -> None:
        async with running(refresh="30d", first_wait="1h") as registry:
            assert registry.roster.member("b1") is not None
        done.set()

    task = asyncio.create_task(run())
    await wire.refused.wait()
    assert not done.is_set()
    wire.mend()
    async with asyncio.timeout(20):
        while not done.is_set():
            await asyncio.sleep(0.05)
            await clock.advance(5)
    await task


async def test_first_start_does_not_wait_for_ever(running: Running, wire: Wire) -> None:
    wire.cut()
    async with running(refresh="30d", first_wait="0s") as registry:
        assert "waits for Odoo" in status(registry)
        wire.mend()
        await registry.refresh()
        assert status(registry) == "Status(text='0 devices', level='ok')"


async def test_what_does_not_fit_is_said_and_taken_over_once_it_fits(
    registry: OdooRegistry, ask: Ask, odoo: Odoo
) -> None:
    await make_device(ask)
    await ask("iiot.device.profile", "create", {"code": "press", "name": "Press"})
    # What no form lets through: a version of the addon with other rules has stored it, say.
    odoo.cluster.sql("UPDATE iiot_device_profile SET codec = 'morse' WHERE code = 'press'", odoo.database)
    await registry.refresh()
    assert registry.roster.member("b1") is not None
    assert "1 of Odoo's records do not fit, the profile press for one: codec: must be" in status(registry)
    odoo.cluster.sql("UPDATE iiot_device_profile SET codec = 'json' WHERE code = 'press'", odoo.database)
    (press,) = await ask("iiot.device.profile", "search", [["code", "=", "press"]])
    await ask("iiot.device.profile", "write", [press], {"name": "Press 2"})
    await registry.refresh()
    assert (await registry.profiles.get("press")).name == "Press 2"
    assert status(registry) == "Status(text='1 devices', level='ok')"


async def test_bridge_moves_in_with_what_it_had(store: Store, clock: VirtualClock, running: Running, ask: Ask) -> None:
    async with running_registry(store, clock) as embedded:
        await add_profile(embedded, "boiler", name="Boiler")
        await add_device(embedded, "b1", lifecycle=Lifecycle.ACTIVE, groups=("north",))
        await add_device(embedded, "b2", lifecycle=Lifecycle.PAIRED)
    await make_device(ask, "b2")
    async with running(refresh="30d") as registry:
        assert [(one.id, one.lifecycle) for one in await registry.devices.list(DeviceFilter())] == [
            ("b1", Lifecycle.ACTIVE),
            ("b2", Lifecycle.PAIRED),
        ]
    found = await ask("iiot.device", "search_read", [], ["device_id", "lifecycle"], order="device_id")
    assert [(one["device_id"], one["lifecycle"]) for one in found] == [("b1", "active"), ("b2", "paired")]


async def test_another_database_is_not_taken_for_the_same(running: Running, ask: Ask, odoo: Odoo) -> None:
    await make_device(ask)
    async with running(refresh="30d"):
        pass
    known = await ask("ir.config_parameter", "get_param", "database.uuid")
    await ask("ir.config_parameter", "set_param", "database.uuid", "another-one")
    try:
        async with running(refresh="30d") as registry:
            with pytest.raises(StrangeDatabaseError):
                await registry.refresh()
            assert registry.roster.member("b1") is not None
        async with running(refresh="30d", database="another-one") as registry:
            await registry.refresh()
            assert registry.roster.member("b1") is not None
    finally:
        await ask("ir.config_parameter", "set_param", "database.uuid", known)


async def test_key_that_is_not_odoos_is_said(running: Running) -> None:
    async with running(refresh="30d", secret_key="another-key-that-is-long-enough") as registry:
        await registry.refresh()
        assert "Odoo has another secret key" in status(registry)


async def test_unknown_device_is_unknown_here_too(registry: OdooRegistry) -> None:
    with pytest.raises(UnknownRecordError):
        await registry.devices.change("nobody", {"name": "x"}, "test")

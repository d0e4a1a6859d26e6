"""``flowengine device``: what the registry knows of devices."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from flowengine.cli.commands import group
from flowengine.cli.confirmation import Yes, confirm
from flowengine.cli.folder import check_folder
from flowengine.cli.parameters import Format
from flowengine.cli.store_address import DEFAULT_STORE, LocalStoreAddress
from flowengine.cli.text import counted, json_text, table
from flowengine.errors import FlowEngineError
from flowengine_nodes.iiot.cli.device_options import (
    Business,
    Groups,
    Hardware,
    Name,
    Profile,
    Serial,
    given_values,
)
from flowengine_nodes.iiot.cli.device_text import (
    COLUMNS,
    change_text,
    changes_text,
    device_json,
    device_row,
    device_text,
)
from flowengine_nodes.iiot.cli.device_token import EXAMPLE as TOKEN_EXAMPLE
from flowengine_nodes.iiot.cli.device_token import token
from flowengine_nodes.iiot.cli.opening import opened_registry, who
from flowengine_nodes.iiot.cli.suggesting import suggesting
from flowengine_nodes.iiot.embedded.groups import EmbeddedGroups
from flowengine_nodes.iiot.registry.device import Device, Lifecycle
from flowengine_nodes.iiot.registry.devices import DeviceFilter
from flowengine_nodes.iiot.registry.folder import read_registry_folder, write_registry_folder

device = group("device")
device.command(epilog=TOKEN_EXAMPLE)(token)

Id = Annotated[str, typer.Argument(help="Id of the device.")]
Ids = Annotated[list[str], typer.Argument(help="Ids of devices.", metavar="ID...")]
# What a page of the registry has.
_PAGE = 1_000
_MOST_CHANGES_SHOWN = 100


class NothingToChangeError(FlowEngineError):
    """A device was to be changed, and nobody has said how."""

    code = "nothing-to-change"

    def __str__(self) -> str:
        return "say what to change: --profile, --serial, --name, --business, --hardware or --group"


@device.callback()
def look() -> None:
    """See and change devices, and keep them as JSON in git.

    It works on the store of the engine, which may run meanwhile and notices changes within a second.
    """


@device.command(name="list", epilog="Example: flowengine device list --profile boiler --offline")
def list_devices(
    text: Annotated[str, typer.Option(help="Part of id, serial or name.")] = "",
    profile: Annotated[str | None, typer.Option(help="Only devices of this profile.")] = None,
    lifecycle: Annotated[Lifecycle | None, typer.Option(help="Only devices that are so.")] = None,
    group: Annotated[str | None, typer.Option(help="Only devices in this group.")] = None,
    online: Annotated[bool | None, typer.Option("--online/--offline", help="Only devices that are so.")] = None,
    firmware: Annotated[str | None, typer.Option(help="Only devices with this version.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    after: Annotated[str, typer.Option(help="Only devices after this id.")] = "",
    store: LocalStoreAddress = DEFAULT_STORE,
    format: Format = "text",
) -> None:
    """List devices by id."""
    which = DeviceFilter(text=text, profile=profile, lifecycle=lifecycle, group=group, online=online, firmware=firmware)

    async def work() -> None:
        async with opened_registry(store) as registry, suggesting(registry):
            if profile is not None:
                await registry.profiles.get(profile)
            found = await registry.devices.list(which, after=after, limit=limit)
            presence = await registry.devices.presence([one.id for one in found])
            total = await registry.devices.count(which)
        more = found[-1].id if len(found) == limit and total > limit else None
        if format == "json":
            devices = [device_json(one, presence.get(one.id)) for one in found]
            print(json_text({"devices": devices, "total": total, "next": more}))
            return
        if found:
            rows = [device_row(one, presence.get(one.id)) for one in found]
            print(table([COLUMNS, *rows]))
        print(counted(total, "device"))
        if more is not None:
            print(f"more with --after {more}")

    asyncio.run(work())


@device.command(epilog="Example: flowengine device show boiler-1")
def show(id: Id, store: LocalStoreAddress = DEFAULT_STORE, format: Format = "text") -> None:
    """Show a device, and what it said last."""

    async def work() -> None:
        async with opened_registry(store) as registry, suggesting(registry):
            found = await registry.devices.get(id)
            presence = (await registry.devices.presence([id])).get(id)
        print(json_text(device_json(found, presence)) if format == "json" else device_text(found, presence))

    asyncio.run(work())


@device.command(epilog="Example: flowengine device add boiler-1 --profile boiler --serial SN-4711 --group hall-3")
def add(
    id: Id,
    profile: Profile,
    serial: Serial = None,
    name: Name = None,
    business: Business = None,
    hardware: Hardware = None,
    group: Groups = None,
    *,
    active: Annotated[bool, typer.Option("--active", help="It needs no pairing, and may report at once.")] = False,
    store: LocalStoreAddress = DEFAULT_STORE,
) -> None:
    """Add a device, which may then be paired."""
    values = given_values(profile, serial, name, business, hardware, group)
    lifecycle = Lifecycle.ACTIVE if active else Lifecycle.DRAFT

    async def work() -> None:
        async with opened_registry(store, make=True) as registry, suggesting(registry):
            await registry.devices.add(Device(id=id, lifecycle=lifecycle, **{"serial": id, **values}), who())
        print(f'the device "{id}" is added')

    asyncio.run(work())


@device.command(
    epilog="Example: flowengine device change boiler-1 --name 'Boiler in hall 3' --group hall-3 --group canary"
)
def change(
    id: Id,
    profile: Annotated[str | None, typer.Option(help="Id of its profile.")] = None,
    serial: Serial = None,
    name: Name = None,
    business: Business = None,
    hardware: Hardware = None,
    group: Groups = None,
    store: LocalStoreAddress = DEFAULT_STORE,
) -> None:
    """Change what is known of a device; what is not named stays, and '' empties a value."""
    values = given_values(profile, serial, name, business, hardware, group)
    if not values:
        raise NothingToChangeError
    _for_each(store, [id], "is changed", lambda registry, one: registry.devices.change(one, values, who()))


@device.command(epilog="Example: flowengine device suspend boiler-1")
def suspend(ids: Ids, store: LocalStoreAddress = DEFAULT_STORE) -> None:
    """Keep devices from taking part for now."""
    _for_each(store, ids, "is suspended", lambda registry, one: _move(registry, one, Lifecycle.SUSPENDED))


@device.command(epilog="Example: flowengine device resume boiler-1")
def resume(ids: Ids, store: LocalStoreAddress = DEFAULT_STORE) -> None:
    """Let suspended devices take part again."""
    _for_each(store, ids, "takes part again", lambda registry, one: registry.devices.resume(one, who()))


@device.command(epilog="Example: flowengine device retire boiler-1 --yes")
def retire(ids: Ids, *, store: LocalStoreAddress = DEFAULT_STORE, yes: Yes = False) -> None:
    """Keep devices from ever taking part again; what is known of them stays."""
    confirm(f"Retire {counted(len(ids), 'device')} for good?", yes=yes)
    _for_each(store, ids, "is retired", lambda registry, one: _move(registry, one, Lifecycle.RETIRED))


@device.command(epilog="Example: flowengine device remove boiler-1 --yes")
def remove(ids: Ids, *, store: LocalStoreAddress = DEFAULT_STORE, yes: Yes = False) -> None:
    """Remove devices and all that is known of them for good; usually they are better retired."""
    confirm(f"Remove {counted(len(ids), 'device')} and all that is known of them for good?", yes=yes)
    _for_each(store, ids, "is removed", lambda registry, one: registry.devices.remove(one, who()))


@device.command(epilog="Example: flowengine device export registry && git add registry")
def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write to; made if it is missing.", metavar="DIR")],
    store: LocalStoreAddress = DEFAULT_STORE,
) -> None:
    """Write all profiles, devices and automation rules to a folder, as JSON for git.

    Where devices are in their life is not written, unless somebody has suspended or retired them.
    """

    async def work() -> None:
        async with opened_registry(store) as registry:
            profiles = await registry.profiles.list()
            devices = {one.id: await _all_of(registry, one.id) for one in profiles}
            rules = await registry.automations.list()
        left = write_registry_folder(folder, profiles, devices, rules)
        count = sum(map(len, devices.values()))
        counts = [counted(len(profiles), "profile"), counted(count, "device")]
        if rules:
            counts.append(counted(len(rules), "automation rule"))
        print(f"{', '.join(counts)} written to {folder}")
        for file in left:
            print(f"{file} is not in the registry any more; remove the file if it is to go")

    asyncio.run(work())


@device.command(name="import", epilog="Example: flowengine device import registry --dry-run")
def import_folder(
    folder: Annotated[Path, typer.Argument(help="Folder, as `device export` writes it.", metavar="DIR")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    store: LocalStoreAddress = DEFAULT_STORE,
    format: Format = "text",
) -> None:
    """Take over profiles, devices and automation rules from a folder: all of them, or none if one is wrong.

    What the folder does not name stays as it is.
    """
    said = read_registry_folder(check_folder(folder))

    async def work() -> None:
        async with opened_registry(store, make=not dry_run) as registry:
            if dry_run:
                changes = await registry.folders.preview(said)
            else:
                changes = await registry.folders.run(said, who())
        if format == "json":
            print(json_text([one._asdict() for one in changes]))
            return
        for one in changes[:_MOST_CHANGES_SHOWN]:
            print(change_text(one))
        if len(changes) > _MOST_CHANGES_SHOWN:
            print(f"... and {len(changes) - _MOST_CHANGES_SHOWN:,} more")
        print(changes_text(changes, is_done=not dry_run))

    asyncio.run(work())


def _for_each(store: str, ids: list[str], done: str, act: Callable[[EmbeddedGroups, str], Awaitable[object]]) -> None:
    """Do something to devices, one after the other; what is wrong with one does not keep the others."""

    async def work() -> None:
        errors: list[FlowEngineError] = []
        async with opened_registry(store) as registry:
            for id in ids:
                try:
                    async with suggesting(registry):
                        await act(registry, id)
                except FlowEngineError as error:
                    errors.append(error)
                else:
                    print(f'the device "{id}" {done}')
        if errors:
            raise ExceptionGroup("devices", errors) if len(errors) > 1 else errors[0]

    asyncio.run(work())


async def _move(registry: EmbeddedGroups, id: str, lifecycle: Lifecycle) -> None:
    await registry.devices.change(id, {"lifecycle": lifecycle}, who())


async def _all_of(registry: EmbeddedGroups, profile: str) -> list[Device]:
    found: list[Device] = []
    while page := await registry.devices.list(
        DeviceFilter(profile=profile), after=found[-1].id if found else "", limit=_PAGE
    ):
        found += page
    return found

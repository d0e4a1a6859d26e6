"""Devices: found, shown, added, changed, and led through their life."""

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, ValidationError

from flowengine.server.access import Role
from flowengine.server.encoding import to_json
from flowengine.server.endpoint import Call, Endpoint
from flowengine.server.model import Answer, Body
from flowengine.server.problem_response import invalid
from flowengine_nodes.iiot.admin.running import RegistryQuery, asker, refusing, registry_of
from flowengine_nodes.iiot.admin.updates_api import UpdateShown
from flowengine_nodes.iiot.registry.command import CommandState
from flowengine_nodes.iiot.registry.commands import CommandFilter
from flowengine_nodes.iiot.registry.device import Device, Lifecycle, Presence
from flowengine_nodes.iiot.registry.device_document import DeviceEntry
from flowengine_nodes.iiot.registry.devices import DeviceFilter
from flowengine_nodes.iiot.registry.updates import UpdateFilter

MOST_PENDING: Final = 100
_PENDING: Final = tuple(state for state in CommandState if not state.is_end)


class DeviceSummary(Answer):
    """A device in a list."""

    id: str
    serial: str
    name: str
    profile: str
    lifecycle: Lifecycle
    business: str | None
    """The Odoo record it stands for, as `model,id`."""
    hardware: str
    firmware: str
    """Version it last reported."""
    groups: list[str]
    online: bool | None
    """Null if it was never heard of."""
    seen_at: float | None
    """When it last sent anything, in seconds since 1970."""


class DevicePage(Answer):
    """Devices by id."""

    devices: list[DeviceSummary]
    total: int
    """How many there are on all pages."""
    next: str | None
    """The `after` of the next page; null at the end."""


class DeviceDetail(Answer):
    """All that is known of a device."""

    device: DeviceSummary
    created_at: float
    updated_at: float
    since: float | None
    """Since when it is online or offline."""
    telemetry_at: float | None
    """When it last sent telemetry."""
    telemetry: Any
    """What it sent then, decoded; null for nothing."""
    pending: int
    """Commands that have not ended; at most 100 are counted."""
    update: UpdateShown | None
    """The update that has not ended."""
    telemetry_topic: str
    """Where it sends telemetry."""


def _empty_is_none(value: Any) -> Any:
    return None if value == "" else value


class DevicesQuery(RegistryQuery):
    """Which devices; what is left out does not matter."""

    text: str = ""
    """Part of id, serial or name."""
    profile: str | None = None
    lifecycle: Annotated[Lifecycle | None, BeforeValidator(_empty_is_none)] = None
    group: str | None = None
    online: bool | None = None
    firmware: str | None = None
    after: str = ""
    """Only devices after this id."""
    limit: int = Field(default=100, ge=1, le=500)
    """How many at most."""


class NewDevice(Body):
    """A device to add."""

    id: str
    profile: str
    entry: dict[str, Any] = Field(default={})
    """The rest, as a file of devices has it: `serial`, `name`, `business`, `hardware`, `groups`."""


class ChangedDevice(Body):
    """What is known of a device from now on."""

    profile: str
    entry: dict[str, Any]
    """The rest, as a file of devices has it; what is left out is empty."""


class LifecycleStep(Body):
    """Where a device goes in its life."""

    action: Literal["activate", "suspend", "resume", "retire"]


class TokenWanted(Body):
    """How long a token is good for."""

    expires_in: float = Field(default=900.0, gt=0, le=30 * 86_400)
    """In seconds."""


class TokenShown(Answer):
    """A token with which a device pairs; it is shown only here."""

    token: str
    device: str
    serial: str
    expires_at: float
    qr: str
    """QR code of serial and token, as the address of an image."""


async def list_devices(call: Call, query: DevicesQuery) -> DevicePage:
    """List devices by id, a page at a time."""
    devices = registry_of(call, query).devices
    which = DeviceFilter(**query.model_dump(include={"text", "profile", "lifecycle", "group", "online", "firmware"}))
    found = await devices.list(which, after=query.after, limit=query.limit + 1)
    page = found[: query.limit]
    presences = await devices.presence([one.id for one in page])
    return DevicePage(
        devices=[_summary(one, presences.get(one.id)) for one in page],
        total=await devices.count(which),
        next=page[-1].id if len(found) > len(page) else None,
    )


@refusing
async def get_device(call: Call, device: str, query: RegistryQuery) -> DeviceDetail:
    """Return all that is known of a device."""
    return await _detail(call, query, device)


@refusing
async def add_device(call: Call, query: RegistryQuery, body: NewDevice) -> DeviceDetail:
    """Add a device, which may then be paired."""
    values = _entry(body.entry).values(body.id, body.profile)
    await registry_of(call, query).devices.add(Device(id=body.id, **values), asker(call))
    return await _detail(call, query, body.id)


@refusing
async def change_device(call: Call, device: str, query: RegistryQuery, body: ChangedDevice) -> DeviceDetail:
    """Change what is known of a device."""
    values = _entry(body.entry).values(device, body.profile)
    await registry_of(call, query).devices.change(device, values, asker(call))
    return await _detail(call, query, device)


@refusing
async def move_device(call: Call, device: str, query: RegistryQuery, body: LifecycleStep) -> DeviceDetail:
    """Lead a device through its life; a retired one stays so."""
    devices = registry_of(call, query).devices
    targets = {"activate": Lifecycle.ACTIVE, "suspend": Lifecycle.SUSPENDED, "retire": Lifecycle.RETIRED}
    if body.action == "resume":
        await devices.resume(device, asker(call))
    else:
        await devices.change(device, {"lifecycle": targets[body.action]}, asker(call))
    return await _detail(call, query, device)


@refusing
async def issue_token(call: Call, device: str, query: RegistryQuery, body: TokenWanted) -> TokenShown:
    """Make a token with which a device pairs; older ones of the device count no more."""
    import segno  # noqa: PLC0415 - whoever pairs no device has no use for it

    registry = registry_of(call, query)
    serial = (await registry.devices.get(device)).serial
    issued = await registry.tokens.issue(serial, body.expires_in, asker(call))
    # What a device scans is what the command-line tool shows too.
    code = segno.make(to_json({"serial": issued.serial, "token": issued.text}).decode(), micro=False)
    return TokenShown(
        token=issued.text,
        device=issued.device,
        serial=issued.serial,
        expires_at=issued.expires_at,
        qr=code.svg_data_uri(scale=4, border=4, light="#fff"),
    )


async def _detail(call: Call, query: RegistryQuery, id: str) -> DeviceDetail:
    registry = registry_of(call, query)
    found = await registry.devices.get(id)
    presence = (await registry.devices.presence([id])).get(id) or Presence(device=id)
    pending = await registry.commands.list(CommandFilter(device=id, states=_PENDING), limit=MOST_PENDING)
    updates = await registry.updates.list(UpdateFilter(device=id, running=True), limit=1)
    profile = registry.roster.profile(found.profile) or await registry.profiles.get(found.profile)
    return DeviceDetail(
        device=_summary(found, presence),
        created_at=found.created_at,
        updated_at=found.updated_at,
        since=presence.since,
        telemetry_at=presence.telemetry_at,
        telemetry=presence.telemetry,
        pending=len(pending),
        update=UpdateShown.of(updates[0]) if updates else None,
        telemetry_topic=registry.topics_of(profile).telemetry.of(id),
    )


def _summary(one: Device, presence: Presence | None) -> DeviceSummary:
    return DeviceSummary(
        id=one.id,
        serial=one.serial,
        name=one.name,
        profile=one.profile,
        lifecycle=one.lifecycle,
        business=None if one.business is None else str(one.business),
        hardware=one.hardware,
        firmware=one.firmware,
        groups=list(one.groups),
        online=None if presence is None else presence.online,
        seen_at=None if presence is None else presence.seen_at,
    )


def _entry(values: dict[str, Any]) -> DeviceEntry:
    try:
        return DeviceEntry.model_validate({name: value for name, value in values.items() if name != "lifecycle"})
    except ValidationError as error:
        raise invalid(error, DeviceEntry) from None


_ALL: Final = "/admin/api/iiot/devices"
_ONE: Final = "/admin/api/iiot/devices/{device}"
# The registry itself keeps the audit trail of what is done here, in the same transaction.
ENDPOINTS = (
    Endpoint("GET", _ALL, list_devices, "List devices"),
    Endpoint("POST", _ALL, add_device, "Add a device", role=Role.OPERATOR),
    Endpoint("GET", _ONE, get_device, "Show a device"),
    Endpoint("PUT", _ONE, change_device, "Change a device", role=Role.OPERATOR),
    Endpoint("POST", f"{_ONE}/lifecycle", move_device, "Suspend, resume or retire a device", role=Role.OPERATOR),
    Endpoint("POST", f"{_ONE}/token", issue_token, "Make a pairing token", role=Role.OPERATOR),
)

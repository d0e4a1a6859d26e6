"""The tables of devices and of their presence, and what their rows mean."""

from sys import intern
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Double,
    ForeignKey,
    Index,
    Row,
    Select,
    Table,
    Text,
    false,
    select,
)

from flowengine_nodes.iiot.embedded.schema import Id, metadata
from flowengine_nodes.iiot.registry.device import BusinessObject, Device, Lifecycle, Presence
from flowengine_nodes.iiot.registry.devices import DeviceFilter

device = Table(
    "iiot_device",
    metadata,
    Column("id", Id, primary_key=True),
    Column("serial", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("profile", Id, ForeignKey("iiot_profile.id"), nullable=False),
    Column("lifecycle", Text, nullable=False),
    # What it was before it was suspended, and is again when it resumes.
    Column("resumes_as", Text),
    Column("business_model", Text),
    Column("business_id", BigInteger),
    Column("hardware", Text, nullable=False),
    Column("firmware", Text, nullable=False),
    # Names in one piece, for reading; the table of groups is for searching.
    Column("groups", Text, nullable=False),
    # Id, serial and name as they are compared when somebody searches for text.
    Column("search", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("revision", BigInteger, nullable=False, index=True),
)
Index(None, device.c.profile, device.c.id)
Index(None, device.c.lifecycle, device.c.id)
Index(None, device.c.firmware, device.c.id)

membership = Table(
    "iiot_device_group",
    metadata,
    Column("name", Text, primary_key=True),
    Column("device", Id, ForeignKey("iiot_device.id", ondelete="CASCADE"), primary_key=True, index=True),
)
"""Which devices are in which group."""

presence = Table(
    "iiot_presence",
    metadata,
    Column("device", Id, ForeignKey("iiot_device.id", ondelete="CASCADE"), primary_key=True),
    Column("online", Boolean),
    Column("since", Double),
    Column("seen_at", Double),
    Column("telemetry_at", Double),
    Column("telemetry", Text),
)
Index(None, presence.c.online, presence.c.device)
Index(None, presence.c.online, presence.c.seen_at)


def is_storable(text: str) -> bool:
    """Tell whether a text from outside may be asked for: no database takes half a character, PostgreSQL no NUL."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def row_of(one: Device) -> dict[str, Any]:
    """Return the columns of a device, all but its revision."""
    return {
        "id": one.id,
        "serial": one.serial,
        "name": one.name,
        "profile": one.profile,
        "lifecycle": one.lifecycle.value,
        "business_model": one.business.model if one.business else None,
        "business_id": one.business.id if one.business else None,
        "hardware": one.hardware,
        "firmware": one.firmware,
        "groups": orjson.dumps(one.groups).decode(),
        "search": f"{one.id}\n{one.serial}\n{one.name}".casefold(),
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }


def device_of(row: Row[Any]) -> Device:
    """Return the device of a row."""
    return Device(
        id=row.id,
        serial=row.serial,
        name=row.name,
        profile=row.profile,
        lifecycle=Lifecycle(row.lifecycle),
        business=business_of(row.business_model, row.business_id),
        hardware=row.hardware,
        firmware=row.firmware,
        groups=tuple(orjson.loads(row.groups)),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def business_of(model: str | None, id: int | None) -> BusinessObject | None:
    """Return the business object that two columns name."""
    # Many devices stand for records of one model: they share its name.
    return None if model is None or id is None else BusinessObject(intern(model), id)


def presence_of(row: Row[Any]) -> Presence:
    """Return the presence of a row."""
    return Presence(
        device=row.device,
        online=row.online,
        since=row.since,
        seen_at=row.seen_at,
        telemetry_at=row.telemetry_at,
        telemetry=None if row.telemetry is None else orjson.loads(row.telemetry),
    )


def chosen(query: Select[Any], which: DeviceFilter) -> Select[Any]:
    """Return a query of devices with the conditions of a filter."""
    conditions: list[ColumnElement[bool]] = []
    if not all(map(is_storable, (which.text, which.profile or "", which.group or "", which.firmware or ""))):
        return query.where(false())
    if which.text:
        conditions.append(device.c.search.contains(which.text.casefold(), autoescape=True))
    if which.profile is not None:
        conditions.append(device.c.profile == which.profile)
    if which.lifecycle is not None:
        conditions.append(device.c.lifecycle == which.lifecycle.value)
    if which.firmware is not None:
        conditions.append(device.c.firmware == which.firmware)
    if which.group is not None:
        conditions.append(device.c.id.in_(select(membership.c.device).where(membership.c.name == which.group)))
    if which.online is not None:
        online = select(presence.c.device).where(presence.c.online.is_(True))
        conditions.append(device.c.id.in_(online) if which.online else device.c.id.not_in(online))
    return query.where(*conditions)

"""Devices, and what an import changes of them, as commands print them."""

import time
from collections.abc import Sequence
from typing import Any

from flowengine.cli.text import age_text, counted, json_line, table, time_text
from flowengine_nodes.iiot.embedded.importing import Change
from flowengine_nodes.iiot.registry.device import Device, Presence

COLUMNS = ("ID", "SERIAL", "PROFILE", "LIFECYCLE", "PRESENCE", "FIRMWARE", "NAME")


def presence_text(presence: Presence | None) -> str:
    """Return when a device was last heard of, in a few words."""
    if presence is None or (presence.seen_at is None and presence.online is None):
        return "never heard of"
    word = {True: "online", False: "offline", None: "unknown"}[presence.online]
    if presence.seen_at is None:
        return word
    return f"{word}, heard of {age_text(max(time.time() - presence.seen_at, 0))} ago"


def device_row(one: Device, presence: Presence | None) -> tuple[str, ...]:
    """Return a device's line of a list, under :data:`COLUMNS`."""
    return (
        one.id,
        one.serial,
        one.profile,
        one.lifecycle,
        presence_text(presence),
        one.firmware,
        one.name,
    )


def device_text(one: Device, presence: Presence | None) -> str:
    """Return all that is known of a device, for people."""
    rows = [
        ("name", one.name),
        ("serial", one.serial),
        ("profile", one.profile),
        ("lifecycle", one.lifecycle),
        ("stands for", str(one.business or "")),
        ("hardware", one.hardware),
        ("firmware", one.firmware),
        ("groups", ", ".join(one.groups)),
        ("added", time_text(one.created_at)),
        ("changed", time_text(one.updated_at)),
        ("presence", presence_text(presence)),
    ]
    if presence is not None and presence.telemetry_at is not None:
        rows.append(("last telemetry", f"{time_text(presence.telemetry_at)}  {json_line(presence.telemetry)}"))
    return f"device {one.id}\n{table(((name, value) for name, value in rows if value), indent='  ')}"


def device_json(one: Device, presence: Presence | None) -> dict[str, Any]:
    """Return all that is known of a device, as JSON."""
    made: dict[str, Any] = {
        "id": one.id,
        "serial": one.serial,
        "name": one.name,
        "profile": one.profile,
        "lifecycle": one.lifecycle,
        "business": None if one.business is None else str(one.business),
        "hardware": one.hardware,
        "firmware": one.firmware,
        "groups": one.groups,
        "created_at": time_text(one.created_at),
        "updated_at": time_text(one.updated_at),
        "presence": None,
    }
    if presence is not None:
        made["presence"] = {
            "online": presence.online,
            "since": _time(presence.since),
            "seen_at": _time(presence.seen_at),
            "telemetry_at": _time(presence.telemetry_at),
            "telemetry": presence.telemetry,
        }
    return made


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else time_text(seconds)


def change_text(one: Change) -> str:
    """Return what an import changes, on one line."""
    if one.is_new:
        return f"+ {one.kind} {one.id}"
    fields = ", ".join(
        name if one.kind != "device" else f"{name}: {json_line(was)} -> {json_line(is_now)}"
        for name, (was, is_now) in one.fields.items()
    )
    return f"~ {one.kind} {one.id}  ({fields})"


def changes_text(changes: Sequence[Change], *, is_done: bool) -> str:
    """Return how much an import changes.

    Args:
        changes: What it changes.
        is_done: Whether it has done so.
    """
    if not changes:
        return "everything is as the folder says"
    parts = ", ".join(
        f"{counted(count, noun)} {what}"
        for kind, noun in (("profile", "profile"), ("device", "device"), ("automation", "automation rule"))
        for is_new, what in ((True, "added"), (False, "changed"))
        if (count := sum(one.kind == kind and one.is_new is is_new for one in changes))
    )
    return parts if is_done else f"would be: {parts}"

"""Whether a command may be sent by itself: what is not known is not so."""

from typing import Any

from flowengine_nodes.iiot.automation.comparing import holds
from flowengine_nodes.iiot.registry.automation import Interlock
from flowengine_nodes.iiot.registry.device import Device, Presence


def objection(interlock: Interlock, device: Device, presence: Presence | None, now: float) -> str | None:
    """Return why a command may not be sent, as a sentence, or ``None`` if it may.

    Args:
        interlock: What must be so.
        device: The device.
        presence: When it was last heard of, and what it measured; ``None`` if it was never heard of.
        now: In seconds since 1970.
    """
    if not device.lifecycle.takes_part:
        return f"the device is {device.lifecycle}"
    if interlock.online is not None and (presence is None or presence.online is not interlock.online):
        known = "unknown" if presence is None or presence.online is None else _state(presence.online)
        return f"the device must be {_state(interlock.online)}, and is {known}"
    if interlock.firmware and device.firmware not in interlock.firmware:
        return f"its firmware {device.firmware or 'is unknown and'} is none of {', '.join(interlock.firmware)}"
    return _objection_to_telemetry(interlock, presence, now) if interlock.telemetry else None


def _objection_to_telemetry(interlock: Interlock, presence: Presence | None, now: float) -> str | None:
    if presence is None or presence.telemetry_at is None:
        return "nothing is known of what it measures"
    age = now - presence.telemetry_at
    if age > interlock.telemetry_age:
        return f"what it measured last is {age:.0f} s old"
    measured: Any = presence.telemetry if isinstance(presence.telemetry, dict) else {"value": presence.telemetry}
    for condition in interlock.telemetry:
        if not holds(condition, measured):
            return f"{condition.path.text} is not {condition.op} {condition.value!r}"
    return None


def _state(online: bool) -> str:  # noqa: FBT001 - the fact itself
    return "online" if online else "offline"

"""Which rules a device's message can set off, and which devices a rule is for."""

from collections.abc import Iterable, Sequence

from flowengine_nodes.iiot.registry.automation import AutomationRule, Devices
from flowengine_nodes.iiot.registry.device import BusinessObject, Device
from flowengine_nodes.iiot.registry.roster import Member, Roster

OF_TELEMETRY = frozenset({"threshold", "telemetry"})


def may_concern(devices: Devices, member: Member) -> bool:
    """Tell whether a rule may be for a device, as far as the roster knows: groups are not in it."""
    return (devices.profile is None or devices.profile == member.profile.id) and (
        not devices.ids or member.id in devices.ids
    )


def concerns(devices: Devices, device: Device) -> bool:
    """Tell whether a rule is for a device."""
    return (
        (devices.profile is None or devices.profile == device.profile)
        and (not devices.ids or device.id in devices.ids)
        and (devices.group is None or devices.group in device.groups)
    )


class Rules:
    """The active rules, by what sets them off.

    Args:
        rules: All rules.
    """

    def __init__(self, rules: Iterable[AutomationRule] = ()) -> None:
        active = [rule for rule in rules if rule.active]
        self.telemetry: Sequence[AutomationRule] = [one for one in active if one.trigger.kind in OF_TELEMETRY]
        self.events: Sequence[AutomationRule] = [one for one in active if one.trigger.kind == "event"]
        self.cron: Sequence[AutomationRule] = [one for one in active if one.trigger.kind == "cron"]
        self._by_profile: dict[str, Sequence[AutomationRule]] = {}

    def for_telemetry(self, member: Member) -> Sequence[AutomationRule]:
        """Return the rules that a device's telemetry may set off."""
        found = self._by_profile.get(member.profile.id)
        if found is None:
            wanted = (None, member.profile.id)
            found = [one for one in self.telemetry if one.devices.profile in wanted]
            self._by_profile[member.profile.id] = found
        return found


class BusinessObjects:
    """The devices that stand for a record, looked up anew only when devices have changed.

    Args:
        roster: All devices.
    """

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._changes = -1
        self._devices: dict[BusinessObject, list[str]] = {}

    def devices(self, record: BusinessObject) -> Sequence[str]:
        """Return the ids of the devices that stand for a record."""
        if self._changes != self._roster.changes:
            self._changes = self._roster.changes
            self._devices = {}
            for member in self._roster:
                if member.business is not None:
                    self._devices.setdefault(member.business, []).append(member.id)
        return self._devices.get(record, ())

"""What a trigger on telemetry remembers of one device, and what a reading makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from flowengine_nodes.iiot.automation.comparing import all_hold, is_number
from flowengine_nodes.iiot.registry.automation import AutomationRule, TelemetryTrigger, ThresholdTrigger

_NOTHING: Final = object()


@dataclass(frozen=True, slots=True)
class Watch:
    """What is remembered of one rule and one device.

    Args:
        is_fired: Whether it has been set off, and must come back first.
        since: Since when the value is beyond its limit, in seconds since 1970; ``None`` while it is not.
        fired_at: When a command was last sent.
        count: How many were.
        retry_at: When a command that was refused is tried again if it is still called for; ``None`` if none was.
    """

    is_fired: bool = False
    since: float | None = None
    fired_at: float | None = None
    count: int = 0
    retry_at: float | None = None

    def is_due(self, at: float) -> bool:
        """Tell whether a command that was refused is to be tried again."""
        return self.retry_at is not None and at >= self.retry_at


FRESH: Final = Watch()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reading led to.

    Args:
        watch: What is remembered now; the very same object if nothing has changed.
        fires: Whether the rule is set off.
        value: The value that did it.
    """

    watch: Watch
    fires: bool = False
    value: Any = None


def threshold_seen(trigger: ThresholdTrigger, watch: Watch, reading: Mapping[str, Any], at: float) -> Seen:
    """Return what a reading makes of a threshold.

    Args:
        trigger: The trigger.
        watch: What was remembered.
        reading: The telemetry.
        at: When it came, in seconds since 1970.
    """
    value = trigger.path.first(reading, _NOTHING)
    if not is_number(value) or value != value:  # noqa: PLR0124 - NaN is the number that is not itself
        return Seen(watch)
    if watch.is_fired:
        if trigger.is_back(value):
            return Seen(replace(watch, is_fired=False, since=None, retry_at=None))
        return _again(watch, value, at) if trigger.is_beyond(value) else Seen(watch)
    if not trigger.is_beyond(value):
        return Seen(watch if watch.since is None else replace(watch, since=None))
    since = at if watch.since is None else watch.since
    if at - since < trigger.hold:
        return Seen(watch if watch.since is not None else replace(watch, since=since))
    return Seen(replace(watch, is_fired=True, since=since), fires=True, value=value)


def telemetry_seen(trigger: TelemetryTrigger, watch: Watch, reading: Mapping[str, Any], at: float) -> Seen:
    """Return what a reading makes of conditions: they set the rule off when they begin to hold.

    Args:
        trigger: The trigger.
        watch: What was remembered.
        reading: The telemetry.
        at: When it came, in seconds since 1970.
    """
    now = all_hold(trigger.when, reading)
    value = trigger.when[0].path.first(reading, None)
    if now is watch.is_fired:
        return _again(watch, value, at) if now else Seen(watch)
    return Seen(replace(watch, is_fired=now, retry_at=None), fires=now, value=value)


def seen(rule: AutomationRule, reading: Mapping[str, Any], at: float, watch: Watch) -> Seen:
    """Return what a reading makes of a rule on telemetry.

    Args:
        rule: The rule.
        reading: The telemetry.
        at: When it came, in seconds since 1970.
        watch: What was remembered.
    """
    trigger = rule.trigger
    if isinstance(trigger, ThresholdTrigger):
        return threshold_seen(trigger, watch, reading, at)
    assert isinstance(trigger, TelemetryTrigger)
    return telemetry_seen(trigger, watch, reading, at)


def time_seen(due: float, watch: Watch) -> Seen:
    """Return what a time makes of a device; after a crash, devices that had their turn are passed over.

    Args:
        due: The time, in seconds since 1970.
        watch: What was remembered.
    """
    if watch.since is not None and watch.since >= due:
        return Seen(watch)
    return Seen(replace(watch, since=due), fires=True)


def _again(watch: Watch, value: Any, at: float) -> Seen:
    return Seen(replace(watch, retry_at=None), fires=True, value=value) if watch.is_due(at) else Seen(watch)

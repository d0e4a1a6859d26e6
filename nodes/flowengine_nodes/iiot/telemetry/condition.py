"""Whether a value is written: it must have moved, and not come too soon."""

from typing import Any, NamedTuple

from flowengine.node import same_json
from flowengine_nodes.iiot.registry.telemetry_rule import Condition


class Written(NamedTuple):
    """The last value that a rule let pass for a device.

    Args:
        value: The value.
        at: When it was measured, in seconds since 1970.
    """

    value: Any
    at: float


def passes(condition: Condition, last: Written, value: Any, at: float) -> bool:
    """Tell whether a value is written.

    Args:
        condition: What the rule says.
        last: What was written last.
        value: The value.
        at: When it was measured, in seconds since 1970.
    """
    # A device's clock may be set back: then the time between is as long as it looks, in either direction.
    if condition.min_interval and abs(at - last.at) < condition.min_interval:
        return False
    if condition.deadband is None and condition.deadband_percent is None:
        return True
    if not (_is_number(value) and _is_number(last.value)):
        return not same_json(value, last.value)
    moved = abs(value - last.value)
    band = condition.deadband
    if band is None:
        band = abs(last.value) * (condition.deadband_percent or 0.0) / 100
    return bool(moved >= band if band else moved > 0)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

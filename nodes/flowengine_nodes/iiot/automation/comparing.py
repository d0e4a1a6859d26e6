"""Whether a value is as a rule wants it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from flowengine.node import same_json
from flowengine_nodes.iiot.registry.automation import Comparing

_NOTHING: Final = object()


def holds(comparing: Comparing, value: Mapping[str, Any]) -> bool:
    """Tell whether a condition holds; one on a value that is not there does not, whatever it says.

    Args:
        comparing: The condition.
        value: JSON object that its path reads from.
    """
    found = comparing.path.first(value, _NOTHING)
    if comparing.op == "exists":
        return (found is not _NOTHING) is (comparing.value is not False)
    return found is not _NOTHING and _compares(comparing.op, found, comparing.value)


def all_hold(conditions: Iterable[Comparing], value: Mapping[str, Any]) -> bool:
    """Tell whether all conditions hold."""
    return all(holds(one, value) for one in conditions)


def _compares(op: str, value: Any, wanted: Any) -> bool:
    match op:
        case "eq":
            return same_json(value, wanted)
        case "ne":
            return not same_json(value, wanted)
        case "in":
            return any(same_json(value, one) for one in wanted)
        case "between":
            return _is_ordered(value, wanted[0]) and _is_ordered(value, wanted[1]) and wanted[0] <= value <= wanted[1]
    if not _is_ordered(value, wanted):
        return False
    return bool({"lt": value < wanted, "le": value <= wanted, "gt": value > wanted, "ge": value >= wanted}[op])


def _is_ordered(value: Any, other: Any) -> bool:
    return (is_number(value) and is_number(other)) or (isinstance(value, str) and isinstance(other, str))


def is_number(value: Any) -> bool:
    """Tell whether a value is a number, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)

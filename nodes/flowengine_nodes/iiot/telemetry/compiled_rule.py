"""A rule, compiled: how its value is read from a reading."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flowengine.expressions import Path
from flowengine_nodes.iiot.registry.telemetry_rule import Condition, TelemetryRule
from flowengine_nodes.iiot.telemetry.errors import BadValueError
from flowengine_nodes.iiot.telemetry.transform import Change, compile_transform

_PICKS: dict[str, Callable[[list[Any]], Any]] = {
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
    "min": min,
    "max": max,
    "sum": sum,
    "mean": statistics.fmean,
    "count": lambda values: len(values),  # noqa: PLW0108 - its own type takes no Any
    "all": list,
}


@dataclass(frozen=True, slots=True, eq=False)
class CompiledRule:
    """What is done for one rule with every reading.

    Args:
        name: The name that is all of the path, where it is; ``None`` to ``read``.
        read: Returns what the path finds, or a default; may raise a ``FlowEngineError``.
        change: What is made of it; ``None`` for nothing.
        condition: When it is written; ``None`` for always.
        is_required: Whether a missing value is an error.
        label: What the rule is called.
    """

    name: str | None
    read: Callable[[Any, Any], Any]
    change: Change | None
    condition: Condition | None
    is_required: bool
    label: str

    @property
    def is_plain(self) -> bool:
        """Whether the value is written as it is, always."""
        return self.change is None and self.condition is None


def compile_rule(rule: TelemetryRule) -> CompiledRule:
    """Compile a rule.

    Args:
        rule: A valid rule.
    """
    each, last = compile_transform(rule)
    if rule.pick == "one":
        read = rule.path.first if rule.path.is_simple else _only(rule.path)
        change = each if last is None else last if each is None else _both(each, last)
    else:
        read, change = _picked(rule, each, last)
    condition = None if rule.condition.is_empty else rule.condition
    names = rule.path.names if rule.pick == "one" else None
    name = names[0] if names is not None and len(names) == 1 else None
    return CompiledRule(name, read, change, condition, rule.on_missing == "fail", rule.label)


def _both(first: Change, second: Change) -> Change:
    return lambda value: second(first(value))


def _only(path: Path) -> Callable[[Any, Any], Any]:
    def read(reading: Any, default: Any) -> Any:
        found = path.find(reading)
        if len(found) > 1:
            raise BadValueError("several-values", found, "are several values; say which to pick")
        return found[0] if found else default

    return read


def _picked(
    rule: TelemetryRule, each: Change | None, last: Change | None
) -> tuple[Callable[[Any, Any], Any], Change | None]:
    find, pick = rule.path.find, _PICKS[rule.pick]
    one_by_one = each if rule.pick != "all" or last is None else last if each is None else _both(each, last)

    def read(reading: Any, default: Any) -> Any:
        values = flatten(find(reading))
        if not values:
            return default
        if rule.pick in {"first", "last"}:
            value = pick(values)
            return value if each is None else each(value)
        return pick(values if one_by_one is None else [one_by_one(value) for value in values])

    return read, None if rule.pick == "all" else last


def flatten(values: list[Any]) -> list[Any]:
    """Return the values that lists hold, however deep; null is none."""
    flat: list[Any] = []
    # Lists may be nested deeper than Python calls may be.
    waiting = list(reversed(values))
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value))
        elif value is not None:
            flat.append(value)
    return flat

"""What is made of a value, compiled from a rule."""

from collections.abc import Callable
from typing import Any

import orjson

from flowengine_nodes.iiot.registry.telemetry_rule import TelemetryRule
from flowengine_nodes.iiot.registry.unit import Linear
from flowengine_nodes.iiot.telemetry.errors import BadValueError
from flowengine_nodes.iiot.telemetry.moment import odoo_time, read_moment
from flowengine_nodes.iiot.telemetry.number import read_number, whole

Change = Callable[[Any], Any]

_TRUE = frozenset({"true", "on", "yes", "1"})
_FALSE = frozenset({"false", "off", "no", "0"})


def compile_transform(rule: TelemetryRule) -> tuple[Change | None, Change | None]:
    """Return what is made of a value in two parts, ``None`` where that is nothing.

    The first is made of each value that the path finds (map and type), the second of the one value that is left of
    them (scale, offset, unit, round). Both raise :class:`BadValueError`.

    Args:
        rule: A valid rule.
    """
    transform = rule.transform
    moves = rule.condition.deadband or rule.condition.deadband_percent
    number_wanted = transform.calculates or rule.pick in {"min", "max", "sum", "mean"} or moves
    kind = "number" if transform.type == "any" and number_wanted else transform.type
    each: list[Change] = []
    if transform.map:
        each.append(_mapped(transform.map, transform.otherwise))
    if kind in {"number", "integer"}:
        each.append(_number_with_comma if transform.decimal_comma else read_number)
    elif kind in _OF_KIND:
        each.append(_OF_KIND[kind])
    last: list[Change] = []
    if transform.linear is not None:
        last.append(_linear(Linear.exactly(*transform.linear)))
    if transform.round is not None:
        last.append(_rounded(transform.round))
    if kind == "integer":
        last.append(whole)
    return _chain(each), _chain(last)


def _chain(changes: list[Change]) -> Change | None:
    if len(changes) < 2:
        return changes[0] if changes else None
    if len(changes) == 2:
        first, second = changes
        return lambda value: second(first(value))

    def all_of_them(value: Any) -> Any:
        for change in changes:
            value = change(value)
        return value

    return all_of_them


def _mapped(table: dict[str, Any], otherwise: Any) -> Change:
    def map_value(value: Any) -> Any:
        key = value if value.__class__ is str else _key(value)
        found = table.get(key, otherwise)
        if found is None:
            raise BadValueError("unmapped-value", value, f"is none of {', '.join(table)}")
        return found

    return map_value


def _key(value: Any) -> str:
    """Return what a value is called in a map: 1 and 1.0 are both ``1``."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _text(value)


def _linear(linear: Linear) -> Change:
    numerator, offset, denominator = linear

    def calculate(value: float) -> float:
        result = (value * numerator + offset) / denominator
        if result - result != 0:
            raise BadValueError("not-finite", value, "is too large to be calculated with")
        return result

    return calculate


def _rounded(digits: int) -> Change:
    if digits > 0:
        return lambda value: round(value, digits)
    return lambda value: whole(round(value, digits))


def _number_with_comma(value: Any) -> float:
    return read_number(value, decimal_comma=True)


def _boolean(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    text = value.strip().lower() if isinstance(value, str) else _key(value)
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise BadValueError("not-a-boolean", value, "is neither true nor false")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        read_number(value)
    return orjson.dumps(value).decode()


def _time(value: Any) -> str:
    return odoo_time(read_moment(value))


_OF_KIND: dict[str, Change] = {"boolean": _boolean, "text": _text, "time": _time}

"""What is made of a value, compiled from a telemetry rule."""

import json
import math
import statistics
from fractions import Fraction
from typing import NamedTuple

from ..entry_error import EntryError, _lt
from .faults import BadValueError
from .json_path import MISSING, compile_path
from .number import check_finite, moment_of, read_moment, read_number, whole
from .unit import conversion

_TRUE = frozenset({"true", "on", "yes", "1"})
_FALSE = frozenset({"false", "off", "no", "0"})
_NUMERIC_PICKS = frozenset({"min", "max", "sum", "mean", "count"})
_PICKS = {
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
    "min": min,
    "max": max,
    "sum": sum,
    "mean": statistics.fmean,
    "count": len,
    "all": list,
}


class Condition(NamedTuple):
    """When a value is written."""

    deadband: float | None
    percent: float | None
    min_interval: float

    def passes(self, last_value, last_at, value, at):
        """Tell whether a value is written, after another one was."""
        # A device's clock may be set back: then the time between is as long as it looks, in either direction.
        if self.min_interval and abs(at - last_at) < self.min_interval:
            return False
        if self.deadband is None and self.percent is None:
            return True
        if not (_is_number(value) and _is_number(last_value)):
            return value.__class__ is not last_value.__class__ or value != last_value
        moved = abs(value - last_value)
        band = self.deadband if self.deadband is not None else abs(last_value) * self.percent / 100
        return moved >= band if band else moved > 0


def check_rule(document):
    """Raise unless the parts of a rule's document fit together."""
    transform, condition = document["transform"], document["condition"]
    kind = transform["type"]
    if bool(transform["unit"]) != bool(transform["to_unit"]):
        raise EntryError(_lt("“Unit” and “To Unit” belong together: give both, or neither."))
    if not transform["scale"]:
        raise EntryError(_lt("A scale of 0 makes every value the same."))
    if not all(math.isfinite(transform[name]) for name in ("scale", "offset")):
        raise EntryError(_lt("Scale and offset must be numbers that are not infinite."))
    if transform["otherwise"] is not None and not transform["map"]:
        raise EntryError(_lt("“otherwise” has no meaning without a map."))
    table = transform["map"]
    if not isinstance(table, dict) or any(isinstance(value, dict | list | None) for value in table.values()):
        raise EntryError(_lt('“map” is an object with new values by old ones, such as {"0": "off", "1": "on"}.'))
    if _calculates(transform) and kind not in {"any", "number", "integer"}:
        raise EntryError(_lt("Scale, offset, unit and rounding need a number."))
    if document["pick"] in _NUMERIC_PICKS and kind not in {"any", "number", "integer"}:
        raise EntryError(_lt("What is picked is a number, but the type is another one."))
    if transform["round"] is not None and not -9 <= transform["round"] <= 12:
        raise EntryError(_lt("Round to -9 to 12 decimal places."))
    if any((condition[name] or 0) < 0 for name in ("deadband", "deadband_percent")):
        raise EntryError(_lt("The deadband cannot be negative."))
    _linear(transform)


def compile_rule(document, min_interval):
    """Return how a rule's value is read from a reading, and when it is written.

    Args:
        document: The rule, as the bridge has it.
        min_interval: Of its condition, in seconds.

    Returns:
        A function that takes a reading and returns the value, None if there is none, and raises BadValueError; and the
        condition, None for always.
    """
    path, pick, condition = compile_path(document["path"]), document["pick"], document["condition"]
    each, last = _changes(document)

    def read_one(reading):
        if path.is_simple:
            value = path.first(reading)
        else:
            found = path.find(reading)
            if len(found) > 1:
                raise BadValueError("several-values", found, "are several values; say which to pick")
            value = found[0] if found else MISSING
        if value is MISSING or value is None:
            return None
        check_finite(value)
        return last(each(value))

    def read_picked(reading):
        values = _flat(path.find(reading))
        if not values:
            return None
        check_finite(values)
        if pick in {"first", "last"}:
            return last(each(_PICKS[pick](values)))
        if pick == "all":
            return [last(each(value)) for value in values]
        return last(_PICKS[pick]([each(value) for value in values]))

    decided = Condition(condition["deadband"], condition["deadband_percent"], min_interval)
    is_always = decided.deadband is None and decided.percent is None and not min_interval
    return (read_one if pick == "one" else read_picked), (None if is_always else decided)


def _changes(document):
    """Return what is made of each value that the path finds, and of the one value that is left of them."""
    transform, condition = document["transform"], document["condition"]
    kind = transform["type"]
    moves = condition["deadband"] or condition["deadband_percent"]
    if kind == "any" and (_calculates(transform) or document["pick"] in {"min", "max", "sum", "mean"} or moves):
        kind = "number"
    each, last = [], []
    if transform["map"]:
        each.append(_mapped(transform["map"], transform["otherwise"]))
    if kind in {"number", "integer"}:
        comma = transform["decimal_comma"]
        each.append(lambda value: read_number(value, comma))
    elif kind in _OF_KIND:
        each.append(_OF_KIND[kind])
    linear = _linear(transform)
    if linear is not None:
        last.append(_calculated(*linear))
    digits = transform["round"]
    if digits is not None:
        last.append((lambda value: round(value, digits)) if digits > 0 else (lambda value: whole(round(value, digits))))
    if kind == "integer":
        last.append(whole)
    return _chain(each), _chain(last)


def _chain(changes):
    def change(value):
        for one in changes:
            value = one(value)
        return value

    return change


def _calculates(transform):
    return transform["scale"] != 1 or transform["offset"] or transform["unit"] or transform["round"] is not None


def _linear(transform):
    # From its text, a decimal is exactly the number that its author wrote.
    factor, offset = Fraction(repr(float(transform["scale"]))), Fraction(repr(float(transform["offset"])))
    if transform["unit"]:
        more, shift = conversion(transform["unit"], transform["to_unit"])
        factor, offset = factor * more, offset * more + shift
    return None if factor == 1 and not offset else (factor, offset)


def _calculated(factor, offset):
    # In whole numbers, decimals stay short: 3 * 0.1 is 0.30000000000000004, and 3 / 10 is 0.3.
    denominator = math.lcm(factor.denominator, offset.denominator)
    try:
        numbers = float(factor * denominator), float(offset * denominator), float(denominator)
    except OverflowError:
        numbers = float(factor), float(offset), 1.0
    numerator, shift, divisor = numbers

    def calculate(value):
        result = (value * numerator + shift) / divisor
        if not math.isfinite(result):
            raise BadValueError("not-finite", value, "is too large to be calculated with")
        return result

    return calculate


def _mapped(table, otherwise):
    def change(value):
        found = table.get(value if isinstance(value, str) else _key(value), otherwise)
        if found is None:
            raise BadValueError("unmapped-value", value, f"is none of {', '.join(table)}")
        return found

    return change


def _key(value):
    """Return what a value is called in a map: 1 and 1.0 are both "1"."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _text(value)


def _text(value):
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _boolean(value):
    if isinstance(value, bool):
        return value
    text = value.strip().lower() if isinstance(value, str) else _key(value)
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise BadValueError("not-a-boolean", value, "is neither true nor false")


def _time(value):
    return moment_of(read_moment(value)).strftime("%Y-%m-%d %H:%M:%S")


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)


def _flat(values):
    """Return the values that lists hold, however deep; null is none."""
    flat, waiting = [], list(reversed(values))
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value))
        elif value is not None:
            flat.append(value)
    return flat


_OF_KIND = {"boolean": _boolean, "text": _text, "time": _time}

"""The conditions that ``switch`` and the filters test values with.

They differ from Node-RED's on purpose in one way: types are kept apart. The number 5 does not equal the text "5",
true does not equal 1, and values of different types have no order, so that ``less`` and ``more`` are both false for
them. Node-RED compares as JavaScript's ``==`` and ``<`` do.
"""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from flowengine.expressions.fragment import as_text
from flowengine.expressions.missing import MISSING

TypeName: TypeAlias = Literal["text", "number", "boolean", "list", "object", "bytes", "json-text", "null", "missing"]
"""What ``is_type`` knows; ``json-text`` is text that parses as JSON."""


def equal(value: Any, other: Any) -> bool:
    """Compare as JSON: 1 equals 1.0, true does not equal 1, objects do not depend on the order of keys."""
    if isinstance(value, bool) or isinstance(other, bool):
        return value is other
    if isinstance(value, dict) and isinstance(other, dict):
        return value.keys() == other.keys() and all(equal(item, other[key]) for key, item in value.items())
    if isinstance(value, list | tuple) and isinstance(other, list | tuple):
        return len(value) == len(other) and all(map(equal, value, other))
    return bool(value == other)


def not_equal(value: Any, other: Any) -> bool:
    """Return whether the values are not equal as JSON."""
    return not equal(value, other)


def less(value: Any, other: Any) -> bool:
    """Return whether both are numbers, or both text, and the first comes before the second."""
    return _ordered(value, other) and bool(value < other)


def at_most(value: Any, other: Any) -> bool:
    """Return whether both are numbers, or both text, and the first does not come after the second."""
    return _ordered(value, other) and bool(value <= other)


def more(value: Any, other: Any) -> bool:
    """Return whether both are numbers, or both text, and the first comes after the second."""
    return _ordered(value, other) and bool(value > other)


def at_least(value: Any, other: Any) -> bool:
    """Return whether both are numbers, or both text, and the first does not come before the second."""
    return _ordered(value, other) and bool(value >= other)


def between(value: Any, bound: Any, other: Any) -> bool:
    """Return whether the value is between two bounds or equal to one; the bounds may come in either order."""
    return (at_least(value, bound) and at_most(value, other)) or (at_least(value, other) and at_most(value, bound))


def contains(value: Any, text: Any) -> bool:
    """Return whether the text of the value has another in it; values that are not text are written as JSON."""
    return not is_null(value) and _text(text) in _text(value)


def matches(value: Any, pattern: re.Pattern[str]) -> bool:
    """Return whether a pattern is found in the text of the value; other values are written as JSON."""
    return not is_null(value) and pattern.search(_text(value)) is not None


def is_true(value: Any) -> bool:
    """Return whether the value is true, and not merely truthy."""
    return value is True


def is_false(value: Any) -> bool:
    """Return whether the value is false, and not merely falsy."""
    return value is False


def is_null(value: Any) -> bool:
    """Return whether the value is null or missing."""
    return value is None or value is MISSING


def is_not_null(value: Any) -> bool:
    """Return whether there is a value that is not null."""
    return not is_null(value)


def is_empty(value: Any) -> bool:
    """Return whether the value is text, a list, bytes or an object, and has nothing in it."""
    return isinstance(value, str | list | tuple | bytes | dict) and not value


def is_not_empty(value: Any) -> bool:
    """Return whether the value is text, a list, bytes or an object, and has something in it."""
    return isinstance(value, str | list | tuple | bytes | dict) and bool(value)


def is_type(value: Any, name: TypeName) -> bool:
    """Return whether the value is of a type; NaN is no number, null is no object."""
    return _TYPES[name](value)


def has_key(value: Any, key: Any) -> bool:
    """Return whether the value is an object that has a key; a key that is not text is in none."""
    return isinstance(value, dict) and isinstance(key, str) and key in value


@dataclass(frozen=True, slots=True)
class Operator:
    """A condition by the name that flows call it.

    Args:
        test: The function; takes the value, then the operands.
        operands: How many other values it compares with.
    """

    test: Callable[..., bool]
    operands: int


OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "equal": Operator(equal, 1),
        "not-equal": Operator(not_equal, 1),
        "less": Operator(less, 1),
        "at-most": Operator(at_most, 1),
        "more": Operator(more, 1),
        "at-least": Operator(at_least, 1),
        "between": Operator(between, 2),
        "contains": Operator(contains, 1),
        "matches": Operator(matches, 1),
        "true": Operator(is_true, 0),
        "false": Operator(is_false, 0),
        "null": Operator(is_null, 0),
        "not-null": Operator(is_not_null, 0),
        "empty": Operator(is_empty, 0),
        "not-empty": Operator(is_not_empty, 0),
        "type": Operator(is_type, 1),
        "has-key": Operator(has_key, 1),
    }
)
"""Conditions on one value. ``matches`` takes a compiled pattern, ``type`` a ``TypeName``."""


def passing(value: Any, rules: Sequence[Callable[[Any], bool] | None], *, stop_at_first: bool) -> list[int]:
    """Return the indexes of the rules that a value passes, in order.

    Args:
        value: The value to test.
        rules: Conditions with their operands filled in; None stands for "else", which passes if no rule before it
            has.
        stop_at_first: Whether rules after the first that passes are left out.
    """
    passed: list[int] = []
    for index, rule in enumerate(rules):
        if not passed if rule is None else rule(value):
            passed.append(index)
            if stop_at_first:
                break
    return passed


def _ordered(value: Any, other: Any) -> bool:
    return (_is_number(value) and _is_number(other)) or (isinstance(value, str) and isinstance(other, str))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else as_text(value)


def _is_json_text(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return False
    return True


_TYPES: dict[TypeName, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "list": lambda value: isinstance(value, list | tuple),
    "object": lambda value: isinstance(value, dict),
    "bytes": lambda value: isinstance(value, bytes),
    "json-text": _is_json_text,
    "null": lambda value: value is None,
    "missing": lambda value: value is MISSING,
}

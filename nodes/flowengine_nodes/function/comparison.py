"""How rules compare values: loosely between numbers and texts that are numbers, strictly otherwise."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

import orjson

from flowengine.expressions import MISSING
from flowengine.node import NodeError, same_json

SIZED = (str, bytes, list, tuple, dict)
TypeName = Literal["text", "number", "boolean", "list", "object", "bytes", "json", "null", "missing"]


def equal(one: Any, other: Any) -> bool:
    """Tell whether two values are equal, a number and its text among them."""
    if one.__class__ is other.__class__ and one.__class__ is not float:
        return same_json(one, other)
    if isinstance(one, str) != isinstance(other, str):
        left, right = number(one), number(other)
        return left is not None and left == right
    return one is not MISSING and other is not MISSING and same_json(one, other)


def less(one: Any, other: Any) -> bool:
    """Tell whether one value is less than another."""
    if isinstance(one, str) and isinstance(other, str):
        return one < other
    left, right = number(one), number(other)
    return left is not None and right is not None and left < right


def at_most(one: Any, other: Any) -> bool:
    """Tell whether one value is less than or equal to another."""
    if isinstance(one, str) and isinstance(other, str):
        return one <= other
    left, right = number(one), number(other)
    return left is not None and right is not None and left <= right


def between(value: Any, start: Any, end: Any) -> bool:
    """Tell whether a value is between two others, in either order, or is one of them."""
    return (at_most(start, value) and at_most(value, end)) or (at_most(end, value) and at_most(value, start))


def number(value: Any) -> int | float | None:
    """Return a value as a number, or ``None`` if it is none."""
    kind = value.__class__
    if kind is float or kind is int:
        return None if value != value else value  # noqa: PLR0124 - NaN compares with nothing
    # Python would take 1_000 for a number.
    if kind is not str or "_" in value:
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def text(value: Any) -> str:
    """Return a value as text: text as it is, nothing as none, all else as JSON."""
    if isinstance(value, str):
        return value
    if is_nothing(value):
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return str(value)


def is_nothing(value: Any) -> bool:
    """Tell whether a value is null or missing."""
    return value is None or value is MISSING


def is_name_of(key: Any, value: Mapping[str, Any]) -> bool:
    """Tell whether a key is text and one of an object's names."""
    return isinstance(key, str) and key in value


def part(fields: Mapping[str, Any], name: str) -> int:
    """Return a number from a message's field ``parts``.

    Raises:
        NodeError: It is not there.
    """
    parts = fields.get("parts")
    found = parts.get(name) if isinstance(parts, dict) else None
    if not isinstance(found, int):
        raise NodeError(
            f"the message has no parts.{name}; it is not part of a sequence of known length", code="no-parts"
        )
    return found


def _is_json(value: Any) -> bool:
    try:
        orjson.loads(value if isinstance(value, str) else "")
    except orjson.JSONDecodeError:
        return False
    return True


TYPES: Mapping[TypeName, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "number": lambda value: not isinstance(value, str) and number(value) is not None,
    "boolean": lambda value: isinstance(value, bool),
    "list": lambda value: isinstance(value, (list, tuple)),
    "object": lambda value: isinstance(value, dict),
    "bytes": lambda value: isinstance(value, bytes),
    "json": _is_json,
    "null": lambda value: value is None,
    "missing": lambda value: value is MISSING,
}

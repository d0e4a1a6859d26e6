"""Equality as JSON means it."""

from typing import Any

_LEAVES = frozenset({str, int, float, bytes, type(None)})


def same_json(one: Any, other: Any) -> bool:
    """Tell whether two values are the same JSON.

    Unlike ``==`` this keeps true apart from 1, at any depth; 1 and 1.0 are one number, and NaN equals itself.
    """
    kind = one.__class__
    if kind is other.__class__ and kind in _LEAVES:
        return bool(one == other) or (kind is float and one != one and other != other)  # noqa: PLR0124 - NaN
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(same_json(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, (list, tuple)):
        return isinstance(other, (list, tuple)) and len(one) == len(other) and all(map(same_json, one, other))
    return bool(one == other)

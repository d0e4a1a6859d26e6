"""Numbers as devices send them: as numbers, or as text."""

import math
import re
from typing import Any

from flowengine_nodes.iiot.telemetry.errors import BadValueError

LARGEST = 2**63 - 1
"""Beyond it, whole numbers fit neither JSON readers nor databases."""

_POINT = re.compile(r"\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?)\s*")
_COMMA = re.compile(r"\s*([+-]?(?:[0-9]+,?[0-9]*|,[0-9]+)(?:[eE][+-]?[0-9]{1,4})?)\s*")


def read_number(value: Any, *, decimal_comma: bool = False) -> float:
    """Return a finite number; a whole one stays whole.

    Args:
        value: A number, or text that is one. Neither signs for thousands nor units are taken, because nobody can tell
            what ``1.234`` would be then.
        decimal_comma: Whether text has a comma for a decimal point.

    Raises:
        BadValueError: It is no number (``not-a-number``), or infinite or none at all (``not-finite``).
    """
    kind = value.__class__
    if kind is float:
        # The difference is 0 for every number but infinity and NaN.
        if value - value == 0:
            return float(value)
        raise BadValueError("not-finite", str(value), "is no finite number")
    if kind is int:
        return value  # type: ignore[no-any-return]  # its class says so
    if kind is not str:
        raise BadValueError("not-a-number", value, "is no number")
    found = (_COMMA if decimal_comma else _POINT).fullmatch(value)
    if found is None:
        lowered = value.strip().lower().lstrip("+-")
        if lowered in {"nan", "inf", "infinity"}:
            raise BadValueError("not-finite", value, "is no finite number")
        raise BadValueError("not-a-number", value, "is no number")
    text = found[1].replace(",", ".")
    if text.lstrip("+-").isdecimal() and len(text) < 20:
        return int(text)
    number = float(text)
    if math.isinf(number):
        raise BadValueError("not-finite", value, "is too large for a number")
    return number


def whole(number: float) -> int:
    """Return a number as a whole one.

    Raises:
        BadValueError: It has decimal places (``not-whole``), or is too large (``too-large``).
    """
    if abs(number) > LARGEST:
        raise BadValueError("too-large", number, "is too large for a whole number")
    if number != int(number):
        raise BadValueError("not-whole", number, "is no whole number")
    return int(number)

"""Numbers and moments as devices send them."""

import math
import re
from datetime import datetime, timezone

from .faults import BadValueError

LARGEST = 2**63 - 1
"""Beyond it, whole numbers fit neither JSON readers nor databases."""

_POINT = re.compile(r"\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?)\s*")
_COMMA = re.compile(r"\s*([+-]?(?:[0-9]+,?[0-9]*|,[0-9]+)(?:[eE][+-]?[0-9]{1,4})?)\s*")
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
# From 1973 to 5138, a time of each unit is larger than any of the unit before.
_LARGEST_OF_UNIT = (("s", 1e11), ("ms", 1e14), ("us", 1e17), ("ns", math.inf))
_LAST = 253_402_300_799.0  # 9999-12-31T23:59:59Z


def read_number(value, decimal_comma=False):  # noqa: FBT002 - a rule's setting, passed on
    """Return a finite number; a whole one stays whole.

    Args:
        value: A number, or text that is one. Neither signs for thousands nor units are taken, because nobody can tell
            what 1.234 would be then.
        decimal_comma: Whether text has a comma for a decimal point.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        _check(value)
        return value
    if not isinstance(value, str):
        raise BadValueError("not-a-number", value, "is no number")
    found = (_COMMA if decimal_comma else _POINT).fullmatch(value)
    if found is None:
        if value.strip().lower().lstrip("+-") in {"nan", "inf", "infinity"}:
            raise BadValueError("not-finite", value, "is no finite number")
        raise BadValueError("not-a-number", value, "is no number")
    text = found[1].replace(",", ".")
    if text.lstrip("+-").isdecimal() and len(text) < 20:
        return int(text)
    number = float(text)
    if math.isinf(number):
        raise BadValueError("not-finite", value, "is too large for a number")
    return number


def whole(number):
    """Return a number as a whole one."""
    if abs(number) > LARGEST:
        raise BadValueError("too-large", number, "is too large for a whole number")
    if number != int(number):
        raise BadValueError("not-whole", number, "is no whole number")
    return int(number)


def check_finite(value):
    """Raise where a value has a number in it that JSON cannot say."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, int | float):
            _check(item)


def _check(number):
    try:
        is_finite = math.isfinite(number)
    except OverflowError:
        raise BadValueError("not-finite", number, "is too large for a number") from None
    if not is_finite:
        raise BadValueError("not-finite", number, "is no finite number")


def read_moment(value, unit="auto"):
    """Return a moment in seconds since 1970.

    Args:
        value: ISO 8601 text, in UTC where it names no zone; or a number.
        unit: Unit of numbers: s, ms, us, ns, or auto to tell by their size.
    """
    if isinstance(value, str) and ("-" in value[1:] or ":" in value):
        try:
            # Python 3.10 does not know the Z.
            moment = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", value.strip()))
            return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
        except (ValueError, OverflowError):
            raise BadValueError("not-a-time", value, "is no time") from None
    try:
        number = read_number(value)
    except BadValueError:
        raise BadValueError("not-a-time", value, "is no time") from None
    if unit == "auto":
        unit = next(name for name, largest in _LARGEST_OF_UNIT if abs(number) < largest)
    seconds = number / _PER_SECOND[unit]
    if not 0 <= seconds <= _LAST:
        raise BadValueError("not-a-time", value, "is no time between 1970 and 9999")
    return seconds


def moment_of(seconds):
    """Return seconds since 1970 as Odoo has times: in UTC, without a zone, to the second."""
    return datetime.fromtimestamp(int(seconds), timezone.utc).replace(tzinfo=None)


def seconds_of(moment):
    """Return a time as Odoo has it in seconds since 1970."""
    return moment.replace(tzinfo=timezone.utc).timestamp()


def iso_time(seconds):
    """Return seconds since 1970 as text: ISO 8601 in UTC, with milliseconds."""
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

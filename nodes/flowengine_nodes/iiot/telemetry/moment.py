"""Moments as devices send them and as they are written."""

import math
from datetime import UTC, datetime
from typing import Any, Final

from flowengine_nodes.iiot.telemetry.errors import BadValueError
from flowengine_nodes.iiot.telemetry.number import read_number

_PER_SECOND: Final = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
# From 1973 to 5138, a time of each unit is larger than any of the unit before.
_LARGEST: Final = (("s", 1e11), ("ms", 1e14), ("us", 1e17), ("ns", math.inf))
_LAST: Final = 253_402_300_799.0  # 9999-12-31T23:59:59Z


def read_moment(value: Any, unit: str = "auto") -> float:
    """Return a moment in seconds since 1970.

    Args:
        value: ISO 8601 text, in UTC where it names no zone; or a number.
        unit: Unit of numbers: ``s``, ``ms``, ``us``, ``ns``, or ``auto`` to tell by their size.

    Raises:
        BadValueError: It is none (``not-a-time``).
    """
    if isinstance(value, str) and ("-" in value[1:] or ":" in value):
        try:
            moment = datetime.fromisoformat(value.strip())
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            raise BadValueError("not-a-time", value, "is no time") from None
    try:
        number = read_number(value)
    except BadValueError:
        raise BadValueError("not-a-time", value, "is no time") from None
    if unit == "auto":
        unit = next(name for name, largest in _LARGEST if abs(number) < largest)
    seconds = number / _PER_SECOND[unit]
    if not 0 <= seconds <= _LAST:
        raise BadValueError("not-a-time", value, "is no time between 1970 and 9999")
    return seconds


def odoo_time(seconds: float) -> str:
    """Return a moment as Odoo's fields of date and time take it: in UTC, to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


class MomentText:
    """Write moments as ISO 8601 in UTC, with milliseconds.

    Most moments are as the one before, or in the same second: what was written of that is kept.
    """

    def __init__(self) -> None:
        self._second = self._millisecond = -1
        self._beginning = self._text = ""

    def of(self, seconds: float) -> str:
        """Return the text of a moment.

        Args:
            seconds: Since 1970.
        """
        millisecond = int(seconds * 1000 + 0.5)
        if millisecond != self._millisecond:
            self._millisecond = millisecond
            second = millisecond // 1000
            if second != self._second:
                self._second = second
                self._beginning = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
            self._text = f"{self._beginning}.{millisecond % 1000:03d}Z"
        return self._text

"""Lengths of time as people write them: ``500ms``, ``1s``, ``1m30s``, ``2h``, ``1d``; a number is seconds."""

import re
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_UNITS: Final = {
    "d": Decimal(86_400),
    "h": Decimal(3_600),
    "m": Decimal(60),
    "s": Decimal(1),
    "ms": Decimal("0.001"),
}
_NUMBER: Final = r"\d{1,15}(?:\.\d{1,9})?"
_PATTERN: Final = "".join(rf"(?:({_NUMBER}){unit})?" for unit in _UNITS)
_TEXT: Final = re.compile(_PATTERN, re.ASCII)
LONGEST: Final = 36_500 * 86_400.0
"""The longest length of time accepted, in seconds (36,500 days)."""


def parse_duration(value: Any) -> float:
    """Return the seconds that a text such as ``"1m30s"`` or a number of seconds stands for, to a nanosecond.

    Raises:
        ValueError: The value is neither, is negative, or is longer than 36,500 days.
    """
    if isinstance(value, str):
        match = _TEXT.fullmatch(value)
        if not match or not value:
            raise ValueError(f"{value!r} is no length of time; write for example 500ms, 10s, 1m30s, 2h or 1d")
        parts = zip(match.groups(), _UNITS.values(), strict=True)
        seconds = float(sum((Decimal(number) * unit for number, unit in parts if number), Decimal()))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        seconds = float(min(value, LONGEST + 1))
    else:  # a ValueError too, since pydantic turns no other error into a problem
        raise ValueError("a length of time is a text such as 1m30s, or a number of seconds")  # noqa: TRY004 above
    if not 0 <= seconds <= LONGEST:
        raise ValueError("a length of time is between 0s and 36500d")
    return round(seconds, 9)


def format_duration(seconds: float) -> str:
    """Return the canonical text; `parse_duration` reads exactly the same number from it."""
    rest = Decimal(repr(seconds))
    text = ""
    for unit, size in _UNITS.items():
        count = rest / size if unit == "ms" else rest // size
        rest -= count * size
        if count:
            text += f"{count.normalize():f}{unit}"
    return text or "0s"


Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, when_used="json"),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1, "pattern": f"^{_PATTERN}$"},
                {"type": "number", "minimum": 0, "maximum": LONGEST},
            ]
        }
    ),
]
"""A model field that holds seconds and is written as people write lengths of time."""

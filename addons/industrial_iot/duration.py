"""Lengths of time as the bridge writes them (500ms, 10s, 1m30s, 2h, 1d) and as Odoo keeps them (seconds)."""

import re
from decimal import Decimal

from .entry_error import EntryError, _lt

LONGEST = 36_500 * 86_400

_UNITS = {"d": Decimal(86_400), "h": Decimal(3_600), "m": Decimal(60), "s": Decimal(1), "ms": Decimal("0.001")}
_NUMBER = r"\d{1,15}(?:\.\d{1,9})?"
_TEXT = re.compile("".join(rf"(?:({_NUMBER}){unit})?" for unit in _UNITS), re.ASCII)


def read_duration(value):
    """Return the seconds that a text such as "1m30s", or a number of seconds, stands for."""
    if isinstance(value, str) and value and (match := _TEXT.fullmatch(value)):
        parts = zip(match.groups(), _UNITS.values(), strict=True)
        value = float(sum((Decimal(number) * unit for number, unit in parts if number), Decimal()))
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST:
        raise EntryError(
            _lt("“%s” is no length of time; write for example 500ms, 10s, 1m30s, 2h or 1d, at most 36500d.", value)
        )
    return round(float(value), 9)


def format_duration(seconds):
    """Return seconds as the bridge writes them."""
    rest = Decimal(repr(float(seconds)))
    text = ""
    for unit, size in _UNITS.items():
        count = rest / size if unit == "ms" else rest // size
        rest -= count * size
        if count:
            text += f"{count.normalize():f}{unit}"
    return text or "0s"

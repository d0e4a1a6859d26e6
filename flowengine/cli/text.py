"""Text that commands print: tables, counts, JSON and times."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 flow``, ``2 flows``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def table(rows: Iterable[Sequence[str]], *, indent: str = "") -> str:
    """Return rows in columns that line up; the last column is as wide as it likes.

    Args:
        rows: The rows, all with as many cells.
        indent: What every line begins with.
    """
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(cell) for cell in column) for column in list(zip(*cells, strict=True))[:-1]]
    lines = []
    for row in cells:
        padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        lines.append((indent + "  ".join([*padded, row[-1]])).rstrip())
    return "\n".join(lines)


def json_text(value: Any) -> str:
    """Return a value as indented JSON; what is not JSON is described."""
    return orjson.dumps(value, default=repr, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode()


def json_line(value: Any) -> str:
    """Return a value as JSON on one line; what is not JSON is described."""
    return orjson.dumps(value, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()


def time_text(seconds: float) -> str:
    """Return a time as people and programs read it.

    Args:
        seconds: Seconds since 1970.
    """
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def age_text(seconds: float) -> str:
    """Return a length of time in one unit, such as ``42 s`` or ``3 h``."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"

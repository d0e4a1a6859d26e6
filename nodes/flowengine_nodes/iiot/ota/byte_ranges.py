"""The part of a file that a request asks for (RFC 9110 §14)."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

MOST: Final = 16
"""Ranges that are answered in one go; more are refused, as RFC 9110 §14.2 allows."""

_RANGE = re.compile(r"[ \t]*(?:(\d{1,18})-(\d{1,18})?|-(\d{1,18}))[ \t]*", re.ASCII)


class Part(NamedTuple):
    """A part of a file.

    Args:
        first: Its first byte, from 0.
        last: Its last byte.
    """

    first: int
    last: int

    @property
    def size(self) -> int:
        """Number of its bytes."""
        return self.last - self.first + 1


def parts_of(header: str, size: int) -> Sequence[Part] | None:
    """Return the parts that the header Range asks for.

    Parts that overlap or touch each other become one.

    Args:
        header: Its value.
        size: Bytes of the file.

    Returns:
        The parts in the order in which they are asked for; none if no byte of the file is meant, or too many parts.
        ``None`` if the header is not understood, and has to be ignored.
    """
    unit, equals, text = header.partition("=")
    if not equals or unit.strip().lower() != "bytes":
        return None
    found: list[Part] = []
    for one in text.split(","):
        if not one.strip():
            continue
        match = _RANGE.fullmatch(one)
        if match is None:
            return None
        first, last, suffix = (None if number is None else int(number) for number in match.groups())
        if first is None:
            assert suffix is not None
            first, last = max(size - suffix, 0), size - 1
        elif last is not None and last < first:
            return None
        part = Part(first, size - 1 if last is None else min(last, size - 1))
        if part.first <= part.last:
            found.append(part)
    joined = _joined(found)
    return joined if len(joined) <= MOST else ()


def _joined(parts: Sequence[Part]) -> list[Part]:
    joined: list[Part] = []
    for part in parts:
        apart = []
        for other in joined:
            if other.last + 1 < part.first or part.last + 1 < other.first:
                apart.append(other)
            else:
                part = Part(min(part.first, other.first), max(part.last, other.last))  # noqa: PLW2901 - it grows
        joined = [*apart, part]
    return joined

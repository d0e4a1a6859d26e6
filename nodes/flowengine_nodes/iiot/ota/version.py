"""Versions of firmware, and their order."""

import re
from functools import total_ordering
from typing import Annotated

from pydantic import StringConstraints

VERSION_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$"
"""A version is one level of a topic and one part of a URL's path as it stands."""

VersionText = Annotated[str, StringConstraints(pattern=VERSION_PATTERN)]
_PART = re.compile(r"[0-9]+|[A-Za-z]+")


@total_ordering
class Version:
    """A version as it is compared: number by number, as Semantic Versioning 2.0 §11 does, and for other forms as well.

    What follows ``-`` makes it older than the version without it; what follows ``+`` does not count. A leading ``v``
    and missing numbers do not matter: ``v2`` is ``2.0.0``.

    Args:
        text: Such as ``2.1.0`` or ``2.1.0-rc.1``.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        released, dash, before = text.partition("+")[0].partition("-")
        numbers = _parts(released.removeprefix("v"))
        while numbers and numbers[-1] == (0, 0, ""):
            numbers.pop()
        self._key = (numbers, not dash, _parts(before))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._key == other._key

    def __lt__(self, other: "Version") -> bool:
        return self._key < other._key

    def __hash__(self) -> int:
        return hash(str(self._key))

    def __repr__(self) -> str:
        return f"Version({self.text!r})"


def _parts(text: str) -> list[tuple[int, int, str]]:
    # A number is older than a word in the same place.
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in _PART.findall(text)]

"""Ids that people can read, made from what Node-RED's users called things."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

LONGEST: Final = 40


def slug(text: str) -> str:
    """Return text as an id, empty if nothing of it can be part of one."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-")


class Names:
    """The ids of one kind, each given once.

    Args:
        taken: Ids that are not to be given.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def give(self, *wanted: str) -> str:
        """Return an id made from the first text that can be one, with a number where it is taken."""
        base = next(filter(None, map(slug, wanted)), "node")
        name = next(name for name in _numbered(base) if name not in self._taken)
        self._taken.add(name)
        return name


def _numbered(base: str) -> Iterator[str]:
    yield base
    number = 2
    while True:
        yield f"{base}-{number}"
        number += 1

"""Where the values of a well-formed JSON text begin, read only as far as someone asks."""

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from flowengine.flow.scanner import Place, ValuePath

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_CHARACTER: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[0-9a-fA-F]{4}|\\u[0-9a-fA-F]{4}|\\.|[^\\\"]", re.DOTALL
)
_READ: Final = json.JSONDecoder().raw_decode


class Locator:
    """Find values by their paths.

    What stands before a value on its level is passed over by the interpreter's own parser, and remembered, so
    that neither one problem in a large file nor many in it cost a scan of every value.

    Args:
        text: JSON that is known to be well-formed.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._levels: dict[ValuePath, _Level] = {}

    def place(self, path: ValuePath, within: Place | None = None) -> Place:
        """Return where the value at a path begins; for one that is missing, where its nearest parent does.

        Args:
            path: Keys and indexes that lead to the value.
            within: A place in the text that the value is, as read; the place in the file is returned.
        """
        offset, found = self._offset(path)
        if within is not None and found == len(path) and self._text.startswith('"', offset):
            offset = self._inside(offset, within)
        line = bisect_left(self._line_ends, offset)
        start = self._line_ends[line - 1] + 1 if line else 0
        return Place(line + 1, offset - start + 1)

    @cached_property
    def _line_ends(self) -> list[int]:
        return [match.start() for match in re.finditer("\n", self._text)]

    def _offset(self, path: ValuePath) -> tuple[int, int]:
        """Return where the value begins, and how many keys of the path were found."""
        offset = _space(self._text, 0)
        for depth, key in enumerate(path):
            level = self._levels.get(path[:depth])
            if level is None:
                level = self._levels[path[:depth]] = _Level(self._text, offset)
            inner = level.find(key)
            if inner is None:
                return offset, depth
            offset = inner
        return offset, len(path)

    def _inside(self, offset: int, within: Place) -> int:
        """Return the offset of a place in the text that begins at an offset, past the escapes before it."""
        read, end = _READ(self._text, offset)
        lines = read.split("\n")[: within.line - 1]
        index = sum(len(line) + 1 for line in lines) + within.column - 1
        at = offset + 1
        for _ in range(index):
            match = _CHARACTER.match(self._text, at, end)
            if match is None:
                break
            at = match.end()
        return at


class _Level:
    """The members of one object or list, as far as they were read."""

    def __init__(self, text: str, start: int) -> None:
        self._found: dict[str | int, int] = {}
        self._rest = _members(text, start)

    def find(self, key: str | int) -> int | None:
        if key in self._found:
            return self._found[key]
        for found, offset in self._rest:
            self._found[found] = offset
            if found == key:
                return offset
        return None


def _members(text: str, start: int) -> Iterator[tuple[str | int, int]]:
    opening = text[start : start + 1]
    if opening not in ("{", "["):
        return
    at = _space(text, start + 1)
    index = 0
    while text[at] not in "}]":
        key: str | int = index
        if opening == "{":
            key, at = _READ(text, at)
            at = _space(text, _space(text, at) + 1)
        yield key, at
        at = _space(text, _READ(text, at)[1])
        if text[at] == ",":
            at = _space(text, at + 1)
        index += 1


def _space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    assert match is not None
    return match.end()

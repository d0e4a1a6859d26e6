"""From the text of a JSONPath to its meaning: names and indexes, or else the tree of jsonpath-ng."""

import re
from typing import Any, TypeAlias

from flowengine.expressions.errors import JsonPathError

Segment: TypeAlias = "str | int | tuple[Segment, ...]"
"""A name, an index, or a path whose value is the name or index."""

MAX_LENGTH = 1_000
MAX_SEGMENTS = 100
MAX_FILTERS = 8
MAX_DESCENTS = 3
"""Each ``..`` multiplies the work by the size of the message."""

# The form that nearly every path has, read without the library's parser (100 times as fast).
_PLAIN = re.compile(r"(?:\$\.)?[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*")
_RESERVED = frozenset({"where", "wherenot"})


def parse(text: str) -> tuple[Segment, ...] | Any:
    """Parse a path.

    Args:
        text: JSONPath as jsonpath-ng's extended parser takes it, with or without ``$.`` in front; a name or
            index in brackets may also be a path of its own, ``$.payload[$.topic]``.

    Returns:
        The segments, if the path is names, indexes and nested paths only; jsonpath-ng's tree otherwise.

    Raises:
        JsonPathError: The text is no path, or is beyond the bounds of this module.
    """
    if len(text) > MAX_LENGTH:
        raise JsonPathError(text, f"longer than {MAX_LENGTH} characters", column=MAX_LENGTH + 1)
    if _PLAIN.fullmatch(text):
        names = tuple(text.removeprefix("$.").split("."))
        if len(names) <= MAX_SEGMENTS and _RESERVED.isdisjoint(names):
            return names
    from flowengine.expressions.path_grammar import Source  # noqa: PLC0415 - nearly all paths do without the library

    source = Source(text)
    return source.parse(source.tokens)

"""JSONPath: where in a payload values are.

Names, indexes, slices, wildcards and descents are read here. What else jsonpath-ng knows (filters, sums) is left to it,
where it is installed.
"""

import re
from functools import lru_cache

from ..entry_error import EntryError, _lt

try:
    from jsonpath_ng.ext import parse as parse_by_library
except ImportError:  # it is no part of Odoo
    parse_by_library = None

MISSING = object()
MAX_LENGTH = 1_000
MAX_SEGMENTS = 100

_START = re.compile(r"\$?(?=$|[.\[])|(?=[A-Za-z_@])")
_SEGMENT = re.compile(
    r"""
    (?P<descent>\.\.)?(?:
        (?:(?<=\.)|(?:^)|\.)(?P<name>[A-Za-z_@][A-Za-z0-9_@-]*|\*)
        | \.?\[\s*(?:
            '(?P<single>(?:[^'\\]|\\.)*)' | "(?P<double>(?:[^"\\]|\\.)*)"
            | (?P<index>-?\d+) | (?P<all>\*)
            | (?P<slice>-?\d*\s*:\s*-?\d*(?:\s*:\s*-?\d*)?)
          )\s*\]
    )
    """,
    re.VERBOSE,
)


class Path:
    """A compiled path.

    Args:
        text: As its author wrote it.
        steps: Functions from a list of values to the next.
        keys: Names and indexes, if it has nothing else.
    """

    def __init__(self, text, steps, keys):
        self.text = text
        self.is_simple = keys is not None
        self._steps = steps
        self._keys = keys

    def first(self, root, default=MISSING):
        """Return the first value that the path finds, or a default."""
        if self._keys is None:
            found = self.find(root)
            return found[0] if found else default
        value = root
        try:
            for key in self._keys:
                if key.__class__ is int and not isinstance(value, list):
                    return default
                value = value[key]
        except (KeyError, IndexError, TypeError):
            return default
        return value

    def find(self, root):
        """Return the values that the path finds."""
        if self._keys is not None:
            value = self.first(root)
            return [] if value is MISSING else [value]
        values = [root]
        for step in self._steps:
            values = [found for value in values for found in step(value)]
        return values


class _LibraryPath:
    """A path that jsonpath-ng reads."""

    is_simple = False

    def __init__(self, text, tree):
        self.text = text
        self._tree = tree

    def first(self, root, default=MISSING):
        found = self.find(root)
        return found[0] if found else default

    def find(self, root):
        return [match.value for match in self._tree.find(root)]


@lru_cache(maxsize=4096)
def compile_path(text):
    """Compile a path; the same text gives the same object.

    Raises:
        EntryError: It is none.
    """
    text = text or ""
    steps, keys, end = [], [], _START.match(text).end() if _START.match(text) else 0
    start = end
    while end < len(text) and len(steps) <= MAX_SEGMENTS:
        # The first name of a path without $ has no dot before it.
        found = _SEGMENT.match(text, end) if end or text[:1] in "$.[" else _FIRST.match(text)
        if found is None:
            break
        steps.append(_step(found.groupdict()))
        key = _key(found.groupdict())
        keys = None if keys is None or key is None else [*keys, key]
        end = found.end()
    is_read = text and end == len(text) and (steps or text == "$") and start <= end
    if is_read and len(text) <= MAX_LENGTH and len(steps) <= MAX_SEGMENTS:
        return Path(text, steps, None if keys is None else tuple(keys))
    return _by_library(text, end)


def _by_library(text, end):
    if parse_by_library is None or len(text) > MAX_LENGTH or not text.strip():
        raise EntryError(
            _lt(
                "“%(path)s” is no JSONPath that can be read here, from column %(column)s on; write for example "
                "$.sensors[0].temperature, $['a b'] or $..level.",
                path=text,
                column=end + 1,
            )
        )
    try:
        return _LibraryPath(text, parse_by_library(text))
    except Exception as error:  # the library raises Exception itself
        raise EntryError(_lt("“%(path)s” is no JSONPath: %(why)s", path=text, why=error)) from error


_FIRST = re.compile(
    r"(?P<descent>)(?P<name>[A-Za-z_@][A-Za-z0-9_@-]*)(?P<single>)(?P<double>)(?P<index>)(?P<all>)(?P<slice>)"
)


def _key(parts):
    """Return the name or index of a segment; None if it is something else."""
    if parts["descent"] or parts["all"] or parts["slice"] or parts["name"] == "*":
        return None
    if parts["index"]:
        return int(parts["index"])
    return parts["name"] or _unquoted(parts)


def _step(parts):
    key = _key({**parts, "descent": None})
    if key is not None:
        step = _of_key(key)
    elif parts["all"] or parts["name"] == "*":
        step = _members
    else:
        step = _of_slice(slice(*(int(number) if number.strip() else None for number in parts["slice"].split(":"))))
    return _descending(step) if parts["descent"] else step


def _unquoted(parts):
    return re.sub(r"\\(.)", r"\1", parts["single"] if parts["single"] is not None else parts["double"])


def _of_key(key):
    def step(value):
        if isinstance(key, int):
            return [value[key]] if isinstance(value, list) and -len(value) <= key < len(value) else []
        return [value[key]] if isinstance(value, dict) and key in value else []

    return step


def _of_slice(part):
    return lambda value: value[part] if isinstance(value, list) and part.step != 0 else []


def _members(value):
    return value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []


def _descending(step):
    def descend(value):
        found, waiting = [], [value]
        while waiting:
            one = waiting.pop()
            found += step(one)
            children = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
            waiting.extend(reversed(list(children)))
        return found

    return descend

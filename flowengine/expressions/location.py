"""Concrete places in JSON data, and changes at them that leave the original as it was."""

from typing import Any, Final

from flowengine.expressions.missing import MISSING

LIST: Final[Any] = (list, tuple)
"""What an index applies to; Any, because type checkers would take the value for a list after the check."""

Location = tuple[str | int, ...]
"""Names and indexes from the root to a value; indexes count from 0, or from the end when negative."""


class BlockedError(Exception):
    """What stands at a location cannot hold what the location asks for.

    Args:
        location: Where the way is blocked.
        reason: What stands there.
    """

    def __init__(self, location: Location, reason: str) -> None:
        super().__init__(location, reason)
        self.location = location
        self.reason = reason

    def __str__(self) -> str:
        return f"{show(self.location)} {self.reason}"


def show(location: Location) -> str:
    """Write a location as a JSONPath."""
    return "$" + "".join(
        f"[{key}]" if isinstance(key, int) else f".{key}" if key.isidentifier() else f"[{key!r}]" for key in location
    )


def read(root: Any, location: Location) -> Any:
    """Return the value at ``location``, or ``MISSING``."""
    value = root
    try:
        for key in location:
            if key.__class__ is int and not isinstance(value, LIST):
                return MISSING
            value = value[key]
    except (KeyError, IndexError, TypeError):
        return MISSING
    return value


def replace(root: Any, location: Location, value: Any, *, create_parents: bool) -> Any:
    """Return a root that holds ``value`` at ``location`` and shares all else with ``root``.

    A missing or null parent becomes an object or a list, whichever the next key needs. A list grows by one
    item at its end, never by a gap, so that no index in a message can ask for a list of any size.

    Raises:
        BlockedError: A parent is a scalar, is of the other kind, is missing though parents are not to be
            created, or is a list too short for the index.
    """
    return _replace(root, location, 0, value, create_parents)


def _replace(node: Any, location: Location, depth: int, value: Any, create_parents: bool) -> Any:  # noqa: FBT001 - private
    if depth == len(location):
        return value
    key = location[depth]
    if node is MISSING or node is None:
        if not create_parents:
            raise BlockedError(location[:depth], "is missing")
        node = {} if isinstance(key, str) else []
    if isinstance(key, str):
        if not isinstance(node, dict):
            raise BlockedError(location[:depth], f"is {_kind(node)}, not an object with names")
        return {**node, key: _replace(node.get(key, MISSING), location, depth + 1, value, create_parents)}
    if not isinstance(node, LIST):
        raise BlockedError(location[:depth], f"is {_kind(node)}, not a list with indexes")
    if not -len(node) <= key <= len(node):
        raise BlockedError(location[:depth], f"has {len(node)} items: index {key} would leave a gap")
    changed = [*node, MISSING] if key == len(node) else list(node)
    changed[key] = _replace(changed[key], location, depth + 1, value, create_parents)
    return changed


def remove(root: Any, location: Location) -> Any:
    """Return a root without what is at ``location``; the same root if nothing is there.

    Raises:
        BlockedError: The location is the root itself.
    """
    if not location:
        raise BlockedError(location, "is the whole message, which cannot be deleted")
    if read(root, location) is MISSING:
        return root
    return _remove(root, location, 0)


def _remove(node: Any, location: Location, depth: int) -> Any:
    key = location[depth]
    changed: Any = dict(node) if isinstance(node, dict) else list(node)
    if depth == len(location) - 1:
        del changed[key]
    else:
        changed[key] = _remove(node[key], location, depth + 1)
    return changed


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "a boolean"
        case str():
            return "text"
        case int() | float():
            return "a number"
        case dict():
            return "an object"
        case list() | tuple():
            return "a list"
        case _:
            return f"a {type(value).__name__}"
